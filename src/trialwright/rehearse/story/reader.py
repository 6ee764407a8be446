"""Reading a story: YAML with line numbers into people and steps. All faults are collected, with line and mend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from trialwright.errors import InputError, ProtocolError
from trialwright.protocol.check import load_checked
from trialwright.protocol.file import Path, Source, read_source
from trialwright.protocol.finding import Finding
from trialwright.protocol.study import ROLES, Study
from trialwright.rehearse.desk import START
from trialwright.rehearse.story.sealing import throw_away
from trialwright.rehearse.story.steps import StepReader
from trialwright.rehearse.story.story import Player, Story

Files = Callable[[str], str]
"""Reads a file beside the story; raises `InputError` where it cannot."""

_KEYS = ("title", "about", "protocol", "begins", "seed", "sealed", "sites", "people", "use", "macros", "steps")
_NO_ROLE = "no role"


def read_story(text: str, files: Files, protocol: str | None = None) -> tuple[Story | None, list[Finding]]:
    """Read a story and every fault of it; the story is None where it has one.

    Args:
        text: The story.
        files: Reads a file that the story names, such as its protocol.
        protocol: The text of another protocol to play it against.
    """
    source = read_source(text)
    if source.findings:
        return None, source.findings
    reader = StoryReader(source, files, protocol)
    story = reader.story()
    return (None if reader.findings else story), sorted(
        dict.fromkeys(reader.findings), key=lambda finding: finding.line
    )


class StoryReader:
    """Reads one story and keeps every fault with its place."""

    def __init__(self, source: Source, files: Files, protocol: str | None) -> None:
        self.source = source
        self.files = files
        self.protocol = protocol
        self.findings: list[Finding] = []

    def story(self) -> Story | None:
        """The whole story, as far as it can be read."""
        data = self._mapping(self.source.data, ())
        for key in data:
            if key not in _KEYS:
                self.fault((key,), "key", f"there is no key '{key}' here", f"write one of: {', '.join(_KEYS)}")
        begins, seed = self._begins(data), self._number(data, "seed", 1)
        people = self._people(data)
        study, protocol = self._study(data)
        secret = None
        if study and "sealed" in data:
            try:
                secret, protocol, study = throw_away(study, protocol, data["sealed"])
            except InputError as fault:
                self.fault(("sealed",), "sealed", str(fault), "write it like: sealed: {seed: 7, sizes: [4, 8]}")
        steps = StepReader(self, people, begins, protocol).steps(data)
        if study is None or self.findings:
            return None
        return Story(
            title=self._text(data, "title"),
            about=self._text(data, "about", needed=False),
            study=study,
            protocol=protocol,
            begins=begins,
            seed=seed,
            secret=secret,
            sites=self._sites(data, people),
            people=people,
            steps=steps,
        )

    def fault(self, path: Sequence[str | int], rule: str, what: str, mend: str) -> None:
        """Keep a fault."""
        place: Path = tuple(path)
        self.findings.append(
            Finding(
                rule=f"story.{rule}",
                severity="error",
                line=self.source.line(place),
                where=self.source.where(place),
                what=what,
                why="a story that can be read in two ways, or not at all, tests nothing",
                mend=mend,
            )
        )

    def line(self, path: Sequence[str | int]) -> int:
        """The line of a place in the story."""
        return self.source.line(path)

    def _mapping(self, value: Any, path: Path) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        if value is not None or not path:
            self.fault(path, "form", "this holds no keys", "write `key: value`, one on each line")
        return {}

    def _text(self, data: Mapping[str, Any], key: str, *, needed: bool = True) -> str:
        value = data.get(key)
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())
        if value is not None or needed:
            self.fault((key,), "form", f"'{key}' is missing, or is no text", f"write `{key}: ...` in words")
        return ""

    def _number(self, data: Mapping[str, Any], key: str, usual: int) -> int:
        value = data.get(key)
        if value is None:
            return usual
        if isinstance(value, str) and value.isdecimal():
            return int(value)
        self.fault((key,), "form", f"'{key}' is no whole number", f"write `{key}: 7`")
        return usual

    def _begins(self, data: Mapping[str, Any]) -> date:
        try:
            return date.fromisoformat(data["begins"]) if data.get("begins") else START.date()
        except (TypeError, ValueError):
            self.fault(("begins",), "form", f"{data['begins']!r} is no day", "write the first day like 2026-01-05")
            return START.date()

    def _study(self, data: Mapping[str, Any]) -> tuple[Study | None, str]:
        name = data.get("protocol")
        if self.protocol is None and not isinstance(name, str):
            self.fault(("protocol",), "protocol", "'protocol' is missing", "name the protocol's file, or --protocol")
            return None, ""
        try:
            text = self.files(str(name)) if self.protocol is None else self.protocol
            return load_checked(text, "the protocol"), text
        except ProtocolError as fault:
            self.fault(("protocol",), "protocol", str(fault), "mend the protocol: trialwright check")
        except InputError as fault:
            self.fault(("protocol",), "protocol", str(fault), "write the path from the story's own folder")
        return None, ""

    def _people(self, data: Mapping[str, Any]) -> dict[str, Player]:
        people = {}
        for name, words in self._mapping(data.get("people"), ("people",)).items():
            player = self._player(name, words)
            if player:
                people[name] = player
        if not any(player.role == "sponsor" for player in people.values()):
            self.fault(("people",), "people", "nobody is the sponsor, who begins the trial", "add `anna: sponsor`")
        return people

    def _player(self, name: str, words: Any) -> Player | None:
        role, _, site = str(words).partition(" at ")
        site = site.strip().removeprefix("site ").strip()
        known = ", ".join([*ROLES, _NO_ROLE])
        if role.strip() == _NO_ROLE:
            return Player(name, None, None)
        for one in ROLES:
            if role.strip().lower() == one:
                return Player(name, one, site or None)
        mend = f"write `{name}: investigator at 01`; the roles are {known}"
        self.fault(("people", name), "people", f"'{words}' is no role", mend)
        return None

    def _sites(self, data: Mapping[str, Any], people: Mapping[str, Player]) -> dict[str, str]:
        named = {site: str(name) for site, name in self._mapping(data.get("sites"), ("sites",)).items()}
        return {site: f"Site {site}" for site in sorted({p.site for p in people.values() if p.site})} | named
