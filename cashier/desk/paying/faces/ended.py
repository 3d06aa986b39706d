"""What is said when nothing more comes: paid, not approved, taken back, or left to a supervisor."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.desk.kit.controls import Tone
from cashier.desk.paying.payment_actions import Action
from cashier.desk.paying.payment_faces import Face, FaceWords
from cashier.language import NOTHING, m

ENDED: Mapping[Face, FaceWords] = {
    Face.PAID: FaceWords(
        title=m("Paid"),
        tone=Tone.GOOD,
        icon="success",
        text=NOTHING,
        actions=(Action.PRINT, Action.VIEW, Action.SAVE, Action.LEAVE),
        enter=Action.LEAVE,
    ),
    Face.PART_PAID: FaceWords(
        title=m("Paid, and more to pay"),
        tone=Tone.GOOD,
        icon="success",
        text=m("This part is settled and stays so, whatever becomes of the rest."),
        actions=(Action.TAKE_REST, Action.PRINT, Action.VIEW, Action.SAVE, Action.LEAVE),
        enter=Action.TAKE_REST,
    ),
    Face.FROM_ACCOUNT: FaceWords(
        title=m("Paid from the account"),
        tone=Tone.GOOD,
        icon="success",
        text=m("The receipt of the deposit, or the credit note, is the paper for this money; there is no new one."),
        actions=(Action.LEAVE,),
        enter=Action.LEAVE,
    ),
    Face.PART_FROM_ACCOUNT: FaceWords(
        title=m("Paid from the account, and more to pay"),
        tone=Tone.GOOD,
        icon="success",
        text=m("The receipt of the deposit, or the credit note, is the paper for this money; there is no new one."),
        actions=(Action.TAKE_REST, Action.LEAVE),
        enter=Action.TAKE_REST,
    ),
    Face.CANCELLED: FaceWords(
        title=m("Cancelled"),
        tone=Tone.NEUTRAL,
        icon="info",
        text=m("Nothing was charged, and nothing is open at Stripe."),
        actions=(Action.LEAVE, Action.TRY_AGAIN, Action.OTHER_WAY),
        enter=Action.LEAVE,
    ),
    Face.TAKEN_OVER: FaceWords(
        title=m("Taken over"),
        tone=Tone.CAUTION,
        icon="info",
        text=m(
            "Nothing was charged here, and nothing of this payment is open at Stripe. The other desk goes on with "
            "the invoice."
        ),
        actions=(Action.LEAVE,),
        enter=Action.LEAVE,
    ),
    Face.CONTRADICTION: FaceWords(
        title=m("A supervisor has to look"),
        tone=Tone.BAD,
        icon="error",
        text=m("Stripe and our records do not agree about this payment. Do not take it a second time."),
        actions=(Action.LEAVE,),
        enter=Action.LEAVE,
    ),
    Face.DECLINED: FaceWords(
        title=m("Not approved"),
        tone=Tone.BAD,
        icon="warning",
        text=m("Nothing was charged."),
        actions=(Action.OTHER_WAY, Action.TRY_AGAIN, Action.CANCEL),
        enter=Action.OTHER_WAY,
    ),
    Face.PAID_UNWRITTEN: FaceWords(
        title=m("Paid at Stripe, not written down yet"),
        tone=Tone.CAUTION,
        icon="question",
        text=m(
            "The receipt is made as soon as the database takes the payment in; that goes on by itself, also when you "
            "leave. Do not take the payment a second time."
        ),
        actions=(Action.LEAVE, Action.ASK_STRIPE),
        is_busy=True,
    ),
    Face.NOT_SAVED: FaceWords(
        title=m("We do not know whether it is saved"),
        tone=Tone.CAUTION,
        icon="question",
        text=m(
            "Keep the money, and save it again: it is never written down twice. If you leave, look at the invoice "
            "before you take anything for it."
        ),
        actions=(Action.SAVE_AGAIN, Action.LEAVE),
        enter=Action.SAVE_AGAIN,
    ),
}
"""What became of it."""
