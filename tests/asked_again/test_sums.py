"""Sums that hardly anybody means are asked for again, in words; the rule stands in one place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashier.asked_again.doubt import Doubt, DoubtCode, Doubtful, refuse_undecided
from cashier.asked_again.sums import AskedAgain
from cashier.denominations import denominations_of, largest_note_of
from cashier.language import verbatim
from cashier.money import CURRENCIES, Money

ASKED = AskedAgain()


def euros(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


@pytest.mark.parametrize(
    ("handed_minor", "to_take_minor", "is_doubted"),
    [
        (12_000, 12_000, False),
        (15_000, 12_000, False),
        (50_000, 700, False),  # one note of 500
        (50_700, 700, True),  # who needs no note of 500 keeps it
        (2_026_004_711_00, 12_000, True),  # a barcode
        (471_100, 12_000, True),
        (300_000, 299_000, False),
    ],
)
def test_nobody_hands_over_a_note_too_many(handed_minor: int, to_take_minor: int, is_doubted: bool) -> None:
    doubt = ASKED.of_handed_over(euros(handed_minor), euros(to_take_minor))

    assert (doubt is not None) is is_doubted


@given(currency=st.sampled_from(sorted(CURRENCIES)), to_take=st.integers(1, 10**6), note=st.integers(0, 30))
def test_one_note_for_what_it_is_just_enough_for_is_never_doubted(currency: str, to_take: int, note: int) -> None:
    notes = denominations_of(currency)
    handed = -(-to_take // notes[note % len(notes)]) * notes[note % len(notes)]

    assert ASKED.of_handed_over(Money(handed, currency), Money(to_take, currency)) is None


@given(currency=st.sampled_from(sorted(CURRENCIES)), amount=st.integers(1, 10**14))
def test_what_is_doubted_stays_so_when_it_is_more(currency: str, amount: int) -> None:
    for ask in (ASKED.of_float, ASKED.of_cash_movement):
        if ask(Money(amount, currency)) is not None:
            assert ask(Money(amount + 1, currency)) is not None


def test_the_question_says_how_many_times_what_is_due_and_the_sum_in_words() -> None:
    handed = ASKED.of_handed_over(euros(2_026_004_711_00), euros(12_000))
    paid = ASKED.of_payment(euros(120_000), due=euros(600), deposit=euros(119_400))

    assert handed is not None
    assert "That is 16,883,372 times what is due. In words: about 2 billion." in str(handed.words)
    assert "2 mil millones" in handed.words.in_("es")
    assert paid is not None
    assert "That is 200 times what is due." in str(paid.words)


def test_little_on_account_is_not_asked_about_beside_a_little_that_is_due() -> None:
    assert ASKED.of_payment(euros(5_200), due=euros(200), deposit=euros(5_000)) is None


def test_limits_are_of_a_currency_and_come_from_the_settings() -> None:
    asked = AskedAgain(deposit_minor={"EUR": 100}, float_minor={"EUR": 200}, cash_movement_minor={"EUR": 300})

    for ask, limit in ((asked.of_float, 200), (asked.of_cash_movement, 300)):
        assert ask(euros(limit)) is None
        assert ask(euros(limit + 1)) is not None
    assert asked.of_payment(euros(100), due=euros(0), deposit=euros(100)) is None
    assert asked.of_payment(euros(101), due=euros(0), deposit=euros(101)) is not None
    francs = largest_note_of("CHF").amount_minor * 10
    assert asked.of_float(Money(francs, "CHF")) is None
    assert asked.of_float(Money(francs + 1, "CHF")) is not None


def test_a_decision_counts_for_what_was_asked_and_for_nothing_else() -> None:
    asked = Doubt(code=DoubtCode.SAME_AGAIN, about="a", words=verbatim("said then"))
    now = Doubt(code=DoubtCode.SAME_AGAIN, about="a", words=verbatim("said now"))
    other = Doubt(code=DoubtCode.SAME_AGAIN, about="b")

    assert refuse_undecided([now, None], frozenset({asked})) == {"same_again": "a"}
    assert refuse_undecided([None], frozenset()) == {}
    with pytest.raises(Doubtful) as refusal:
        refuse_undecided([now, other], frozenset({asked}))
    assert refusal.value.doubts == {now, other}
