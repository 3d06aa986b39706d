"""What differs is kept as facts, and read in the language of whoever looks."""

from __future__ import annotations

import json

import pytest

from cashier.books.difference import Difference, DifferenceKind
from cashier.language.pseudo import PSEUDO
from cashier.money import Money
from cashier.reconciliation.words import detail_of, frozen

CHARGED = frozen(Money(9_800, "EUR"))
SENTENCES = {
    DifferenceKind.UNKNOWN_CHARGE: ({}, "Stripe charged a card, and no desk asked for it."),
    DifferenceKind.MISSING_CHARGE: ({}, "It is paid here, and Stripe has no charge for it."),
    DifferenceKind.AMOUNT_DIFFERS: (
        {"charged": CHARGED, "asked": frozen(Money(8_900, "EUR")), "state": "paid"},
        "Stripe charged 98.00 €; here 89.00 € is paid.",
    ),
    DifferenceKind.LATE_PAYMENT: (
        {"code": "paid_after_cancelled", "values": "{}"},
        "It was paid after it had been taken for cancelled.",
    ),
    DifferenceKind.OVERPAID: ({"surplus": CHARGED}, "98.00 € of it found no invoice that was due."),
    DifferenceKind.REFUNDED_ELSEWHERE: ({}, "Somebody refunded it in Stripe's dashboard."),
    DifferenceKind.REFUND_DIFFERS: (
        {"code": "two_at_stripe", "values": None},
        "Two refunds at Stripe belong to one of ours.",
    ),
    DifferenceKind.DISPUTED: (
        {"reason": "fraudulent", "respond_by": "2026-12-09"},
        "It is disputed (The cardholder says that somebody else used the card, answer by 9 December 2026).",
    ),
    DifferenceKind.MONEY_GONE: (
        {"reason": "debit_not_authorized"},
        "The bank took it back for good (The cardholder did not authorise the debit).",
    ),
    DifferenceKind.REFUND_CAME_BACK: (
        {},
        "The refund did not arrive: its money is at the hospital's account again.",
    ),
    DifferenceKind.UNCONFIRMED: (
        {},
        "It is paid here, and for more than an hour Stripe could not be asked about it.",
    ),
    DifferenceKind.REFUND_UNCONFIRMED: (
        {},
        "It went back to the card here, and for more than an hour Stripe could not be asked about it.",
    ),
    DifferenceKind.REFUND_UNKNOWN: ({}, "It went back to the card here, and Stripe has no such refund."),
}


def difference(kind: DifferenceKind, facts: str | None, detail: str = "") -> Difference:
    return Difference(kind=kind, facts=facts, detail=detail)


@pytest.mark.parametrize("kind", DifferenceKind)
def test_every_kind_is_said_from_its_facts(kind):
    facts, sentence = SENTENCES[kind]

    said = detail_of(difference(kind, json.dumps(facts)))

    assert said.english == sentence
    assert said.in_(PSEUDO) != sentence


def test_a_dispute_without_a_deadline_names_none():
    facts = json.dumps({"reason": "general", "respond_by": None})

    assert str(detail_of(difference(DifferenceKind.DISPUTED, facts))).endswith(
        "(The bank gives no particular reason)."
    )


@pytest.mark.parametrize("facts", [None, "{}", '{"code": "of a later release", "values": null}'])
def test_what_was_kept_without_facts_is_read_as_it_was_written(facts):
    found = difference(DifferenceKind.REFUND_DIFFERS, facts, "Stripe refunded 5.00 € where 4.00 € was asked for.")

    assert str(detail_of(found)) == found.detail
