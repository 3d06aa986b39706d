"""What the payment dialog says in each situation: one table, and one function that finds the situation.

The table never says “failed” about something that is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cashier.desk.kit.controls import Tone
from cashier.desk.paying.payment_actions import Action
from cashier.language import Message, m


class Face(StrEnum):
    """A situation of the payment dialog."""

    AMOUNT = "amount"
    NOTHING_DUE = "nothing_due"
    """Nothing of what was chosen is to be paid any more."""
    TO_CHARGE = "to_charge"
    """A saved card and an amount wait for the word of the cashier."""
    DOUBTED = "doubted"
    """It can be taken, and hardly anybody means it: nothing was written down yet."""
    OPENING = "opening"
    CHARGING = "charging"
    ASKING = "asking"
    SAVING = "saving"
    NOT_SAVED = "not_saved"
    PAGE = "page"
    PHONE = "phone"
    READER = "reader"
    KEYING = "keying"
    CHALLENGE = "challenge"
    CONFIRMING = "confirming"
    PENDING = "pending"
    """The bank decides in days, and nobody waits for it."""
    PAID = "paid"
    PART_PAID = "part_paid"
    FROM_ACCOUNT = "from_account"
    DECLINED_ON_PAGE = "declined_on_page"
    DECLINED_ON_PHONE = "declined_on_phone"
    DECLINED_AT_READER = "declined_at_reader"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    PAGE_UNSEEN = "page_unseen"
    """The patient can go on with the page, and nobody here learns what comes of it just now."""
    PHONE_UNSEEN = "phone_unseen"
    UNWRITTEN = "unwritten"
    """The database fails to take in what Stripe says."""
    PAID_UNWRITTEN = "paid_unwritten"
    CLOSING = "closing"
    STILL_OPEN = "still_open"
    NOT_CLOSED = "not_closed"
    """It was to be taken back, and the database fails."""
    HELD = "held"
    TAKING_OVER = "taking_over"
    TAKEN_OVER = "taken_over"
    REFUSED = "refused"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, kw_only=True)
class FaceWords:
    """How a situation looks.

    ``enter`` is the action that Enter means; a situation that follows an Enter at once has none, so that a
    second one by mistake does nothing.
    """

    title: Message
    tone: Tone
    icon: str
    text: Message
    actions: tuple[Action, ...]
    enter: Action | None = None
    is_busy: bool = False
    """Something is under way and a moving bar says so."""


OVER = frozenset({Face.PAID, Face.FROM_ACCOUNT})
"""All that was wanted is paid: nothing is left but to look at it and to hand out its receipt."""

_PAGE_UNSEEN = m(
    "The patient can go on with the page. Whether anything was charged is not known just now: "
    "do not take the payment a second time."
)

FACES: Mapping[Face, FaceWords] = {
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
        title=m("Pending at the bank"),
        tone=Tone.CAUTION,
        icon="clock",
        text=m(
            "It is not paid yet, and there is no receipt yet. It is settled, or it ends, by itself; the shift can be "
            "closed meanwhile. Do not take the payment a second time."
        ),
        actions=(Action.LEAVE, Action.ASK_STRIPE),
    ),
    Face.PAID: FaceWords(
        title=m("Paid"),
        tone=Tone.GOOD,
        icon="success",
        text=m("The payment is settled."),
        actions=(Action.PRINT, Action.VIEW, Action.SAVE, Action.LEAVE),
        enter=Action.PRINT,
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
        actions=(Action.TAKE_REST, Action.LEAVE),
        enter=Action.LEAVE,
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
    Face.DECLINED: FaceWords(
        title=m("Not approved"),
        tone=Tone.BAD,
        icon="warning",
        text=m("Nothing was charged."),
        actions=(Action.OTHER_WAY, Action.TRY_AGAIN, Action.CANCEL),
        enter=Action.OTHER_WAY,
    ),
    Face.CANCELLED: FaceWords(
        title=m("Cancelled"),
        tone=Tone.NEUTRAL,
        icon="info",
        text=m("Nothing was charged, and nothing is open at Stripe."),
        actions=(Action.LEAVE, Action.TRY_AGAIN, Action.OTHER_WAY),
        enter=Action.LEAVE,
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
    Face.TAKING_OVER: FaceWords(
        title=m("Taking over …"),
        tone=Tone.NEUTRAL,
        icon="clock",
        text=m("The other desk's payment page is being closed at Stripe. You can leave; that goes on by itself."),
        actions=(Action.LEAVE,),
        is_busy=True,
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
    Face.REFUSED: FaceWords(
        title=m("This cannot be done"),
        tone=Tone.BAD,
        icon="error",
        text=m("Nothing was charged."),
        actions=(Action.OTHER_WAY, Action.LEAVE),
        enter=Action.OTHER_WAY,
    ),
    Face.CONTRADICTION: FaceWords(
        title=m("A supervisor has to look"),
        tone=Tone.BAD,
        icon="error",
        text=m("Stripe and our records do not agree about this payment. Do not take it a second time."),
        actions=(Action.LEAVE,),
        enter=Action.LEAVE,
    ),
}
