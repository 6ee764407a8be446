"""Write docs/commands.md from what each command says of itself; `--check` only compares."""

import os
import sys
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs/commands.md"
INTRODUCTION = """\
# Commands

Every command says the same when asked with `--help`. Data goes to standard output, messages to standard error.
"""


def record() -> str:
    """The whole page, from the command line interface as it is now."""
    for name in ("CI", "FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS"):  # each of them would colour the text
        os.environ.pop(name, None)
    os.environ |= {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}

    import typer  # noqa: PLC0415 - it reads the environment when it is imported
    from typer.testing import CliRunner  # noqa: PLC0415

    from trialwright.__main__ import app  # noqa: PLC0415

    verbs = typer.main.get_command(app).commands
    sections = [INTRODUCTION]
    listed = [[verb] for verb, command in verbs.items() if not command.hidden]
    for words in [[], *(longer for verb in listed for longer in (verb, *_below(verb, verbs[verb[0]])))]:
        text = CliRunner().invoke(app, [*words, "--help"], prog_name="trialwright", catch_exceptions=False).stdout
        title = " ".join(["trialwright", *words])
        body = "\n".join(line.rstrip() for line in text.strip().splitlines())
        sections.append(f"## {title}\n\n```text\n{body}\n```\n")
    return "\n".join(sections)


def _below(verb: list[str], command: object) -> list[list[str]]:
    """The verbs of a verb that has some."""
    return [[*verb, name] for name in getattr(command, "commands", {})]


def main() -> None:
    """Write the page, or leave with a message when it no longer matches."""
    page = record()
    if "--check" not in sys.argv:
        PAGE.write_text(page)
    elif not PAGE.exists() or PAGE.read_text() != page:
        sys.exit("docs/commands.md is not what the commands say of themselves now. Mend: python tools/record_help.py")


if __name__ == "__main__":
    main()
