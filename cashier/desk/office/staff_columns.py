"""The table of the staff."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from cashier.books.staff import Role
from cashier.clock import now
from cashier.desk.kit.controls import Tone
from cashier.desk.tables.columns import Column, Width, always
from cashier.language import Message, m, mc, verbatim
from cashier.staff.administration import StaffMember

ROLE_WORDS: Mapping[Role, Message] = {
    Role.CASHIER: m("Cashier"),
    Role.SUPERVISOR: m("Supervisor"),
    Role.ADMINISTRATOR: m("Administrator"),
    Role.AUDITOR: m("Auditor"),
}


class Standing(Enum):
    """How somebody stands: as a word of its own, and inside a sentence."""

    LEFT = (mc("of a person", "Has left"), mc("of a person", "has left"), Tone.NEUTRAL)
    LOCKED = (mc("of a person", "Locked"), mc("of a person", "locked"), Tone.BAD)
    WAITING = (mc("of a person", "Has to wait"), mc("of a person", "has to wait"), Tone.CAUTION)
    FIRST_PIN = (mc("of a person", "Has a first PIN"), mc("of a person", "has a first PIN"), Tone.CAUTION)
    ACTIVE = (mc("of a person", "Active"), mc("of a person", "active"), Tone.GOOD)

    def __init__(self, words: Message, in_a_sentence: Message, tone: Tone) -> None:
        """Keep the words and their tone."""
        self.words = words
        self.in_a_sentence = in_a_sentence
        self.tone = tone


def standing_of(member: StaffMember) -> Standing:
    """Say how somebody stands: the one thing that an administrator has to know."""
    if not member.is_active:
        return Standing.LEFT
    if member.locked_at is not None:
        return Standing.LOCKED
    if member.locked_until is not None and member.locked_until > now():
        return Standing.WAITING
    return Standing.FIRST_PIN if member.must_change_pin else Standing.ACTIVE


def _signs_in_as(member: StaffMember) -> Message:
    if member.has_badge:
        return m("{name} · badge", name=member.sign_in_name)
    return verbatim(member.sign_in_name)


STAFF_COLUMNS: tuple[Column[StaffMember], ...] = (
    Column(
        name="name",
        heading=m("Name"),
        text=lambda member: verbatim(member.display_name),
        is_bold=always,
        width=Width.REST,
    ),
    Column(
        name="signs_in_as",
        heading=m("Signs in as"),
        text=_signs_in_as,
        width=170,
        hidden_below=640,
    ),
    Column(name="role", heading=m("Role"), text=lambda member: ROLE_WORDS[member.role], width=140),
    Column(
        name="state",
        heading=mc("of a person", "State"),
        text=lambda member: standing_of(member).words,
        tone=lambda member: standing_of(member).tone,
        is_bold=always,
        width=150,
    ),
)
