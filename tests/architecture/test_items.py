"""Every item tells what a reader at a bedside asks of it."""

import inspect
import re

import pytest

from trialwright.analysis.compute import ITEMS


@pytest.mark.parametrize("name", sorted(ITEMS))
def test_an_item_is_documented(name):
    """An item's docstring names every input, says what is refused, shows an example, and gives a source with a year."""
    told = inspect.getdoc(ITEMS[name]) or ""
    source = told.partition("Source:")[2]

    for part in inspect.signature(ITEMS[name]).parameters:
        assert re.search(rf"^\s+{part}: \S", told, re.MULTILINE), part
    assert "Raises:" in told
    assert ">>> " in told
    assert re.search(r"\b(17|18|19|20)\d\d\b", source)
    assert "tests/" in source
