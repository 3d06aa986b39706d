"""The shift of this desk: one thing at a time, from opening to the Z report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from cashier.asked_again.doubt import Doubt, Doubtful
from cashier.denominations import denominations_of
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import Card, Notice, PlainButton, Text, Tone, label
from cashier.desk.kit.look import for_hands
from cashier.desk.page import Page
from cashier.desk.shift.count_form import CountForm
from cashier.desk.shift.doubt_dialog import DoubtDialog
from cashier.desk.shift.open_form import OpenForm
from cashier.desk.shift.outcome_form import OutcomeForm
from cashier.desk.shift.report_dialog import ReportDialog
from cashier.desk.shift.running_form import RunningForm, said_of
from cashier.errors import CashierError
from cashier.language import m
from cashier.shifts.views import Closing, CountOutcome, DeskShifts, DrawerCount, Movement, Opening, ShiftView

_WIDTH_MAX, _WIDTH_MAX_TOUCHED = 860, 980

Form = OpenForm | RunningForm | CountForm | OutcomeForm


class ShiftPage(Page):
    """Shows what can be done with the drawer just now."""

    def __init__(self, context: DeskContext) -> None:
        """Show nothing before ``enter``."""
        super().__init__(context)
        self.setObjectName("shift_page")
        self._shifts = context.services.shifts
        self._at_desk: DeskShifts | None = None
        self._form: Form | None = None
        self._counted: DrawerCount | None = None
        """What was typed when the count was left, for whoever goes on with it."""
        self._is_reading = self._counts_at_once = False
        self._leave = PlainButton(Command.LEAVE_SHIFT.words, "back", name="leave_shift")
        self._notice = Notice(name="shift_notice")
        self._scroll = QScrollArea(widgetResizable=True)
        # A press on the keypad would give it the keyboard, and take it from the field.
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._place = QVBoxLayout()
        self._foot = Card(name="shift_foot")
        self._beneath = QVBoxLayout(self._foot)
        self._lay_out()
        self._scroll.verticalScrollBar().rangeChanged.connect(self._look_after_sight)
        listen(self, {Command.LEAVE_SHIFT: self._go_back})

    def enter(self, patient_id: int | None) -> None:
        """Read how the desk stands."""
        self.setFocus()
        self._notice.fall_silent()
        self._read()

    def count(self) -> None:
        """Begin to count the drawer as soon as the shift is read; nothing happens where one counts already."""
        if self._is_reading:
            self._counts_at_once = True
        elif isinstance(self._form, RunningForm):
            self._form.want_closing()

    def _lay_out(self) -> None:
        self._leave.clicked.connect(self.left)
        upper = QHBoxLayout()
        heading = QVBoxLayout()
        heading.setSpacing(0)
        heading.addWidget(label(m("Shift"), Text.HEADLINE))
        station = self.context.station
        desk = m("The drawer of desk {desk}", desk=f"{station.code} · {station.name}")
        heading.addWidget(label(desk, Text.CAPTION))
        upper.addLayout(heading)
        upper.addStretch(1)
        upper.addWidget(self._leave)
        card = Card(name="shift_card")
        card.setMaximumWidth(for_hands(_WIDTH_MAX, touched=_WIDTH_MAX_TOUCHED))
        inside = QVBoxLayout(card)
        inside.setContentsMargins(28, 24, 28, 20)
        inside.setSpacing(12)
        inside.addWidget(self._notice)
        inside.addLayout(self._place, 1)
        self._foot.setMaximumWidth(for_hands(_WIDTH_MAX, touched=_WIDTH_MAX_TOUCHED))
        self._beneath.setContentsMargins(28, 10, 28, 10)
        self._foot.hide()
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(card, 100)
        row.addStretch(1)
        self._scroll.setWidget(holder)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(upper)
        layout.addWidget(self._scroll, 1)
        beneath = QHBoxLayout()
        beneath.addStretch(1)
        beneath.addWidget(self._foot, 100)
        beneath.addStretch(1)
        layout.addLayout(beneath)

    def _read(self) -> None:
        self._is_reading = True
        self.context.thread.ask(
            self, self._shifts.at_desk(self.context.station.desk_id), then=self._show, failed=self._tell_unread
        )

    def _show(self, at_desk: DeskShifts) -> None:
        self._is_reading = False
        self._at_desk = at_desk
        counts, self._counts_at_once = self._counts_at_once, False
        if at_desk.open is None:
            self._show_opening(at_desk)
            return
        self._show_running(at_desk.open)
        if counts:
            self.count()

    def _show_opening(self, at_desk: DeskShifts) -> None:
        station = self.context.station
        form = OpenForm(at_desk, station.currency, time_zone=station.time_zone)
        form.wanted.connect(self._open)
        form.refused.connect(self._refuse)
        form.report_wanted.connect(self._look_at_last_report)
        self._put(form)

    def _show_running(self, shift: ShiftView) -> None:
        form = RunningForm(shift, time_zone=self.context.station.time_zone)
        form.moved.connect(self._move)
        form.refused.connect(self._refuse)
        form.report_wanted.connect(self._look_at_report)
        form.closing_wanted.connect(self._check_closing)
        self._put(form)

    def _put(self, form: Form) -> None:
        before, self._form = self._form, form
        is_first_step = isinstance(form, OpenForm | RunningForm)
        self._leave.setText(str(Command.LEAVE_SHIFT.on_button() if is_first_step else Command.LEAVE_SHIFT.words))
        self._place.addWidget(form)
        if isinstance(before, CountForm):
            self._beneath.removeWidget(before.foot)
            before.foot.hide()
            before.foot.deleteLater()
        if isinstance(form, CountForm):
            self._beneath.addWidget(form.foot)
        self._foot.setVisible(isinstance(form, CountForm))
        if isinstance(before, CountForm):
            self._counted = before.typed
        if before is not None:
            self._place.removeWidget(before)
            before.hide()
            before.deleteLater()
        form.show()
        form.take_keyboard()

    def _open(self, opening: Opening) -> None:
        self._notice.fall_silent()
        self.context.thread.ask(
            self,
            self._shifts.open(opening, self.context.actor),
            then=self._tell_opened,
            failed=partial(self._ask_or_refuse, lambda decided: self._open(replace(opening, decided=decided))),
        )

    def _tell_opened(self, shift: ShiftView) -> None:
        self._notice.say(m("Shift {shift} is open. Cash can be taken.", shift=shift.name), Tone.GOOD)
        self._read()

    def _move(self, movement: Movement) -> None:
        self._notice.fall_silent()

        def tell(shift: ShiftView) -> None:
            self._notice.say(said_of(movement), Tone.GOOD)
            self._show_running(shift)

        self.context.thread.ask(
            self,
            self._shifts.move(movement, self.context.actor),
            then=tell,
            failed=partial(self._ask_or_refuse, lambda decided: self._move(replace(movement, decided=decided))),
        )

    def _check_closing(self) -> None:
        if self._at_desk is None or self._at_desk.open is None:
            return
        shift = self._at_desk.open
        self._notice.fall_silent()
        self.context.thread.ask(
            self,
            self._shifts.check_closing(shift.id, self.context.actor),
            then=lambda _nothing: self._show_count(shift),
            failed=self._refuse,
        )

    def _show_count(self, shift: ShiftView, before: DrawerCount | None = None) -> None:
        station = self.context.station
        form = CountForm(shift, denominations_of(shift.float.currency, station.cash_step_minor))
        kept = self._counted
        if before is not None:
            form.preset(before.pieces)
        elif kept is not None and kept.shift_id == shift.id and kept.counted_minor:
            form.preset(kept.pieces)
            self._notice.say(m("What was counted before is there. Look at what has moved since."), Tone.NEUTRAL)
        form.counted.connect(self._compare)
        form.given_up.connect(self._leave_count)
        form.reached.connect(self._look_after_sight)
        self._put(form)

    def _look_after_sight(self) -> None:
        # Only afterwards the rows have found their places.
        QTimer.singleShot(0, self, self._keep_in_sight)

    def _keep_in_sight(self) -> None:
        field = self._form.focusWidget() if isinstance(self._form, CountForm) else None
        if field is not None:
            self._scroll.ensureWidgetVisible(field)

    def _leave_count(self) -> None:
        self._notice.fall_silent()
        self._read()

    def _compare(self, count: DrawerCount) -> None:
        self._notice.fall_silent()
        self.context.thread.ask(
            self,
            self._shifts.count(count, self.context.actor),
            then=partial(self._show_outcome, count),
            failed=self._refuse,
        )

    def _show_outcome(self, count: DrawerCount, outcome: CountOutcome) -> None:
        form = OutcomeForm(count, outcome)
        form.wanted.connect(self._close)
        form.recount_wanted.connect(self._count_again)
        self._put(form)

    def _count_again(self, count: DrawerCount) -> None:
        self._notice.fall_silent()
        if self._at_desk is not None and self._at_desk.open is not None:
            self._show_count(self._at_desk.open, count)

    def _close(self, closing: Closing) -> None:
        self._notice.fall_silent()
        self.context.thread.ask(
            self, self._shifts.close(closing, self.context.actor), then=self._tell_closed, failed=self._refuse
        )

    def _tell_closed(self, shift: ShiftView) -> None:
        self._notice.say(m("Shift {shift} is closed.", shift=shift.name), Tone.GOOD)
        self._read()
        self._look(shift, is_final=True)

    def _look_at_report(self) -> None:
        if self._at_desk is not None and self._at_desk.open is not None:
            self._look(self._at_desk.open, is_final=False)

    def _look_at_last_report(self) -> None:
        if self._at_desk is not None and self._at_desk.last_closed is not None:
            self._look(self._at_desk.last_closed, is_final=True)

    def _look(self, shift: ShiftView, *, is_final: bool) -> None:
        dialog = ReportDialog(self.context, shift.id, self.window(), is_final=is_final)
        dialog.finished.connect(self._take_keyboard)
        dialog.open()

    def _take_keyboard(self, _result: int) -> None:
        if self._form is not None and shiboken6.isValid(self._form):
            self._form.take_keyboard()

    def _go_back(self) -> None:
        """Esc: one step back, and from the first step to the invoices."""
        if isinstance(self._form, CountForm):
            self._form.given_up.emit()
        elif isinstance(self._form, OutcomeForm):
            self._form.give_up()
        else:
            self.left.emit()

    def _ask_or_refuse(self, again: Callable[[frozenset[Doubt]], object], error: CashierError) -> None:
        """Ask again about what is hardly ever meant, and do it ``again`` with what was decided."""
        if not isinstance(error, Doubtful):
            self._refuse(error)
            return
        dialog = DoubtDialog(error, self.window())
        dialog.accepted.connect(lambda: again(error.doubts))
        dialog.rejected.connect(lambda: self._form is None or self._form.allow_again())
        dialog.open()

    def _refuse(self, error: CashierError) -> None:
        if self._form is not None:
            self._form.allow_again()
        self._tell(error)

    def _tell_unread(self, error: CashierError) -> None:
        self._is_reading = self._counts_at_once = False
        self._tell(error)

    def _tell(self, error: CashierError) -> None:
        self._notice.say(error.words, Tone.BAD)
