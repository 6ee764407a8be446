"""Reading a protocol file: YAML 1.2 with line numbers into a typed, frozen study.

Every scalar is read as the text that stands in the file, so nothing is guessed: `no` stays a word, `1.0e6` stays exact.
The study's types give it its meaning. All faults are collected before the file is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, get_args

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.composer import ComposerError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from trialwright.errors import ProtocolError
from trialwright.protocol.dose_rule import RULES
from trialwright.protocol.element import Part
from trialwright.protocol.finding import Finding
from trialwright.protocol.study import Study

Path = tuple[str | int, ...]
_LONGEST = 100_000
_DEEPEST = 30
_MOST_NODES = 6_000


@dataclass(slots=True)
class Source:
    """A protocol file as plain data, with the line of every element."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    nodes: int = 0

    def line(self, path: Sequence[str | int]) -> int:
        """The line of an element, or of the nearest one above it that the file has."""
        known = tuple(path)
        while known and known not in self.lines:
            known = known[:-1]
        return self.lines.get(known, 1)

    def where(self, path: Sequence[str | int]) -> str:
        """An element as its keys, list places counted from 1."""
        return " > ".join(str(key + 1) if isinstance(key, int) else key for key in path) or "the file"


def read_source(text: str) -> Source:
    """Read YAML into plain data with lines; faults of the YAML itself become findings."""
    source = Source()
    if len(text) > _LONGEST:
        what = f"the file has {len(text)} characters, more than {_LONGEST}"
        _fault(source, (), "yaml.size", what, "shorten it: a long protocol has 30,000")
        return source
    try:
        root = _compose(text)
    except _TooLargeError as fault:
        source.lines[()] = fault.line
        _fault(source, (), "yaml.size", _TOO_LARGE, _FLATTER)
        return source
    except MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        source.lines[()] = mark.line + 1 if mark else 1
        _fault(source, (), "yaml.syntax", str(fault.problem or fault.context), "correct the YAML at this line")
        return source
    except (YAMLError, ValueError) as fault:
        _fault(source, (), "yaml.syntax", str(fault).splitlines()[0], "write the file as plain YAML text")
        return source
    if root is None:
        _fault(source, (), "yaml.empty", "the file is empty", "start from one of the files in protocols/")
        return source
    source.data = _plain(root, (), source)
    return source


def read_study(text: str) -> tuple[Study | None, Source]:
    """Read a study and every finding of its form; the study is None when the form is not right."""
    source = read_source(text)
    if source.findings:
        return None, source
    try:
        return Study.model_validate(source.data), source
    except ValidationError as faults:
        found = faults.errors(include_url=False)
        places = [tuple(fault["loc"]) for fault in found]
        for fault, place in zip(found, places, strict=True):
            derived = any(len(other) > len(place) and other[: len(place)] == place for other in places)
            if not derived:
                source.findings.append(_form_finding(source, fault))
    source.findings.sort(key=lambda finding: finding.line)
    return None, source


@lru_cache(maxsize=16)
def load_study(text: str, name: str = "protocol") -> Study:
    """Load a protocol.

    Raises:
        ProtocolError: With every finding, when the file cannot be used.
    """
    study, source = read_study(text)
    if study is None:
        faults = "\n".join(finding.text(name) for finding in source.findings)
        raise ProtocolError(f"{name} cannot be used:\n{faults}", source.findings)
    return study


_TOO_LARGE = f"the file nests deeper than {_DEEPEST} levels or has more than {_MOST_NODES} parts"
_FLATTER = "write it out flatter, without anchors that refer to themselves"


class _TooLargeError(Exception):
    def __init__(self, line: int) -> None:
        super().__init__(_TOO_LARGE)
        self.line = line


def _compose(text: str) -> Node | None:
    """Build the nodes of a file event by event, so that a file without end is left as soon as it is too large."""
    top = SequenceNode(None, [])
    stack: list[Node] = [top]
    anchors: dict[str, Node] = {}
    documents = 0
    for number, event in enumerate(YAML(typ="safe", pure=True).parse(text)):
        match event:
            case ScalarEvent() | SequenceStartEvent() | MappingStartEvent() | AliasEvent():
                if number > _MOST_NODES or len(stack) > _DEEPEST:
                    raise _TooLargeError(event.start_mark.line + 1)
                node = _node(event, anchors)
                stack[-1].value.append(node)
                if isinstance(event, SequenceStartEvent | MappingStartEvent):
                    stack.append(node)
            case SequenceEndEvent():
                stack.pop()
            case MappingEndEvent():
                mapping = stack.pop()
                mapping.value[:] = list(zip(mapping.value[::2], mapping.value[1::2], strict=True))
            case DocumentStartEvent():
                documents += 1
                if documents > 1:
                    raise ComposerError(problem="a second document begins here", problem_mark=event.start_mark)
    return next(iter(top.value), None)


def _node(event: Any, anchors: dict[str, Node]) -> Node:
    if isinstance(event, AliasEvent):
        if event.anchor not in anchors:
            raise ComposerError(problem=f"there is no anchor '{event.anchor}' above", problem_mark=event.start_mark)
        return anchors[event.anchor]
    node: Node
    match event:
        case ScalarEvent():
            node = ScalarNode(None, event.value, event.start_mark, style=event.style)
        case SequenceStartEvent():
            node = SequenceNode(None, [], event.start_mark)
        case _:
            node = MappingNode(None, [], event.start_mark)
    if event.anchor is not None:
        if event.anchor in anchors:
            raise ComposerError(problem=f"the anchor '{event.anchor}' stands twice", problem_mark=event.start_mark)
        anchors[event.anchor] = node
    return node


def _plain(node: Node, path: Path, source: Source) -> Any:
    source.lines[path] = node.start_mark.line + 1
    source.nodes += 1
    if len(path) > _DEEPEST or source.nodes > _MOST_NODES:
        if not source.findings:
            _fault(source, path, "yaml.size", _TOO_LARGE, _FLATTER)
        return None
    match node:
        case MappingNode():
            return _mapping(node, path, source)
        case SequenceNode():
            return [_plain(part, (*path, place), source) for place, part in enumerate(node.value)]
        case ScalarNode():
            empty = node.style is None and node.value in {"", "~", "null"}
            return None if empty else node.value
    raise TypeError(f"an unknown kind of YAML node: {type(node).__name__}")


def _mapping(node: MappingNode, path: Path, source: Source) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            _fault(source, path, "yaml.key", "a key is not a word", "write every key as plain text")
            continue
        here = (*path, key.value)
        if key.value in data:
            source.lines[here] = key.start_mark.line + 1
            _fault(source, here, "yaml.duplicate", f"the key '{key.value}' stands here twice", "keep one of the two")
            continue
        data[key.value] = _plain(value, here, source)
        source.lines[here] = key.start_mark.line + 1
    return data


def _fault(source: Source, path: Path, rule: str, what: str, mend: str) -> None:
    why = "a file that can be read in two ways, or not at all, cannot run a trial"
    source.findings.append(
        Finding(
            rule=rule,
            severity="error",
            line=source.line(path),
            where=source.where(path),
            what=what,
            why=why,
            mend=mend,
        )
    )


_MENDS = {
    "missing": ("form.missing", "the trial cannot run without it", "add the key"),
    "extra_forbidden": ("form.unknown", "a key that nothing reads would be silently lost", "correct or remove the key"),
}


_VALUE = ("form.value", "a value outside its form has no meaning", "write a value of the form asked for")
_DOSE_RULE = ("dose escalation", "rule")
_SECRETS = frozenset({"block", "blocks", "block size", "block sizes", "seed", "list"})
_SECRET = (
    "form.secret",
    "every site reads this file, and could guess the next allocation",
    "keep it in the sealed list",
)


def _form_finding(source: Source, fault: Any) -> Finding:
    path = _untagged(fault["loc"])
    secret = path[:1] == ("allocation",) and path[-1] in _SECRETS
    rule, why, mend = _SECRET if secret else _MENDS.get(fault["type"], _VALUE)
    match fault["type"]:
        case "missing":
            what = f"'{path[-1]}' is missing"
        case "extra_forbidden":
            what = f"there is no key '{path[-1]}' here"
            mend = mend if secret else f"remove it, or write one of: {', '.join(_keys(fault['loc'][:-1]))}"
        case "union_tag_not_found":
            what = "'design' is missing"
        case "union_tag_invalid":
            what = f"there is no design '{fault['ctx']['tag']}'"
            mend = f"write one of: {fault['ctx']['expected_tags'].replace(chr(39), '')}"
        case _:
            what = f"{str(fault['msg']).removeprefix('Value error, ')} (found {str(fault['input'])[:60]!r})"
    return Finding(
        rule=rule,
        severity="error",
        line=source.line(path),
        where=source.where(path),
        what=what[0].lower() + what[1:],
        why=why,
        mend=mend,
    )


def _untagged(loc: Path) -> Path:
    """A place in the file: pydantic names the design of a dose rule, and a condition without a name, among the keys."""
    inside = loc[: len(_DOSE_RULE)] == _DOSE_RULE and len(loc) > len(_DOSE_RULE)
    return (*_DOSE_RULE, *loc[len(_DOSE_RULE) + 1 :]) if inside else tuple(key for key in loc if key != "")


def _keys(loc: Path) -> list[str]:
    part: type[Part] = Study
    for key in loc:
        if loc[: len(_DOSE_RULE)] == _DOSE_RULE and key in RULES:
            part = RULES[str(key)]
            continue
        field = next((one for name, one in part.model_fields.items() if key in {name, one.alias}), None)
        part = (_part(field.annotation) if field else None) or part
    return [field.alias or name for name, field in part.model_fields.items()]


def _part(annotation: Any) -> type[Part] | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _part(inner))), None)
