"""The programs that the tests use where the machine has them: Chromium and a private PostgreSQL server.

`python tests/services.py browser` (or `postgres`) leaves with 0 where there is one.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_browser() -> str | None:
    """The path of a Chromium: the machine's own, or the one that Playwright has fetched."""
    with sync_playwright() as playwright:
        fetched = playwright.chromium.executable_path
    return next(filter(None, map(shutil.which, (*CHROMIUM_NAMES, fetched))), None)


def find_postgres() -> Path | None:
    """The folder that holds initdb, pg_ctl and postgres: Debian's newest, or wherever PATH says."""
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    on_path = shutil.which("initdb")
    folders = sorted(debian, key=lambda folder: [int(part) for part in re.findall(r"\d+", str(folder))], reverse=True)
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


@contextmanager
def run_postgres(programs: Path, *, fsync: str = "off") -> Iterator[str]:
    """Run a server of our own on a Unix socket in a new folder; yields the address of its first database.

    Args:
        programs: The folder that `find_postgres` found.
        fsync: `on` for a server whose commits outlive the machine's power, which tests have no use for.
    """
    owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="tw-pg-"))
    if owner:  # PostgreSQL will not run as root; its Debian package has brought this user
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync={fsync} -c timezone=UTC"

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, f"--pgdata={data}", *arguments],
            **owner,
            cwd=folder,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    call("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
    call("pg_ctl", "start", "--wait", f"--log={folder / 'log'}", f"--options={settings}")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        call("pg_ctl", "stop", "--mode=immediate")
        shutil.rmtree(folder)


if __name__ == "__main__":
    found = {"browser": find_browser, "postgres": find_postgres}[sys.argv[1]]()
    sys.exit(found is None)
