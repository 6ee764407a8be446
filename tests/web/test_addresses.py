"""Whose each address is."""

from pathlib import Path

import pytest

from tests.web.conftest import PEOPLE
from tests.web.places import OPEN_TO_ALL, POST_ONLY, addresses

GOLDEN = Path(__file__).with_name("address_matrix.txt")
ONE_OF_EACH_ROLE = ("sponsor", "investigator", "coordinator", "pharmacist", "monitor")


def test_ac_02_the_address_matrix_is_the_golden_one(django):
    """A new address, or one that is opened to another role, shows as a difference, and none is nobody's.

    The golden file is written anew with `matrix()` of `trialwright.web.urls`, and read by a person.
    """
    from trialwright.web.urls import matrix

    assert matrix() == GOLDEN.read_text(encoding="utf-8")
    assert "?" not in matrix()


@pytest.mark.parametrize("person", ONE_OF_EACH_ROLE)
def test_ac_02_the_matrix_is_what_the_pages_do(workspace, person):
    """A page turns a role away exactly where the matrix says so, by GET."""
    from trialwright.web.urls import urlpatterns

    role, client, urls = PEOPLE[person][0], workspace.sign_in(person), addresses()
    for pattern in urlpatterns:
        if pattern.name in POST_ONLY | OPEN_TO_ALL:
            continue
        who = pattern.callback.who
        turned_away = client.get(urls[pattern.name]).status_code == 403
        assert turned_away == (not isinstance(who, str) and role not in who), pattern.name


def test_ac_02_what_does_not_say_whose_it_is_is_nobodys(workspace, monkeypatch):
    """An address without a mark is shown to nobody, whatever the role."""
    from trialwright.web.views import pages

    monkeypatch.delattr(pages.sites, "who")

    assert workspace.sign_in("sponsor").get("/sites/").status_code == 403
