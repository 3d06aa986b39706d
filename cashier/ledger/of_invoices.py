"""What invoices do to the accounts: what they come to when they arrive, and what is changed about that."""

from __future__ import annotations

from cashier.books.deeds.deed import DeedKind
from cashier.ledger.entry import Account, Draft, Role
from cashier.ledger.known import Known, Told

PATIENTS = Account(Role.PATIENTS)
INVOICED = Account(Role.INVOICED)
GIVEN_BACK = Account(Role.GIVEN_BACK)


def received(known: Known, told: Told) -> Draft:
    """Book what new invoices come to; below zero what the hospital owes by credit notes."""
    draft = Draft()
    named = "owed" if told.kind is DeedKind.INVOICES_RECEIVED else "invoices"
    for number, (owed_minor, _patient) in told.facts.get(named, {}).items():
        _book(draft, known, number, owed_minor)
    return draft


def changed(known: Known, told: Told) -> Draft:
    """Book by how much more, or less, an invoice comes to than before."""
    draft = Draft()
    facts = told.facts
    draft.move(
        facts["owed_minor"] - facts["before_minor"],
        facts["currency"],
        debit=PATIENTS,
        credit=INVOICED,
        invoice=told.subject_id,
    )
    give_back(draft, known, told)
    return draft


def give_back(draft: Draft, known: Known, told: Told) -> None:
    """Book what is not owed again because it was given back for good, or is no longer said to be so."""
    for invoice, currency, amount_minor in known.given_back.get(told.number, ()):
        draft.move(amount_minor, currency, debit=GIVEN_BACK, credit=PATIENTS, invoice=invoice)


def _book(draft: Draft, known: Known, number: str, owed_minor: int) -> None:
    draft.move(owed_minor, known.invoices[number].currency, debit=PATIENTS, credit=INVOICED, invoice=number)
