"""What the patient display can show: amounts and the hospital's name. Never names, invoices or services.

People who stand in line read it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cashier.desk.kit.controls import Tone
from cashier.language import NOTHING, Message, m, mc
from cashier.money import Money


class PatientKind(StrEnum):
    """A situation as the patient sees it."""

    WELCOME = "welcome"
    DUE = "due"
    """The amount, while the cashier looks after how it is paid."""
    PHONE = "phone"
    READER = "reader"
    CASH = "cash"
    BANK = "bank"
    THANKS = "thanks"
    NOT_APPROVED = "not_approved"


@dataclass(frozen=True, kw_only=True)
class PatientFace:
    """What is shown now: a situation and its amounts. ``address`` is the page behind the QR code."""

    kind: PatientKind
    amount: Money | None = None
    address: str | None = None
    tendered: Money | None = None
    change: Money | None = None


@dataclass(frozen=True, kw_only=True)
class PatientWords:
    """How a situation looks.

    ``is_passing``: it gives way to the welcome by itself. ``steps`` are those of the payment's course, of which
    ``now`` is what happens; none where there is no course. An amount is shown unless ``has_amount`` is False.
    """

    title: Message
    text: Message
    tone: Tone
    icon: str
    is_passing: bool = False
    steps: tuple[Message, ...] = ()
    now: int = 0
    has_amount: bool = True


WELCOME = PatientFace(kind=PatientKind.WELCOME)

_BY_CARD = (m("Amount"), m("Your card"), m("Your bank"))
_BY_PHONE = (m("Amount"), m("Your phone"), m("Your bank"))

PATIENT_WORDS: Mapping[PatientKind, PatientWords] = {
    PatientKind.WELCOME: PatientWords(
        title=m("Welcome"), text=m("The cashier will be with you in a moment."), tone=Tone.ACCENT, icon="patient"
    ),
    PatientKind.DUE: PatientWords(
        title=mc("to the patient", "To pay"),
        text=m("The cashier will help you to pay."),
        tone=Tone.DUE,
        icon="invoice",
    ),
    PatientKind.PHONE: PatientWords(
        title=m("Pay with your phone"),
        text=m("Point the camera at the code and follow the link."),
        tone=Tone.ACCENT,
        icon="phone",
        steps=_BY_PHONE,
        now=1,
    ),
    PatientKind.READER: PatientWords(
        title=m("Please use the card reader"),
        text=m("Hold your card or phone to it, or insert the card."),
        tone=Tone.ACCENT,
        icon="card",
        steps=_BY_CARD,
        now=1,
    ),
    PatientKind.CASH: PatientWords(title=m("Cash"), text=NOTHING, tone=Tone.ACCENT, icon="cash"),
    PatientKind.BANK: PatientWords(
        title=m("Waiting for your bank"),
        text=m("Your bank may ask you to confirm it."),
        tone=Tone.CAUTION,
        icon="clock",
        steps=_BY_CARD,
        now=2,
    ),
    PatientKind.THANKS: PatientWords(
        title=m("Thank you"), text=m("Your payment has arrived."), tone=Tone.GOOD, icon="success", is_passing=True
    ),
    PatientKind.NOT_APPROVED: PatientWords(
        title=m("Nothing was charged"),
        text=m("Let us try another way."),
        tone=Tone.CAUTION,
        icon="info",
        has_amount=False,
    ),
}
"""One table; ``test_every_situation_of_the_patient_has_its_words`` proves it complete."""

PHONE_OUT_OF_REACH = m("In training your phone cannot open this code: its page is on the cashier's machine.")
"""What stands beside the code instead, where it leads to the desk's own machine."""
