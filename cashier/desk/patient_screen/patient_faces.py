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
    """How a situation looks. ``is_passing``: it gives way to the welcome by itself."""

    title: Message
    text: Message
    tone: Tone
    icon: str
    is_passing: bool = False


WELCOME = PatientFace(kind=PatientKind.WELCOME)

PATIENT_WORDS: Mapping[PatientKind, PatientWords] = {
    PatientKind.WELCOME: PatientWords(
        title=m("Welcome"), text=m("The cashier will be with you in a moment."), tone=Tone.ACCENT, icon="patient"
    ),
    PatientKind.DUE: PatientWords(
        title=mc("to the patient", "To pay"),
        text=m("The cashier will help you to pay."),
        tone=Tone.ACCENT,
        icon="invoice",
    ),
    PatientKind.PHONE: PatientWords(
        title=m("Pay with your phone"),
        text=m("Point your phone's camera at the code and follow the link."),
        tone=Tone.ACCENT,
        icon="phone",
    ),
    PatientKind.READER: PatientWords(
        title=m("Please use the card reader"),
        text=m("Hold your card or phone to it, or insert the card."),
        tone=Tone.ACCENT,
        icon="card",
    ),
    PatientKind.CASH: PatientWords(title=m("Cash"), text=NOTHING, tone=Tone.ACCENT, icon="cash"),
    PatientKind.BANK: PatientWords(
        title=m("Waiting for your bank"),
        text=m("Your bank may ask you to confirm this payment."),
        tone=Tone.CAUTION,
        icon="clock",
    ),
    PatientKind.THANKS: PatientWords(
        title=m("Thank you"), text=m("Your payment has arrived."), tone=Tone.GOOD, icon="success", is_passing=True
    ),
    PatientKind.NOT_APPROVED: PatientWords(
        title=m("Let us try another way"),
        text=m("This payment was not approved. Nothing was charged."),
        tone=Tone.CAUTION,
        icon="info",
    ),
}
"""One table; ``test_every_situation_of_the_patient_has_its_words`` proves it complete."""

PHONE_OUT_OF_REACH = m("In training your phone cannot open this code: its page is on the cashier's machine.")
"""What stands beside the code instead, where it leads to the desk's own machine."""
