"""What invoices do to the accounts: what they come to when they arrive, and what is changed about that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cashier.ledger.entry import Account, Draft, Role
from cashier.ledger.known import Known, Told

PATIENTS = Account(Role.PATIENTS)
INSURERS = Account(Role.INSURERS)
INVOICED = Account(Role.INVOICED)
GIVEN_BACK = Account(Role.GIVEN_BACK)


def received(known: Known, told: Told) -> Draft:
    """Book what new invoices come to; below zero what the hospital owes by credit notes."""
    facts = told.facts
    return _owed(known, {each: owed for each, (owed, _patient) in facts.get("owed", {}).items()}, facts)


def attested(known: Known, told: Told) -> Draft:
    """Book the invoices of an older program, which had told only how many they were."""
    facts = told.facts
    stated = {each: owed for each, (owed, _patient) in facts.get("invoices", {}).items()}
    return _owed(known, {each: owed for each, owed in stated.items() if each not in known.received_before}, facts)


def _owed(known: Known, owed: Mapping[str, int], facts: Mapping[str, Any]) -> Draft:
    draft = Draft()
    insured = facts.get("insured", {})
    for number, owed_minor in owed.items():
        currency = known.currencies[number]
        draft.move(owed_minor, currency, debit=PATIENTS, credit=INVOICED, invoice=number)
        draft.move(insured.get(number, 0), currency, debit=INSURERS, credit=INVOICED, invoice=number)
    return draft


def changed(known: Known, told: Told) -> Draft:
    """Book what an invoice comes to now, instead of what it came to before."""
    draft = Draft()
    facts = told.facts
    currency, before = facts["currency"], facts.get("currency_before", facts["currency"])
    for account, former_minor, present_minor in (
        (PATIENTS, facts["before_minor"], facts["owed_minor"]),
        (INSURERS, facts.get("insured_before_minor", 0), facts.get("insured_minor", 0)),
    ):
        draft.move(-former_minor, before, debit=account, credit=INVOICED, invoice=told.subject_id)
        draft.move(present_minor, currency, debit=account, credit=INVOICED, invoice=told.subject_id)
    give_back(draft, known, told)
    return draft


def give_back(draft: Draft, known: Known, told: Told) -> None:
    """Book what is not owed again because it was given back for good, or is no longer said to be so."""
    for invoice, currency, amount_minor in known.given_back.get(told.number, ()):
        draft.move(amount_minor, currency, debit=GIVEN_BACK, credit=PATIENTS, invoice=invoice)
