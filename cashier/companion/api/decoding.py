"""Reading what callers send, strictly: what is not understood is refused by its place, never guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from cashier.companion.api.problems import Problem, ProblemKind
from cashier.language import Message, m

T = TypeVar("T")

_DEPTH_MAX = 16
_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `(?P<place>.*)`)?$", re.DOTALL)
_EXACT_FLOAT_MAX = 2**53


def read_body(raw: bytes, content_type: str, type_: type[T]) -> T:
    """Read a JSON body. Raises ``Problem`` that names the field by a JSON pointer."""
    if content_type.split(";", maxsplit=1)[0].strip().lower() != "application/json":
        raise Problem(
            ProblemKind.UNSUPPORTED_MEDIA_TYPE, m("Send the request as JSON, with Content-Type: application/json.")
        )
    return read_json(raw, type_)


def read_json(raw: bytes, type_: type[T]) -> T:
    """Read one JSON value. Raises ``Problem`` that names the field by a JSON pointer."""
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise Problem(ProblemKind.MALFORMED, m("The request is not UTF-8.")) from None
    except (json.JSONDecodeError, RecursionError):
        raise Problem(ProblemKind.MALFORMED, m("The request is not JSON.")) from None
    return _convert(_whole(value, 0), type_, prefix="#", strict=True)


def read_query(pairs: Sequence[tuple[str, str]], type_: type[T]) -> T:
    """Read what stands behind the “?”. Raises ``Problem`` for what is unknown, twice there, or of another form."""
    values = dict(pairs)
    if len(values) != len(pairs):
        twice = next(name for name, _ in pairs if [each for each, _ in pairs].count(name) > 1)
        raise Problem(
            ProblemKind.INVALID,
            m("“{name}” is there twice.", name=twice),
            fields=[(f"?{twice}", m("It is there twice."))],
        )
    return _convert(values, type_, prefix="?", strict=False)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise Problem(ProblemKind.MALFORMED, m("The request says one thing twice."))
    return dict(pairs)


def _refuse_constant(_text: str) -> Any:
    raise Problem(ProblemKind.MALFORMED, m("The request is not JSON."))


def _whole(value: Any, depth: int) -> Any:
    """Turn 1500.0 into 1500, which JSON calls an integer as well."""
    if depth > _DEPTH_MAX:
        raise Problem(ProblemKind.MALFORMED, m("The request is nested too deeply."))
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_FLOAT_MAX:
        return int(value)
    if isinstance(value, Mapping):
        return {name: _whole(each, depth + 1) for name, each in value.items()}
    if isinstance(value, list):
        return [_whole(each, depth + 1) for each in value]
    return value


def _convert(value: Any, type_: type[T], *, prefix: str, strict: bool) -> T:
    try:
        return msgspec.convert(value, type_, strict=strict)
    except (msgspec.ValidationError, OverflowError) as error:
        found = _PLACE.match(str(error))
        what, place = (found["what"], found["place"] or "") if found else (str(error), "")
        pointer = prefix + _pointer_of(place, prefix)
        raise Problem(
            ProblemKind.INVALID,
            m("“{field}” is not as it should be.", field=pointer),
            fields=[(pointer, _said(what))],
        ) from None


def _pointer_of(place: str, prefix: str) -> str:
    """Turn ``$.invoices[0].amount`` into ``/invoices/0/amount``; in a query, into the name alone."""
    steps = re.findall(r"\.([^.\[\]]+)|\[([^\]]*)\]", place)
    names = [name or index for name, index in steps]
    if prefix == "?":
        return ".".join(names)
    return "".join(f"/{each.replace('~', '~0').replace('/', '~1')}" for each in names)


def _said(what: str) -> Message:
    """Say what is wrong in the caller's language; what it should have been stays in the words of types."""
    missing = re.match(r"Object missing required field `(.+)`", what)
    if missing:
        return m("“{name}” is missing.", name=missing[1])
    unknown = re.match(r"Object contains unknown field `(.+)`", what)
    if unknown:
        return m("“{name}” is not known here.", name=unknown[1])
    expected = re.match(r"Expected `(.+?)`(?:, got `(.+)`)?", what)
    if expected and expected[2]:
        return m("It should be {expected}, and is {found}.", expected=expected[1], found=expected[2])
    return m("It should be otherwise: {reason}", reason=what)
