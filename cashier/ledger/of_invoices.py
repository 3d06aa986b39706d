"""What invoices do to the accounts: what they come to when they arrive, and what is changed about that."""

from __future__ import annotations

from cashier.books.deeds.deed import DeedKind
from cashier.ledger.entry import Account, Draft, Role
from cashier.ledger.known import Known, Told

PATIENTS = Account(Role.PATIENTS)
INSURERS = Account(Role.INSURERS)
INVOICED = Account(Role.INVOICED)
GIVEN_BACK = Account(Role.GIVEN_BACK)


def received(known: Known, told: Told) -> Draft:
    """Book what new invoices come to; below zero what the hospital owes by credit notes."""
    draft = Draft()
    named = "owed" if told.kind is DeedKind.INVOICES_RECEIVED else "invoices"
    for number, (owed_minor, _patient) in told.facts.get(named, {}).items():
        draft.move(owed_minor, known.currencies[number], debit=PATIENTS, credit=INVOICED, invoice=number)
    for number, insured_minor in told.facts.get("insured", {}).items():
        draft.move(insured_minor, known.currencies[number], debit=INSURERS, credit=INVOICED, invoice=number)
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
