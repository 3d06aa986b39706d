"""The row of filters above the closed shifts: days, desk, person, and whether the drawer was off."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDateEdit, QHBoxLayout, QVBoxLayout, QWidget

from cashier import clock
from cashier.desk.kit.controls import Text, label
from cashier.desk.kit.filter_fields import Days, combo, date_field, day_in
from cashier.language import m, verbatim
from cashier.shifts.past import PastShiftChoices, PastShiftQuery


class PastShiftFilters(QWidget):
    """Tells whenever something else is looked for; nothing before ``start``."""

    query_changed = Signal()

    def __init__(self, time_zone: str) -> None:
        """Count days as the clocks in ``time_zone`` do."""
        super().__init__()
        self.setObjectName("past_shift_filters")
        self._time_zone = time_zone
        self._is_starting = True
        self._date_holders: list[QWidget] = []
        self.days = combo("past_shift_days", m("Closed on"))
        self._first = date_field("past_shift_first_day", m("First day"))
        self._last = date_field("past_shift_last_day", m("Last day"))
        self._desk = combo("past_shift_desk", m("Desk"))
        self._who = combo("past_shift_who", m("Opened or closed by"))
        self._is_off = QCheckBox(str(m("Only over or short")))
        self._is_off.setObjectName("past_shift_is_off")
        self._lay_out()
        self._connect()

    @property
    def query(self) -> PastShiftQuery:
        """What is looked for now."""
        days: Days = self.days.currentData()
        first, last = days.bounds(clock.today(self._time_zone))
        if days is Days.CHOSEN:
            first, last = sorted((day_in(self._first), day_in(self._last)))
        return PastShiftQuery(
            first_day=first,
            last_day=last,
            desk_id=self._desk.currentData(),
            staff_id=self._who.currentData(),
            is_off=self._is_off.isChecked(),
        )

    def start(self, choices: PastShiftChoices) -> None:
        """Begin with this month, and tell."""
        for days in Days:
            self.days.addItem(str(days.words), days)
        self.days.setCurrentIndex(self.days.findData(Days.MONTH))
        for box, anything, among in (
            (self._desk, m("Every desk"), choices.desks),
            (self._who, m("Anybody"), choices.staff),
        ):
            box.addItem(str(anything), None)
            for key, name in among:
                box.addItem(name, key)
        today = clock.today(self._time_zone)
        self._limit(today)
        self._is_starting = False
        self._show_dates()
        self._tell()

    def _limit(self, day: date) -> None:
        for field in (self._first, self._last):
            field.setMaximumDate(QDate(day.year, day.month, day.day))
            field.setDate(QDate(day.year, day.month, day.day))

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for field, stretch in ((self.days, 2), (self._first, 0), (self._last, 0), (self._desk, 3), (self._who, 3)):
            row.addWidget(self._named(field), stretch)
        row.addWidget(self._is_off, 0, Qt.AlignmentFlag.AlignBottom)

    def _named(self, field: QWidget) -> QWidget:
        """Put the name of a filter above it."""
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(label(verbatim(field.accessibleName()), Text.CAPTION))
        column.addWidget(field)
        if isinstance(field, QDateEdit):
            self._date_holders.append(holder)
        return holder

    def _connect(self) -> None:
        for choice in (self.days, self._desk, self._who):
            choice.currentIndexChanged.connect(self._tell)
        self.days.currentIndexChanged.connect(self._show_dates)
        for day in (self._first, self._last):
            day.dateChanged.connect(self._tell)
        self._is_off.toggled.connect(self._tell)

    def _show_dates(self) -> None:
        for holder in self._date_holders:
            holder.setVisible(self.days.currentData() is Days.CHOSEN)

    def _tell(self) -> None:
        if not self._is_starting:
            self.query_changed.emit()
