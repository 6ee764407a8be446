"""Slips of the pen that stand in registered records, each with the word that was meant.

Collected from 1,600 records of ClinicalTrials.gov: words that a handful of records have, and that one letter parts from
a word which many have; other English spellings and words with a meaning of their own were left out by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SLIPS = """
abnormaility abnormality, abscence absence, adequte adequate, adminstration administration, allogieneic allogeneic,
approporiate appropriate, aquired acquired, arrythmia arrhythmia, arthtritis arthritis, assesment assessment,
assessement assessment, assocition association, autoimmue autoimmune, bilogical biological, cardaic cardiac,
childern children, chornic chronic, classfication classification, cliical clinical, clinicallly clinically,
colection collection, concommitant concomitant, continous continuous, controled controlled, copys copies,
corticoesteroid corticosteroid, criteia criteria, diesase disease, disablity disability, effectivness effectiveness,
effiicacy efficacy, endrocrine endocrine, enrollement enrollment, evalaution evaluation, filteration filtration,
fuction function, heapatic hepatic, heaptitis hepatitis, hematopoetic hematopoietic, hemtological hematological,
hhepatitis hepatitis, hpatitis hepatitis, immunodeficieny immunodeficiency, inejction injection, infectcion infection,
inflamation inflammation, inflamatory inflammatory, inihibitor inhibitor, internationla international,
kellegren kellgren, maxium maximum, measeure measure, melitus mellitus, mensenchymal mesenchymal,
mesechymal mesenchymal, mesnchymal mesenchymal, mestastatic metastatic, muliticenter multicenter, objetive objective,
osteoarthrits osteoarthritis, paralel parallel, patinets patients, peregnancy pregnancy, perfomed performed,
pnumonia pneumonia, postive positive, pregancy pregnancy, preivious previous, prinicipal principal,
progresion progression, progressiona progression, refracotry refractory, requiering requiring, signifcant significant,
signifcantly significantly, squmous squamous, steriod steroid, thorugh through, tolearability tolerability,
trasnplanted transplanted, trasplant transplant, trasplantation transplantation, treament treatment,
treatement treatment, trombosis thrombosis, uncontroled uncontrolled, volauntarily voluntarily
"""
_MEANT = dict(pair.split() for pair in _SLIPS.split(","))
_WORD = re.compile(r"[a-z]{5,}", re.IGNORECASE)
_SPLIT_NAME = re.compile(r"\balkaline: phosphatase", re.IGNORECASE)


def slips(text: str) -> Iterator[tuple[str, str]]:
    """Each slip of a text once, with the word that was meant.

    >>> list(slips("the maxium tolerated dose"))
    [('maxium', 'maximum')]
    """
    for word in dict.fromkeys(_WORD.findall(text)):
        if meant := _MEANT.get(word.casefold()):
            yield word, meant
    if match := _SPLIT_NAME.search(text):
        yield match[0], "alkaline phosphatase"
