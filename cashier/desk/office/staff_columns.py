"""The table of the staff."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.books.staff import Role
from cashier.clock import now
from cashier.desk.kit.controls import Tone
from cashier.desk.tables.columns import Column, Width, always
from cashier.staff.administration import StaffMember

ROLE_WORDS: Mapping[Role, str] = {
    Role.CASHIER: "Cashier",
    Role.SUPERVISOR: "Supervisor",
    Role.ADMINISTRATOR: "Administrator",
    Role.AUDITOR: "Auditor",
}


def state_of(member: StaffMember) -> tuple[str, Tone]:
    """Say how somebody stands: the one thing that an administrator has to know."""
    if not member.is_active:
        return "Has left", Tone.NEUTRAL
    if member.locked_at is not None:
        return "Locked", Tone.BAD
    if member.locked_until is not None and member.locked_until > now():
        return "Has to wait", Tone.CAUTION
    if member.must_change_pin:
        return "Has a first PIN", Tone.CAUTION
    return "Active", Tone.GOOD


STAFF_COLUMNS: tuple[Column[StaffMember], ...] = (
    Column(
        name="name",
        heading="Name",
        text=lambda member: member.display_name,
        is_bold=always,
        width=Width.REST,
    ),
    Column(
        name="signs_in_as",
        heading="Signs in as",
        text=lambda member: f"{member.sign_in_name}{' · badge' if member.has_badge else ''}",
        width=170,
        hidden_below=640,
    ),
    Column(name="role", heading="Role", text=lambda member: ROLE_WORDS[member.role], width=140),
    Column(
        name="state",
        heading="State",
        text=lambda member: state_of(member)[0],
        tone=lambda member: state_of(member)[1],
        is_bold=always,
        width=150,
    ),
)
