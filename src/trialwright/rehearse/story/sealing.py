"""A throw-away sealed secret for a story of a randomised trial, from a stated seed: its arms are always the same.

It must never seal a trial with real subjects: whoever reads the story can compute every arm.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from trialwright.conduct import Secret
from trialwright.errors import InputError
from trialwright.protocol.file import load_study, read_source
from trialwright.protocol.study import Study

_KEYS = frozenset({"seed", "method", "sizes"})


def throw_away(study: Study, protocol: str, said: Any) -> tuple[Secret, str, Study]:
    """Make the secret of a story.

    Args:
        study: The study, whose subjects are randomised.
        protocol: The text of its protocol.
        said: What the story says: `{seed: 7, sizes: [4, 8]}`, or `{seed: 7, method: minimisation}`.

    Returns:
        The secret, the protocol's text with its commitment, and the study of that text.

    Raises:
        InputError: Nobody is randomised in the study, or what is said is not of this form.
    """
    allocation = study.allocation
    if allocation is None or allocation.method != "randomised":
        raise InputError(f"nobody is randomised in {study.id}, so nothing is sealed; remove the key")
    if not isinstance(said, Mapping) or "seed" not in said or set(said) - _KEYS:
        raise InputError(f"what is sealed is said by {', '.join(sorted(_KEYS))}, of which seed must be there")
    total = sum(allocation.ratio.values())
    blocks = said.get("method", "permuted blocks") == "permuted blocks"
    try:
        secret = Secret(
            study=study.id,
            method=said.get("method", "permuted blocks"),
            sizes=said.get("sizes", (total, 2 * total)) if blocks else (),
            seed=_digits("seed", said["seed"]),
            key=_digits("key", said["seed"]),
        )
    except ValidationError as fault:
        raise InputError("; ".join(one["msg"] for one in fault.errors(include_url=False))) from None
    text = _committed(protocol, secret.commitment)
    return secret, text, load_study(text, "the protocol")


def _digits(what: str, seed: Any) -> str:
    return sha256(f"story {what} {seed}".encode()).hexdigest()


def _committed(protocol: str, commitment: str) -> str:
    """The protocol's text with a commitment in its allocation, in place of the one it has."""
    source, lines = read_source(protocol), protocol.splitlines()
    old = source.data["allocation"].get("commitment")
    if old:
        place = source.line(("allocation", "commitment")) - 1
        lines[place] = lines[place].replace(old, commitment)
        return "\n".join(lines) + "\n"
    first = source.line(("allocation",))
    before, brace, after = lines[first - 1].partition("{")
    if brace and before.strip() == "allocation:":
        lines[first - 1] = f"{before}{{commitment: {commitment}, {after}"
    else:
        indent = len(lines[first]) - len(lines[first].lstrip())
        lines.insert(first, f"{' ' * indent}commitment: {commitment}")
    return "\n".join(lines) + "\n"
