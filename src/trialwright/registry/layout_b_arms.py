"""Layout B's study groups and interventions, whose descriptions stand unmarked between labelled lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from trialwright.registry import vocabulary as words
from trialwright.registry.page import Draft, Line, Section, joined
from trialwright.registry.reading import EXTENSION, items_at, value_at

_ARMS = "armsInterventionsModule.armGroups"
_INTERVENTIONS = "armsInterventionsModule.interventions"
_GROUP_TYPE = re.compile(r"Group Type:?\s+(.+)$")
_LISTED = re.compile(r"[*•-] |\(?\d{1,2}[.)] |[a-z]+[.)] ")
_INTERVENTION_TYPE = re.compile(r"Intervention Type:?\s+(.+)$")


def is_type_label(line: Line) -> bool:
    """Whether a line gives the type of an arm or an intervention."""
    return bool(_GROUP_TYPE.match(line.text) or _INTERVENTION_TYPE.match(line.text))


def read_interventions(section: Section, draft: Draft) -> None:
    """Read the interventions: a name, its description, its type; the compact page has no types."""
    if any(_INTERVENTION_TYPE.match(line.text) for line in section.lines):
        block: list[Line] = []
        for line in section.lines:
            kind = _INTERVENTION_TYPE.match(line.text)
            if kind and block:
                _add_intervention(draft, block, (line, kind[1]))
                block = []
            else:
                block.append(line)
        return
    for pair in _pairs(section.lines):
        _add_intervention(draft, pair, None)
    if section.lines:
        draft.find(
            "X08",
            "note",
            section.place,
            "the interventions have no type here, and names and descriptions were told by their order",
            "this form of the page prints no labels",
            "take the type from the registry",
        )


def _pairs(lines: Sequence[Line]) -> list[list[Line]]:
    """Names with their descriptions: line by line in turn, unless a line in a name's place reads like a description."""
    if len(lines) % 2 == 0 and not any(_describes(line) for line in lines[::2]):
        return [list(lines[start : start + 2]) for start in range(0, len(lines), 2)]
    pairs: list[list[Line]] = []
    for line in lines:
        if pairs and (_describes(line) or pairs[-1][-1].text.endswith(":")):
            pairs[-1].append(line)
        else:
            pairs.append([line])
    return pairs


def _describes(line: Line) -> bool:
    return line.text.endswith((".", ":", ";")) or len(line.text) > 100 or _LISTED.match(line.text) is not None


def _add_intervention(draft: Draft, block: Sequence[Line], kind: tuple[Line, str] | None) -> None:
    intervention: dict[str, Any] = {}
    lines = list(block)
    if kind and (type_code := words.code(kind[1], words.INTERVENTION_TYPES)):
        intervention["type"] = type_code
        lines.append(kind[0])
    intervention["name"] = words.unescape(block[0].text)
    if len(block) > 1:
        intervention["description"] = joined(block[1:])
    draft.add(_INTERVENTIONS, intervention, *lines)


def read_groups(section: Section, draft: Draft) -> None:
    """Read the arms, each with the names of its interventions, in the order of the page."""
    if any(is_type_label(line) for line in section.lines):
        _LabelledGroups(section, draft).read()
    else:
        _read_compact_groups(section, draft)


def link_arms(draft: Draft) -> None:
    """Give each intervention the labels of the arms that receive it."""
    labels: dict[str, list[str]] = {}
    for arm in items_at(draft.record, _ARMS):
        for name in arm.get("interventionNames", []):
            labels.setdefault(name, []).append(arm["label"])
    for intervention in items_at(draft.record, _INTERVENTIONS):
        if receiving := labels.get(intervention_name(intervention)):
            intervention["armGroupLabels"] = receiving


def intervention_name(intervention: dict[str, Any]) -> str:
    """The name under which an arm lists an intervention.

    >>> intervention_name({"type": "DIETARY_SUPPLEMENT", "name": "Iron"})
    'Dietary Supplement: Iron'
    """
    kind = intervention.get("type")
    name = str(intervention.get("name", ""))
    return f"{str(kind).replace('_', ' ').title()}: {name}" if kind else name


class _LabelledGroups:
    """A walk over the lines of study groups; text waits until the label after it says what it was."""

    def __init__(self, section: Section, draft: Draft) -> None:
        self.lines = section.lines
        self.draft = draft
        self.known = {item.get("name"): item for item in items_at(draft.record, _INTERVENTIONS)}
        self.typed = any(_GROUP_TYPE.match(line.text) for line in section.lines)
        self.waiting: list[Line] = []
        self.arm: dict[str, Any] | None = None
        self.open_intervention: dict[str, Any] | None = None

    def read(self) -> None:
        for line in self.lines:
            if group := _GROUP_TYPE.match(line.text):
                self._close_intervention(leave_head=True)
                self._open_arm(line, group[1])
            elif (kind := _INTERVENTION_TYPE.match(line.text)) and self.waiting:
                self._name_intervention(line, kind[1])
            else:
                self.waiting.append(line)
        self._close_intervention(leave_head=False)

    def _open_arm(self, line: Line | None, kind: str) -> None:
        if not self.waiting:
            return
        arm: dict[str, Any] = {"label": words.unescape(self.waiting[0].text)}
        used = list(self.waiting)
        if line and (type_code := words.code(kind, words.ARM_TYPES)):
            arm["type"] = type_code
            used.append(line)
        if len(self.waiting) > 1:
            arm["description"] = joined(self.waiting[1:])
        self.draft.add(_ARMS, arm, *used)
        self.arm, self.waiting = arm, []

    def _name_intervention(self, line: Line, kind: str) -> None:
        name = self.waiting.pop()
        self._close_intervention(leave_head=not self.typed)
        if not self.typed:
            self._open_arm(None, "")
        intervention: dict[str, Any] = {"name": words.unescape(name.text)}
        used = [name]
        if type_code := words.code(kind, words.INTERVENTION_TYPES):
            intervention = {"type": type_code, **intervention}
            used.append(line)
        if intervention["name"] not in self.known:
            self.draft.add(_INTERVENTIONS, intervention)
            self.known[intervention["name"]] = intervention
        self.draft.place(_INTERVENTIONS, used)
        if self.arm is not None:
            self.arm.setdefault("interventionNames", []).append(intervention_name(intervention))
        self.open_intervention = self.known[intervention["name"]]

    def _close_intervention(self, *, leave_head: bool) -> None:
        intervention, self.open_intervention = self.open_intervention, None
        if intervention is None or not self.waiting:
            return
        size = self._description_size(intervention, leave_head=leave_head)
        description, self.waiting = self.waiting[:size], self.waiting[size:]
        if not description:
            return
        text = joined(description)
        if intervention.setdefault("description", text) == text:
            self.draft.place(_INTERVENTIONS, description)
        else:
            name = intervention["name"]
            self.draft.add(f"{EXTENSION}.otherValues", {"field": f"description of {name}", "value": text}, *description)

    def _description_size(self, intervention: dict[str, Any], *, leave_head: bool) -> int:
        known = str(intervention.get("description", ""))
        size = len(_lines(known))
        if known and joined(self.waiting[:size]) == known:
            return size
        if not leave_head:
            return len(self.waiting)
        if len(self.waiting) == 2:
            return 1 if self.waiting[0].text.endswith(".") or len(self.waiting[0].text) > 80 else 0
        return 1 if len(self.waiting) > 2 else 0


def _read_compact_groups(section: Section, draft: Draft) -> None:
    _part_by_groups(draft, [words.unescape(line.text) for line in section.lines])
    known: dict[str, dict[str, Any]] = {str(item["name"]): item for item in items_at(draft.record, _INTERVENTIONS)}
    head: list[Line] = []
    arm: dict[str, Any] | None = None
    position = 0
    lines = section.lines
    while position < len(lines):
        match = known.get(words.unescape(lines[position].text))
        size = 1 + len(_lines(str(match.get("description", "")))) if match else 0
        here = lines[position : position + size]
        is_head = [line.text for line in here] == [line.text for line in lines[position + size :][:size]]
        if match and (head or arm) and not is_head and _stands_at(match, here):
            if head:
                arm, head = [_add_arm(draft, block) for block in _heads(head)][-1], []
            draft.place(_INTERVENTIONS, here)
            if arm is not None:
                arm.setdefault("interventionNames", []).append(intervention_name(match))
            position += size
        else:
            head.append(lines[position])
            position += 1
    for block in (_heads(head) if arm else _pairs(head)) if head else ():
        _add_arm(draft, block)
    if lines:
        draft.find(
            "X08",
            "note",
            section.place,
            "the arms have no type here, and labels and descriptions were told by their order",
            "this form of the page prints no labels",
            "take the type from the registry",
        )


def _part_by_groups(draft: Draft, groups: Sequence[str]) -> None:
    """Part the interventions anew where one's description stands in the groups and never below its name.

    The groups repeat each intervention with its description; what they set apart are two names without descriptions.
    """
    parts = [
        [str(each["name"]), *_lines(str(each.get("description", "")))]
        for each in items_at(draft.record, _INTERVENTIONS)
    ]
    beside, there = set(pairwise(groups)), set(groups)
    lines = [line for part in parts for line in part]
    apart = {pair for pair in pairwise(lines) if pair not in beside and there.issuperset(pair)}
    if apart.isdisjoint(pair for part in parts for pair in pairwise(part)):
        return
    parted = [[lines[0]]]
    for above, line in pairwise(lines):
        if (above, line) not in apart and (_describes(Line(0, line)) or above.endswith(":")):
            parted[-1].append(line)
        else:
            parted.append([line])
    found = value_at(draft.record, _INTERVENTIONS)
    found[:] = [
        {"name": name} | ({"description": "\n".join(described)} if described else {}) for name, *described in parted
    ]


def _heads(lines: Sequence[Line]) -> list[list[Line]]:
    """The labels and descriptions of one arm, or of several where lines read like them in turn."""
    pairs = _pairs(lines)
    in_turn = len(lines) > 3 and all(len(pair) == 2 for pair in pairs)
    return pairs if in_turn else [list(lines)]


def _add_arm(draft: Draft, head: Sequence[Line]) -> dict[str, Any]:
    arm: dict[str, Any] = {"label": words.unescape(head[0].text)}
    if len(head) > 1:
        arm["description"] = joined(head[1:])
    draft.add(_ARMS, arm, *head)
    return arm


def _stands_at(intervention: dict[str, Any], lines: Sequence[Line]) -> bool:
    wanted = [str(intervention["name"]), *_lines(str(intervention.get("description", "")))]
    return wanted == [words.unescape(line.text) for line in lines]


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]
