"""A classic record as a tree: elements by their tag, whether it came as XML or in ctrdata's JSON."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

Tree = Mapping[str, Any]

TEXT, ATTRIBUTES = "#text", "@attributes"
_OWN_TEXT = (TEXT, "_")


def tree_of(element: ET.Element) -> dict[str, Any]:
    """An element of XML as a tree."""
    found: dict[str, Any] = {ATTRIBUTES: dict(element.attrib), TEXT: element.text or ""}
    for child in element:
        found.setdefault(child.tag, []).append(tree_of(child))
    return found


def nodes_at(node: object, path: str) -> list[Any]:
    """The nodes at a path, the node itself at an empty one.

    An entry that stands alone may come without its list, an empty one as an empty object.
    """
    found: list[Any] = [node]
    for tag in filter(None, path.split(".")):
        below = [each[tag] for each in found if isinstance(each, Mapping) and tag in each]
        found = [entry for each in below for entry in (each if isinstance(each, list) else [each]) if entry != {}]
    return found


def texts_at(node: object, path: str) -> list[str]:
    """The texts at a path, or the attributes where its last step begins with `@`; empty ones are left out."""
    steps, _, name = path.partition("@")
    found = nodes_at(node, steps.rstrip("."))
    texts = [attribute_of(each, name) if name else text_of(each) for each in found]
    return [text for text in texts if text.strip()]


def text_of(node: object) -> str:
    """The text of one element, without that of the elements in it."""
    if not isinstance(node, Mapping):
        return str(node)
    return next((str(node[key]) for key in _OWN_TEXT if key in node), "")


def attribute_of(node: object, name: str) -> str:
    """An attribute of one element; ctrdata's JSON may keep it like an element."""
    attributes = node.get(ATTRIBUTES, node) if isinstance(node, Mapping) else {}
    found = attributes.get(name, "") if isinstance(attributes, Mapping) else ""
    return found if isinstance(found, str) else ""


def leaves_of(node: object, path: str = "", without: Container[str] = ()) -> Iterator[tuple[str, str]]:
    """Every text in an element with its path; an attribute's last step begins with `@`, some paths are left out.

    >>> list(leaves_of({"a": [{"@attributes": {"id": "1"}, "#text": "x"}], "b": "y", "c": "z"}, without={"c"}))
    [('a.@id', '1'), ('a', 'x'), ('b', 'y')]
    """
    if path in without:
        return
    if isinstance(node, Mapping):
        for tag, below in node.items():
            if tag in _OWN_TEXT:
                yield from leaves_of(below, path, without)
            elif tag == ATTRIBUTES and isinstance(below, Mapping):
                yield from ((f"{path}.@{name}".lstrip("."), str(text)) for name, text in below.items())
            else:
                yield from leaves_of(below, f"{path}.{tag}".lstrip("."), without)
    elif isinstance(node, list):
        for each in node:
            yield from leaves_of(each, path, without)
    elif node is not None and str(node).strip():
        yield path, str(node)
