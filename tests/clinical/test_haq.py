"""Devices of the health assessment questionnaire."""

import pytest

from trialwright.clinical.acr_response import HAQ_DEVICES, HAQ_QUESTIONS, haq_di

DEVICES = {  # Fries et al. 1980, as the questionnaire prints them under its two lists of aids
    "dressing": ("dressing_device",),
    "arising": ("built_up_chair",),
    "eating": ("built_up_utensil",),
    "walking": ("cane", "walker", "crutches", "wheelchair"),
    "hygiene": ("raised_toilet_seat", "bathtub_seat", "bathtub_bar", "long_handled_bathroom_appliance"),
    "reach": ("long_handled_reach_appliance",),
    "grip": ("jar_opener",),
}
WELL = {name: [0] * questions for name, questions in HAQ_QUESTIONS.items()}


@pytest.mark.parametrize(
    ("device", "category"), [(device, category) for category, devices in DEVICES.items() for device in devices]
)
def test_a_device_counts_for_its_category(device: str, category: str) -> None:
    """A device lifts its own category, as the category named itself does, and only once."""
    by_category = haq_di(items=WELL, aids_or_devices=[category], help_from_person=[])

    assert haq_di(items=WELL, aids_or_devices=[device], help_from_person=[]) == by_category
    assert haq_di(items=WELL, aids_or_devices=[device, category], help_from_person=[category]) == by_category


def test_no_device_counts_for_activities() -> None:
    """Every category but activities has a device, and there is no device but those of the questionnaire."""
    assert DEVICES.keys() == HAQ_QUESTIONS.keys() - {"activities"}
    assert {device for devices in DEVICES.values() for device in devices} == HAQ_DEVICES.keys()
