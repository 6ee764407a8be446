"""What tests may ask for: commands, a browser page, a PostgreSQL database, the shared folder. CI skips nothing."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.command_line import Run
from tests.services import CHROMIUM_FLAGS, find_browser, find_postgres, run_postgres

ROOT = Path(__file__).parents[1]
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
MARKER_OF_FIXTURE = {"browser": "web", "postgres_url": "postgres"}

settings.register_profile("house", derandomize=True, deadline=None)  # the same examples on every machine, however slow
settings.register_profile("long", settings.get_profile("house"), max_examples=100_000)  # --hypothesis-profile=long
settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the service that it asks for."""
    for item in items:
        for fixture, marker in MARKER_OF_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(marker)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """With CI=true a skipped test has failed."""
    return fail_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """With CI=true a skipped file has failed."""
    return fail_if_skipped((yield))


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> pytest.TestReport | pytest.CollectReport:
    """Turn a skip into a failure that gives its reason, where CI=true; an expected failure is no skip."""
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"With CI=true nothing may be skipped. {reason}"
    return report


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real records and published vectors beside the project."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("No folder shared/ beside the project: its records and vectors are not read.")
    return folder


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server of this test process alone."""
    programs = find_postgres()
    if programs is None:
        pytest.skip("No PostgreSQL server on this machine. Install it (Debian: apt-get install postgresql).")
    with run_postgres(programs) as url:
        yield url


@pytest.fixture
def postgres_dsn(postgres_url: str) -> Iterator[str]:
    """The address of a new, empty database, dropped after the test."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield postgres_url.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a screen."""
    program = find_browser()
    if program is None:
        pytest.skip("No Chromium on this machine. Install it (Debian: apt-get install chromium).")
    # Playwright runs an event loop in this thread, which Django would take for our own code being asynchronous.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with no cookies; `page.csp_errors` collects what its content security policy refused."""
    context = browser.new_context()
    page = context.new_page()
    page.csp_errors = []

    def collect(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            page.csp_errors.append(message.text)

    page.on("console", collect)
    yield page
    context.close()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command; gives the exit code, standard output and standard error."""
    from trialwright.__main__ import main

    def command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["trialwright", *words])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return command
