"""The row of filters above the journal: days, who, what was done, and to what."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, QTimer, Signal
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from cashier import clock
from cashier.audit.journal_views import JournalChoices, JournalQuery
from cashier.desk.kit.controls import Text, label
from cashier.desk.kit.filter_fields import Days, combo, date_field, day_in
from cashier.desk.office.audit_words import kind_of_record
from cashier.desk.scanning.fields import Takes
from cashier.desk.scanning.recogniser import let_scan
from cashier.language import Message, m, mc, verbatim

_TYPING_PAUSE_MS = 250


class AuditFilters(QWidget):
    """Tells whenever something else is looked for; nothing before ``start``."""

    query_changed = Signal()
    left_downwards = Signal()
    """Enter was pressed in a field."""

    def __init__(self, time_zone: str) -> None:
        """Count days as the clocks in ``time_zone`` do."""
        super().__init__()
        self.setObjectName("audit_filters")
        self._time_zone = time_zone
        self._is_starting = True
        self._date_holders: list[QWidget] = []
        self._days = combo("audit_days", m("Days"))
        self._first = date_field("audit_first_day", m("First day"))
        self._last = date_field("audit_last_day", m("Last day"))
        self._who = combo("audit_who", m("Who"))
        self.action = _field("audit_action", m("What was done"), m("Such as: refund, signed in, refused"))
        self._subject = combo("audit_subject", m("To what"))
        self._subject_id = _field("audit_subject_id", m("Its key or number"), mc("a key or number", "In full"))
        for field in (self.action, self._subject_id):
            let_scan(field, Takes.SEARCH)
        self._pause = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        self._lay_out()
        self._connect()

    @property
    def query(self) -> JournalQuery:
        """What is looked for now."""
        days: Days = self._days.currentData()
        first, last = days.bounds(self._today())
        if days is Days.CHOSEN:
            first, last = sorted((day_in(self._first), day_in(self._last)))
        return JournalQuery(
            first_day=first,
            last_day=last,
            staff_id=self._who.currentData(),
            action=self.action.text(),
            subject=self._subject.currentData(),
            subject_id=self._subject_id.text(),
        )

    def start(self, choices: JournalChoices) -> None:
        """Begin with everything, and tell."""
        for days in Days:
            self._days.addItem(str(days.words), days)
        self._days.setCurrentIndex(self._days.findData(Days.ANY))
        self._who.addItem(str(m("Anybody")), None)
        for staff_id, name in choices.staff:
            self._who.addItem(str(name), staff_id)
        self._subject.addItem(str(m("Anything")), None)
        for subject in choices.subjects:
            self._subject.addItem(str(kind_of_record(subject)), subject)
        day = self._today()
        for field in (self._first, self._last):
            field.setMaximumDate(QDate(day.year, day.month, day.day))
            field.setDate(QDate(day.year, day.month, day.day))
        self._is_starting = False
        self._show_dates()
        self._tell()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for field, stretch in (
            (self._days, 2),
            (self._first, 0),
            (self._last, 0),
            (self._who, 2),
            (self.action, 3),
            (self._subject, 2),
            (self._subject_id, 2),
        ):
            row.addWidget(self._named(field), stretch)

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
        for choice in (self._days, self._who, self._subject):
            choice.currentIndexChanged.connect(self._tell)
        self._days.currentIndexChanged.connect(self._show_dates)
        for day in (self._first, self._last):
            day.dateChanged.connect(self._tell)
        for field in (self.action, self._subject_id):
            field.textChanged.connect(self._pause.start)
            field.returnPressed.connect(self.left_downwards)
        self._pause.timeout.connect(self._tell)

    def _show_dates(self) -> None:
        for holder in self._date_holders:
            holder.setVisible(self._days.currentData() is Days.CHOSEN)

    def _tell(self) -> None:
        self._pause.stop()
        if not self._is_starting:
            self.query_changed.emit()

    def _today(self) -> date:
        return clock.today(self._time_zone)


def _field(name: str, words: Message, example: Message) -> QLineEdit:
    made = QLineEdit()
    made.setObjectName(name)
    made.setAccessibleName(str(words))
    made.setPlaceholderText(str(example))
    made.setMaxLength(64)
    made.setClearButtonEnabled(True)
    return made
