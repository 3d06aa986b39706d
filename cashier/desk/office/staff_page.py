"""The staff, for administrators: who works here, what they may do, and helping who cannot sign in."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.commands.buttons import command_button
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import (
    Card,
    DangerButton,
    Notice,
    PlainButton,
    StatusPill,
    Text,
    Tone,
    label,
    separator,
)
from cashier.desk.kit.words import day_and_time
from cashier.desk.office.staff_columns import ROLE_WORDS, STAFF_COLUMNS, standing_of
from cashier.desk.office.staff_dialogs import AddStaffDialog, LanguageDialog, OneLineDialog, RoleDialog, StaffForm
from cashier.desk.page import Page
from cashier.desk.tables.list_page import fill, heading, in_card, sheet_scroll, side_by_side
from cashier.desk.tables.row_table import ChosenRowTable
from cashier.desk.tables.rows_model import RowsModel
from cashier.errors import CashierError
from cashier.language import NOTHING, joined, m, mc, name_of_language, verbatim
from cashier.staff.administration import FirstPin, StaffMember
from cashier.staff.rights import ROLE_NAMES


class StaffPage(Page):
    """List on the left, the chosen person with what can be done on the right."""

    def __init__(self, context: DeskContext) -> None:
        """Show nobody before ``enter``."""
        super().__init__(context)
        self.setObjectName("staff_page")
        self._administration, self._actor = context.services.administration, context.actor
        self._member: StaffMember | None = None
        self._rows: RowsModel[StaffMember] = RowsModel(STAFF_COLUMNS, self)
        self.table = ChosenRowTable(self._rows, name="staff_table", title=m("Staff"))
        self._notice = Notice(name="staff_notice")
        self._name = label(NOTHING, Text.HEADLINE, name="staff_name", wraps=True)
        self._state = StatusPill(NOTHING, name="staff_state")
        self._role_words = label(NOTHING, Text.TITLE, name="staff_role_words")
        self._facts = label(NOTHING, Text.CAPTION, name="staff_facts", wraps=True)
        self._role = PlainButton(Command.CHANGE_ROLE.on_button(), name="staff_role")
        self._first_pin = _FirstPinCard()
        self._add = PlainButton(Command.ADD_STAFF.on_button(), "patient", name="staff_add")
        self._rename = PlainButton(Command.RENAME_STAFF.on_button(), name="staff_rename")
        self._new_pin = PlainButton(Command.NEW_PIN.on_button(), "lock", name="staff_new_pin")
        self._badge = PlainButton(Command.GIVE_BADGE.on_button(), "card", name="staff_badge")
        self._language = PlainButton(Command.GIVE_LANGUAGE.on_button(), name="staff_language")
        self._unlock = PlainButton(Command.UNLOCK_STAFF.on_button(), "check", name="staff_unlock")
        self._leave = DangerButton(NOTHING, "sign-out", name="staff_leave")
        self._lay_out()
        self._connect()

    def enter(self, patient_id: int | None) -> None:
        """Fetch the list."""
        self.table.setFocus()
        self._read()

    def _lay_out(self) -> None:
        back = command_button(Command.LEAVE_STAFF, "leave_staff")
        back.clicked.connect(self.left)
        fill(
            self,
            heading(m("Staff"), buttons=[self._add, back]),
            self._notice,
            side_by_side(in_card("staff_card", self.table), self._sheet(), widths=(880, 440)),
        )

    def _sheet(self) -> Card:
        scroll = sheet_scroll()
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        name = QHBoxLayout()
        name.addWidget(self._name, 1)
        name.addWidget(self._state, 0, Qt.AlignmentFlag.AlignTop)
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addLayout(name)
        column.addWidget(self._role_words)
        column.addWidget(self._facts)
        column.addWidget(self._first_pin)
        column.addWidget(separator())
        for button in (
            self._unlock,
            self._new_pin,
            self._role,
            self._badge,
            self._language,
            self._rename,
        ):
            column.addWidget(button)
        column.addStretch(1)
        column.addSpacing(24)
        column.addWidget(separator())
        column.addWidget(self._leave)
        scroll.setWidget(sheet)
        return in_card("staff_sheet", scroll)

    def _connect(self) -> None:
        self.table.row_chosen.connect(self._show)
        for button, command, slot in (
            (self._add, Command.ADD_STAFF, self._ask_who_comes),
            (self._rename, Command.RENAME_STAFF, self._ask_for_name),
            (self._role, Command.CHANGE_ROLE, self._ask_for_role),
            (self._new_pin, Command.NEW_PIN, self._reset_pin),
            (self._badge, Command.GIVE_BADGE, self._ask_for_badge),
            (self._language, Command.GIVE_LANGUAGE, self._ask_for_language),
            (self._unlock, Command.UNLOCK_STAFF, self._unlock_member),
            (self._leave, Command.CHANGE_ACTIVITY, self._change_activity),
        ):
            button.clicked.connect(slot)
            listen(self, {command: button.click})
        listen(self, {Command.LEAVE_STAFF: self.left.emit})

    def _read(self, choose: int | None = None) -> None:
        self.context.thread.ask(
            self,
            self._administration.members(self._actor),
            then=partial(self._show_all, choose),
            failed=self._show_trouble,
        )

    def _show_all(self, choose: int | None, members: tuple[StaffMember, ...]) -> None:
        if choose is not None:
            self.table.want(choose)
        self._rows.show_rows(members)

    def _show(self, member: StaffMember | None) -> None:
        if member is None or self._member is None or member.id != self._member.id:
            self._first_pin.fall_silent()
        self._member = member
        for each in (self._rename, self._new_pin, self._role, self._badge, self._language, self._unlock, self._leave):
            each.setEnabled(member is not None)
        if member is None:
            return
        standing = standing_of(member)
        self._name.setText(member.display_name)
        self._state.show_status(standing.words, standing.tone)
        since = day_and_time(member.pin_set_at, self.context.station.time_zone)
        means = m("Badge and PIN, or name and PIN") if member.has_badge else m("Name and PIN")
        self._role_words.setText(str(ROLE_WORDS[member.role]))
        signs_in = m("Signs in as {name}", name=member.sign_in_name)
        reads = verbatim(name_of_language(member.language)) if member.language else NOTHING
        self._facts.setText(str(joined(" · ", [signs_in, means, m("PIN of {moment}", moment=since), reads])))
        for each in (self._rename, self._new_pin, self._badge, self._language, self._role):
            each.setEnabled(member.is_active)
        self._unlock.setVisible(
            member.is_active and (member.locked_at is not None or member.locked_until is not None)
        )
        self._leave.setText(
            str(
                Command.CHANGE_ACTIVITY.on_button(
                    mc("on a button", "Has left") if member.is_active else m("Is back: active again")
                )
            )
        )

    def _ask_who_comes(self) -> None:
        dialog = AddStaffDialog(self.window())

        def finish(first: FirstPin) -> None:
            dialog.accept()
            self._show_first_pin(first)

        def add() -> None:
            wanted = self._administration.add(dialog.sign_in_name, dialog.full_name, dialog.role, self._actor)
            self.context.thread.ask(dialog, wanted, then=finish, failed=dialog.show_refusal)

        dialog.wanted.connect(add)
        dialog.open()

    def _ask_for_name(self) -> None:
        if self._member is not None:
            member = self._member
            dialog = OneLineDialog(
                self.window(),
                name="rename_staff_dialog",
                heading=m("Another name for {name}", name=member.display_name),
                told=m("It stands on screens and receipts from now on. The name for signing in stays as it is."),
                title=m("Full name"),
                ok=mc("on a button", "Change"),
                text=member.display_name,
            )
            self._ask_in(dialog, lambda: self._administration.rename(member.id, dialog.text, self._actor))

    def _ask_for_badge(self) -> None:
        if self._member is not None:
            member = self._member
            dialog = OneLineDialog(
                self.window(),
                name="badge_dialog",
                heading=m("Badge of {name}", name=member.display_name),
                told=m(
                    "Scan the badge. It is as good as the name at sign-in; the PIN is asked for all the same. "
                    "An empty line takes the badge away."
                ),
                title=m("What the scanner reads"),
                ok=mc("on a button", "Save"),
            )
            dialog.take_scans()
            self._ask_in(dialog, lambda: self._administration.give_badge(member.id, dialog.text, self._actor))

    def _ask_in(self, dialog: StaffForm, do: Callable[[], Coroutine[Any, Any, StaffMember]]) -> None:
        def finish(member: StaffMember) -> None:
            dialog.accept()
            self._take_changed(member)

        dialog.wanted.connect(lambda: self.context.thread.ask(dialog, do(), then=finish, failed=dialog.show_refusal))
        dialog.open()

    def _ask_for_role(self) -> None:
        if self._member is not None:
            member, dialog = self._member, RoleDialog(self.window(), self._member.display_name, self._member.role)
            self._ask_in(dialog, lambda: self._administration.change_role(member.id, dialog.role, self._actor))

    def _ask_for_language(self) -> None:
        if self._member is not None:
            member, dialog = (
                self._member,
                LanguageDialog(self.window(), self._member.display_name, self._member.language),
            )
            self._ask_in(
                dialog, lambda: self._administration.change_language(member.id, dialog.language, self._actor)
            )

    def _reset_pin(self) -> None:
        if self._member is not None:
            self._do(self._administration.reset_pin(self._member.id, self._actor), self._show_first_pin)

    def _unlock_member(self) -> None:
        if self._member is not None:
            self._do(self._administration.unlock(self._member.id, self._actor), self._take_changed)

    def _change_activity(self) -> None:
        if self._member is None:
            return
        if self._member.is_active:
            self._do(self._administration.deactivate(self._member.id, self._actor), self._take_changed)
        else:
            self._do(self._administration.reactivate(self._member.id, self._actor), self._show_first_pin)

    def _do(self, coroutine: Coroutine[Any, Any, Any], then: Callable[[Any], None]) -> None:
        self._notice.fall_silent()
        self.context.thread.ask(self, coroutine, then=then, failed=self._take_failure)

    def _take_changed(self, member: StaffMember) -> None:
        changed = m(
            "{name}: {role}, {state}.",
            name=member.display_name,
            role=ROLE_NAMES[member.role],
            state=standing_of(member).in_a_sentence,
        )
        self._notice.say(changed, Tone.GOOD)
        self._read()

    def _show_first_pin(self, first: FirstPin) -> None:
        self._notice.fall_silent()
        self._member = first.member
        self._first_pin.say(first)
        self._read(choose=first.member.id)

    def _take_failure(self, error: CashierError) -> None:
        self._show_trouble(error)
        self._show(self._member)

    def _show_trouble(self, error: CashierError) -> None:
        self._notice.say(error.words, Tone.BAD)


class _FirstPinCard(QWidget):
    """The PIN for a first sign-in, shown until somebody else is chosen or the page is left."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("first_pin")
        self._words = label(NOTHING, wraps=True, name="first_pin_words")
        self._pin = label(NOTHING, Text.DISPLAY, name="first_pin_pin")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 6)
        layout.setSpacing(4)
        layout.addWidget(separator())
        layout.addWidget(self._words)
        layout.addWidget(self._pin)
        self.hide()

    def say(self, first: FirstPin) -> None:
        """Show it."""
        self._words.setText(
            str(
                m(
                    "PIN for the next sign-in of {name}. It is shown once and has to be changed then.",
                    name=first.member.display_name,
                )
            )
        )
        self._pin.setText(f"{first.pin[:3]} {first.pin[3:]}")
        self.setAccessibleName(str(m("First PIN: {digits}", digits=" ".join(first.pin))))
        self.show()

    def fall_silent(self) -> None:
        """Forget it."""
        self._pin.clear()
        self.hide()
