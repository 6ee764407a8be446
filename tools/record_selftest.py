"""Write the vectors of `trialwright selftest` from a folder of published ones: facts alone, each item with its source.

Left out: items that a protocol answers, which are not in the package; vectors of simulations; remarks that change no
answer; the 600,878 states of the CRM in single subjects, which take too long; a mixed model without its data; and the
mean numbers of subjects of Ji et al. 2007 for TPI, which no reading of the rule reproduces
(tests/published/test_tpi.py).

Usage: python tools/record_selftest.py FOLDER, where FOLDER holds clinical.jsonl and designs.jsonl; with `--check` it
only compares.
"""

import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trialwright.analysis.compute import plain, read_json
from trialwright.analysis.design_items import KINDS
from trialwright.clinical.item import ITEMS

DATA = Path(__file__).parents[1] / "src/trialwright/analysis/data/selftest.jsonl"
LEFT_OUT = {"crm_exact_oc-02", "mmrm_unstructured_reml-007"}
REMARKS = {
    *("accrual", "branching", "codes", "columns", "dataset"),
    *("decision_codes", "note", "recipe", "statistic", "units"),
}
"""Inputs that are words for people."""
SHORTER = {"restrict": r"restrict=\w+", "rule": r"\(variant [ABC]\)", "prior": r"N2\(.*\)"}
"""Inputs of which only this part is read."""
HALVES = {"rolling6_table", "boin12_rds_table"}
"""Tables of which every second row is given."""
SOURCES = {
    "3p3_exact": "Storer 1989, Biometrics 45:925; exact kernel, agreeing with R's escalation 0.2.3 and bcrm 0.5.4",
    "3p3_path_count": "Norris 2020, arXiv:2012.05301, and the rows of R's bcrm 0.5.4 threep3",
    "3p3_wheeler_published": "Wheeler et al., AplusB",
    "3p3_escalation_probability": "Storer 1989, Biometrics 45:925, closed form",
    "3p3_degenerate": "certain outcomes, as simFastBOIN tests them",
    "3p3_bcrm_threep3": "R, bcrm 0.5.4, threep3",
    "rolling6_table": "Frankel et al. 2020, JAMA Netw Open 3(5):e204787, Table 2",
    "deterministic_duration": "arithmetic",
    "boin_boundary": "R, BOIN 2.7.2, get.boundary",
    "boin_boundary_extrasafe": "R, BOIN 2.7.2, get.boundary",
    "boin_select_mtd": "R, BOIN 2.7.2, select.mtd; Yan et al. 2020, J Stat Softw 94(13)",
    "boin_exact_oc": "exact enumeration, cross-checked by 1,000,000 simulated trials a row",
    "boin_get_oc_seeded": "R 4.2.2, BOIN 2.7.2, get.oc",
    "boin_trial_example": "Han et al. 2019, page 25",
    "boin12_rds_table": "Lin et al. 2020, JCO Precis Oncol 4:1393, Table 3; R, escalation 0.2.3",
    "boin12_trial_example": "Lin et al. 2020, JCO Precis Oncol 4:1393, supplement, Figure S2",
    "keyboard_boundary": "R, Keyboard 0.1.3, get.boundary.kb",
    "phidesign_keyboard_rules": "R, PhIdesign, get_Keyboard_rules",
    "mtpi_decision_table": "R, escalation 0.2.3, get_mtpi",
    "mtpi2_decision_table": "R, escalation 0.2.3, get_mtpi2",
    "i3p3_decision_table": "R, PhIdesign, get_i33_rules; Liu, Wang and Ji 2020, J Biopharm Stat 30:294",
    "tpi_published_oc": "Ji, Li and Bekele 2007, Clin Trials 4:235, Table 2",
    "tite_boin_table": "Yuan et al. 2018, Clin Cancer Res 24:4921, Tables 1 and S1",
    "beta_binomial_overdose": "R 4.2.2, pbeta",
    "r_mt19937_runif": "R 4.2.2, set.seed and runif",
    "dfcrm_getprior": "R, dfcrm 0.2-2.1, getprior",
    "dfcrm_getprior_logistic": "R, dfcrm 0.2-2.1, getprior",
    "dfcrm_crm": "R, dfcrm 0.2-2.1, crm",
    "dfcrm_titecrm": "R, dfcrm 0.2-2.1, titecrm",
    "crm_exact_oc": "exact dynamic programming, agreeing with R's dfcrm 0.2-2.1",
    "cheung_table_3_2": "Cheung 2011, Dose Finding by the Continual Reassessment Method, Table 3.2",
    "nbg_logistic2": "Neuenschwander, Branson and Gsponer 2008, Stat Med 27:2420, as sampled by R's bcrm",
    "binom_ci": "R, binom 1.1-1.1, binom.confint",
    "simon_two_stage": "R, clinfun 1.1.5, ph2simon; Simon 1989, Control Clin Trials 10:1",
}


def record(folder: Path) -> str:
    """The whole file."""
    lines = []
    for file, key in (("clinical.jsonl", "item"), ("designs.jsonl", "kind")):
        vectors = [read_json(line) for line in (folder / file).read_text().splitlines()]
        known = {"item": ITEMS, "kind": KINDS}[key]
        kept = [vector for vector in vectors if vector[key] in known and vector["id"] not in LEFT_OUT]
        for name in dict.fromkeys(vector[key] for vector in kept):
            source = SOURCES[name] if key == "kind" else source_of(name)
            lines.append({key: name, "source": source})
            lines += [facts(key, vector) for vector in kept if vector[key] == name]
    return "".join(json.dumps(plain(line), ensure_ascii=False) + "\n" for line in lines)


def source_of(item: str) -> str:
    """What an item's docstring says of its source."""
    text = inspect.getdoc(ITEMS[item]) or ""
    found = re.search(r"Source: (.*?)(?:\n\n|\Z)", text, re.DOTALL)
    return re.split(r"\.? (?:Checked|Published|The wording of)", " ".join(found[1].split()))[0] if found else ""


def facts(key: str, vector: dict[str, Any]) -> dict[str, Any]:
    """A vector without what is only said of it."""
    name, margins = vector[key], vector["tolerance"] or {}
    inputs = dict(read_inputs(vector["inputs"]))
    if name in HALVES:
        inputs["rows"] = "0::2"
    expected = vector["expected"]
    if isinstance(expected, dict):
        unmet = {"codes"} | ({"mean_n"} if name == "tpi_published_oc" else set())
        expected = {part: value for part, value in expected.items() if part not in unmet}
    tolerance = margins if key == "item" else {"abs": margins} if margins else {}
    line = {"id": vector["id"], key: name, "inputs": inputs, "expected": expected}
    return line | ({"tolerance": tolerance} if tolerance else {})


def read_inputs(inputs: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The inputs that are facts."""
    for name, value in inputs.items():
        if name in SHORTER and isinstance(value, str):
            found = re.search(SHORTER[name], value)
            if found:
                yield name, found[0]
        elif name == "model" and isinstance(value, str):
            yield name, value.replace("visit as factor, ", "")
        elif name not in REMARKS or not isinstance(value, str):
            yield name, value


def main() -> None:
    """Write the file, or leave with a message when it no longer matches."""
    folders = [word for word in sys.argv[1:] if word != "--check"]
    if len(folders) != 1:
        sys.exit(__doc__)
    text = record(Path(folders[0]))
    if "--check" not in sys.argv:
        DATA.write_text(text, encoding="utf-8")
    elif DATA.read_text(encoding="utf-8") != text:
        sys.exit(f"{DATA} is not what the vectors give now. Mend: python tools/record_selftest.py {folders[0]}")


if __name__ == "__main__":
    main()
