"""Layout B's sponsors, people and places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from trialwright.registry import vocabulary as words
from trialwright.registry.page import Draft, Line, Section
from trialwright.registry.places import city_alone
from trialwright.registry.reading import EXTENSION, value_at

_ROLE = re.compile(r"Role:\s*(.*)$")
_SPONSOR_ROLE = re.compile(r"Sponsor Role:?\s+(\S+)$")
_RESPONSIBILITY = re.compile(r"Responsibility Role:?\s+(\S+)$")
_SITE_STATUS = re.compile(r"Site Status:?\s+(.+)$")
_PHONE = re.compile(r"[+(]?\d[\d\s().+/x-]{4,}(?:\s*(?:ext\.?|x)\s*\d+)?$", re.IGNORECASE)
_EMAIL = re.compile(r"\S+@\S+\.\S+$")
_INVESTIGATOR = ("investigatorFullName", "investigatorTitle", "investigatorAffiliation")
_ZIP = re.compile(r"[A-Z0-9]*\d[A-Z0-9 -]*$")


def read_sponsors(section: Section, draft: Draft) -> None:
    """Read the lead sponsor and the collaborators: a name, its class, its role; without roles the first one leads."""
    block: list[Line] = []
    for index, line in enumerate(section.lines):
        block.append(line)
        following = section.lines[index + 1].text if index + 1 < len(section.lines) else ""
        closed = _SPONSOR_ROLE.match(line.text) or words.code(line.text, words.AGENCY_CLASSES)
        if closed and len(block) > 1 and not _SPONSOR_ROLE.match(following):
            _put_sponsor(draft, block)
            block = []
    if block:
        _put_sponsor(draft, block)


def _put_sponsor(draft: Draft, block: Sequence[Line]) -> None:
    sponsor: dict[str, Any] = {"name": words.unescape(block[0].text)}
    lead = value_at(draft.record, "sponsorCollaboratorsModule.leadSponsor") is None
    used = [block[0]]
    for line in block[1:]:
        role = _SPONSOR_ROLE.match(line.text)
        agency = words.code(line.text, words.AGENCY_CLASSES)
        if role:
            lead = role[1].lower() == "lead"
        elif agency:
            sponsor["class"] = agency
        if role or agency:
            used.append(line)
    if lead:
        draft.put("sponsorCollaboratorsModule.leadSponsor", sponsor, *used)
    else:
        draft.add("sponsorCollaboratorsModule.collaborators", sponsor, *used)


def read_responsible_party(section: Section, draft: Draft) -> None:
    """Read who answers for the record: a role, and for an investigator the name, the title and the affiliation."""
    path = "sponsorCollaboratorsModule.responsibleParty"
    people: list[Line] = []
    for line in section.lines:
        role = _RESPONSIBILITY.match(line.text)
        if role:
            draft.put(f"{path}.type", words.keyed(role[1]), line)
        else:
            people.append(line)
    if people and value_at(draft.record, f"{path}.type") != "SPONSOR":
        sponsor = value_at(draft.record, "sponsorCollaboratorsModule.leadSponsor.name")
        untitled = len(people) == 2 and words.unescape(people[1].text) == sponsor
        keys = (_INVESTIGATOR[0], _INVESTIGATOR[2]) if untitled else _INVESTIGATOR
        for key, line in zip(keys, people, strict=False):
            draft.put(f"{path}.{key}", words.unescape(line.text), line)


def read_investigators(section: Section, draft: Draft) -> None:
    """Read the officials: a name, a role, an affiliation."""
    for name, role, rest in _by_role(section.lines):
        if name is None:
            continue
        official = {"name": words.unescape(name.text), "role": words.keyed(_ROLE.sub(r"\1", role.text))}
        used = [name, role]
        if rest:
            official["affiliation"] = words.unescape(rest[0].text)
            used.append(rest[0])
        draft.add("contactsLocationsModule.overallOfficials", official, *used)


def read_contacts(section: Section, draft: Draft) -> None:
    """Read the central contacts: a name, a role, and a telephone number or an address."""
    _read_contacts(section, draft, "contactsLocationsModule.centralContacts")


def read_facility_contacts(section: Section, draft: Draft) -> None:
    """Read the contacts of sites; the page does not say of which, so they are kept beside the locations."""
    _read_contacts(section, draft, f"{EXTENSION}.facilityContacts")


def _read_contacts(section: Section, draft: Draft, path: str) -> None:
    for name, role, rest in _by_role(section.lines):
        contact = {"name": words.unescape(name.text)} if name else {}
        contact["role"] = words.keyed(_ROLE.sub(r"\1", role.text))
        used = [name, role] if name else [role]
        for line in rest:
            key = "email" if _EMAIL.match(line.text) else "phone" if _PHONE.match(line.text) else None
            if key and key not in contact:
                contact[key] = line.text
                used.append(line)
        draft.add(path, contact, *used)


def _by_role(lines: Sequence[Line]) -> list[tuple[Line | None, Line, list[Line]]]:
    """Each role line with the name above it, where there is one, and the lines up to the next name."""
    roles = [index for index, line in enumerate(lines) if _ROLE.match(line.text)]
    named = [at > 0 and not _ROLE.match(lines[at - 1].text) and not _reaches(lines[at - 1]) for at in roles]
    ends = [*(at - above for at, above in zip(roles[1:], named[1:], strict=True)), len(lines)][: len(roles)]
    return [
        (lines[at - 1] if above else None, lines[at], list(lines[at + 1 : end]))
        for at, above, end in zip(roles, named, ends, strict=True)
    ]


def _reaches(line: Line) -> bool:
    return bool(_EMAIL.match(line.text) or _PHONE.match(line.text))


def read_locations(section: Section, draft: Draft) -> None:
    """Read the sites: a facility, a line of city, state and country, and the site's status where there is one."""
    countries = _countries_of_sites(section, draft)
    block: list[Line] = []
    for line in section.lines:
        status = _SITE_STATUS.match(line.text)
        if status and not block:
            _put_site_status(draft, line, status[1])
        elif "," in line.text and (not countries or line.text.endswith(countries)) and (block or _no_facility(line)):
            _add_location(draft, block, line, countries)
            block = []
        else:
            block.append(line)
    for line in block:
        draft.add("contactsLocationsModule.locations", {"facility": words.unescape(line.text)}, line)
    _part_countries(draft, countries)


def _no_facility(line: Line) -> bool:
    """Whether a line where a facility is expected is the place of a site without one."""
    text = words.unescape(line.text)
    country = words.country_at_end(text)
    place = [part.strip() for part in text[: len(text) - len(country)].rstrip(" ,").split(",")]
    return bool(country) and len(place) < 4 and city_alone(place[0], country) is not None


def _countries_of_sites(section: Section, draft: Draft) -> tuple[str, ...]:
    """The countries that end the lines of sites and stand in the page's own list, which may run them together."""
    listed = f" {' '.join(value_at(draft.record, f'{EXTENSION}.countries') or ())} "
    ends = {words.country_at_end(words.unescape(line.text)) for line in section.lines if "," in line.text}
    return tuple(sorted((name for name in ends if name and f" {name} " in listed), key=len, reverse=True))


def _part_countries(draft: Draft, countries: Sequence[str]) -> None:
    """Part a line of countries that run together by the countries of the sites."""
    listed: list[str] = value_at(draft.record, f"{EXTENSION}.countries") or []
    known = re.compile(rf"(?<!\S)({'|'.join(map(re.escape, countries))})(?!\S)")
    parted = [
        part.strip()
        for name in listed
        for part in ([name] if name in countries or not countries else known.split(name))
        if part.strip()
    ]
    if parted != listed:
        listed[:] = parted
        draft.find(
            "X09",
            "note",
            "section 'Countries'",
            f"the countries run together; the sites tell {len(parted)} apart: {', '.join(parted)}",
            "the page lost what separated them",
            "compare with the registry",
        )


def _put_site_status(draft: Draft, line: Line, status: str) -> None:
    locations = value_at(draft.record, "contactsLocationsModule.locations") or []
    site_status = words.code(status, words.STATUSES)
    if locations and site_status:
        locations[-1]["status"] = site_status
        draft.place("contactsLocationsModule.locations", [line])


def _add_location(draft: Draft, facility: Sequence[Line], where: Line, countries: Sequence[str]) -> None:
    text = words.unescape(where.text)
    country = next((name for name in countries if text.endswith(f", {name}")), "") or words.country_at_end(text)
    parts = [part.strip() for part in text[: len(text) - len(country)].rstrip(" ,").split(",")]
    name = ", ".join(words.unescape(line.text) for line in facility)
    location: dict[str, Any] = ({"facility": name} if name else {}) | {"city": parts[0]}
    middle = parts[1:]
    if middle and _ZIP.match(middle[-1]):
        location["zip"] = middle.pop()
    if middle:
        location["state"] = ", ".join(middle)
    location["country"] = country
    draft.add("contactsLocationsModule.locations", location, *facility, where)


def read_countries(section: Section, draft: Draft) -> None:
    """Read the countries, one a line."""
    for line in section.lines:
        draft.add(f"{EXTENSION}.countries", words.unescape(line.text), line)
