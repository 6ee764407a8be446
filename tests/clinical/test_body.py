"""Body measures by their published constants."""

from decimal import Decimal

from trialwright.clinical.body import bmi, bsa_du_bois, bsa_mosteller, ideal_body_weight_devine


def test_surface_by_mosteller_is_the_root_of_height_and_weight_over_3600() -> None:
    """160 cm and 90 kg are 2 m²."""
    assert bsa_mosteller(height_cm=160, weight_kg=90) == 2


def test_surface_by_du_bois_has_its_constant_and_powers() -> None:
    """100 cm and 100 kg give 0.007184 times 100 to the power of 1.15; height and weight have their own powers."""
    at = bsa_du_bois(height_cm=100, weight_kg=100)

    assert round(at / Decimal(100) ** Decimal("1.15"), 15) == Decimal("0.007184")
    assert round(bsa_du_bois(height_cm=200, weight_kg=100) / at, 15) == round(Decimal(2) ** Decimal("0.725"), 15)
    assert round(bsa_du_bois(height_cm=100, weight_kg=200) / at, 15) == round(Decimal(2) ** Decimal("0.425"), 15)


def test_ideal_weight_by_devine() -> None:
    """At 60 inches a man's is 50 and a woman's 45.5 kg, and each inch more adds 2.3."""
    assert ideal_body_weight_devine(height_cm=Decimal("152.4"), sex="M") == 50
    assert ideal_body_weight_devine(height_cm=Decimal("152.4"), sex="F") == Decimal("45.5")
    assert ideal_body_weight_devine(height_cm=Decimal("154.94"), sex="F") == Decimal("47.8")


def test_body_mass_index() -> None:
    """200 cm and 100 kg are 25 kg/m²."""
    assert bmi(height_cm=200, weight_kg=100) == 25
