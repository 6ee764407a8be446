"""Facility, city and state told apart in a line that lost the marks between its columns: a proposal, never more."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from trialwright.registry.place_names import CITIES, STATES

_CODE = re.compile(r"[A-Z]{1,3}")
_DIVISION = re.compile(
    r"\S+(?: (?:Kraj|Kray|Oblast|Province|Prefecture|Republic|Municipality|County|District))|\S+-do|\S+ \[[^\]]+\]"
)
_INSTITUTION = re.compile(
    r"(?:\b(?:Hospitals?|Universit(?:y|ies)|Cent(?:er|re)s?|Clinics?|Institutes?|College|Sites?|Medicine|School|Dept|"
    r"Foundation|Institutions?|Research|Infirmary|Medical|Associates|Inc|LLC|PLLC|LLP|LP|Ltd|PA|PC|Campus|"
    r"Sciences?|Health|Healthcare|Care|Consultants|Group|Specialists|Systems?|Partners|Trials?|Program|Services|"
    r"Management|Corporation|Network|Physicians|Practice|Office|Division|Department|Unit|Trust|Organi[sz]ation|Facility|"
    r"Diagnostics|Therapeutics|Surgery|Arts|Laborator(?:y|ies)|Academy|Solutions|Studies|Disorders|Specialties|Options|"
    r"Pharmacy|Company|Polyclinic|Sanatorium|Dispensary|CHU|CHRU|PPDS|Investigators?)\b|"
    r"\w+(?:ology|iatry|iatrics|surgery|pital|spital|klinik|klinikum|krankenhaus|sjukhus|sykehus|ziekenhuis)\b|"
    r"\b[HK]lini(?:k|kum)\b|(?:[A-Z]\.){2,4})[.)]*|\)"
)
_SITE_CODE = re.compile(r"(?:^|\s)(?:[-–#:/] ?)?(?:[A-Za-z]{0,6}[-_/]?\d{3}[\w./-]*|(?<=Site )\d+)(?=\s)")
_PLACEHOLDER = re.compile(rf"\b(?:Site|Institution|Facility|Team)\b|{_SITE_CODE.pattern}")
_STATE_ALWAYS = frozenset(("Australia", "Canada", "United States"))
_ROMANCE = frozenset(
    ("Argentina", "Brazil", "Chile", "Colombia", "Ecuador", "France", "Italy", "Mexico", "Peru", "Portugal", "Spain")
)
_CITY_PREFIX = re.compile(
    r"San|Santa|Santo|Saint|Sainte|St\.?|Ste\.?|Los|Las|La|Le|El|New|Fort|Ft\.?|Salt|Lake|North|South|East|West|Palm|"
    r"Long|Grand|Ann|Little|Baton|Des|Mount|Mt\.?|Port|Rio|São|Sao|Tel|Ho|Chi|Hong|Kuala|Buenos|Sun|The|Great|"
    r"Upper|Lower|Bad|Den|Nea|Ramat|Petah|Petach|Kfar|Alor|Kota|Batu|Puerto|Vila|Villa|Ciudad|Cape|Chula|Council|Coral"
)
_TOWARDS = re.compile(r"North|South|East|West|New|Great|Upper|Lower|Ciudad")
_CITY_SUFFIX = re.compile(
    r"[Cc]ity|Governorate|Beach|Park|Springs?|Hills?|Falls|Rapids|Rock|Grove|Point|Island|Valley|Lakes?|Heights|"
    r"Village|Station|Oaks?|Rouge|Barre|Haven|Bend|Bluffs?|Bay|Creek|Ridge|Forest|Mills|Haute|Arbor|Alto|Collins|"
    r"Neck|Wells|Gables|Raton|Worth|Moines|Harbor|Church|Plains|Crosse|Bernardino|Aviv|Alegre|Horizonte|Town|Chase|"
    r"Shi|shi|Junction|Landing|Township|Land|Knolls|Mesa|Breeze|Brook|Lawn|Summit|Grande|Hollow|River|Shores|"
    r"Meadows|Gardens|Pines|Pusat|Selatan|Bahru"
)
_DISTRICT = re.compile(r"\d{1,2}|Cedex|cedex|CEDEX|[NS]?[ØVO]?")
_PARTICLE = re.compile(r"d[aeiou]s?|del|della|delle|di|la|le|les|lès|el|en|sur|sous|upon|on|am|an|der|den|im|in|y|i|-")
_NEVER_LAST = frozenset(("and", "de", "del", "di", "do", "du", "for", "of", "the"))
_LONGEST_CITY = 3


def part_site(text: str, country: str, known: Collection[str] = ()) -> dict[str, str]:
    """Facility, city and state of a site, where the wording shows them; else the whole text is the facility.

    The state is one of the country's at the end, or a code in capitals. The city is named twice, or follows what names
    an institution or a site's code, or is a large city or one of the page's other lines; where nothing shows it, it is
    the last word, with those that must stand before or behind it.

    Args:
        text: The line without its country.
        country: The country, since only its states count.
        known: Cities of the same country that other lines of the page show.

    Example:
        >>> part_site("Second Hospital of Jining Medical College Jining Shandong", "China")
        {'facility': 'Second Hospital of Jining Medical College', 'city': 'Jining', 'state': 'Shandong'}
        >>> part_site("Rooms of the Professor Saint Nemo", "France")
        {'facility': 'Rooms of the Professor', 'city': 'Saint Nemo'}
    """
    return _shown(text, country, known) or _formed(text) or {"facility": text}


def part_sites(
    rows: Sequence[tuple[str, str]], organisations: Collection[str] = ()
) -> list[tuple[dict[str, str], bool]]:
    """Facility, city and state of a page's sites, given as (country, line without it), and whether they are shown.

    Each line helps to read the others. Where the wording does not show a line's city, one of the page's organisations
    may begin it, which is the facility. Where most lines surely are a city alone, others that can be one are so too.

    >>> part_sites([("Atlantis", "A Clinic Arcadia"), ("Atlantis", "Nemo's Rooms Arcadia")])[1]
    ({'facility': "Nemo's Rooms", 'city': 'Arcadia'}, True)
    """
    longest_first = sorted(organisations, key=len, reverse=True)
    certain = [city_alone(text, country, sure=True) for country, text in rows]
    bare = 2 * sum(site is not None for site in certain) > len(rows)
    alone = [
        site or (city_alone(text, country) if bare else None)
        for (country, text), site in zip(rows, certain, strict=True)
    ]
    first = [site or _site(text, country, longest_first) for (country, text), site in zip(rows, alone, strict=True)]
    known: dict[str, set[str]] = {}
    for (country, _), site in zip(rows, first, strict=True):
        if site:
            known.setdefault(country, set()).add(site["city"])
    found = [
        site or _shown(text, country, known.get(country, ())) for (country, text), site in zip(rows, first, strict=True)
    ]
    return [
        (site or part_site(text, country), site is not None) for (country, text), site in zip(rows, found, strict=True)
    ]


def city_alone(text: str, country: str, *, sure: bool = False) -> dict[str, str] | None:
    """City and state of a site that has no facility; it is sure where the city is a large one, or the only word.

    >>> city_alone("Long Beach California", "United States")
    {'city': 'Long Beach', 'state': 'California'}
    >>> city_alone("Nowhere Clinic", "Atlantis")
    """
    words = text.split()
    for size in [*_known_states(words, country), 0]:
        city = words[: len(words) - size]
        certain = len(words) == 1 or " ".join(city) in CITIES or (len(city) == 1 and country in _STATE_ALWAYS)
        if (certain or not sure) and _is_city(city) and not _INSTITUTION.search(text):
            return {"city": " ".join(city)} | ({"state": " ".join(words[-size:])} if size else {})
    return None


def _shown(text: str, country: str, known: Collection[str]) -> dict[str, str] | None:
    """The parts of a site as far as its wording shows a city, or a state and before it the form of one."""
    words = text.split()
    sizes = _state_sizes(words, country)
    shown = [(size, _city_length(words[: len(words) - size], country, known, state_known=size > 0)) for size in sizes]
    formed = [(size, _last_place(words[: len(words) - size])) for size in sizes if size]
    surely = [each for each in formed if " ".join(words[-each[0] :]) not in CITIES]
    order = [each for each in shown if each[0]] + surely + shown + formed
    return _cut(words, *next((found for found in order if found[1]), (0, 0)))


def _formed(text: str) -> dict[str, str] | None:
    """The parts of a site by the form of its end alone."""
    words = text.split()
    return _cut(words, 0, _last_place(words))


def _cut(words: Sequence[str], size: int, length: int) -> dict[str, str] | None:
    """The parts of a site whose state has so many words and whose city has so many before them."""
    end = len(words) - size
    if not 0 < length < end or words[end - length - 1] in _NEVER_LAST:
        return None
    found = {"facility": " ".join(words[: end - length]), "city": " ".join(words[end - length : end])}
    return found | ({"state": " ".join(words[end:])} if size else {})


def _site(text: str, country: str, organisations: Sequence[str]) -> dict[str, str] | None:
    by_wording, by_name = _shown(text, country, ()), _site_of(text, country, organisations)
    sure = by_name is not None and (by_wording is None or ("state" in by_name and " " not in by_name["city"]))
    return by_name if sure else by_wording


def _site_of(text: str, country: str, organisations: Sequence[str]) -> dict[str, str] | None:
    """The site of an organisation whose name begins the line, where what follows can only be a city and a state."""
    name = next((each for each in organisations if text.casefold().startswith(f"{each.casefold()} ")), "")
    words = text[len(name) :].split()
    if not name or _INSTITUTION.search(" ".join(words)):
        return None
    for size in _state_sizes(text.split(), country):
        city, state = words[: len(words) - size], words[len(words) - size :]
        if size < len(words) and _is_city(city):
            return {"facility": text[: len(name)], "city": " ".join(city)} | (
                {"state": " ".join(state)} if state else {}
            )
    return None


def _state_sizes(words: Sequence[str], country: str) -> list[int]:
    """How many words at the end could be a state: the longest first, none last."""
    sizes = [size for size in _known_states(words, country) if size < len(words) - 1 and not _ends_a_city(words, size)]
    if not sizes and country not in _STATE_ALWAYS:
        ends = [size for size in (2, 1) if len(words) > size + 1 and _DIVISION.fullmatch(" ".join(words[-size:]))]
        sizes = ends[:1] or ([1] if len(words) > 2 and _CODE.fullmatch(words[-1]) else [])
    return [*sizes, 0]


def _ends_a_city(words: Sequence[str], size: int) -> bool:
    """Whether so many words at the end are those of a large city's longer name, as in `New Delhi`."""
    return any(" ".join(words[-longer:]) in CITIES for longer in range(size + 1, size + 4))


def _known_states(words: Sequence[str], country: str) -> list[int]:
    states = {name.casefold() for name in STATES.get(country, "").split(",") if name}
    return [
        size
        for size in range(min(5, len(words) - 1), 0, -1)
        if " ".join(words[-size:]).casefold() in states and not words[-size - 1].endswith(",")
    ]


def _city_length(words: Sequence[str], country: str, known: Collection[str], *, state_known: bool) -> int:
    """How many words at the end are the city; 0 where the wording does not show it."""
    for size in (4, 3, 2):
        if _twice(words, size):
            return size
    if _twice(words[-2:], 1):
        return 1
    tail = _after_institution(words, country, state_known=state_known)
    if tail:
        return tail
    for size in range(min(4, len(words) - 1), 0, -1):
        end = " ".join(words[-size:])
        if end in known or end in CITIES:
            return size
    return int(_twice(words, 1))


def _twice(words: Sequence[str], size: int) -> bool:
    """Whether the last words stand in what is before them too, as a facility's name often holds its city."""
    lowered = [word.strip(",.()-").casefold() for word in words]
    end, before = lowered[-size:], lowered[:-size]
    if len(before) < size or not _is_city(words[-size:]):
        return False
    return any(before[at : at + size] == end for at in range(len(before) - size + 1))


def _after_institution(words: Sequence[str], country: str, *, state_known: bool) -> int:
    """The words after the last one that names an institution or is a site's code, where they can be a city."""
    text = " ".join(words)
    ends = [match.end() for match in _INSTITUTION.finditer(text)]
    ends += [match.end() for match in _SITE_CODE.finditer(text) if len(text[match.end() :].split()) >= 1]
    tail = text[max(ends) :].split() if ends else []
    if not _is_city(tail) or len(tail) >= len(words):
        return 0
    if inner := _large_city_after_a_name(tail):
        return inner
    placeholder = any(match.end() == max(ends) for match in _PLACEHOLDER.finditer(text))
    if placeholder:
        begun = next((size for size in range(len(tail) - 1, 0, -1) if " ".join(tail[:size]) in CITIES), 0)
        if not begun:
            return len(tail)
    bounded = state_known and (placeholder or country in _STATE_ALWAYS)
    particles = placeholder or country not in _ROMANCE
    return len(tail) if len(tail) == 1 or bounded or _compound(tail, particles=particles) else 0


def _large_city_after_a_name(tail: Sequence[str]) -> int:
    """The words of a large city at the end of more that begin like one, as in `La Paz Madrid`, a name and a city."""
    if " ".join(tail) in CITIES or not _CITY_PREFIX.fullmatch(tail[0]) or _TOWARDS.fullmatch(tail[0]):
        return 0
    return next((size for size in range(len(tail) - 2, 0, -1) if " ".join(tail[-size:]) in CITIES), 0)


def _compound(words: Sequence[str], *, particles: bool) -> bool:
    """Whether several words are one city by their form; a particle is no sign where a facility's name has it."""
    return (
        " ".join(words) in CITIES
        or _CITY_PREFIX.fullmatch(words[0]) is not None
        or _CITY_SUFFIX.fullmatch(words[-1]) is not None
        or (particles and any(_PARTICLE.fullmatch(word) for word in words[1:-1]))
    )


def _joins(word: str) -> bool:
    return _PARTICLE.fullmatch(word) is not None or word in {"Da", "De", "Del", "Do", "Dos"}


def _is_city(words: Sequence[str]) -> bool:
    text = " ".join(words)
    if (
        not words
        or words[0] in {"Of", "De", "For"}
        or words[-1] in _NEVER_LAST
        or not _capital(words[0])
        or re.search(r"[;(]|,$", text)
    ):
        return False
    names = [word for word in words if not _PARTICLE.fullmatch(word)]
    return len(names) <= _LONGEST_CITY and all(_capital(word) or word.isdigit() for word in names)


def _capital(word: str) -> bool:
    return word.lstrip("'’`\"").lstrip("ld'’")[:1].isupper() or word[:1].isupper()


def _last_place(words: Sequence[str]) -> int:
    """The length of a city at the end by its form: a word with what must stand before or behind it, as in `San`."""
    start = len(words) - 1
    while start > 1 and (_DISTRICT.fullmatch(words[start]) or _CITY_SUFFIX.fullmatch(words[start])):
        start -= 1
    if start < 1 or not _capital(words[start]) or _INSTITUTION.fullmatch(words[start]):
        return 0
    while start > 1 and (_CITY_PREFIX.fullmatch(words[start - 1]) or _joins(words[start - 1])):
        start -= 2 if start > 2 and _joins(words[start - 1]) else 1
    return len(words) - start
