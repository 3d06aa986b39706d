"""A shift's report on paper: everything that is known stands there, nothing that is counted blind does."""

from __future__ import annotations

from typing import Any

import pytest

from cashier.language import speaking
from cashier.shifts.facts import (
    CountLine,
    MovementLine,
    RefundSum,
    ReportKind,
    ShiftFacts,
    TenderSum,
    freeze,
    thaw,
)
from cashier.shifts.report_pdf import render
from tests.receipts.test_pdf import ink_outside_margins, text_of


def a_report(**changes: Any) -> ShiftFacts:
    facts: dict[str, Any] = {
        "kind": ReportKind.Z,
        "number": 7,
        "hospital": "Harbour Example Hospital",
        "legal_name": "Harbour Example Hospital Foundation",
        "tax_id": "EX-00000000-0",
        "address": "1 Sample Quay\n00000 Exampleton",
        "phone": "",
        "desk_code": "D1",
        "desk_name": "Main entrance",
        "currency": "EUR",
        "opened_at": "2026-11-23T07:58:01+01:00",
        "opened_by": "Casey Sample",
        "made_at": "2026-11-23T16:04:31+01:00",
        "made_by": "Ada Sample",
        "float_minor": 20_000,
        "tenders": (
            TenderSum(tender="reader", currency="EUR", count=31, amount_minor=812_350),
            TenderSum(tender="cash", currency="EUR", count=14, amount_minor=143_298, rounding_minor=2),
        ),
        "refunds": (RefundSum(way="cash", currency="EUR", count=1, amount_minor=4_500),),
        "movements": (a_movement(),),
        "first_receipt": "D1-000101",
        "last_receipt": "D1-000149",
        "receipts": 49,
        "counts": (CountLine(value_minor=5_000, pieces=8), CountLine(value_minor=200, pieces=9)),
        "counted_times": 2,
        "expected_minor": 42_300,
        "counted_minor": 41_800,
        "reason": "Given back twice.",
        "approved_by": "Sol Example",
        "journal_number": 12_345,
        "journal_hash": "ab" * 32,
    }
    return ShiftFacts(**facts | changes)


def a_movement(reason: str = "To the safe", **changes: Any) -> MovementLine:
    facts: dict[str, Any] = {
        "at": "2026-11-23T13:15:00+01:00",
        "kind": "out",
        "amount_minor": 100_000,
        "reason": reason,
        "who": "Casey Sample",
    }
    return MovementLine(**facts | changes)


@pytest.mark.parametrize(
    "words",
    [
        "Z REPORT", "Shift D1-7", "Harbour Example Hospital", "Tax ID EX-00000000-0", "Main entrance",
        "23 Nov 2026, 07:58", "Casey Sample", "23 November 2026, 16:04:31", "Ada Sample", "200.00 €",
        "Card, on the card reader", "31", "8,123.50 €", "14 cash payments", "1,432.98 €", "Rounded to coins",
        "0.02 €", "–45.00 €", "13:15", "To the safe", "–1,000.00 €", "× 8", "400.00 €", "Should be there", "423.00 €",
        "418.00 €", "Short", "5.00 €", "Given back twice.", "Approved by Sol Example", "Counted 2 times",
        "D1-000101 to D1-000149, 49 in all", "12,345", "ab" * 32,
    ],
)  # fmt: skip
def test_everything_stands_on_the_z_report(words):
    assert words in text_of(render(a_report()))


def test_a_right_drawer_says_so():
    assert "The drawer is right" in text_of(render(a_report(counted_minor=42_300)))


def test_the_x_report_of_who_will_count_says_nothing_of_the_cash():
    cash = TenderSum(tender="cash", currency="EUR", count=14, amount_minor=None)
    facts = a_report(
        kind=ReportKind.X, tenders=(cash,), counts=(), expected_minor=None, counted_minor=None, journal_number=None
    )

    text = text_of(render(facts))

    assert "X REPORT" in text
    assert "to be counted" in text
    assert "Should be there" not in text
    assert "1,432.98" not in text


@pytest.mark.parametrize("count", [0, 1, 20, 80])
def test_any_number_of_movements_finds_its_pages_and_nothing_leaves_the_margins(count):
    reasons = [f"Bag {number:04d}" for number in range(count)]
    pdf = render(a_report(movements=tuple(a_movement(reason) for reason in reasons)))

    text = text_of(pdf)

    assert all(reason in text for reason in reasons)
    assert "Signature of who closed" in text
    assert ink_outside_margins(pdf, 30) == 0


def test_the_same_facts_always_give_the_same_bytes():
    assert render(a_report()) == render(thaw(freeze(a_report())))


def test_long_words_stay_on_the_paper():
    long = "wide " * 60
    pdf = render(a_report(reason=long, desk_name=long, made_by=long, movements=(a_movement(long, who=long),)))

    assert ink_outside_margins(pdf, 30) == 0


@pytest.mark.parametrize("kind", ReportKind)
def test_words_that_are_a_third_longer_are_not_cut(kind: ReportKind) -> None:
    report = a_report(kind=kind, movements=(a_movement(), a_movement("From the bank", kind="in")))

    with speaking("en_XA"):
        words = text_of(render(report))

    assert "…" not in words


def test_a_shift_over_the_end_of_summer_time_does_not_close_before_it_opened():
    night = a_report(
        opened_at="2026-10-24T21:40:00+02:00",
        made_at="2026-10-25T02:10:00+01:00",
        movements=(
            a_movement("a", at="2026-10-24T23:50:00+02:00"),
            a_movement("b", at="2026-10-25T02:15:00+02:00"),
        ),
    )

    text = text_of(render(night))

    assert "24 Oct 2026, 21:40 (UTC+02:00)" in text
    assert "25 Oct 2026, 02:10 (UTC+01:00)" in text
    assert "24 Oct, 23:50 (UTC+02:00)" in text
    assert "25 Oct, 02:15 (UTC+02:00)" in text


def test_a_report_of_one_day_says_the_offset_once_and_no_day_in_its_lists():
    text = text_of(render(a_report()))

    assert text.count("UTC+01:00") == 1
    assert "23 Nov, " not in text


def test_an_x_report_of_several_days_gives_each_movement_its_day():
    days = a_report(
        kind=ReportKind.X,
        opened_at="2026-11-21T22:00:00+01:00",
        movements=(a_movement(at="2026-11-22T08:30:00+01:00"), a_movement(at="2026-11-23T08:30:00+01:00")),
    )

    text = text_of(render(days))

    assert "22 Nov, 08:30" in text
    assert "23 Nov, 08:30" in text


def test_the_reason_of_a_movement_is_never_cut():
    long = "W" * 99 + " " + "W" * 100
    night = {"opened_at": "2026-10-24T21:40:00+02:00", "made_at": "2026-10-25T02:10:00+01:00"}

    pdf = render(a_report(movements=(a_movement(long),), **night))

    assert text_of(pdf).count("W") == len(long) - 1 + text_of(render(a_report())).count("W")
    assert ink_outside_margins(pdf, 30) == 0
