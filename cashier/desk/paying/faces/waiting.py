"""What is said while a payment is under way: never “failed” about something that is not known."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.desk.kit.controls import Tone
from cashier.desk.paying.payment_actions import Action
from cashier.desk.paying.payment_faces import Face, FaceWords
from cashier.language import m

_PAGE_UNSEEN = m(
    "The patient can go on with the page. Whether anything was charged is not known just now: "
    "do not take the payment a second time."
)

WAITING: Mapping[Face, FaceWords] = {
    Face.OPENING: FaceWords(
        title=m("Asking Stripe …"),
        tone=Tone.NEUTRAL,
        icon="clock",
        text=m("The payment is saved and is being opened. Nothing has been charged yet."),
        actions=(Action.CANCEL,),
        is_busy=True,
    ),
    Face.CHARGING: FaceWords(
        title=m("Charging the card …"),
        tone=Tone.NEUTRAL,
        icon="clock",
        text=m("Stripe is asked to charge the saved card. Whether it has done so is not known yet."),
        actions=(Action.CANCEL,),
        is_busy=True,
    ),
    Face.ASKING: FaceWords(
        title=m("Asking Stripe …"),
        tone=Tone.NEUTRAL,
        icon="clock",
        text=m("Stripe is asked how this payment stands. Whether anything was charged is not known yet."),
        actions=(Action.CANCEL,),
        is_busy=True,
    ),
    Face.SAVING: FaceWords(
        title=m("Saving …"),
        tone=Tone.NEUTRAL,
        icon="clock",
        text=m("The payment is being written down. You can leave; that goes on by itself."),
        actions=(Action.LEAVE,),
        is_busy=True,
    ),
    Face.PAGE: FaceWords(
        title=m("Waiting for the patient"),
        tone=Tone.NEUTRAL,
        icon="card",
        text=m("The card is entered on Stripe's page. Nothing has been charged yet."),
        actions=(Action.CANCEL, Action.OTHER_WAY, Action.ASK_STRIPE),
    ),
    Face.PHONE: FaceWords(
        title=m("On the patient's phone"),
        tone=Tone.NEUTRAL,
        icon="card",
        text=m("The patient scans the code and pays on the phone. Nothing has been charged yet."),
        actions=(Action.CANCEL, Action.OTHER_WAY, Action.ASK_STRIPE),
    ),
    Face.READER: FaceWords(
        title=m("At the card reader"),
        tone=Tone.NEUTRAL,
        icon="card",
        text=m("The patient holds the card to the reader. Nothing has been charged yet."),
        actions=(Action.CANCEL, Action.OTHER_WAY, Action.ASK_STRIPE),
        is_busy=True,
    ),
    Face.KEYING: FaceWords(
        title=m("Type the card into the reader"),
        tone=Tone.NEUTRAL,
        icon="card",
        text=m(
            "The reader asks for the card's number, date and code. Type them there, never on this computer. "
            "Nothing has been charged yet."
        ),
        actions=(Action.CANCEL, Action.OTHER_WAY, Action.ASK_STRIPE),
        is_busy=True,
    ),
    Face.CHALLENGE: FaceWords(
        title=m("The bank asks the patient"),
        tone=Tone.CAUTION,
        icon="lock",
        text=m("The patient confirms the payment on the bank's page or phone. Nothing has been charged yet."),
        actions=(Action.CANCEL, Action.ASK_STRIPE),
    ),
    Face.CONFIRMING: FaceWords(
        title=m("Confirming …"),
        tone=Tone.NEUTRAL,
        icon="clock",
        text=m("The patient is done. Stripe is asked for the result."),
        actions=(Action.ASK_STRIPE, Action.CANCEL),
        is_busy=True,
    ),
    Face.PENDING: FaceWords(
        title=m("Pending: not paid yet"),
        tone=Tone.CAUTION,
        icon="clock",
        text=m(
            "It is not paid yet, and there is no receipt yet. It is settled, or it ends, by itself; the shift can be "
            "closed meanwhile. Do not take the payment a second time."
        ),
        actions=(Action.LEAVE, Action.ASK_STRIPE),
    ),
    Face.DECLINED_ON_PHONE: FaceWords(
        title=m("Not approved"),
        tone=Tone.BAD,
        icon="warning",
        text=m("Nothing was charged. The page is still open on the phone: the patient can try again there."),
        actions=(Action.CANCEL, Action.OTHER_WAY, Action.ASK_STRIPE),
    ),
    Face.DECLINED_ON_PAGE: FaceWords(
        title=m("Not approved"),
        tone=Tone.BAD,
        icon="warning",
        text=m("Nothing was charged. The page is still open: the patient can try again or use another card."),
        actions=(Action.CANCEL, Action.OTHER_WAY, Action.ASK_STRIPE),
    ),
    Face.DECLINED_AT_READER: FaceWords(
        title=m("Not approved"),
        tone=Tone.BAD,
        icon="warning",
        text=m("Nothing was charged. The reader can ask for another card."),
        actions=(Action.ASK_READER, Action.OTHER_WAY, Action.CANCEL),
    ),
    Face.UNKNOWN: FaceWords(
        title=m("We do not know yet"),
        tone=Tone.CAUTION,
        icon="question",
        text=m(
            "Stripe is asked again every few seconds, and the answer appears here. "
            "Do not take the payment a second time."
        ),
        actions=(Action.ASK_STRIPE, Action.CANCEL),
        enter=Action.ASK_STRIPE,
        is_busy=True,
    ),
    Face.PAGE_UNSEEN: FaceWords(
        title=m("We do not know yet"),
        tone=Tone.CAUTION,
        icon="question",
        text=_PAGE_UNSEEN,
        actions=(Action.CANCEL, Action.OTHER_WAY, Action.ASK_STRIPE),
    ),
    Face.PHONE_UNSEEN: FaceWords(
        title=m("We do not know yet"),
        tone=Tone.CAUTION,
        icon="question",
        text=_PAGE_UNSEEN,
        actions=(Action.CANCEL, Action.OTHER_WAY, Action.ASK_STRIPE),
    ),
    Face.UNWRITTEN: FaceWords(
        title=m("We do not know yet"),
        tone=Tone.CAUTION,
        icon="question",
        text=m(
            "The database could not take in how the payment stands. It does so by itself as soon as it can, and "
            "Stripe can be asked meanwhile. Do not take the payment a second time."
        ),
        actions=(Action.ASK_STRIPE, Action.CANCEL),
        enter=Action.ASK_STRIPE,
        is_busy=True,
    ),
    Face.CLOSING: FaceWords(
        title=m("Closing …"),
        tone=Tone.NEUTRAL,
        icon="clock",
        text=m("The payment is being taken back at Stripe. You can leave; that goes on by itself."),
        actions=(Action.LEAVE,),
        is_busy=True,
    ),
    Face.STILL_OPEN: FaceWords(
        title=m("Not closed yet"),
        tone=Tone.CAUTION,
        icon="plug",
        text=m(
            "Stripe has not said that this payment is closed, so the invoice stays held. It is tried again as soon "
            "as Stripe answers. You can leave: the invoice offers to resume or cancel it."
        ),
        actions=(Action.LEAVE, Action.ASK_STRIPE),
        enter=Action.LEAVE,
        is_busy=True,
    ),
    Face.NOT_CLOSED: FaceWords(
        title=m("Not closed yet"),
        tone=Tone.CAUTION,
        icon="plug",
        text=m(
            "The database could not take in the end of this payment, so the invoice stays held. It is tried again by "
            "itself. You can leave: the invoice offers to resume or cancel it."
        ),
        actions=(Action.LEAVE, Action.ASK_STRIPE),
        enter=Action.LEAVE,
        is_busy=True,
    ),
    Face.TAKING_OVER: FaceWords(
        title=m("Taking over …"),
        tone=Tone.NEUTRAL,
        icon="clock",
        text=m("The other desk's payment page is being closed at Stripe. You can leave; that goes on by itself."),
        actions=(Action.LEAVE,),
        is_busy=True,
    ),
}
"""Until it is known what became of it."""
