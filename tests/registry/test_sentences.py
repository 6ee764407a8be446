"""Sentences are counted by a fixed rule, and no character is lost between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.registry import sentences


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One dose. Two doses.", ("One dose.", "Two doses.")),
        ("Given 1.5 mg/kg. Then 2 mg.", ("Given 1.5 mg/kg.", "Then 2 mg.")),
        ("Drugs (e.g. Inventine) help. Done.", ("Drugs (e.g. Inventine) help.", "Done.")),
        ("Drugs, gels, etc. In addition, rest.", ("Drugs, gels, etc.", "In addition, rest.")),
        ("Made by Nil Co., Ltd. It works.", ("Made by Nil Co., Ltd. It works.",)),
        ("In phase 2. The rest follows.", ("In phase 2.", "The rest follows.")),
        ("Negative for hepatitis B. Adults.", ("Negative for hepatitis B.", "Adults.")),
        ("Test. 1. First rule; 2. Second rule. End.", ("Test.", "1. First rule;", "2. Second rule.", "End.")),
        ('He said "stop." Then left.', ('He said "stop."', "Then left.")),
        ("Really? Yes! ok.", ("Really?", "Yes! ok.")),
        ("First line\nsecond line", ("First line", "second line")),
        ("It ends. ;", ("It ends. ;",)),
        ("", ()),
    ],
)
def test_where_a_sentence_ends(text, found):
    """A sentence ends where the rule says so, and neither at a decimal, nor an abbreviation, nor a list mark."""
    assert sentences(text) == found


@given(st.text(alphabet='aB1. ;!?()"\n', max_size=60))
def test_no_character_is_lost(text):
    """All that is not white space stands in the sentences, in order."""
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
