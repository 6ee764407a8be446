"""Facility, city and state are told apart where the wording shows them, and stay whole where it does not."""

import pytest

from trialwright.registry.places import part_site, part_sites


@pytest.mark.parametrize(
    ("text", "country", "parts"),
    [
        ("Nowhere Hospital Jinan Shandong", "China", ("Nowhere Hospital", "Jinan", "Shandong")),
        ("Hospital of Nowhere Athens", "Greece", ("Hospital of Nowhere", "Athens", None)),
        ("Nowhere Medical Group Terre Haute Indiana", "United States",
         ("Nowhere Medical Group", "Terre Haute", "Indiana")),
        ("University of Michigan Ann Arbor Michigan", "United States",
         ("University of Michigan", "Ann Arbor", "Michigan")),
        ("Local Institution - 0082 Rio de Janeiro", "Brazil", ("Local Institution - 0082", "Rio de Janeiro", None)),
        ("As0006 204 Footscray", "Australia", ("As0006 204", "Footscray", None)),
        ("Research Site Kyoto", "Japan", ("Research Site", "Kyoto", None)),
        ("Clinic of Erewhon Erewhon", "Atlantis", ("Clinic of Erewhon", "Erewhon", None)),
        ("Research Site Toulon Armees", "France", ("Research Site Toulon Armees", None, None)),
        ("Second Clinic Arcadia North", "Atlantis", ("Second Clinic Arcadia North", None, None)),
        ("Paris", "France", ("Paris", None, None)),
    ],
)  # fmt: skip
def test_the_parts_of_a_site(text, country, parts):
    """States, large cities, names that stand twice and words for institutions show the parts; else none is made."""
    names = ("facility", "city", "state")

    assert part_site(text, country) == {name: part for name, part in zip(names, parts, strict=True) if part}


def test_a_sponsor_that_begins_the_line_is_the_facility():
    """Where wording does not show the city, the name of one of the page's organisations parts the line."""
    row = ("Atlantis", "University of Erewhon Arcadia")

    assert part_sites([row]) == [{"facility": "University of Erewhon Arcadia"}]
    assert part_sites([row], ["University of Erewhon"]) == [{"facility": "University of Erewhon", "city": "Arcadia"}]
    assert part_sites([row], ["University"]) == [{"facility": "University of Erewhon Arcadia"}]
