"""Decisions about money that went away again, in words: by what it is about, and who bears it."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.books.dispute import ReversalOutcome
from cashier.language import Message, m

OUTCOME_OF_PAYMENT: Mapping[ReversalOutcome, Message] = {
    ReversalOutcome.OWED_AGAIN: m("The patient owes it again"),
    ReversalOutcome.WRITTEN_OFF: m("The hospital writes it off"),
}
OUTCOME_OF_REFUND: Mapping[ReversalOutcome, Message] = {
    ReversalOutcome.OWED_AGAIN: m("The patient is still to have it"),
    ReversalOutcome.WRITTEN_OFF: m("It stays with the hospital"),
}

MEANING_OF_PAYMENT: Mapping[ReversalOutcome, Message] = {
    ReversalOutcome.OWED_AGAIN: m("What the payment had settled is due again, and a receipt says so."),
    ReversalOutcome.WRITTEN_OFF: m("The invoice stays paid, and the hospital bears the loss."),
}
MEANING_OF_REFUND: Mapping[ReversalOutcome, Message] = {
    ReversalOutcome.OWED_AGAIN: m("Ask for a refund by another way, or give cash instead of this one."),
    ReversalOutcome.WRITTEN_OFF: m("It counts as paid again, and nothing more is given back."),
}

ON_PAPER_OF_PAYMENT: Mapping[ReversalOutcome, Message] = {
    ReversalOutcome.OWED_AGAIN: m(
        "The payer's bank has taken this amount back from the hospital. What it had paid is therefore to be paid "
        "again."
    ),
    ReversalOutcome.WRITTEN_OFF: m(
        "The payer's bank has taken this amount back from the hospital. The hospital bears it: nothing is to be paid "
        "again because of it."
    ),
}
ON_PAPER_OF_REFUND: Mapping[ReversalOutcome, Message] = {
    ReversalOutcome.OWED_AGAIN: m(
        "A refund of this amount did not arrive, and its money came back to the hospital. The hospital still owes "
        "it, and gives it back by another way."
    ),
    ReversalOutcome.WRITTEN_OFF: m(
        "A refund of this amount did not arrive, and its money came back to the hospital, where it stays."
    ),
}


def outcome_words(outcome: ReversalOutcome, *, is_refund: bool) -> Message:
    """Say who bears it."""
    return (OUTCOME_OF_REFUND if is_refund else OUTCOME_OF_PAYMENT)[outcome]


def meaning_words(outcome: ReversalOutcome, *, is_refund: bool) -> Message:
    """Say what that does."""
    return (MEANING_OF_REFUND if is_refund else MEANING_OF_PAYMENT)[outcome]


def paper_words(outcome: ReversalOutcome, *, is_refund: bool) -> Message:
    """Say it to the patient, or to whoever reads the file in ten years."""
    return (ON_PAPER_OF_REFUND if is_refund else ON_PAPER_OF_PAYMENT)[outcome]
