"""The phases that a protocol may have: those of the registry and of CDISC, from the file to the export."""

import json
from typing import get_args

import pytest

from tests.conductor import TEXT
from trialwright.exchange.usdm import usdm_json
from trialwright.exchange.usdm_codes import PHASES
from trialwright.protocol.editor_schema import editor_schema
from trialwright.protocol.explain import explain
from trialwright.protocol.file import load_study, read_study
from trialwright.protocol.study import Phase
from trialwright.registry import vocabulary

REGISTERED = [
    ["EARLY_PHASE1"], ["PHASE1"], ["PHASE1", "PHASE2"], ["PHASE2"], ["PHASE2", "PHASE3"], ["PHASE3"], ["PHASE4"],
    ["NA"],
]  # fmt: skip
"""Every phase, and every two of them, that a record of ClinicalTrials.gov can have."""


@pytest.mark.parametrize("phase", get_args(Phase))
def test_every_phase_is_read_explained_and_exported(phase):
    """A protocol of any phase is read without a finding, says its phase in its prose, and exports CDISC's term."""
    text = TEXT.replace("phase: Phase 1\n", f"phase: {phase}\n")
    study, source = read_study(text)
    [design] = json.loads(usdm_json(load_study(text)))["study"]["versions"][0]["studyDesigns"]

    assert study is not None, source.findings
    assert study.phase == phase
    assert f"| Phase | {phase} |" in explain(study)
    assert f"This {study.kind} studies" in explain(study)
    assert design["studyPhase"]["standardCode"]["code"] == PHASES[phase].code


def test_every_phase_of_the_registry_is_one_of_a_protocol():
    """Whatever phase a record has, a protocol can have it under the name that the registry prints."""
    assert sorted(phase for phase in map(vocabulary.phases, get_args(Phase)) if phase in REGISTERED) == sorted(
        REGISTERED
    )


def test_a_phase_that_does_not_exist_is_refused_with_those_that_do():
    """An unknown phase is one finding at its line, which lists the phases; the schema for editors has the same."""
    study, source = read_study(TEXT.replace("phase: Phase 1\n", "phase: Phase 7\n"))
    [finding] = source.findings

    assert study is None
    assert finding.line == TEXT.splitlines().index("phase: Phase 1") + 1
    assert "Phase 2/Phase 3" in finding.what
    assert editor_schema()["properties"]["phase"]["enum"] == list(get_args(Phase))
    assert set(PHASES) == set(get_args(Phase))
