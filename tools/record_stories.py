"""Write the tables of docs/stories.md: commands, usual courses, facts, refusals; `--check` only compares."""

import ast
import re
import sys
from dataclasses import fields, is_dataclass
from inspect import getdoc
from pathlib import Path
from typing import get_args, get_type_hints

from trialwright.conduct.roles import MAY
from trialwright.conduct.views import SubjectView, View
from trialwright.protocol.study import Study
from trialwright.rehearse.story.facts import FACTS, SUBJECT_FACTS
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
        doc = getdoc(command) or ""
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
    typical = ", ".join(f"`{in_words(name)}`" for name in TYPICAL)
    own = {name: (says, _parts(kind)) for name, (says, kind, _) in SUBJECT_FACTS.items()}
    subject = own | _attributes(SubjectView)
    trial = {name: told for name, told in _attributes(View).items() if name not in FACTS}
    return "\n".join(
        [*lines, *_asked("a subject", subject), *_asked("the trial", trial), "", f"Typical values: {typical}."]
    )


def _attributes(kind: type) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What can be asked of a thing: in words, what it says, and what can be asked of that."""
    meant = {name: " ".join(text.split()) for name, text in ATTRIBUTE.findall(getdoc(kind) or "")}
    hints = get_type_hints(kind)
    computed = {name: one for name, one in vars(kind).items() if isinstance(one, property) and name in meant}
    hints |= {name: get_type_hints(one.fget)["return"] for name, one in computed.items()}
    names = (*(one.name for one in fields(kind)), *computed)
    return {in_words(name): (meant[name].rstrip("."), _parts(hints[name])) for name in names if name[0] != "_"}


def _parts(hint: object) -> tuple[str, ...]:
    """What can be asked of a value: of each, where there are several."""
    for kind in get_args(hint):
        if found := _parts(kind):
            return found
    if not is_dataclass(hint) or hint in {Study, SubjectView}:
        return ()
    shown = {one.name for one in fields(hint)} | {name for name, one in vars(hint).items() if isinstance(one, property)}
    return tuple(in_words(name) for name in sorted(shown))


def _asked(thing: str, told: dict[str, tuple[str, tuple[str, ...]]]) -> list[str]:
    lines = ["", f"| of {thing} | says | of it |", "|---|---|---|"]
    for name, (says, parts) in sorted(told.items()):
        said = says[0].lower() + says[1:].replace("None", "none")
        lines.append(f"| `{name}` | {_cell(said)} | {', '.join(f'`{part}`' for part in parts)} |")
    return lines


def refusals() -> str:
    """Every refusal by its code, a row for each of its meanings; `...` where the trial fills in."""
    found = {"input": {("A value has not the form of its field.", "Correct the values."): None}}
    for path in sorted(CONDUCT.glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and call.func.id in {"Refusal", "invalid"}
            ):
                said = dict(zip(("code", "reason", "mend"), map(_text, call.args), strict=False))
                said |= {word.arg: _text(word.value) for word in call.keywords if word.arg}
                for code in _codes(call):
                    found.setdefault(code, {})[_shown(said.get("reason")), _shown(said.get("mend"))] = None
    rows = [
        f"| `{code}` | {_cell(reason)} | {_cell(mend)} |"
        for code, meanings in sorted(found.items())
        for reason, mend in ([one for one in meanings if any(one)] or meanings)
    ]
    return "\n".join(["| code | says | what would change it |", "|---|---|---|", *rows])


def _shown(text: str | None) -> str:
    """A text, unless it is filled in as a whole."""
    return text if text and text.strip(". ") else ""


def _codes(call: ast.Call) -> tuple[str, ...]:
    """The codes that a refusal can have: one of two, where a condition decides."""
    given = [word.value for word in call.keywords if word.arg == "code"] or call.args[:1]
    match given:
        case [ast.IfExp(body=body, orelse=orelse)]:
            return (_text(body), _text(orelse))
        case [one] if _text(one) != "...":
            return (_text(one),)
    return ()


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
