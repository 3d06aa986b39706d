"""The course of a payment that waits for the patient: which steps it has, and how each stands in each situation."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.desk.paying.faces.stepper import Step, StepState
from cashier.desk.paying.payment_faces import Face
from cashier.language import NOTHING, Message, m
from cashier.tenders.tender import Channel, Tender

_DONE, _NOW, _AHEAD, _UNKNOWN = StepState.DONE, StepState.NOW, StepState.AHEAD, StepState.UNKNOWN

_STATES: Mapping[Face, tuple[StepState, StepState, StepState, StepState]] = {
    Face.OPENING: (_NOW, _AHEAD, _AHEAD, _AHEAD),
    Face.PAGE: (_DONE, _NOW, _AHEAD, _AHEAD),
    Face.PHONE: (_DONE, _NOW, _AHEAD, _AHEAD),
    Face.READER: (_DONE, _NOW, _AHEAD, _AHEAD),
    Face.KEYING: (_DONE, _NOW, _AHEAD, _AHEAD),
    Face.DECLINED_ON_PAGE: (_DONE, _NOW, _AHEAD, _AHEAD),
    Face.DECLINED_ON_PHONE: (_DONE, _NOW, _AHEAD, _AHEAD),
    Face.CHALLENGE: (_DONE, _DONE, _NOW, _AHEAD),
    Face.CONFIRMING: (_DONE, _DONE, _UNKNOWN, _NOW),
    Face.PAGE_UNSEEN: (_DONE, _UNKNOWN, _UNKNOWN, _UNKNOWN),
    Face.PHONE_UNSEEN: (_DONE, _UNKNOWN, _UNKNOWN, _UNKNOWN),
    Face.UNKNOWN: (_UNKNOWN, _UNKNOWN, _UNKNOWN, _UNKNOWN),
    Face.ASKING: (_UNKNOWN, _UNKNOWN, _UNKNOWN, _UNKNOWN),
    Face.UNWRITTEN: (_DONE, _UNKNOWN, _UNKNOWN, _UNKNOWN),
    Face.PAID_UNWRITTEN: (_DONE, _DONE, _DONE, _NOW),
}
"""Opened, done by the patient, asked by the bank, written down. All other situations have no course."""

_OPENED: Mapping[Channel, Message] = {Channel.PAGE: m("Page opened"), Channel.READER: m("Reader asked")}
_BY_PATIENT: Mapping[Channel, Message] = {
    Channel.PAGE: m("Patient types the card"),
    Channel.READER: m("Patient holds the card"),
}


def steps_of(face: Face, tender: Tender, *, begun: Message = NOTHING) -> tuple[Step, ...]:
    """Return the steps of a payment by ``tender`` as they stand on ``face``; none where nothing is waited for.

    When it was ``begun`` stands beside the first of them, once that is done.
    """
    row = tender.row
    states = _STATES.get(face)
    if states is None or row.channel not in _OPENED:
        return ()
    opened, by_patient = _OPENED[row.channel], _BY_PATIENT[row.channel]
    if row.is_on_phone:
        opened, by_patient = m("Code shown"), m("Patient pays on the phone")
    elif row.is_typed:
        by_patient = m("The card is typed")
    words = (opened, by_patient, m("Bank asks, if it wants"), m("Written down"))
    moments = (begun if states[0] is _DONE else NOTHING, NOTHING, NOTHING, NOTHING)
    return tuple(Step(words=each, state=state, at=at) for each, state, at in zip(words, states, moments, strict=True))
