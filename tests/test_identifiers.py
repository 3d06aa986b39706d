"""Identifiers that nobody takes for a card number, and card numbers that nobody keeps."""

from __future__ import annotations

import random
import re
import uuid
from pathlib import Path

import pytest

import cashier
from cashier.errors import Refused
from cashier.identifiers import id_from, new_id, refuse_card_number
from cashier.language import verbatim

# What a search for leaked cards looks for, before it looks at the check digit.
_CARD_NUMBER = re.compile(r"(?<!\d)(?:\d[ -]?){13,19}(?!\d)")


def test_an_id_has_no_place_for_a_card_number() -> None:
    assert not [made for made in (str(new_id()) for _ in range(5000)) if _CARD_NUMBER.search(made)]


def test_an_id_that_looks_like_a_card_number_is_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    like_a_card = uuid.UUID("42424242-4242-4242-a000-000000000000")
    other = uuid.UUID(int=random.Random(1).getrandbits(128), version=4)
    made = iter([like_a_card, other])
    monkeypatch.setattr(uuid, "uuid4", lambda: next(made))

    assert _CARD_NUMBER.search(str(like_a_card))
    assert new_id() == other


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424242",
        "card 4242 4242 4242 4242",
        "4000-0027-6000-3184.",
        "(378282246310005)",
        "key sk_test_51Habc",
    ],
)
def test_a_card_number_or_a_key_among_words_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="looks like a card number") as refusal:
        refuse_card_number(text)

    assert text not in f"{refusal.value.message} {refusal.value.advice}"


@pytest.mark.parametrize(
    "text", ["", "4242424242424241", "Slip 123456", "DE89370400440532013000", "2026-11-02 14:05"]
)
def test_what_has_not_the_check_digit_of_a_card_is_kept(text: str) -> None:
    refuse_card_number(text)


def test_the_advice_says_what_to_type_instead() -> None:
    with pytest.raises(Refused) as refusal:
        refuse_card_number("4242424242424242", advice=verbatim("Type the slip's number."))

    assert str(refusal.value.advice) == "Type the slip's number."


def test_only_one_place_knows_what_a_card_number_looks_like() -> None:
    package = Path(cashier.__file__).parent
    files = {
        file.relative_to(package)
        for file in package.rglob("*.py")
        if 'looks like a card number.")' in file.read_text()
    }

    assert files == {Path("identifiers.py")}


def test_only_our_own_ids_are_read_from_what_anybody_may_have_written() -> None:
    ours = new_id()

    assert id_from(str(ours)) == ours
    assert [id_from(text) for text in (None, "", "invoice 4711", str(ours)[:-1])] == [None] * 4
