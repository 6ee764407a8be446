"""Posted results: the same in every format of the registry, nothing lost, shown as tables; of a page, its words."""

import json
from copy import deepcopy
from xml.etree import ElementTree as ET

import pytest

from tests.registry.pages import RECORD
from tests.registry.posted import PRINTED, RESULTS, V1, XML
from tests.registry.print_a import page_a
from tests.registry.print_b import page_b
from tests.registry.test_read import placed_lines, words_of
from trialwright.registry import describe, read_record, to_json
from trialwright.registry.api_v1_sections import put_sections
from trialwright.registry.classic_tree import leaves_of, nodes_at, tree_of
from trialwright.registry.classic_xml import read_xml
from trialwright.registry.older import OlderRecord
from trialwright.registry.reading import value_at

CODES = words_of(
    "overall measure class participants standard deviation count of mean error the sided total all cause mortality "
    "serious other adverse events systematic non assessment least squares geometric full range superiority or number "
    "median inter quartile confidence interval"
)
"""Words of terms that the record carries as codes, of totals, and of what the place of a number says."""


def with_results():
    """The invented study of the API v2 with its results."""
    return deepcopy(RECORD) | {"hasResults": True, "resultsSection": deepcopy(RESULTS)}


def test_results_of_the_api_v2_come_out_as_they_went_in():
    """The results of a study of the API v2 stand in the written reading unchanged."""
    written = json.loads(json.dumps(to_json(read_record(json.dumps(with_results())))))

    assert written["record"]["resultsSection"] == RESULTS
    assert written["record"]["hasResults"] is True


def test_results_of_the_api_v1_have_the_names_of_the_api_v2():
    """The results of a study of the API v1 are those of the API v2, numbers and codes included."""
    study = {"ProtocolSection": {"IdentificationModule": {"NCTId": "NCT09999901"}}, "ResultsSection": V1}
    reading = read_record(json.dumps(study))

    assert reading.record["resultsSection"] == {name: RESULTS[name] for name in reading.record["resultsSection"]}
    assert len(reading.record["resultsSection"]) == len(V1)
    assert reading.record["hasResults"] is True


def test_results_of_the_classic_xml_have_the_names_of_the_api_v2():
    """The results of a classic record are those of the API v2; events have what their list states for all."""
    text = f"<clinical_study><id_info><nct_id>NCT09999901</nct_id></id_info>{XML}</clinical_study>"
    reading = read_record(text)

    assert reading.record["resultsSection"] == RESULTS
    assert value_at(reading.record, "trialwright.otherSections") is None


def test_what_results_cannot_have_is_kept_and_said():
    """An element that results never had, and a statistic that the registry does not know, are kept as text."""
    odd = XML.replace("<param>Mean</param>", "<param>Guess</param><oddity>why</oddity>")
    reading = read_record(f"<clinical_study><id_info><nct_id>NCT09999901</nct_id></id_info>{odd}</clinical_study>")
    kept = {each["text"]: each["heading"] for each in value_at(reading.record, "trialwright.otherSections")}

    assert kept["why"].endswith("measure.oddity")
    assert kept["Guess"].endswith("measure param")
    assert [finding.rule for finding in reading.findings if "Guess" in finding.what] == ["K02"]


def test_results_are_shown_as_tables():
    """The text of a reading has a table for each period, measure and kind of event, and no contact."""
    text = describe(read_record(json.dumps(with_results())))

    assert "    Overall Study\n                         P1  P2\n      STARTED            12  11" in text
    assert "      all  46.1 (12.3)" in text
    assert "      Week 12 / All joints    -1.2 (-2.0 to NA)" in text
    assert "analysis of O1, O2: Mean Difference (Net) -0.6 (95 % CI -1.1 to -0.1); p 0.03, ANCOVA" in text
    assert "      other events         not stated" in text
    assert "Pneumonia [Infections and infestations]  1/12" in text
    assert "Head of nothing" not in text


@pytest.mark.parametrize(
    ("said", "shown"), [(True, "lost: this source says that they are posted"), (False, "none posted"), (None, "absent")]
)
def test_results_that_are_not_there_are_not_simply_empty(said, shown):
    """Results that are posted elsewhere, not posted, or not spoken of are told apart."""
    text = describe(read_record(json.dumps(RECORD | ({} if said is None else {"hasResults": said}))))

    assert shown in text.partition("Posted results")[2].replace("says that none are posted", "none posted")


@pytest.mark.parametrize("page", [page_a(RECORD), page_b(), page_b(labels=False)], ids=["A", "B", "B, compact"])
def test_a_page_that_prints_results_keeps_every_word_under_its_module(page):
    """Printed results are kept under their modules, wherever they stand, and the rest reads as without them."""
    lines = page.split("\n")
    for at in (len(lines), next(at for at, line in enumerate(lines) if line in {"Intervention", "Interventions"})):
        reading = read_record("\n".join([*lines[:at], "", *PRINTED.split("\n"), *lines[at:]]))
        record = deepcopy(reading.record)
        posted = record["trialwright"].pop("postedResults")

        assert [each["module"].removesuffix("Module") for each in posted] == [
            "participantFlow", "baselineCharacteristics", "outcomeMeasures", "adverseEvents", "moreInfo", "moreInfo",
        ]  # fmt: skip
        assert words_of(PRINTED) <= words_of(posted)
        assert record.pop("hasResults") is True
        assert record == read_record(page).record
        assert "K07" in {finding.rule for finding in reading.findings}
        assert len(placed_lines(reading)) == len([line for line in (*lines, *PRINTED.split("\n")) if line.strip()])
        assert "Pneumonia 1/12 (8.33%)" in " ".join(describe(reading).split())


def test_an_outcome_called_adverse_events_is_no_results():
    """A heading of results alone, without the flow of participants and the outcome measures, is text of its section."""
    page = page_b().replace("Joint Pain", "Joint Pain\nAdverse Events")

    assert "postedResults" not in read_record(page).record["trialwright"]


def test_every_name_of_the_registrys_data_model(shared):
    """Each field of a section other than the protocol gets, from its older name, the name that the API v2 gives it."""
    model = json.loads((shared / "standards" / "ctgov" / "studies_metadata.json").read_text())
    sections = [node for node in model if node["name"] in {"resultsSection", "documentSection", "annotationSection"}]
    older = OlderRecord("API v1")
    put_sections(older, {node["piece"]: _older(node) for node in sections})

    assert {node["name"]: older.record[node["name"]] for node in sections} == {
        node["name"]: _newer(node) for node in sections
    }


SAMPLES = {"boolean": ("Yes", True), "integer": ("3", 3), "NormalizedDate": ("May 2, 2027", "2027-05-02")}
TERMS = {
    "MeasureParam": ("Least Squares Mean", "LEAST_SQUARES_MEAN"),
    "MeasureDispersionType": ("97.5% Confidence Interval", "CONFIDENCE_975"),
    "OutcomeMeasureType": ("Other Pre-specified", "OTHER_PRE_SPECIFIED"),
    "ReportingStatus": ("Not Posted", "NOT_POSTED"),
    "AnalysisDispersionType": ("Standard Error of the Mean", "STANDARD_ERROR_OF_MEAN"),
    "ConfidenceIntervalNumSides": ("1-Sided", "ONE_SIDED"),
    "NonInferiorityType": ("Superiority or Other (legacy)", "SUPERIORITY_OR_OTHER_LEGACY"),
    "EventAssessment": ("Non-systematic Assessment", "NON_SYSTEMATIC_ASSESSMENT"),
    "AgreementRestrictionType": ("LTE60", "LTE60"),
    "UnpostedEventType": ("Release", "RELEASE"),
    "ViolationEventType": ("Violation Identified", "VIOLATION_IDENTIFIED"),
    "PartialDate": ("May 2027", "2027-05"),
}


def _older(node):
    if "children" not in node:
        return (SAMPLES | TERMS).get(node["type"], ("text", "text"))[0]
    below = {}
    for child in node["children"]:
        entry = _older(child)
        is_list = child["type"].endswith("[]")
        below |= {f"{child['piece']}List": {child["piece"]: [entry]}} if is_list else {child["piece"]: entry}
    return below


def _newer(node):
    if "children" not in node:
        return (SAMPLES | TERMS).get(node["type"], ("text", "text"))[1]
    return {
        child["name"]: [_newer(child)] if child["type"].endswith("[]") else _newer(child) for child in node["children"]
    }


def test_no_word_of_real_results_is_lost(shared):
    """Each word of the results of real classic records is in the record, or belongs to a term that is a code there."""
    texts = [path.read_text() for path in sorted((shared / "registry" / "ctgov_xml").glob("*.xml"))]
    found = [text for text in texts if "<clinical_results>" in text]
    for text in found:
        results = nodes_at(tree_of(ET.fromstring(text)), "clinical_results")  # noqa: S314
        words = {word for path, leaf in leaves_of(results) if "agreements" not in path for word in words_of(leaf)}
        assert words - words_of(read_xml(text, "x.xml")[0]) <= CODES

    assert len(found) >= 18


@pytest.mark.parametrize(
    "results",
    [
        [],
        {"adverseEventsModule": {"eventGroups": [1, {"id": {}}], "seriousEvents": [{"stats": 3}, {"stats": [{}]}]}},
        {"participantFlowModule": 7, "moreInfoModule": {"certainAgreement": []}},
        {
            "outcomeMeasuresModule": {
                "outcomeMeasures": [{"groups": "x", "analyses": [{"groupIds": 1}], "classes": [[]]}]
            }
        },
    ],
)
def test_odd_results_are_described(results):
    """Results whose parts have any type are described."""
    assert describe(read_record(json.dumps({"protocolSection": {}, "resultsSection": results})))
