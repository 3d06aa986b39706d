"""What is wrong with a field is said in the reader's language: each kind by what msgspec really says."""

from __future__ import annotations

import datetime
from typing import Annotated

import msgspec
import pytest

from cashier.language import Message, use_language
from cashier.language.validation import in_words


class Row(msgspec.Struct, forbid_unknown_fields=True):
    """A row of what is decoded here."""

    count: Annotated[int, msgspec.Meta(ge=0, le=9)]
    day: datetime.date = datetime.date(2026, 1, 1)
    word: Annotated[str, msgspec.Meta(min_length=1, max_length=3)] = "a"


class Sheet(msgspec.Struct, forbid_unknown_fields=True):
    """What is decoded here."""

    rows: Annotated[list[Row], msgspec.Meta(min_length=1)]


def said(text: str) -> Message:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.json.decode(text, type=Sheet)
    return in_words(str(raised.value))


CASES = [
    ("{}", "rows is missing", "falta rows"),
    ('{"rows": [{}]}', "rows[0].count is missing", "falta rows[0].count"),
    ('{"rows": [{"count": 1, "more": 2}]}', "rows[0].more is not known", "rows[0].more no se conoce"),
    ('{"rows": [{"count": "x"}]}', "rows[0].count has to be a whole number, not text",
     "rows[0].count tiene que ser un número entero, no texto"),
    ('{"rows": null}', "rows has to be a list, not nothing (null)", "rows tiene que ser una lista, no nada (null)"),
    ("[1]", "the whole line has to be an object, not a list",
     "la línea entera tiene que ser un objeto, no una lista"),
    ('{"rows": [{"count": 1, "day": "x"}]}', "rows[0].day is no date such as 2026-11-02",
     "rows[0].day no es una fecha como 2026-11-02"),
    ('{"rows": [{"count": 1, "word": "long"}]}', "rows[0].word is longer than 3 characters",
     "rows[0].word tiene más de 3 caracteres"),
    ('{"rows": []}', "rows is empty, or has fewer than 1", "rows está vacío o tiene menos de 1"),
    ('{"rows": [{"count": -1}]}', "rows[0].count is less than 0", "rows[0].count es menor que 0"),
    ('{"rows": [{"count": 10}]}', "rows[0].count is more than 9", "rows[0].count es mayor que 9"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "english", "spanish"), CASES)
def test_each_common_fault_is_said_in_both_languages(text: str, english: str, spanish: str) -> None:
    message = said(text)

    use_language("en")
    assert str(message) == english
    use_language("es")
    assert str(message) == spanish


def test_what_is_rare_is_shown_as_it_is() -> None:
    use_language("en")

    assert str(in_words("Something that msgspec says in ten years")) == "Something that msgspec says in ten years"
