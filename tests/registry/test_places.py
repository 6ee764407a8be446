"""Facility, city and state are told apart where the wording shows them, and by form where it does not."""

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
        ("Research Site Toulon Armees", "France", ("Research Site Toulon", "Armees", None)),
        ("Second Clinic Arcadia North", "Atlantis", ("Second Clinic Arcadia", "North", None)),
        ("Rooms of Nemo Caxias do Sul", "Brazil", ("Rooms of Nemo", "Caxias do Sul", None)),
        ("Nowhere Rooms Erewhon Cedex 9", "France", ("Nowhere Rooms", "Erewhon Cedex 9", None)),
        ("Hospital La Nada Madrid", "Spain", ("Hospital La Nada", "Madrid", None)),
        ("Nowhere Hospital East Melbourne", "Australia", ("Nowhere Hospital", "East Melbourne", None)),
        ("Research Site Khon Kaen", "Thailand", ("Research Site", "Khon Kaen", None)),
        ("Second Clinic Erewhon Erewhon [Nowhere]", "Atlantis", ("Second Clinic", "Erewhon", "Erewhon [Nowhere]")),
        ("Paris", "France", ("Paris", None, None)),
        ("Nowhere Clinic New Delhi", "India", ("Nowhere Clinic", "New Delhi", None)),
        ("Nowhere Hospital Kobe city Hyogo", "Japan", ("Nowhere Hospital", "Kobe city", "Hyogo")),
        ("Research Site Ciudad de Buenos Aires", "Argentina", ("Research Site", "Ciudad de Buenos Aires", None)),
    ],
)  # fmt: skip
def test_the_parts_of_a_site(text, country, parts):
    """States, large cities, names that stand twice and words for institutions show the parts; else the form does."""
    names = ("facility", "city", "state")

    assert part_site(text, country) == {name: part for name, part in zip(names, parts, strict=True) if part}


def test_a_sponsor_that_begins_the_line_is_the_facility():
    """Where wording does not show the city, the name of one of the page's organisations parts the line."""
    row = ("Atlantis", "University of Erewhon Arcadia Alpha")
    parted = {"facility": "University of Erewhon", "city": "Arcadia Alpha"}

    assert part_sites([row], ["University of Erewhon"]) == [(parted, True)]


def test_a_site_told_by_form_alone_is_marked():
    """A site whose city nothing shows is parted by the form of its last words, and that is said."""
    row = ("Atlantis", "University of Erewhon Arcadia Alpha")
    parted = {"facility": "University of Erewhon Arcadia", "city": "Alpha"}

    assert part_sites([row]) == part_sites([row], ["University"]) == [(parted, False)]
