"""Every address of the web app, filled in for the tests: a new one is tested, or this file fails."""

PLACES = {
    "subject_id": "S001",
    "number": 1,
    "person": "coordinator",
    "lot": "L1",
    "command": "follow-up-adverse-event",
    "entry": "lock-data",
}
OPEN_TO_ALL = {"sign-in"}
POST_ONLY = {"sign-out"}
NOT_HTML = {"plot"}


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
    return {name: url for name, url in addresses().items() if name not in POST_ONLY | NOT_HTML | OPEN_TO_ALL}
