"""The answer to a message: ACK with what became of it, and of what is wrong the place and the kind, no data."""

from __future__ import annotations

import re
from datetime import UTC

from cashier.clock import now
from cashier.hl7.codes import UTF_8
from cashier.hl7.inbox import Taken
from cashier.identifiers import random_letters

_ESCAPES = str.maketrans(
    {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\r": " ", "\n": " "}
)
_PLACE = re.compile(r"([A-Z0-9]{3})(?:\[(\d+)\])?(?:-(\d+))?", re.ASCII)


def code_of(taken: Taken) -> str:
    """Return AA (taken in), AE (its content cannot be taken in) or AR (it is not for us)."""
    if taken.problem is None:
        return "AA"
    return "AR" if taken.problem.is_rejected else "AE"


def acknowledgement(taken: Taken) -> bytes:
    """Write the answer, in UTF-8, with the standard separators."""
    envelope, problem = taken.envelope, taken.problem
    moment = now().astimezone(UTC).strftime("%Y%m%d%H%M%S+0000")
    trigger = envelope.kind.partition("^")[2]
    header = "|".join([
        "MSH", "^~\\&", _escaped(envelope.receiving_application), _escaped(envelope.receiving_facility),
        _escaped(envelope.application), _escaped(envelope.facility), moment, "",
        "^".join(["ACK", _escaped(trigger), "ACK"]) if trigger else "ACK", random_letters(20),
        _escaped(envelope.processing_id) or "P", _escaped(envelope.version) or "2.5.1", "", "", "", "", "",
        UTF_8,
    ])  # fmt: skip
    said = "" if problem is None else _escaped(problem.words.english)
    segments = [header, f"MSA|{code_of(taken)}|{_escaped(envelope.control_id)}|{said}".rstrip("|")]
    if problem is not None:
        kind = f"{problem.code.number}^{problem.code.title}^HL70357"
        segments.append(f"ERR||{_place(problem.at)}|{kind}|E||||{said}")
    return "".join(f"{segment}\r" for segment in segments).encode()


def _place(at: str) -> str:
    """Write a place as HL7 does: segment, which of them, field."""
    found = _PLACE.fullmatch(at)
    return "" if found is None else "^".join(filter(None, (found[1], found[2] or "1", found[3])))


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)
