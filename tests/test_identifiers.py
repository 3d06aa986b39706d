"""Identifiers that nobody takes for a card number."""

from __future__ import annotations

import random
import re
import uuid

import pytest

from cashier.identifiers import new_id

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
