"""What is said while cashier and patient still agree: nothing was begun here."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.desk.kit.controls import Tone
from cashier.desk.paying.payment_actions import Action
from cashier.desk.paying.payment_faces import Face, FaceWords
from cashier.language import m

CHOOSING: Mapping[Face, FaceWords] = {
    Face.AMOUNT: FaceWords(
        title=m("Take payment"),
        tone=Tone.NEUTRAL,
        icon="card",
        text=m("How much does the patient pay now, and how?"),
        actions=(Action.PAY, Action.GIVE_UP),
        enter=Action.PAY,
    ),
    Face.NOTHING_DUE: FaceWords(
        title=m("Nothing is due any more"),
        tone=Tone.CAUTION,
        icon="info",
        text=m("There is nothing to take for what was chosen. Look at the invoice again."),
        actions=(Action.LEAVE,),
    ),
    Face.TO_CHARGE: FaceWords(
        title=m("Charge this saved card?"),
        tone=Tone.CAUTION,
        icon="card",
        text=m("Nothing has been charged yet. Ask the patient whether it is this card and this amount."),
        actions=(Action.CHARGE, Action.OTHER_WAY, Action.GIVE_UP),
    ),
    Face.DOUBTED: FaceWords(
        title=m("Is that what you mean?"),
        tone=Tone.CAUTION,
        icon="question",
        text=m("Nothing has been taken yet. Look again, and ask the patient. The journal keeps who goes on."),
        actions=(Action.CORRECT, Action.ALL_THE_SAME, Action.GIVE_UP),
    ),
    Face.HELD: FaceWords(
        title=m("Already being paid"),
        tone=Tone.CAUTION,
        icon="lock",
        text=m(
            "Nothing was begun here. You can wait, or take over: the other desk's page is closed at Stripe first; "
            "if the patient has paid there meanwhile, that counts."
        ),
        actions=(Action.LEAVE, Action.TAKE_OVER),
        enter=Action.LEAVE,
    ),
    Face.REFUSED: FaceWords(
        title=m("This cannot be done"),
        tone=Tone.BAD,
        icon="error",
        text=m("Nothing was charged."),
        actions=(Action.OTHER_WAY, Action.LEAVE),
        enter=Action.OTHER_WAY,
    ),
}
"""Before anything of it is at Stripe, or written down."""
