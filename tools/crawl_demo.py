"""Open every page of the demo of a trial in Chromium, as each of its people, and say at once what is wrong with any.

`python tools/crawl_demo.py [--all] [PROTOCOL ...]` makes the demo of each protocol (all of `protocols/` where none is
named), serves it, and follows every link. A page is wrong that does not answer with 200, holds a traceback or data in
the program's own notation, scrolls sideways at 320 px, writes an error to the browser's console, or breaks a rule of
WCAG 2.2 AA that axe can see. Of pages that differ in numbers alone the first is looked at in the browser, and some more
are fetched, or with `--all` each of them. Leaves with 1 where
anything is wrong.
"""

import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urldefrag, urljoin
from urllib.request import urlopen

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.services import CHROMIUM_FLAGS, find_browser  # noqa: E402 - the tests' browser serves here too

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PORT = 8931
PROGRAM = [sys.executable, "-m", "trialwright"]
NUMBERS = re.compile(r"\d+|=[^&]*")
NOTATION = re.compile(r"""\{["']|\[["']|Decimal\(""")
NARROW, WIDE = {"width": 320, "height": 800}, {"width": 1280, "height": 800}
MARKUP = re.compile(r"<[^>]+>|\s+")
FETCHED_TOO = 3
DOWNLOADS = re.compile(r"format=|site-copy|\.svg|/plot/")


class Crawl:
    """One person's way through the pages of one trial, whose faults are printed as they are found.

    Attributes:
        faults: How many things are wrong.
    """

    def __init__(self, page: Page, address: str, most: float) -> None:
        self._page, self._address, self._most = page, address, most
        self._seen: set[str] = set()
        self._opened = Counter[str]()
        self.faults = 0
        page.on("console", lambda told: self._told(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda fault: self._told(str(fault)))

    def sign_in(self, person: str, password: str) -> None:
        """Sign in with the code that stands on the page of a demo."""
        self._page.goto(f"{self._address}/sign-in/")
        code = re.search(rf"{person}\W+(\d{{6}})", self._page.inner_text("main"))
        self._page.fill("#id_username", person)
        self._page.fill("#id_password", password)
        self._page.fill("#id_code", code[1] if code else "")
        self._page.click("main button")
        self._page.wait_for_url(f"{self._address}/")

    def follow(self, start: str = "/") -> None:
        """Open a page and whatever it links to."""
        waiting = [start]
        while waiting:
            path = waiting.pop(0)
            kind = NUMBERS.sub("#", path)
            if path not in self._seen and self._opened[kind] <= self._most:
                self._seen.add(path)
                self._opened[kind] += 1
                waiting += self._open(path, first=self._opened[kind] == 1)

    def _open(self, path: str, *, first: bool) -> list[str]:
        if not first or DOWNLOADS.search(path):
            answer = self._page.context.request.get(self._address + path)
            status, text = answer.status, answer.text() if "html" in answer.headers.get("content-type", "") else ""
        else:
            answer = self._page.goto(self._address + path)
            status, text = answer.status, self._page.content()
            self._look(path)
        if status != 200 or "Traceback" in text:
            self._report(f"{path}: {status}: {MARKUP.sub(' ', text)[:300]}")
        return [found for link in re.findall(r'href="([^"]+)"', text) if (found := self._within(path, link))]

    @property
    def opened(self) -> int:
        """How many pages answered."""
        return len(self._seen)

    def _look(self, path: str) -> None:
        found = Axe().run(self._page, options={"runOnly": {"type": "tag", "values": WCAG}})
        for rule in found.response["violations"]:
            for node in rule["nodes"]:
                self._report(f"{path}: {rule['id']}: {node['html'][:160]}")
        if raw := NOTATION.search(text := self._page.inner_text("main")):
            self._report(f"{path}: data in the program's notation: {text[raw.start() : raw.start() + 120]!r}")
        self._page.set_viewport_size(NARROW)
        if self._page.evaluate("document.documentElement.scrollWidth") > NARROW["width"]:
            self._report(f"{path}: scrolls sideways at {NARROW['width']} px")
        self._page.set_viewport_size(WIDE)

    def _within(self, path: str, link: str) -> str | None:
        whole = urldefrag(urljoin(self._address + path, link.replace("&amp;", "&"))).url
        inside = whole.startswith(f"{self._address}/") and "/static/" not in whole
        return whole.removeprefix(self._address) if inside else None

    def _told(self, words: str) -> None:
        self._report(f"{self._page.url}: the browser's console: {words[:300]}")

    def _report(self, fault: str) -> None:
        self.faults += 1
        print(f"  {fault}", flush=True)


@contextmanager
def served(protocol: Path, folder: Path) -> Iterator[str]:
    """The address of the demo of a protocol, made and served in a folder."""
    demo = [*PROGRAM, "demo", "--dir", str(folder), "--protocol", str(protocol)]
    subprocess.run([*demo, "--no-serve"], check=True, stdout=subprocess.DEVNULL)
    server = subprocess.Popen([*PROGRAM, "serve", str(folder), "--port", str(PORT)], stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{PORT}"
    try:
        _wait_for(f"{address}/sign-in/")
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait_for(url: str) -> None:
    end = monotonic() + 60
    while True:
        try:
            urlopen(url).close()  # noqa: S310 - our own server
            return
        except OSError:
            if monotonic() > end:
                raise
            sleep(0.2)


def crawl(browser: Browser, protocol: Path, most: float) -> int:
    """How many things are wrong with the demo of a protocol, for each of its people."""
    faults = 0
    with tempfile.TemporaryDirectory() as folder, served(protocol, Path(folder)) as address:
        for line in (Path(folder) / "sign-in.txt").read_text().splitlines():
            person, password = line.split()
            context = browser.new_context()
            way = Crawl(context.new_page(), address, most)
            print(f"{protocol.stem} {person}", flush=True)
            way.sign_in(person, password)
            way.follow()
            context.close()
            print(f"  {way.opened} pages, {way.faults} faults", flush=True)
            faults += way.faults
    return faults


def main() -> None:
    """Crawl the demo of each protocol that was named, or of all."""
    most = inf if "--all" in sys.argv else FETCHED_TOO
    protocols = [Path(name) for name in sys.argv[1:] if name != "--all"] or sorted((ROOT / "protocols").glob("*.yaml"))
    faults = 0
    program = find_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        for protocol in protocols:
            faults += crawl(browser, protocol, most)
        browser.close()
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
