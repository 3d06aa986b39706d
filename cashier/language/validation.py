"""What is wrong with a field that another system sent, in the reader's language.

msgspec says it in English; its common sentences are known here, and others are shown as they are.
https://jcristharif.com/msgspec/usage.html#validation
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cashier.language.message import Message, m, mc, verbatim

_KINDS: Mapping[str, Message] = {
    "str": mc("kind of a field", "text"),
    "int": mc("kind of a field", "a whole number"),
    "float": mc("kind of a field", "a number with decimals"),
    "bool": mc("kind of a field", "true or false"),
    "null": mc("kind of a field", "nothing (null)"),
    "array": mc("kind of a field", "a list"),
    "object": mc("kind of a field", "an object"),
    "date": mc("kind of a field", "a date"),
}
_PLACE = r"(?: - at `\$\.?(?P<place>[^`]*)`)?"
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]*)`" + _PLACE)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>[^`]*)`" + _PLACE)
_KIND = re.compile(r"Expected `(?P<wanted>[^`]*)`, got `(?P<found>[^`]*)`" + _PLACE)
_DATE = re.compile(r"Invalid RFC3339 encoded date" + _PLACE)
_LONG = re.compile(r"Expected `str` of length <= (?P<most>\d+)" + _PLACE)
_SHORT = re.compile(r"Expected `(?:str|array)` of length >= (?P<least>\d+)" + _PLACE)
_SMALL = re.compile(r"Expected `int` >= (?P<least>-?\d+)" + _PLACE)
_LARGE = re.compile(r"Expected `int` <= (?P<most>-?\d+)" + _PLACE)


def in_words(reason: str) -> Message:
    """Say ``reason``, a sentence of msgspec, as a part of a sentence."""
    if found := _MISSING.fullmatch(reason):
        return m("{field} is missing", field=_field(found))
    if found := _UNKNOWN.fullmatch(reason):
        return m("{field} is not known", field=_field(found))
    if found := _KIND.fullmatch(reason):
        wanted = _KINDS.get(found["wanted"], verbatim(found["wanted"]))
        given = _KINDS.get(found["found"], verbatim(found["found"]))
        return m("{field} has to be {wanted}, not {given}", field=_place(found), wanted=wanted, given=given)
    if found := _DATE.fullmatch(reason):
        return m("{field} is no date such as 2026-11-02", field=_place(found))
    if found := _LONG.fullmatch(reason):
        return m("{field} is longer than {most} characters", field=_place(found), most=int(found["most"]))
    if found := _SHORT.fullmatch(reason):
        return m("{field} is empty, or has fewer than {least}", field=_place(found), least=int(found["least"]))
    if found := _SMALL.fullmatch(reason):
        return m("{field} is less than {least}", field=_place(found), least=int(found["least"]))
    if found := _LARGE.fullmatch(reason):
        return m("{field} is more than {most}", field=_place(found), most=int(found["most"]))
    return verbatim(reason)


def _place(found: re.Match[str]) -> Message:
    return verbatim(found["place"]) if found["place"] else m("the whole line")


def _field(found: re.Match[str]) -> str:
    return f"{found['place']}.{found['field']}" if found["place"] else found["field"]
