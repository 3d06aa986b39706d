"""The tables: cards, declines, and objects that cannot forget a key."""

from __future__ import annotations

import pytest

from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.declines import DECLINES
from cashier.sandbox.objects.test_cards import _ALIASES, TEST_CARDS, card_named, card_numbered, is_luhn_valid


def test_every_test_card_has_a_valid_number_of_its_own():
    numbers = [card.number for card in TEST_CARDS.values()]

    assert all(is_luhn_valid(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_every_decline_of_a_card_is_known():
    assert {card.decline for card in TEST_CARDS.values() if card.decline} <= DECLINES.keys()


def test_every_old_name_leads_to_a_card():
    assert all(card_named(name) for name in _ALIASES)


def test_a_number_leads_to_its_card():
    card = card_numbered("4000002760003184")

    assert card is not None
    assert card.name == "authenticationRequired"


def test_an_object_with_a_forgotten_or_invented_key_is_not_built():
    with pytest.raises(TypeError, match="lacking"):
        skeleton("customer", id="cus_1")
    with pytest.raises(TypeError, match="unknown"):
        skeleton("customer", id="cus_1", created=1, livemode=False, colour="red")
