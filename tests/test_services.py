"""The test services themselves: what the fixtures promise, and that CI skips nothing."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[1]


def test_each_test_gets_an_empty_database(postgres_dsn):
    """A database of a test holds no table of anybody else's."""
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute("CREATE TABLE mine (n int)")
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()

    assert tables == (1,)


def test_a_page_reports_what_its_content_security_policy_refused(page):
    """An inline script under `default-src 'none'` lands in `page.csp_errors`."""
    policy = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    page.goto(f"data:text/html,{policy}<script>document.title = 'ran'</script>")

    assert page.title() == ""
    assert len(page.csp_errors) == 1


SKIPPING = {
    "a test": 'import pytest\n\ndef test_it():\n    pytest.skip("no server")\n',
    "a file": 'import pytest\n\npytest.skip("no server", allow_module_level=True)\n',
}


@pytest.mark.parametrize("skipping", SKIPPING)
@pytest.mark.parametrize(("ci", "fails"), [("true", True), ("", False)])
def test_a_skip_fails_only_in_ci(tmp_path, skipping, ci, fails):
    """With CI=true a skipped test or file is a failure that tells its reason; elsewhere it is a skip."""
    (tmp_path / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text())
    (tmp_path / "test_it.py").write_text(SKIPPING[skipping])
    (tmp_path / "test_other.py").write_text("def test_other():\n    pass\n")
    outcome = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path],
        env=os.environ | {"CI": ci, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (outcome.returncode != 0) == fails, outcome.stdout
    assert ("nothing may be skipped" in outcome.stdout) == fails
