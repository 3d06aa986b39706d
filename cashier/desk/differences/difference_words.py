"""What a difference is, why it matters and what to do about it, in plain words: one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cashier.books.difference import DifferenceKind
from cashier.books.dispute import ENDED, WANTS_ANSWER
from cashier.desk.kit.controls import Tone
from cashier.language import Message, m, mn, sentences
from cashier.reconciliation.tally import LeftOut
from cashier.reconciliation.views import DifferenceView


@dataclass(frozen=True, kw_only=True)
class DifferenceWords:
    """How a kind of difference is put into words."""

    title: Message
    tone: Tone
    explanation: Message
    advice: Message


DIFFERENCE_WORDS: Mapping[DifferenceKind, DifferenceWords] = {
    DifferenceKind.UNKNOWN_CHARGE: DifferenceWords(
        title=m("Charge nobody here asked for"),
        tone=Tone.BAD,
        explanation=m("Stripe has charged a card, and no payment of this hospital belongs to it."),
        advice=m(
            "Open the charge in Stripe's dashboard and find out who made it: another program with the same "
            "Stripe account, or somebody in the dashboard. If it belongs to nobody, refund it there."
        ),
    ),
    DifferenceKind.MISSING_CHARGE: DifferenceWords(
        title=m("Paid here, no charge at Stripe"),
        tone=Tone.BAD,
        explanation=m("The payment counts as paid and has a receipt, but Stripe has no charge for it."),
        advice=m(
            "Look for the payment in Stripe's dashboard by its numbers. If there is really no charge, tell IT and "
            "the accountants before the receipt is relied on; the invoice may be unpaid."
        ),
    ),
    DifferenceKind.AMOUNT_DIFFERS: DifferenceWords(
        title=m("Amount or state differs"),
        tone=Tone.BAD,
        explanation=m("Stripe has charged something else than what this payment says here."),
        advice=m(
            "Compare the charge in Stripe's dashboard with the payment. Refund what was charged too much; ask the "
            "patient for what is missing as a new payment."
        ),
    ),
    DifferenceKind.LATE_PAYMENT: DifferenceWords(
        title=m("Paid after it was cancelled"),
        tone=Tone.CAUTION,
        explanation=m(
            "This payment had been taken for cancelled, and its money came all the same. It is settled and "
            "has its receipt."
        ),
        advice=m(
            "Look whether the patient has paid the same invoice once more. If so, refund one of the two; if not, "
            "there is nothing to give back."
        ),
    ),
    DifferenceKind.OVERPAID: DifferenceWords(
        title=m("More than was due"),
        tone=Tone.CAUTION,
        explanation=m(
            "The money came when its invoice took less or nothing any more: it was paid twice, or was "
            "cancelled or reduced while its patient paid."
        ),
        advice=m("Refund what is too much to the card it came from. The invoice itself stays as it is."),
    ),
    DifferenceKind.REFUNDED_ELSEWHERE: DifferenceWords(
        title=m("Refunded in Stripe's dashboard"),
        tone=Tone.CAUTION,
        explanation=m(
            "Somebody has refunded this payment without this program. It is booked here too, and the patient "
            "has the money."
        ),
        advice=m("Find out who did it and why. Refunds belong here, where two people are needed."),
    ),
    DifferenceKind.REFUND_DIFFERS: DifferenceWords(
        title=m("Refund differs"),
        tone=Tone.BAD,
        explanation=m(
            "Stripe says something else about this refund than our books, for example that it failed after "
            "it had succeeded."
        ),
        advice=m(
            "Look at the refund in Stripe's dashboard. If the money came back, tell the patient and agree on "
            "another way to repay it."
        ),
    ),
    DifferenceKind.DISPUTED: DifferenceWords(
        title=m("Disputed by the cardholder"),
        tone=Tone.BAD,
        explanation=m(
            "The cardholder has told the bank that this charge is wrong. The bank has taken the money back "
            "until that is decided."
        ),
        advice=m(
            "Send evidence from the payment's page in the history before the deadline, or answer in Stripe's "
            "dashboard. Do not refund it as well: that would pay twice."
        ),
    ),
    DifferenceKind.MONEY_GONE: DifferenceWords(
        title=m("Taken back by the bank"),
        tone=Tone.BAD,
        explanation=m(
            "A dispute is lost, or a bank debit was returned: the bank has taken this payment's money back for good. "
            "The invoice still counts as paid."
        ),
        advice=m(
            "Decide who bears it: the patient owes it again, or the hospital writes it off. Somebody else than who "
            "took the payment decides."
        ),
    ),
    DifferenceKind.REFUND_CAME_BACK: DifferenceWords(
        title=m("Refund that did not arrive"),
        tone=Tone.BAD,
        explanation=m(
            "The patient's bank did not take the refund, often because the card or account is closed. The money "
            "is at the hospital's account again."
        ),
        advice=m(
            "Tell the patient, and decide: the patient is still to have it (then ask for a refund by another way, or "
            "give cash instead), or it stays with the hospital. Cash instead answers this by itself."
        ),
    ),
    DifferenceKind.UNCONFIRMED: DifferenceWords(
        title=m("Payment not confirmed by Stripe"),
        tone=Tone.BAD,
        explanation=m(
            "The payment counts as paid, and for more than an hour nobody could ask Stripe whether it is. It leaves "
            "this list by itself as soon as Stripe confirms it."
        ),
        advice=m("Look for the payment in Stripe's dashboard, and tell IT that its question gets no answer."),
    ),
    DifferenceKind.REFUND_UNCONFIRMED: DifferenceWords(
        title=m("Refund not confirmed by Stripe"),
        tone=Tone.BAD,
        explanation=m(
            "The refund counts as gone back to the card, and for more than an hour nobody could ask Stripe whether "
            "it has. It leaves this list by itself as soon as Stripe confirms it."
        ),
        advice=m("Look for the refund in Stripe's dashboard, and tell IT that its question gets no answer."),
    ),
    DifferenceKind.REFUND_UNKNOWN: DifferenceWords(
        title=m("Refunded here, no refund at Stripe"),
        tone=Tone.BAD,
        explanation=m("The refund counts as gone back to the card and has a receipt, but Stripe has no such refund."),
        advice=m(
            "Look at the payment's refunds in Stripe's dashboard. If there is really none, the patient has no money "
            "back: tell IT and the accountants who approved it."
        ),
    ),
}
"""The words of every kind; a test holds the table against ``DifferenceKind``."""


_DISPUTE_OVER = DifferenceWords(
    title=m("Dispute that is over"),
    tone=Tone.NEUTRAL,
    explanation=m("The cardholder had told the bank that this charge is wrong. The bank has decided."),
    advice=m("Nothing is to be answered any more. Settle it with what came of it."),
)
_DISPUTE_ANSWERED = DifferenceWords(
    title=m("Dispute that is answered"),
    tone=Tone.CAUTION,
    explanation=m("The cardholder has told the bank that this charge is wrong. The bank looks at our answer."),
    advice=m("Wait for the bank. Do not refund it as well: that would pay twice."),
)


def words_of(difference: DifferenceView) -> DifferenceWords:
    """Return the words of a difference; a dispute that nobody has to answer any more does not ask for it."""
    status = difference.dispute_status
    if difference.kind is DifferenceKind.DISPUTED and status is not None and status not in WANTS_ANSWER:
        return _DISPUTE_OVER if status in ENDED else _DISPUTE_ANSWERED
    return DIFFERENCE_WORDS[difference.kind]


def left_out_words(left_out: LeftOut) -> Message:
    """Say in one line what the newest comparison left out; nothing where it left out nothing."""
    said = []
    if left_out.charges:
        said.append(
            mn(
                "In the last 48 hours, {count} sale of other programs on the account was left out.",
                "In the last 48 hours, {count} sales of other programs on the account were left out.",
                count=left_out.charges,
            )
        )
    if left_out.disputes:
        said.append(
            mn(
                "{count} dispute about such sales was left out.",
                "{count} disputes about such sales were left out.",
                count=left_out.disputes,
            )
        )
    if left_out.set_aside:
        said.append(
            mn(
                "{count} thing could not be compared; the log names it.",
                "{count} things could not be compared; the log names them.",
                count=left_out.set_aside,
            )
        )
    return sentences(*said)
