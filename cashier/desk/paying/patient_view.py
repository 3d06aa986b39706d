"""What the patient display shows while a payment is in each situation: amounts only."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.desk.patient_screen.patient_faces import PatientFace, PatientKind
from cashier.desk.paying.payment_faces import Face
from cashier.money import Money
from cashier.payments.views import PaymentView

KINDS: Mapping[Face, PatientKind] = {
    Face.AMOUNT: PatientKind.DUE,
    Face.NOTHING_DUE: PatientKind.WELCOME,
    Face.TO_CHARGE: PatientKind.DUE,
    Face.DOUBTED: PatientKind.WELCOME,
    Face.OPENING: PatientKind.DUE,
    Face.CHARGING: PatientKind.BANK,
    Face.ASKING: PatientKind.BANK,
    Face.SAVING: PatientKind.DUE,
    Face.NOT_SAVED: PatientKind.DUE,
    Face.PAGE: PatientKind.DUE,
    Face.PHONE: PatientKind.PHONE,
    Face.READER: PatientKind.READER,
    Face.KEYING: PatientKind.DUE,
    Face.CHALLENGE: PatientKind.BANK,
    Face.CONFIRMING: PatientKind.BANK,
    Face.PENDING: PatientKind.BANK,
    Face.PAID: PatientKind.THANKS,
    Face.PART_PAID: PatientKind.THANKS,
    Face.FROM_ACCOUNT: PatientKind.THANKS,
    Face.PART_FROM_ACCOUNT: PatientKind.THANKS,
    Face.DECLINED_ON_PAGE: PatientKind.NOT_APPROVED,
    Face.DECLINED_ON_PHONE: PatientKind.PHONE,
    Face.DECLINED_AT_READER: PatientKind.NOT_APPROVED,
    Face.DECLINED: PatientKind.NOT_APPROVED,
    Face.CANCELLED: PatientKind.WELCOME,
    Face.UNKNOWN: PatientKind.BANK,
    Face.PAGE_UNSEEN: PatientKind.DUE,
    Face.PHONE_UNSEEN: PatientKind.PHONE,
    Face.UNWRITTEN: PatientKind.BANK,
    Face.PAID_UNWRITTEN: PatientKind.BANK,
    Face.CLOSING: PatientKind.WELCOME,
    Face.STILL_OPEN: PatientKind.WELCOME,
    Face.NOT_CLOSED: PatientKind.WELCOME,
    Face.HELD: PatientKind.WELCOME,
    Face.TAKING_OVER: PatientKind.WELCOME,
    Face.TAKEN_OVER: PatientKind.WELCOME,
    Face.REFUSED: PatientKind.DUE,
    Face.CONTRADICTION: PatientKind.WELCOME,
}
"""One table; a test proves it complete."""


def patient_face(face: Face, amount: Money, address: str | None, view: PaymentView | None) -> PatientFace:
    """Return what the patient sees in the situation ``face``; of cash also what was given and goes back."""
    kind = KINDS[face]
    tendered = view.tendered if view is not None else None
    if kind is PatientKind.WELCOME:
        return PatientFace(kind=kind)
    if tendered is not None and view is not None and kind is PatientKind.THANKS:
        return PatientFace(kind=kind, amount=amount, tendered=tendered, change=view.change)
    return PatientFace(kind=kind, amount=amount, address=address if kind is PatientKind.PHONE else None)
