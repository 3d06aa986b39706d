"""The row of filters above the closed shifts: days, desk, person, and whether the drawer was off."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from cashier import clock
from cashier.desk.kit.filter_fields import Days, DaysFilter, combo, named
from cashier.language import m
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
        self.days = DaysFilter(self, "past_shift", m("Closed on"))
        self._desk = combo("past_shift_desk", m("Desk"))
        self._who = combo("past_shift_who", m("Opened or closed by"))
        self._is_off = QCheckBox(str(m("Only over or short")))
        self._is_off.setObjectName("past_shift_is_off")
        self._lay_out()
        self._connect()

    @property
    def query(self) -> PastShiftQuery:
        """What is looked for now."""
        first, last = self.days.bounds(clock.today(self._time_zone))
        return PastShiftQuery(
            first_day=first,
            last_day=last,
            desk_id=self._desk.currentData(),
            staff_id=self._who.currentData(),
            is_off=self._is_off.isChecked(),
        )

    def start(self, choices: PastShiftChoices) -> None:
        """Begin with this month, and tell."""
        self.days.begin(Days.MONTH, clock.today(self._time_zone))
        for box, anything, among in (
            (self._desk, m("Every desk"), choices.desks),
            (self._who, m("Anybody"), choices.staff),
        ):
            box.addItem(str(anything), None)
            for key, name in among:
                box.addItem(name, key)
        self._is_starting = False
        self._tell()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for holder, stretch in zip(self.days.holders, (2, 0, 0), strict=True):
            row.addWidget(holder, stretch)
        for field in (self._desk, self._who):
            row.addWidget(named(field), 3)
        row.addWidget(self._is_off, 0, Qt.AlignmentFlag.AlignBottom)

    def _connect(self) -> None:
        self.days.changed.connect(self._tell)
        for choice in (self._desk, self._who):
            choice.currentIndexChanged.connect(self._tell)
        self._is_off.toggled.connect(self._tell)

    def _tell(self) -> None:
        if not self._is_starting:
            self.query_changed.emit()
