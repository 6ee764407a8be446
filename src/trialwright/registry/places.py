"""Facility, city and state told apart in a line that lost the marks between its columns: a proposal, never more."""

from __future__ import annotations

import re

_STATES = {
    "United States": (
        "Alabama,Alaska,Arizona,Arkansas,California,Colorado,Connecticut,Delaware,District of Columbia,Florida,Georgia,"
        "Hawaii,Idaho,Illinois,Indiana,Iowa,Kansas,Kentucky,Louisiana,Maine,Maryland,Massachusetts,Michigan,Minnesota,"
        "Mississippi,Missouri,Montana,Nebraska,Nevada,New Hampshire,New Jersey,New Mexico,New York,North Carolina,"
        "North Dakota,Ohio,Oklahoma,Oregon,Pennsylvania,Puerto Rico,Rhode Island,South Carolina,South Dakota,Tennessee,"
        "Texas,Utah,Vermont,Virginia,Washington,West Virginia,Wisconsin,Wyoming"
    ),
    "Canada": (
        "Alberta,British Columbia,Manitoba,New Brunswick,Newfoundland and Labrador,Nova Scotia,Ontario,"
        "Prince Edward Island,Quebec,Saskatchewan"
    ),
    "China": (
        "Anhui,Beijing,Beijing Municipality,Chongqing,Chongqing Municipality,Fujian,Gansu,Guangdong,Guangxi,Guizhou,"
        "Hainan,Hebei,Heilongjiang,Henan,Hubei,Hunan,Inner Mongolia,Jiangsu,Jiangxi,Jilin,Liaoning,Ningxia,Qinghai,"
        "Shaanxi,Shandong,Shanghai,Shanghai Municipality,Shanxi,Sichuan,Tianjin,Tianjin Municipality,Tibet,Xinjiang,"
        "Yunnan,Zhejiang"
    ),
    "Australia": (
        "Australian Capital Territory,New South Wales,Northern Territory,Queensland,South Australia,Tasmania,Victoria,"
        "Western Australia"
    ),
    "Japan": (
        "Aichi,Akita,Aomori,Chiba,Ehime,Fukui,Fukuoka,Fukushima,Gifu,Gunma,Hiroshima,Hokkaido,Hyogo,Ibaraki,Ishikawa,"
        "Iwate,Kagawa,Kagoshima,Kanagawa,Kochi,Kumamoto,Kyoto,Mie,Miyagi,Miyazaki,Nagano,Nagasaki,Nara,Niigata,Oita,"
        "Okayama,Okinawa,Osaka,Saga,Saitama,Shiga,Shimane,Shizuoka,Tochigi,Tokushima,Tokyo,Tottori,Toyama,Wakayama,"
        "Yamagata,Yamaguchi,Yamanashi"
    ),
}
_INSTITUTION = re.compile(
    r"\b(?:Hospitals?|University|Cent(?:er|re)s?|Clinics?|Institute|College|Site(?: \d+)?|Medicine|School|Foundation|"
    r"Institutions?|Research|Infirmary|Medical|Associates|Oncology|Inc|LLC|L\.L\.C|Ltd|PA|P\.A|PC|Campus|Sciences|Health|Universit[àéä]t?|"
    r"[HK]rankenhaus|Klinik(?:um)?|Hôpital|CHU)\b[.)]*|\)"
)
_CITY_PREFIX = re.compile(
    r"San|Santa|Saint|St\.|Los|Las|La|Le|El|New|Fort|Salt|Lake|North|South|East|West|Palm|Long|Grand|Ann|Little|Baton|"
    r"Des|Mount|Port|Rio|São|Sao|Tel|Ho|Chi|Hong|Kuala|Buenos"
)
_LONGEST_CITY = 3


def part_site(text: str, country: str) -> dict[str, str]:
    """Facility, city and state of a site, where the wording shows them; else the whole text is the facility.

    The state is one of the country's states at the end; the city follows the last word that names an institution.

    Args:
        text: The line without its country.
        country: The country, since only its states count.

    Example:
        >>> part_site("Second Hospital of Jining Medical College Jining Shandong", "China")
        {'facility': 'Second Hospital of Jining Medical College', 'city': 'Jining', 'state': 'Shandong'}
        >>> part_site("Novartis Investigative Team", "France")
        {'facility': 'Novartis Investigative Team'}
    """
    states = sorted(_STATES.get(country, "").split(","), key=len, reverse=True)
    state = next((name for name in states if name and text.endswith(f" {name}")), "")
    rest = text[: len(text) - len(state)].rstrip()
    ends = [match.end() for match in _INSTITUTION.finditer(rest)]
    city = rest[ends[-1] :].strip() if ends else ""
    if not _is_city(city) and state:
        city = _last_place(rest)
    elif not state:
        city = _only_place(city)
    if not _is_city(city) or not rest.endswith(city) or len(city) >= len(rest):
        return {"facility": text}
    found = {"facility": rest[: len(rest) - len(city)].strip(), "city": city}
    return found | ({"state": state} if state else {})


def _is_city(text: str) -> bool:
    parts = text.split()
    return 0 < len(parts) <= _LONGEST_CITY and text[0].isupper() and not re.search(r"[\d,;(]| (?:of|and|for|at) ", text)


def _only_place(text: str) -> str:
    """One word, or one that stands twice: more words could be a city and its state."""
    parts = text.split()
    return text if len(parts) == 1 else parts[0] if len(set(parts)) == 1 else ""


def _last_place(text: str) -> str:
    parts = text.split()
    start = len(parts) - 1
    while start > 1 and _CITY_PREFIX.fullmatch(parts[start - 1]):
        start -= 1
    return " ".join(parts[start:])
