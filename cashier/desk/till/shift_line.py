"""How the desk's shift stands: a word at the bottom, and a line above the list while none is open."""

from __future__ import annotations

from PySide6.QtCore import Signal

from cashier.desk.commands.commands import Command
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import Notice, PlainButton, Tone
from cashier.desk.kit.words import since
from cashier.desk.till.screen_changes import changes_in
from cashier.desk.till.status_bar import StatusBar
from cashier.errors import CashierError
from cashier.language import NOTHING, m
from cashier.shifts.views import DeskShifts


class ShiftLine(Notice):
    """Offers to open a shift where cash wants one; hidden otherwise."""

    opening_wanted = Signal()

    def __init__(self, context: DeskContext, status: StatusBar) -> None:
        """Look at once, and again whenever something changes."""
        super().__init__(name="shift_line")
        self._context, self._status = context, status
        self._wants_shift = context.services.settings.desk.shifts
        button = PlainButton(Command.SHOW_SHIFT.on_button(m("Open a shift")), "cash", name="go_to_shift")
        button.clicked.connect(self.opening_wanted)
        self.add_button(button)
        self._look()
        context.thread.follow(self, changes_in(context.services.news), each=lambda _: self._look())

    def _look(self) -> None:
        desk_id = self._context.station.desk_id
        self._context.thread.ask(
            self, self._context.services.shifts.at_desk(desk_id), then=self._show, failed=self._stay
        )

    def _show(self, shifts: DeskShifts) -> None:
        if shifts.open is not None:
            moment = since(shifts.open.opened_at, self._context.station.time_zone)
            words = m("Shift {shift} since {time}", shift=shifts.open.name, time=moment)
            self._status.show_shift(words, Tone.NEUTRAL)
            self.fall_silent()
            return
        self._status.show_shift(m("No shift") if self._wants_shift else NOTHING, Tone.CAUTION)
        if self._wants_shift:
            self.say(m("No shift is open at this desk, so cash cannot be taken."), Tone.CAUTION)

    def _stay(self, _error: CashierError) -> None:
        """What was known last stays: an outage is told by its own banner."""
