"""What the open dialog says when the hospital changes an invoice or who its patient is: what is new, and what
becomes of the money.

One table says how far a payment is in each situation, and one function finds the words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cashier.desk.paying.payment_faces import Face
from cashier.invoices.spelling import is_same_name
from cashier.invoices.watching import WatchedInvoice
from cashier.language import NOTHING, Message, joined, m, mn
from cashier.money import Money
from cashier.patients.identity import PatientIdentity

_TOLD_MAX = 3


class Stage(StrEnum):
    """How far the payment is, which decides what a change means."""

    AGREEING = "agreeing"
    """Nothing is asked of the patient: what is due now is what can be taken."""
    ASKED = "asked"
    """The patient is asked for what was agreed, and may pay it at any moment."""
    TAKEN = "taken"
    """The money is there."""


STAGE_OF: Mapping[Face, Stage] = {
    Face.AMOUNT: Stage.AGREEING,
    Face.NOTHING_DUE: Stage.AGREEING,
    Face.TO_CHARGE: Stage.AGREEING,
    Face.DOUBTED: Stage.AGREEING,
    Face.OPENING: Stage.ASKED,
    Face.CHARGING: Stage.ASKED,
    Face.ASKING: Stage.ASKED,
    Face.SAVING: Stage.ASKED,
    Face.NOT_SAVED: Stage.ASKED,
    Face.PAGE: Stage.ASKED,
    Face.PHONE: Stage.ASKED,
    Face.READER: Stage.ASKED,
    Face.KEYING: Stage.ASKED,
    Face.CHALLENGE: Stage.ASKED,
    Face.CONFIRMING: Stage.ASKED,
    Face.PAID: Stage.TAKEN,
    Face.PART_PAID: Stage.TAKEN,
    Face.FROM_ACCOUNT: Stage.TAKEN,
    Face.PART_FROM_ACCOUNT: Stage.TAKEN,
    Face.DECLINED_ON_PAGE: Stage.ASKED,
    Face.DECLINED_ON_PHONE: Stage.ASKED,
    Face.DECLINED_AT_READER: Stage.ASKED,
    Face.DECLINED: Stage.ASKED,
    Face.CANCELLED: Stage.AGREEING,
    Face.UNKNOWN: Stage.ASKED,
    Face.PAGE_UNSEEN: Stage.ASKED,
    Face.PHONE_UNSEEN: Stage.ASKED,
    Face.UNWRITTEN: Stage.ASKED,
    Face.PAID_UNWRITTEN: Stage.TAKEN,
    Face.PENDING: Stage.TAKEN,
    Face.CLOSING: Stage.ASKED,
    Face.STILL_OPEN: Stage.ASKED,
    Face.NOT_CLOSED: Stage.ASKED,
    Face.HELD: Stage.AGREEING,
    Face.TAKING_OVER: Stage.AGREEING,
    Face.TAKEN_OVER: Stage.AGREEING,
    Face.REFUSED: Stage.AGREEING,
    Face.CONTRADICTION: Stage.TAKEN,
}
"""One table; a test proves it complete."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """An invoice as it was agreed on, as it is now, and how much of it the patient is asked for (None: nothing)."""

    agreed: WatchedInvoice
    now: WatchedInvoice
    patient_id: int
    """Who pays, by the record that stays where records were merged: nobody else takes the invoice over by that."""
    asked: Money | None = None

    @property
    def is_of_due(self) -> bool:
        """Tell whether something else can be taken for it now, or it is somebody else's."""
        return self.agreed.due != self.now.due or self.is_of_another_patient

    @property
    def is_of_another_patient(self) -> bool:
        """Tell whether it went to somebody else than who pays."""
        return self.now.patient_id not in (self.agreed.patient_id, self.patient_id)

    @property
    def taken(self) -> Money:
        """What was counted towards it since, which nobody but this dialog's payment can have brought."""
        return self.now.paid - self.agreed.paid

    @property
    def room(self) -> Money:
        """What it takes of this payment."""
        return self.now.due + self.taken


@dataclass(frozen=True, kw_only=True)
class Renamed:
    """Who the patient was when that was agreed on, and who it is now. ``today`` is the hospital's, for the age."""

    agreed: PatientIdentity
    now: PatientIdentity
    today: date

    @property
    def may_be_somebody_else(self) -> bool:
        """Tell whether it has to be asked: other letters of a name, or a date not known before, name nobody else."""
        before, now = self.agreed, self.now
        is_born_otherwise = before.born is not None and before.born != now.born
        is_same = before.record_number == now.record_number and is_same_name(before.name, now.name)
        return is_born_otherwise or not is_same

    def told(self, stage: Stage) -> Message:
        """Say who the patient was, whom the screen shows as it is now, and what that asks of the cashier."""
        if self.agreed == self.now:
            return NOTHING
        before = self.agreed.unlike(self.now, self.today)
        words = (
            m("The hospital changed who this is. Before: {before}.", before=before)
            if self.agreed.record_number == self.now.record_number
            else m("The hospital merged this record into another. Before: {before}.", before=before)
        )
        if stage is Stage.TAKEN or not self.may_be_somebody_else:
            return words
        if stage is Stage.ASKED:
            return joined(" ", [words, m("Ask the patient, and cancel the payment if it is somebody else's.")])
        return joined(" ", [words, m("Ask the patient before you take money.")])


def told(changes: Sequence[Change], stage: Stage) -> Message:
    """Say what changed and what that means for the money; nothing where nothing did that concerns the patient."""
    said = [words for words in (_words_of(change, stage) for change in changes) if words]
    more = len(said) - _TOLD_MAX
    if more > 0:
        said[_TOLD_MAX:] = [
            mn("{count} more invoice was changed.", "{count} more invoices were changed.", count=more),
        ]
    return joined("\n", said)


def _words_of(change: Change, stage: Stage) -> Message:
    before, now = change.agreed, change.now
    if change.is_of_another_patient:
        return m(
            "The hospital gave {number} to another patient ({record}): nothing is to be paid for it here.",
            number=now.number,
            record=now.record_number,
        )
    if before.owed.currency != now.owed.currency:
        return m(
            "The hospital changed {number} to {currency}. Close this and look at it again.",
            number=now.number,
            currency=now.owed.currency,
        )
    if now.is_cancelled and not before.is_cancelled:
        return _of_cancelled(change, stage)
    if before.is_cancelled and not now.is_cancelled:
        return m("{number} is owed again: {due} are due now.", number=now.number, due=now.due)
    if now.owed < before.owed:
        return _of_lowered(change, stage)
    if before.owed < now.owed:
        return _of_raised(change, stage)
    if stage is Stage.ASKED and change.asked is not None and change.room < change.asked:
        return m(
            "Only {due} are due on {number}, and {asked} are asked for. What is too much ({surplus}) becomes the "
            "patient's credit, unless you cancel the payment first.",
            due=change.room,
            number=now.number,
            asked=change.asked,
            surplus=change.asked - change.room,
        )
    if before.due != now.due and stage is Stage.AGREEING:
        return _of_paid(change)
    if before.facts != now.facts:
        return m("The hospital changed what {number} says. What is due stays as it is.", number=now.number)
    return NOTHING


def _of_cancelled(change: Change, stage: Stage) -> Message:
    number, asked = change.now.number, change.asked
    if stage is Stage.ASKED and asked is not None:
        return m(
            "The hospital cancelled {number}, and {asked} are asked for. Cancel the payment, and nothing is taken; "
            "what is paid all the same becomes the patient's credit.",
            number=number,
            asked=asked,
        )
    if stage is Stage.TAKEN and asked is not None and change.taken < asked:
        return m(
            "The hospital cancelled {number} meanwhile: {surplus} are the patient's credit.",
            number=number,
            surplus=asked - change.taken,
        )
    return m("The hospital cancelled {number}: nothing is to be paid for it.", number=number)


def _of_lowered(change: Change, stage: Stage) -> Message:
    now, asked = change.now, change.asked
    if stage is Stage.ASKED and asked is not None and change.room < asked:
        return m(
            "The hospital lowered {number} to {owed}, and {asked} are asked for. What is too much ({surplus}) "
            "becomes the patient's credit, unless you cancel the payment first.",
            number=now.number,
            owed=now.owed,
            asked=asked,
            surplus=asked - change.room,
        )
    if stage is Stage.ASKED and asked is not None:
        return m(
            "The hospital lowered {number} to {owed}. The {asked} that are asked for are due all the same.",
            number=now.number,
            owed=now.owed,
            asked=asked,
        )
    if stage is Stage.TAKEN and asked is not None and change.taken < asked:
        return m(
            "The hospital lowered {number} to {owed} meanwhile: {surplus} are the patient's credit.",
            number=now.number,
            owed=now.owed,
            surplus=asked - change.taken,
        )
    return m(
        "The hospital lowered {number} to {owed}: {due} are due now.", number=now.number, owed=now.owed, due=now.due
    )


def _of_raised(change: Change, stage: Stage) -> Message:
    now, asked = change.now, change.asked
    if stage is Stage.ASKED and asked is not None:
        return m(
            "The hospital raised {number} to {owed}, and {asked} are asked for: {left} stay to be paid.",
            number=now.number,
            owed=now.owed,
            asked=asked,
            left=change.room - asked,
        )
    return m(
        "The hospital raised {number} to {owed}: {due} are due now.", number=now.number, owed=now.owed, due=now.due
    )


def _of_paid(change: Change) -> Message:
    """The hospital changed nothing: somebody paid meanwhile, or money went back and is owed again."""
    before, now = change.agreed, change.now
    if now.due < before.due:
        return m(
            "{amount} were paid for {number} meanwhile: {due} are due now.",
            amount=before.due - now.due,
            number=now.number,
            due=now.due,
        )
    return m(
        "{amount} went back for {number} meanwhile: {due} are due now.",
        amount=now.due - before.due,
        number=now.number,
        due=now.due,
    )
