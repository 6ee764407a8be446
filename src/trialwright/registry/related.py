"""A source's own list of related trials, judged: what each shares with the record by its title, best first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

from trialwright.registry.lint_names import CODE, codes_alike
from trialwright.registry.reading import EXTENSION, Finding, Reading, items_at, text_at, value_at
from trialwright.registry.vocabulary import unescape

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_CELLS = re.compile(r"\b(?:stem|stromal) cells?\b|\b\w*MSCs?\b", re.IGNORECASE)
_ACRONYM = re.compile(r"\(([A-Z]{2,6})\)")
_GENERAL = frozenset(
    re.findall(
        r"\S+",
        """a about active activity after aim alone also among an and approach are as assess assessment at based be been
    both by clinical combined comparison controlled different disease diseases dose doses double-blind due during effect
    effectiveness effects efficacy evaluate evaluation evaluating for from goal group has have human in incidence into
    intravenous is its long-term mild moderate multicenter multiple new not of on open-label or outcome outcomes over
    participants patients phase pilot placebo placebo-controlled prevalence quality randomized response results safe
    safety severe single study subjects symptoms term than that the their therapeutic therapy this to tolerability
    treat treated treating treatment trial trials type used using versus was were which who will with without
    adult allogeneic autologous cell cells cord cord-derived cultured derived human infusion injection mesenchymal stem
    stromal suspension transplantation umbilical""",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A trial of the source's list, with the words of its title that the record shares.

    `product` is what of the record's interventions the title names, `condition` what of its disease; either is empty
    where the title names none.
    """

    nct_id: str
    title: str
    product: str
    condition: str

    @property
    def reason(self) -> str:
        """Why it is related, in words."""
        shared = [f"the same product ({self.product})"] * bool(self.product)
        shared += [f"the same condition ({self.condition})"] * bool(self.condition)
        return " and ".join(shared) or "nothing in common by its title"


def relations(reading: Reading) -> tuple[Relation, ...]:
    r"""The trials that the source lists as related, those with the same product first, then those of its condition.

    Only titles are compared, since the list has no more. A product is named by a word of the record's interventions,
    or by being cells as they are; a condition by a phrase of two words of the record, or by its acronym.

    Example:
        >>> from trialwright.registry.read import read_record
        >>> page = "Stem Cells in Painful Gout\nNCT ID: NCT00000001\nRelated Clinical Trials\nTea in Gout\nNCT00000002"
        >>> [relation.reason for relation in relations(read_record(page + "\nConditions\nGout"))]
        ['the same condition (gout)']
    """
    listed = items_at(reading.record, f"{EXTENSION}.relatedTrials")
    if not listed:
        return ()
    own, products = _own(reading), _products(reading)
    conditions = sorted(_conditions(reading), key=lambda phrase: (-len(phrase), phrase))
    found = []
    for trial in listed:
        number, title = str(trial.get("nctId", "")), unescape(str(trial.get("title", "")))
        condition = next((phrase for phrase in conditions if _names(title, phrase)), "")
        named = _product(own, title, products)
        found.append(Relation(nct_id=number, title=title, product=named, condition=condition))
    return tuple(sorted(found, key=lambda relation: (not relation.product, not relation.condition)))


def _product(own: str, title: str, products: set[str]) -> str:
    codes = product(CODE.findall(own), CODE.findall(title))
    pairs = (f"{one}, perhaps {other}" for one, other in codes if codes_alike(one, other))
    cells = _CELLS.search(title) if _CELLS.search(own) else None
    return next(pairs, "") or (cells[0].lower() if cells else next(iter(sorted(products & set(_words(title)))), ""))


def _own(reading: Reading) -> str:
    return unescape(
        "\n".join(
            (
                text_at(reading.record, "identificationModule.briefTitle"),
                *map(str, value_at(reading.record, "conditionsModule.conditions") or ()),
                *(str(each.get("name", "")) for each in _interventions(reading)),
                text_at(reading.record, "descriptionModule.briefSummary"),
            )
        )
    )


def _interventions(reading: Reading) -> list[dict[str, Any]]:
    return items_at(reading.record, "armsInterventionsModule.interventions")


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _products(reading: Reading) -> set[str]:
    names = " ".join(str(each.get("name", "")) for each in _interventions(reading))
    condition = set(_words(" ".join(map(str, value_at(reading.record, "conditionsModule.conditions") or ()))))
    return {word for word in _words(names) if len(word) > 4 and word not in _GENERAL} - condition - {"saline"}


def _conditions(reading: Reading) -> set[str]:
    text = _own(reading)
    stated = {str(each).lower() for each in value_at(reading.record, "conditionsModule.conditions") or ()}
    phrases = {f"{one} {two}" for one, two in pairwise(_words(text)) if not {one, two} & _GENERAL}
    products = _products(reading)
    given = {phrase for phrase in phrases if _CELLS.search(phrase) or set(phrase.split()) & products}
    described = f"{text}\n{unescape(text_at(reading.record, 'descriptionModule.detailedDescription'))}"
    acronyms = {
        match[1]
        for match in _ACRONYM.finditer(described)
        if any(f"{phrase} ({match[1].lower()})" in described.lower() for phrase in phrases - given)
    }
    return stated | phrases - given | acronyms


def _names(title: str, phrase: str) -> bool:
    if phrase.isupper():
        return bool(re.search(rf"\b{phrase}\b", title))
    return f" {phrase} " in f" {' '.join(_words(title))} "


def unrelated_in_list(reading: Reading) -> Iterator[Finding]:
    """C33: a list of related trials that has only the disease in common, or nothing."""
    found = relations(reading)
    only = [relation.nct_id for relation in found if relation.condition and not relation.product]
    none = [relation.nct_id for relation in found if not relation.condition and not relation.product]
    said = [f"{len(only)} by condition alone ({', '.join(only)})"] * bool(only)
    said += [f"{len(none)} by nothing that their titles say ({', '.join(none)})"] * bool(none)
    if said:
        yield Finding(
            rule="C33",
            severity="note",
            place="related trials",
            what=f"of {len(found)} listed trials {' and '.join(said)}",
            why="the list is the page's own and has no reason in it; another product says little of this one",
            mend="nothing to do; the description ranks them by what they share",
        )
