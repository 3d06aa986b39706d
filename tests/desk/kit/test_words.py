"""Every state has words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cashier.books.invoice import InvoiceStatus
from cashier.books.payment import PaymentState
from cashier.desk.invoices.invoice_filters import Filter
from cashier.desk.invoices.unfinished_notice import UNFINISHED_WORDS
from cashier.desk.kit import words
from cashier.desk.kit.controls import GROUND_OF, ICON_OF, INK_OF, Tone


def test_every_status_and_state_has_words() -> None:
    assert set(words.STATUS_WORDS) == set(InvoiceStatus)
    assert set(words.STATE_WORDS) == set(PaymentState)


def test_every_state_without_an_outcome_has_words_beside_the_invoice_and_in_the_list() -> None:
    unfinished = {state for state in PaymentState if not state.is_final}

    assert set(UNFINISHED_WORDS) == set(words.UNDER_WAY_WORDS) == unfinished


def test_every_tone_has_colours_and_an_icon() -> None:
    assert set(INK_OF) == set(GROUND_OF) == set(ICON_OF) == set(Tone)


@pytest.mark.parametrize("status", InvoiceStatus)
def test_every_invoice_is_under_some_filter_besides_all(status: InvoiceStatus) -> None:
    assert any(each.holds(status) for each in Filter if each is not Filter.ALL)


def test_moments_are_written_as_the_hospitals_clocks_show_them() -> None:
    moment = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)

    assert str(words.day(date(2026, 3, 9))) == "09 Mar 2026"
    assert str(words.day_and_time(moment, "Europe/Madrid")) == "03 Nov 2026, 00:30"
    assert str(words.day_and_time(moment, "Nowhere/Unknown")) == "02 Nov 2026, 23:30"


def test_quantities_rates_and_cards_are_short() -> None:
    assert [str(words.quantity(each)) for each in (1000, 1500, 12_250)] == ["1", "1.5", "12.25"]
    assert [str(words.percent(each)) for each in (2100, 550, 0)] == ["21 %", "5.5 %", "0 %"]
    assert str(words.card("visa", "4242")) == "Visa •••• 4242"
    assert not words.card(None, None)
