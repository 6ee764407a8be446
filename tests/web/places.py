"""Every address of the web app, filled in for the tests: a new one is tested, or this file fails."""

PLACES = {"subject_id": "S001", "number": 1, "person": "coordinator", "lot": "L1"}
LOOKED_AT = {"follow-up-adverse-event", "record-data", "correct-data", "sign-content", "lock-data", "set-time-zone"}
"""Of the forms that are made from their command's fields: those that are looked at with all that a page can be."""
OPEN_TO_ALL = {"sign-in"}
OWN = {"password", "second-factor"}
POST_ONLY = {"sign-out", "access-reviewed"}
FILES = {"site-copy"}
NOT_HTML = {"plot", *FILES}


def addresses() -> dict[str, str]:
    """The name of each address in the URL map, and the address."""
    from django.urls import reverse

    from trialwright.web.urls import urlpatterns

    found = {}
    for pattern in urlpatterns:
        names = pattern.pattern.converters
        found[pattern.name] = (
            "/no-such-page"
            if pattern.name == "no-such-page"
            else reverse(pattern.name, kwargs={n: PLACES[n] for n in names})
        )
    return found


def pages() -> dict[str, str]:
    """The addresses that answer a GET with a page."""
    return {name: url for name, url in looked_at().items() if name not in POST_ONLY | NOT_HTML | OPEN_TO_ALL}


def looked_at() -> dict[str, str]:
    """The addresses without those of forms that are made alike; `test_entries` opens each of these."""
    return {name: url for name, url in addresses().items() if "/entry/" not in url or name in LOOKED_AT}
