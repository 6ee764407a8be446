"""The JSON Schema of the protocol file, for editors: it accepts the files whose form `check` accepts.

A protocol file is read as text, so that `1.0` keeps its digits and `yes` stays a word. An editor reads YAML's numbers
and truth values instead: wherever text may stand, the schema accepts them too, and a number may stand in quotes.
"""

from __future__ import annotations

import re
from typing import Any

from trialwright.protocol.study import Study

_NUMERIC_TEXT = {
    "integer": r"^\s*[+-]?[0-9]+(\.0+)?\s*$",
    "number": r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$",
}
_TRUTH_WORDS = ("true", "false", "yes", "no", "on", "off", "y", "n", "t", "f", "1", "0")
_ATTRIBUTE = re.compile(r"^    (\w+): ((?:.|\n(?! {4}\w+: ))*)", re.MULTILINE)


def editor_schema() -> dict[str, Any]:
    """Make the schema, JSON Schema draft 2020-12.

    Returns:
        Plain data; each part is described by the words of its own documentation.
    """
    schema = Study.model_json_schema(by_alias=True)
    for part in (schema, *schema["$defs"].values()):
        _describe(part)
    widened = _widened(schema)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:trialwright:protocol:1",
        "title": "Trialwright protocol",
    }
    return {**head, **{key: value for key, value in widened.items() if key not in head}}


def _describe(part: dict[str, Any]) -> None:
    """Split a class's documentation: its sentences to the part, its attributes to the properties."""
    text, _, attributes = part.get("description", "").partition("\n\nAttributes:\n")
    if text:
        part["description"] = " ".join(text.split())
    for name, said in _ATTRIBUTE.findall(attributes):
        found = part.get("properties", {}).get(name.replace("_", " "))
        if found is not None:
            found["description"] = " ".join(said.split())


def _widened(node: Any) -> Any:
    """The same schema, where text also takes the numbers and truth values that YAML makes of it, and the reverse."""
    if isinstance(node, list):
        return [_widened(one) for one in node]
    if not isinstance(node, dict):
        return node
    inner = {key: _widened(value) for key, value in node.items()}
    match inner.get("type"):
        case "string" if "enum" not in inner and "const" not in inner and _takes_numbers(inner):
            inner["type"] = ["string", "number", "boolean"]
        case "integer" | "number" as kind:
            del inner["type"]
            about = {key: inner.pop(key) for key in ("title", "description", "default") if key in inner}
            as_text = {"type": "string", "pattern": _NUMERIC_TEXT[kind]}
            return {**about, "anyOf": [{"type": kind, **inner}, as_text]}
        case "boolean":
            del inner["type"]
            spellings = [spelling for word in _TRUTH_WORDS for spelling in (word, word.title(), word.upper())]
            return {**inner, "anyOf": [{"type": "boolean"}, {"enum": [0, 1, *dict.fromkeys(spellings)]}]}
    return inner


def _takes_numbers(schema: dict[str, Any]) -> bool:
    pattern = schema.get("pattern")
    return pattern is None or re.search(pattern, "12345") is not None
