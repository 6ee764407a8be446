"""Devices of the health assessment questionnaire."""

import pytest

from trialwright.clinical.acr_response import HAQ_DEVICES, HAQ_QUESTIONS, haq_di

WELL = {name: [0] * questions for name, questions in HAQ_QUESTIONS.items()}


@pytest.mark.parametrize(("device", "category"), HAQ_DEVICES.items())
def test_a_device_counts_for_its_category(device: str, category: str) -> None:
    """A device lifts its own category, as the category named itself does, and only once."""
    by_category = haq_di(items=WELL, aids_or_devices=[category], help_from_person=[])

    assert haq_di(items=WELL, aids_or_devices=[device], help_from_person=[]) == by_category
    assert haq_di(items=WELL, aids_or_devices=[device, category], help_from_person=[category]) == by_category


def test_no_device_counts_for_activities() -> None:
    """Every category but activities has a device."""
    assert set(HAQ_DEVICES.values()) == HAQ_QUESTIONS.keys() - {"activities"}
