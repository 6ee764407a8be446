"""Reading the steps of a story: macros written out, moments and days computed, fields given their form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from trialwright.conduct.commands import Command
from trialwright.errors import InputError
from trialwright.protocol.file import Path, read_source
from trialwright.protocol.study import ROLES
from trialwright.rehearse.story.clock import moment_of
from trialwright.rehearse.story.facts import FACTS, unknown
from trialwright.rehearse.story.fields import Faults, FieldReader, dated, waits
from trialwright.rehearse.story.story import Expectation, Player, Step
from trialwright.rehearse.story.words import COMMANDS, as_name, fault_of, fields_of

STEP_KEYS = ("say", "when", "by", "do", "of", "as", "expect", "then", "seen by", "repeat", "every")
"""The keys of a step that are no field of its command."""

INPUT = "input"
"""The code of a refusal by the form of a field, before the protocol is asked."""

_SET_UP = time(8, 0)
_MOST_STEPS = 2_000
_DEEPEST = 8
_REPEAT = re.compile(r"(?:(\d+) to )?(\d+)")
_REFUSED = re.compile(r"refused(?::? +([a-z0-9_.-]+))?")


@dataclass(frozen=True, slots=True)
class Frame:
    """From where a step was called.

    Attributes:
        path: The place in the story that faults are shown at, where the step is not its own.
        names: What a macro calls things, and what the story calls them.
        used: Keys of the calling step that some command took.
        by: Who calls.
        site: The site of who calls.
        refused: The refusal that the calling step expects on the way.
    """

    path: Path | None = None
    by: str | None = None
    site: str | None = None
    refused: Expectation | None = None
    of: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    depth: int = 0


@cache
def usual_macros() -> Mapping[str, list[Mapping[str, Any]]]:
    """The macros that every story has."""
    data: Mapping[str, list[Mapping[str, Any]]] = read_source(
        (files("trialwright.rehearse.story") / "usual.yaml").read_text(encoding="utf-8")
    ).data
    return data


class StepReader:
    """Reads the steps of one story."""

    def __init__(self, faults: Faults, people: Mapping[str, Player], begins: date, protocol: str) -> None:
        self.faults = faults
        self.people = people
        self.begins = begins
        self.now = datetime.combine(begins, _SET_UP, UTC)
        self.names: set[str] = set()
        self.made: set[str] = set()
        self.given_names: list[str] = []
        self.read: list[Step] = []
        self.macros: dict[str, Any] = dict(usual_macros())
        self.own: set[str] = set()
        self.fields = FieldReader(faults, begins, protocol)

    def steps(self, data: Mapping[str, Any]) -> tuple[Step, ...]:
        """Read `use`, `macros` and `steps`."""
        self.macros |= self._used(data["use"]) if "use" in data else {}
        for name, steps in (data.get("macros") or {}).items() if self._has_keys(data.get("macros")) else ():
            if name in COMMANDS:
                self.faults.fault(("macros", name), "macro", f"'{name}' is a command", "give the macro another name")
            self.macros[name] = steps
            self.own.add(name)
        steps = data.get("steps")
        if not isinstance(steps, list) or not steps:
            self.faults.fault(("steps",), "form", "there are no steps", "write `steps:` and below it `- do: ...`")
            return ()
        by = None
        for place, one in enumerate(steps):
            by = one.get("by", by) if isinstance(one, Mapping) else by
            self._step({"by": by, **one} if by and isinstance(one, Mapping) else one, ("steps", place), Frame())
        if len(self.read) >= _MOST_STEPS:
            self.faults.fault(("steps",), "size", f"more than {_MOST_STEPS} steps", "tell a shorter story")
        return tuple(self.read)

    def _used(self, file: Any) -> Mapping[str, Any]:
        """The macros of a file beside the story."""
        try:
            source = read_source(self.faults.files(str(file)))
        except InputError as fault:
            self.faults.fault(("use",), "file", str(fault), "write the path from the story's own folder")
            return {}
        if not source.findings and isinstance(source.data, Mapping):
            return source.data
        what = source.findings[0].text(str(file)) if source.findings else f"{file} holds no macros"
        self.faults.fault(("use",), "form", what, "write in it `name:` and below it a list of steps")
        return {}

    def _has_keys(self, macros: Any) -> bool:
        if macros is None or isinstance(macros, Mapping):
            return macros is not None
        self.faults.fault(("macros",), "form", "this holds no macros", "write `name:` and below it a list of steps")
        return False

    def _step(self, data: Any, path: Path, frame: Frame) -> None:
        place = frame.path or path
        if not isinstance(data, Mapping):
            self.faults.fault(place, "form", "a step holds keys", "write `- do: enrol subject`, or `- when: ...`")
            return
        numbers = self._repeated(data, place)
        if numbers is None:
            self._once(data, place, frame)
            return
        for number in numbers:
            once = dict(data)
            if number != numbers[0]:
                once["when"] = f"after {data['every']}" if "every" in data else None
            if number != numbers[-1]:
                once["then"] = None
            if len(self.read) < _MOST_STEPS:
                self._once(_numbered(once, number), place, frame)

    def _repeated(self, data: Mapping[str, Any], place: Path) -> range | None:
        """The numbers of a step's repetitions; None where it is not repeated."""
        if "repeat" not in data:
            if "every" in data:
                self.faults.fault((*place, "every"), "repeat", "nothing is repeated", "write `repeat: 3` too")
            return None
        found = _REPEAT.fullmatch(str(data["repeat"]))
        if not found:
            self.faults.fault(
                (*place, "repeat"), "repeat", "this is no count", "write `repeat: 3`, or `repeat: 4 to 6`"
            )
            return None
        numbers = range(int(found[1] or 1), int(found[2]) + 1)
        if "as" in data and "<n>" not in str(data["as"]) and len(numbers) > 1:
            mend = f"write `as: {data['as']} <n>`; <n> counts"
            self.faults.fault((*place, "as"), "repeat", "several things have one name", mend)
        return numbers

    def _once(self, data: Mapping[str, Any], place: Path, frame: Frame) -> None:
        do = " ".join(str(data.get("do") or "").lower().split())
        self._move(data.get("when"), place)
        if do in COMMANDS or not do:
            self._plain_step(data, do, place, frame)
        elif do in self.macros:
            self._macro(data, do, place, frame)
        else:
            near = get_close_matches(do, [*COMMANDS, *self.macros], n=3, cutoff=0.4)
            mend = f"write one of: {', '.join(near)}" if near else "docs/stories.md lists every command"
            self.faults.fault((*place, "do"), "command", f"there is no command or macro '{do}'", mend)
            self._saved(data, frame)

    def _macro(self, data: Mapping[str, Any], do: str, place: Path, frame: Frame) -> None:
        inner = self.macros[do]
        if not isinstance(inner, list) or not inner or frame.depth >= _DEEPEST:
            what = f"the macro '{do}' is no list of steps, or calls itself"
            self.faults.fault(("macros", do) if do in self.own else place, "macro", what, "write its steps as a list")
            return
        own = {key: _renamed(value, frame.names) for key, value in data.items() if key not in STEP_KEYS}
        by = self._person(data["by"], (*place, "by"), frame) if "by" in data else frame.by
        caller = self.people.get(by or "")
        expect = self._expectation(data.get("expect"), place)
        start = len(self.read)
        called = Frame(
            path=place,
            by=by,
            site=caller.site if caller and caller.site else frame.site,
            refused=frame.refused if expect.accepted else expect,
            of=self._name(data["of"], frame) if "of" in data else frame.of,
            given={**own, **frame.given},
            names={"it": self._saved(data, frame) or f"it of step {len(self.read) + 1}"},
            used=frame.used,
            depth=frame.depth + 1,
        )
        for number, step in enumerate(inner):
            first, last = number == 0, number == len(inner) - 1
            kept = {key: data[key] for key in ("expect", "then", "seen by") if last and key in data}
            kept |= {"say": data["say"]} if first and "say" in data else {}
            self._step({**step, **kept} if isinstance(step, Mapping) else step, place, called)
        if not expect.accepted:
            end = len(self.read)
            course = [replace(one, course=end) if one.expect == expect else one for one in self.read[start:]]
            self.read[start:] = course
        if "as" in data and called.names["it"] not in self.made:
            mend = "write `as: it` at the step of the macro that makes it"
            self.faults.fault((*place, "as"), "name", f"nothing in '{do}' is named `it`", mend)
        for key in own.keys() - frame.used:
            mend = f"remove it; '{do}' gives no command that takes it"
            self.faults.fault((*place, key), "field", f"nothing takes '{key}'", mend)

    def _plain_step(self, data: Mapping[str, Any], do: str, place: Path, frame: Frame) -> None:
        command = COMMANDS.get(do)
        given = {key: value for key, value in frame.given.items() if command and as_name(key) in fields_of(command)}
        frame.used.update(given)
        asked = {key: value for key, value in data.items() if key not in STEP_KEYS} | given
        expect = self._expectation(data.get("expect"), place) if "expect" in data else frame.refused or Expectation()
        if command is None and asked:
            key = next(iter(asked))
            self.faults.fault((*place, key), "field", f"'{key}' stands in a step without `do`", "say what is done")
        of = self._name(data["of"], frame, (*place, "of")) if "of" in data else frame.of
        fields = dict(self._fields(command, asked, place, frame, expect)) if command else {}
        if command and of is None:
            for name, needed in fields_of(command).items():
                if needed and name not in fields and not any(as_name(key) == name for key in asked):
                    words = name.replace("_", " ")
                    self.faults.fault((*place, "do"), "field", f"'{words}' is missing", f"add `{words}: ...`")
        saved = self._saved(data, frame)
        if saved:
            self.made.add(saved)
        facts, seen_by = self._facts(data, place)
        step = Step(line=0, at=self.now, do=do, command=command, fields=fields, of=of, expect=expect, facts=facts)
        by = self._person(data.get("by", frame.by), (*place, "by"), frame) if command else ""
        self.read.append(
            replace(
                step,
                line=self.faults.line(place),
                say=" ".join(str(data.get("say") or "").split()),
                by=by,
                saved=saved,
                seen_by=seen_by or self._sponsor(),
            )
        )

    def _fields(
        self, command: type[Command], asked: Mapping[str, Any], place: Path, frame: Frame, expect: Expectation
    ) -> Iterator[tuple[str, Any]]:
        known = fields_of(command)
        names = {**{name: name for name in self.names}, **frame.names}
        if "it" in names:
            names["it"] = self._it(frame)
        for key, data in asked.items():
            name = as_name(key)
            if name not in known:
                keys = ", ".join(name.replace("_", " ") for name in known) or "none"
                self.faults.fault((*place, key), "field", f"there is no field '{key}'", f"this command takes: {keys}")
                continue
            value = self.fields.value(command, name, data, (*place, key), self.now, names)
            fault = None if waits(value) else fault_of(command, name, dated(value, self.now.date()))
            if fault and expect.code != INPUT:
                made = f"what a step above named by `as` ({', '.join(self.given_names) or 'none yet'})"
                mend = f"write a value of that form, or {made}; or expect `refused: {INPUT}` where that is the test"
                self.faults.fault((*place, key), "value", f"{data!r}: {fault}", mend)
            yield name, value

    def _expectation(self, said: Any, place: Path) -> Expectation:
        words = said if isinstance(said, Mapping) else {}
        text = " ".join(str(said).lower().split())
        if said is None or text == "accepted":
            return Expectation()
        if words and "refused" in words and not set(words) - {"refused", "rule", "reason"}:
            return Expectation(
                accepted=False, code=words["refused"], rule=words.get("rule"), reason=words.get("reason")
            )
        if found := _REFUSED.fullmatch(text):
            return Expectation(accepted=False, code=found[1])
        mend = "write `expect: accepted`, or `expect: {refused: cohort.full}` with `rule:` or `reason:` if wanted"
        self.faults.fault((*place, "expect"), "expect", "this is no expectation", mend)
        return Expectation()

    def _facts(self, data: Mapping[str, Any], place: Path) -> tuple[dict[str, str], str]:
        """What is to be seen, and by whom: `seen by` stands among the facts, or beside them."""
        said = data.get("then")
        if said is None:
            return {}, ""
        if not isinstance(said, Mapping):
            self.faults.fault((*place, "then"), "fact", "this holds no facts", "write `then: {free slots: 2}`")
            return {}, ""
        facts = {str(key): "none" if value is None else str(value) for key, value in said.items() if key != "seen by"}
        for fact in facts:
            if unknown(fact, frozenset(self.names)):
                mend = f"write one of: {', '.join(FACTS)}, or ... of a name that a step above gave by `as`"
                self.faults.fault((*place, "then", fact), "fact", f"there is no fact '{fact}'", mend)
        inside = "seen by" in said
        who = said["seen by"] if inside else data.get("seen by")
        where = (*place, "then", "seen by") if inside else (*place, "seen by")
        return facts, self._person(who, where, Frame()) if who is not None else ""

    def _person(self, said: Any, place: Path, frame: Frame) -> str:
        """Who is meant; `the pharmacist` is the first one with that role, at the site of who calls the macro."""
        words = str(said or "")
        role = words.removeprefix("the ")
        if words in self.people:
            return words
        mend = f"write one of: {', '.join(self.people)}, or 'the investigator'"
        what = f"'{words}' is nobody in this story" if words else "nobody gives the command"
        if words.startswith("the ") and role in ROLES:
            sites = {None, frame.site}
            there = (one for one in self.people.values() if one.role == role and (not frame.site or one.site in sites))
            if found := next(there, None):
                return found.id
            site = f" at {frame.site}" if frame.site else ""
            what, mend = f"nobody is {words}{site}", f"add to people: `NAME: {role}{site}`"
        self.faults.fault(place, "people", what, mend)
        return ""

    def _sponsor(self) -> str:
        return next((person.id for person in self.people.values() if person.role == "sponsor"), "")

    def _move(self, said: Any, place: Path) -> None:
        try:
            moment = moment_of(None if said is None else str(said), self.begins, self.now)
        except ValueError as fault:
            self.faults.fault((*place, "when"), "time", str(fault), "correct the words")
            return
        if moment < self.now:
            what = f"{moment:%Y-%m-%d %H:%M} lies before the step above, {self.now:%Y-%m-%d %H:%M}"
            self.faults.fault(
                (*place, "when"), "time", what, "put the steps in the order of time; day 1 begins at 08:00"
            )
            return
        self.now = moment

    def _saved(self, data: Mapping[str, Any], frame: Frame) -> str | None:
        said = data.get("as")
        if said is None:
            return None
        name = str(said)
        if frame.path:
            name = frame.names.setdefault(name, f"{name} of step {len(self.read) + 1}")
        else:
            self.given_names.append(name)
        self.names.add(name)
        return name

    def _it(self, frame: Frame) -> str:
        """What a macro calls `it`: until a step of it made something of that name, what it was called with by `of`."""
        name = frame.names["it"]
        return name if name in self.made or frame.of is None else frame.of

    def _name(self, said: Any, frame: Frame, place: Path | None = None) -> str | None:
        name = self._it(frame) if said == "it" and frame.names else frame.names.get(str(said), str(said))
        if name not in self.made and name == frame.names.get("it"):
            mend = "write `as: it` at the step of the macro that makes it, or call the macro with `of`"
            self.faults.fault(place or (frame.path or ()), "name", "nothing in this macro is named `it` yet", mend)
            return name
        if name not in self.names and name not in frame.names.values():
            mend = f"write one of: {', '.join(self.given_names) or 'none yet'}; a step gives a name by `as`"
            self.faults.fault(place or (frame.path or ()), "name", f"no step above made '{said}'", mend)
        return name


def _renamed(data: Any, names: Mapping[str, str]) -> Any:
    """What a step says, with what its macro calls things in the words of the story."""
    match data:
        case Mapping():
            return {key: _renamed(value, names) for key, value in data.items()}
        case list():
            return [_renamed(value, names) for value in data]
        case str():
            return names.get(data, data)
    return data


def _numbered(data: Any, number: int) -> Any:
    """A step with the number of its repetition in the place of `<n>`."""
    match data:
        case Mapping():
            return {key: _numbered(value, number) for key, value in data.items()}
        case list():
            return [_numbered(value, number) for value in data]
        case str():
            return data.replace("<n>", str(number))
    return data
