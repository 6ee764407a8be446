"""USDM export: every protocol, against the model's own schema and terminology; ids, references, order and bytes."""

import csv
import gzip
import json
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.conductor import PROTOCOLS, TEXT
from trialwright.__main__ import main
from trialwright.exchange.usdm import usdm, usdm_json
from trialwright.exchange.usdm_codes import DOSE_UNITS, PHASES
from trialwright.protocol.file import load_study
from trialwright.protocol.quantity import _DOSE_UNITS

FILES = sorted(PROTOCOLS.glob("*.yaml"))
REFERENCES = {"entryId", "criterionItemId", "scopeId"}


@cache
def exported(file: Path) -> dict[str, Any]:
    """The export of a protocol, as JSON reads it back."""
    return json.loads(usdm_json(load_study(file.read_text(), str(file))))


def design(file: Path) -> dict[str, Any]:
    """The study design of an export."""
    return exported(file)["study"]["versions"][0]["studyDesigns"][0]


def objects(part: Any) -> Iterator[dict[str, Any]]:
    """Every object in an export."""
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from objects(inner)


def every(file: Path, kind: str) -> list[dict[str, Any]]:
    """Every object of a class."""
    return [one for one in objects(exported(file)) if one.get("instanceType") == kind]


@pytest.fixture(scope="session")
def validator(shared: Path) -> Draft202012Validator:
    """The schema of the reference architecture, in which nothing may stand that it does not know."""
    schemas = json.loads((shared / "standards/usdm/USDM_API.json").read_text())["components"]["schemas"]
    for schema in schemas.values():
        if schema.get("type") == "object":
            schema["additionalProperties"] = False
    return Draft202012Validator({"$ref": "#/components/schemas/Wrapper-Input", "components": {"schemas": schemas}})


@pytest.fixture(scope="session")
def terms(shared: Path) -> set[tuple[str, str, str]]:
    """The terms of the releases that an export names: release, code, preferred term."""
    folder = shared / "standards/controlled_terminology"
    with tarfile.open(folder / "sdtm_ct_2025-03-28_full.txt.tar.xz") as archive:
        text = archive.extractfile(archive.getnames()[0]).read().decode("utf-8-sig")
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    found = {("2025-03-28", row["Code"], row["NCI Preferred Term"]) for row in rows}
    for name in ("ddfct", "protocolct"):
        release = json.loads(gzip.decompress((folder / f"{name}-2025-09-26.json.gz").read_bytes()))
        found |= {
            ("2025-09-26", term["conceptId"], term["preferredTerm"])
            for codelist in release["codelists"]
            for term in codelist["terms"]
        }
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_protocol_is_valid(file: Path, validator: Draft202012Validator) -> None:
    """Every protocol exports to JSON that the model's own schema accepts, with nothing it does not know."""
    assert [f"{list(fault.path)}: {fault.message[:200]}" for fault in validator.iter_errors(exported(file))] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_code_is_a_term_of_its_release(file: Path, terms: set[tuple[str, str, str]]) -> None:
    """Every code of CDISC's terminology stands in the release that it names, with its preferred term."""
    used = {
        (one["codeSystemVersion"], one["code"], one["decode"])
        for one in every(file, "Code")
        if one["codeSystem"] == "http://www.cdisc.org"
    }

    assert used
    assert used - terms == set()


def test_every_phase_has_its_term(terms: set[tuple[str, str, str]]) -> None:
    """The term of every phase that a protocol may have stands in CDISC's release with its preferred term."""
    assert {("2025-03-28", term.code, term.decode) for term in PHASES.values()} <= terms


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_ids_are_unique_and_every_reference_leads_somewhere(file: Path) -> None:
    """No two objects share an id, no id holds a space, and every id that is referred to exists."""
    known = Counter(one["id"] for one in objects(exported(file)) if "id" in one)
    pointed = {
        pointer
        for one in objects(exported(file))
        for key, value in one.items()
        if key != "id" and (key.endswith(("Id", "Ids")) or key in REFERENCES) and value
        for pointer in (value if isinstance(value, list) else [value])
    }

    assert [name for name, count in known.items() if count > 1 or " " in name] == []
    assert pointed - set(known) == set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_names_are_unique_within_a_class(file: Path) -> None:
    """No two objects of a class have one name."""
    names = Counter((one["instanceType"], one["name"]) for one in objects(exported(file)) if "name" in one)

    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_same_protocol_gives_the_same_bytes(file: Path) -> None:
    """A protocol that is loaded and exported again gives the same text."""
    load_study.cache_clear()

    assert usdm_json(load_study(file.read_text(), "again")) == usdm_json(load_study(file.read_text(), str(file)))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_of_the_protocol_is_lost(file: Path) -> None:
    """Arms or dose levels, visits, criteria, endpoints, populations and cohorts all stand in the export."""
    study = load_study(file.read_text(), str(file))
    endpoints = (*study.endpoints.primary, *study.endpoints.secondary)

    assert len(design(file)["arms"]) == len(study.arms or study.doses)
    assert {one["label"] for one in every(file, "Encounter")} == {visit.visit for visit in study.schedule}
    assert [one["name"] for one in every(file, "EligibilityCriterion")] == [one.id for one in study.criteria]
    assert [one["name"] for one in every(file, "Endpoint")] == [one.name for one in endpoints]
    assert [one["name"] for one in every(file, "AnalysisPopulation")] == [one.name for one in study.populations]
    assert [one["name"] for one in every(file, "StudyCohort")] == [one.name for one in study.cohorts]
    assert len(design(file)["studyCells"]) == len(design(file)["arms"]) * len(design(file)["epochs"])


@pytest.mark.parametrize("kind", ["Activity", "Encounter", "EligibilityCriterion", "StudyEpoch"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_order_is_told_from_both_sides(file: Path, kind: str) -> None:
    """What has an order names its neighbours on both sides, and says null where there is none."""
    row = every(file, kind)

    assert [one["nextId"] for one in row] == [*(one["id"] for one in row[1:]), None]
    assert [one["previousId"] for one in row] == [None, *(one["id"] for one in row[:-1])]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_timings_give_the_days_and_windows_of_the_visits(file: Path) -> None:
    """Each visit lies as many days from the fixed one as the protocol says, within the protocol's window."""
    study = load_study(file.read_text(), str(file))
    timings = {one["name"]: one for one in every(file, "Timing")}
    fixed = [name for name, one in timings.items() if one["type"]["code"] == "C201358"]

    assert len(fixed) == 1
    assert timings[fixed[0]]["windowLower"] is None
    for visit in study.schedule:
        timing = timings[visit.name]
        assert timing["value"] == f"P{abs(visit.day)}D"
        if visit.window and visit.name != fixed[0]:
            early, late = visit.day - visit.first_day, visit.last_day - visit.day
            assert (timing["windowLower"], timing["windowUpper"]) == (f"P{early}D", f"P{late}D")


def test_a_dose_has_its_number_and_unit() -> None:
    """A dose of cells by weight is told in millions per kilogram, one intervention for each dose level."""
    doses = [one["dose"] for one in every(PROTOCOLS / "NCT05962762.yaml", "Administration")]

    assert [(dose["value"], dose["unit"]["standardCode"]["code"]) for dose in doses] == [
        (1, "C198380"),
        (3, "C198380"),
        (5, "C198380"),
    ]


def test_every_unit_of_a_dose_has_its_term() -> None:
    """Whatever unit a protocol may give a dose in, an export can tell it."""
    for unit in _DOSE_UNITS:
        study = load_study(TEXT.replace("1.0e6 cells/kg", f"1.0e6 {unit}"))
        doses = [one["dose"]["unit"] for one in objects(usdm(study)) if one.get("instanceType") == "Administration"]
        assert doses[0]["standardCode"]["code"] == DOSE_UNITS[unit].code


@pytest.mark.parametrize(
    ("route", "code"),
    [
        ("intradiscal injection", "C38239"),
        ("intratumoral injection", "C38269"),
        ("oral, fasting", "C38288"),
        ("through a hole in a wall", "C38311"),
    ],
)
def test_a_route_in_words_has_its_term(route: str, code: str) -> None:
    """A route that the protocol names in words is exported as CDISC's term, and one that is not clear as unknown."""
    study = load_study(TEXT.replace("route: intravenous infusion", f"route: {route}"))
    given = [one["route"] for one in objects(usdm(study)) if one.get("instanceType") == "Administration"]

    assert given[0]["standardCode"]["code"] == code


VARIANTS = [
    ("    gives: [hUC-MSC injection]\n", ""),
    ("  - visit: D7\n    day: 7\n", "  - visit: D7\n    day: 7\n    anchor: discharge\n"),
    ("record: NCT05962762\n", "record: ChiCTR2000000001\n"),
    ("record: NCT05962762\n", ""),
    ("masking: none", "masking: triple"),
    ("age >= 18 and age < 66", "age >= 18 or age < 66"),
    ("modified_new_york is yes", "sex is female"),
    ("say: Adults from 18 to 65 years at consent", 'say: "Age < 66 & > 17, \U0001f600 <script>"'),
]


@pytest.mark.parametrize(("before", "after"), VARIANTS, ids=[str(number) for number in range(len(VARIANTS))])
def test_other_forms_of_a_protocol_are_valid(before: str, after: str, validator: Draft202012Validator) -> None:
    """A protocol that leaves out or adds what a protocol may is exported to valid JSON as well."""
    assert before in TEXT

    assert list(validator.iter_errors(json.loads(usdm_json(load_study(TEXT.replace(before, after)))))) == []


def test_ages_are_those_of_the_criteria() -> None:
    """An age below 66 is an age of up to 65 completed years."""
    ages = design(PROTOCOLS / "NCT05962762.yaml")["population"]["plannedAge"]

    assert (ages["minValue"]["value"], ages["maxValue"]["value"]) == (18, 65)


def test_a_visit_more_leaves_the_other_ids() -> None:
    """Ids come from names: a visit that is put in changes none of the ids that were there."""
    more = "  - {visit: D2, day: 2, collect: [crp], assumed: a test}\n  - visit: D7\n"
    before, after = usdm(load_study(TEXT)), usdm(load_study(TEXT.replace("  - visit: D7\n", more)))

    added = {one["id"] for one in objects(after) if "id" in one} - {one["id"] for one in objects(before) if "id" in one}
    assert {one["id"] for one in objects(before) if "id" in one} <= {one["id"] for one in objects(after) if "id" in one}
    assert all("d2" in name.lower() for name in added)


def test_names_that_make_one_id_stay_apart() -> None:
    """Names that differ only in what an id cannot hold get ids of their own."""
    study = load_study(TEXT.replace("{name: low,", "{name: μ,").replace("{name: medium,", "{name: λ,"))
    found = [one["id"] for one in objects(usdm(study)) if one.get("instanceType") == "StudyIntervention"]

    assert len(found) == len(set(found)) == 3


def test_export_writes_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`export usdm` writes the file that it is asked for and says so."""
    file, out = FILES[0], tmp_path / "usdm.json"
    monkeypatch.setattr(sys, "argv", ["trialwright", "export", "usdm", str(file), "--out", str(out)])
    with pytest.raises(SystemExit) as left:
        main()

    assert (left.value.code or 0, capsys.readouterr().err) == (0, f"wrote {out}\n")
    assert json.loads(out.read_text()) == exported(file)
