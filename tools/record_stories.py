"""Write the tables of docs/stories.md: commands, usual courses, facts, refusals; `--check` only compares."""

import ast
import re
import sys
from dataclasses import fields
from pathlib import Path

from trialwright.conduct.roles import MAY
from trialwright.conduct.views import SubjectView, View
from trialwright.rehearse.story.facts import FACTS
from trialwright.rehearse.story.typical import TYPICAL
from trialwright.rehearse.story.words import COMMANDS, fields_of, form_of, in_words

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/stories.md"
CONDUCT = ROOT / "src/trialwright/conduct"
USUAL = ROOT / "src/trialwright/rehearse/story/usual.yaml"
ATTRIBUTE = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


def commands() -> str:
    """Every command with who may give it and its keys, those in bold that must be there."""
    lines = ["| do | by | keys | what it is |", "|---|---|---|---|"]
    for words, command in COMMANDS.items():
        doc = command.__doc__ or ""
        meant = {name: " ".join(text.split()) for name, text in ATTRIBUTE.findall(doc)}
        keys = [
            f"{f'**`{in_words(name)}`**' if needed else f'`{in_words(name)}`'} {form_of(command, name)}"
            + (f" ({meant[name].rstrip('.')})" if name in meant else "")
            for name, needed in fields_of(command).items()
        ]
        by = ", ".join(sorted(MAY.get(command.__name__, ())))
        lines.append(f"| `{words}` | {by} | {_cell('; '.join(keys))} | {_cell(doc.splitlines()[0])} |")
    return "\n".join(lines)


def usual() -> str:
    """The macros that every story has, as they stand in their file."""
    text = "".join(line for line in USUAL.read_text().splitlines(keepends=True) if not line.startswith("#"))
    return f"```yaml\n{text}```"


def facts() -> str:
    """The facts with a name of their own, and what can be asked of the trial and of a subject."""
    lines = ["| fact | says |", "|---|---|", *(f"| `{name}` | {says} |" for name, (says, _) in FACTS.items())]
    subject = ", ".join(f"`{in_words(field.name)}`" for field in fields(SubjectView))
    trial = ", ".join(f"`{in_words(field.name)}`" for field in fields(View))
    typical = ", ".join(f"`{in_words(name)}`" for name in TYPICAL)
    return "\n".join(
        [*lines, "", f"Of a subject: {subject}.", "", f"Of the trial: {trial}.", "", f"Typical values: {typical}."]
    )


def refusals() -> str:
    """Every refusal by its code, `...` where the trial fills in."""
    found: dict[str, tuple[str, str]] = {"input": ("A value has not the form of its field.", "Correct the values.")}
    for path in sorted(CONDUCT.glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and call.func.id in {"Refusal", "invalid"}
            ):
                said = dict(zip(("code", "reason", "mend"), map(_text, call.args), strict=False))
                said |= {word.arg: _text(word.value) for word in call.keywords if word.arg}
                if said.get("code", "...") != "...":
                    found.setdefault(said["code"], (said.get("reason", ""), said.get("mend", "")))
    rows = [f"| `{code}` | {_cell(reason)} | {_cell(mend)} |" for code, (reason, mend) in sorted(found.items())]
    return "\n".join(["| code | says | what would change it |", "|---|---|---|", *rows])


def record() -> str:
    """The whole page, with each table as it is now."""
    page = PAGE.read_text()
    for table in (commands, usual, facts, refusals):
        name = table.__name__
        pattern = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        if len(pattern.findall(page)) != 1:
            sys.exit(f"docs/stories.md has no place for the table of {name}. Mend: restore its begin and end comments")
        now = f"\n{table()}\n\n"
        page = pattern.sub(lambda place, now=now: place[1] + now + place[2], page)
    return page


def main() -> None:
    """Write the page, or leave with a message when it no longer matches."""
    page = record()
    if "--check" not in sys.argv:
        PAGE.write_text(page)
    elif PAGE.read_text() != page:
        sys.exit("docs/stories.md is not what the program takes now. Mend: python tools/record_stories.py")


def _text(node: ast.expr) -> str:
    """The text of an expression, `...` for what is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return re.sub(r"(\.\.\.)+", "...", "".join(map(_text, parts)))
        case ast.BinOp(left=left, right=right):
            return _text(left) + _text(right)
    return "..."


def _cell(text: str) -> str:
    words = " ".join(text.split()).replace("....", "...").replace("|", "\\|")
    return "" if words == "..." else words


if __name__ == "__main__":
    main()
