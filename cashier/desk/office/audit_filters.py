"""The row of filters above the journal: days, who, what was done, and to what."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from cashier import clock
from cashier.audit.journal_views import JournalChoices, JournalQuery
from cashier.desk.kit.filter_fields import Days, DaysFilter, combo, named
from cashier.desk.office.audit_words import kind_of_record
from cashier.desk.scanning.fields import Takes
from cashier.desk.scanning.recogniser import let_scan
from cashier.language import Message, m, mc

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
        self._days = DaysFilter(self, "audit", m("Days"))
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
        first, last = self._days.bounds(self._today())
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
        self._days.begin(Days.ANY, self._today())
        self._who.addItem(str(m("Anybody")), None)
        for staff_id, name in choices.staff:
            self._who.addItem(str(name), staff_id)
        self._subject.addItem(str(m("Anything")), None)
        for subject in choices.subjects:
            self._subject.addItem(str(kind_of_record(subject)), subject)
        self._is_starting = False
        self._tell()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for holder, stretch in zip(self._days.holders, (2, 0, 0), strict=True):
            row.addWidget(holder, stretch)
        for field, stretch in ((self._who, 2), (self.action, 3), (self._subject, 2), (self._subject_id, 2)):
            row.addWidget(named(field), stretch)

    def _connect(self) -> None:
        self._days.changed.connect(self._tell)
        for choice in (self._who, self._subject):
            choice.currentIndexChanged.connect(self._tell)
        for field in (self.action, self._subject_id):
            field.textChanged.connect(self._pause.start)
            field.returnPressed.connect(self.left_downwards)
        self._pause.timeout.connect(self._tell)

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
