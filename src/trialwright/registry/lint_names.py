"""Rules on names: one organisation, product, place or person in several spellings. Proposals, never merged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

from trialwright.registry.lint_text import texts_of
from trialwright.registry.reading import EXTENSION, Finding, Reading, items_at, text_at, value_at

Rule = Callable[[Reading], Iterator[Finding]]

_LEGAL = frozenset(
    re.findall(
        r"\S+",
        """co company corp corporation gmbh inc incorporated limited llc ltd plc sa spa ag bv srl pty kk""",
    )
)
_KINDS = frozenset(
    re.findall(
        r"\S+",
        """academy affiliated bureau campus cancer center central centre children city college county department
    district east first general hospital hospitals institute institution maternity medical medicine military municipal
    national no north number people provincial red cross research school second south third fourth fifth sixth
    traditional tumor tumour university west women""",
    )
)
_NUMBERS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6"}
_DEGREES = re.compile(
    r"\b(?:M\.?\s?D|Ph\.?\s?D|MBBS|MPH|MSc?|BSc?|Prof|Dr|Doctor|Professor|FACP|RN|DO)\b\.?", re.IGNORECASE
)
CODE = re.compile(r"\b[A-Z]{2,5}-?[A-Z]?\d{2,5}\b")
_PLACE = re.compile(r"\b[A-Z][a-z']{5,}\b")
_CONTACTS = "contactsLocationsModule.centralContacts"
_OFFICIALS = "contactsLocationsModule.overallOfficials"
_LOCATIONS = "contactsLocationsModule.locations"


def _find(place: str, what: str, why: str) -> Finding:
    mend = "compare with the sponsor's own spelling; each is kept as it stands"
    return Finding(rule="C29", severity="warning", place=place, what=what, why=why, mend=mend)


def organisations(reading: Reading) -> Iterator[Finding]:
    """C29: organisations whose names differ only in their spelling."""
    for group in _groups(_organisations(reading)):
        yield _find(
            "organisations",
            f"perhaps one and the same: {' | '.join(group)}",
            "a sponsor or a site that is counted twice is searched for twice and found once",
        )


def _organisations(reading: Reading) -> list[str]:
    parties = "sponsorCollaboratorsModule"
    names = [
        text_at(reading.record, f"{parties}.leadSponsor.name"),
        text_at(reading.record, "identificationModule.organization.fullName"),
        text_at(reading.record, f"{parties}.responsibleParty.investigatorAffiliation"),
        *(str(each.get("name", "")) for each in items_at(reading.record, f"{parties}.collaborators")),
        *(str(each.get("affiliation", "")) for each in items_at(reading.record, _OFFICIALS)),
        *(str(each.get("facility", "")) for each in items_at(reading.record, _LOCATIONS)),
    ]
    return list(dict.fromkeys(name for name in names if name))


def _groups(names: Iterable[str]) -> list[list[str]]:
    """Names that are alike, together with what is like any of them."""
    words = {name: _words(name) for name in names}
    having: dict[str, list[str]] = {}
    for name, found in words.items():
        for word in found - _KINDS:
            having.setdefault(word, []).append(name)
    group = {name: [name] for name in words}
    for name, found in words.items():
        rarest = min(found - _KINDS, key=lambda word: (len(having[word]), word), default="")
        for other in having.get(rarest, ()):
            if group[other] is not group[name] and _alike(found, words[other]):
                joined = [each for each in words if each in {*group[name], *group[other]}]
                group |= dict.fromkeys(joined, joined)
    return [each for name, each in group.items() if len(each) > 1 and each[0] == name]


def _alike(shorter: frozenset[str], longer: frozenset[str]) -> bool:
    """Whether two names differ by legal forms, brackets and places alone, as far as their words tell."""
    more = longer - shorter
    return len(shorter) > 1 and shorter <= longer and not more & (_KINDS | set(_NUMBERS.values()))


def _words(name: str) -> frozenset[str]:
    """The words of a name without what tells no two organisations apart: brackets, legal forms, plurals, articles."""
    plain = re.sub(r"\([^)]*\)", " ", name.casefold()).replace("'s", "").replace("’s", "")
    words = [_NUMBERS.get(word, word) for word in re.findall(r"[^\W_]+", plain)]
    kept = [word.removesuffix("s") if len(word) > 4 else word for word in words]
    return frozenset(word for word in kept if word not in _LEGAL | {"the", "of", "and", "no", "s"})


def products(reading: Reading) -> Iterator[Finding]:
    """C29: codes of a product that differ in a hyphen or in one letter."""
    texts = [
        text_at(reading.record, "identificationModule.briefTitle"),
        text_at(reading.record, "identificationModule.orgStudyIdInfo.id"),
        *(text for _, text in texts_of(reading)),
        *(str(each.get("name", "")) for each in items_at(reading.record, "armsInterventionsModule.interventions")),
        *(str(each.get("title", "")) for each in items_at(reading.record, f"{EXTENSION}.relatedTrials")),
        *map(str, value_at(reading.record, f"{EXTENSION}.otherInterventionNames") or ()),
    ]
    by_number: dict[str, dict[str, None]] = {}
    for code in (code for text in texts for code in CODE.findall(text)):
        by_number.setdefault(_digits(code), {})[code] = None
    for one, other in (pair for codes in by_number.values() for pair in combinations(codes, 2)):
        if codes_alike(one, other):
            yield _find(
                "products",
                f"perhaps one and the same: {one} | {other}",
                "a product is renamed when it changes hands; its other trials are found under the other name",
            )


def codes_alike(one: str, other: str) -> bool:
    """Whether two product codes differ by a hyphen or one letter alone.

    >>> codes_alike("AB-C001", "ABC001"), codes_alike("AB-C001", "AB-C002")
    (True, False)
    """
    return _one_letter(one.replace("-", ""), other.replace("-", "")) and _digits(one) == _digits(other)


def _digits(code: str) -> str:
    return re.sub(r"\D", "", code)


def _one_letter(one: str, other: str) -> bool:
    """Whether two words are the same, or differ by one letter changed, left out or put in."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = next((at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), len(one))
    return one[at + (len(one) == len(other)) :] == other[at + 1 :]


def places(reading: Reading) -> Iterator[Finding]:
    """C29: a place of the text that one letter parts from a place of the sites."""
    sites = items_at(reading.record, _LOCATIONS)
    known = dict.fromkeys(str(site.get(key, "")) for site in sites for key in ("city", "state", "country"))
    named = dict.fromkeys(
        place for name, text in texts_of(reading) if name != "eligibility" for place in _PLACE.findall(text)
    )
    for one in named:
        for other in known:
            if one != other and len(other) > 5 and not one.startswith(other) and _one_letter(one, other):
                yield _find(
                    "places",
                    f"{one} in the text, {other} among the sites",
                    "both may be right; places of nearly one name are easily taken for each other",
                )


def people(reading: Reading) -> Iterator[Finding]:
    """C29: one person under two spellings, and several principal investigators of one organisation."""
    contacts = [*items_at(reading.record, _CONTACTS), *items_at(reading.record, f"{EXTENSION}.facilityContacts")]
    officials = items_at(reading.record, _OFFICIALS)
    names = list(dict.fromkeys(str(each.get("name", "")) for each in (*officials, *contacts) if each.get("name")))
    twice = [pair for pair in combinations(names, 2) if _person(pair[0]) == _person(pair[1])]
    if twice:
        yield _find(
            "people",
            f"{len(twice)} pairs of names are one name in two spellings (order or degrees)",
            "one person in two spellings is counted as two",
        )
    heads = [each for each in officials if each.get("role") == "PRINCIPAL_INVESTIGATOR"]
    if len(heads) > 1:
        affiliations = " | ".join(dict.fromkeys(str(each.get("affiliation", "no affiliation")) for each in heads))
        yield _find(
            "people",
            f"{len(heads)} principal investigators, of {affiliations}",
            "who answers for the whole trial is not said",
        )


def _person(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]+", _DEGREES.sub(" ", name).casefold()))


def acronym(reading: Reading) -> Iterator[Finding]:
    """C29: an acronym of the trial that is its disease's."""
    short = text_at(reading.record, "identificationModule.acronym")
    for condition in value_at(reading.record, "conditionsModule.conditions") or ():
        initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", str(condition))).upper()
        if short and short.upper() in {initials, str(condition).upper()}:
            yield _find(
                "acronym",
                f"the acronym '{short}' is that of {condition}",
                "a search for it finds every trial of the disease",
            )


RULES: tuple[Rule, ...] = (organisations, products, places, people, acronym)
