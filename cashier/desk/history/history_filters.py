"""The row of filters above the payments: whose, of which days, by which tender, with which outcome."""

from __future__ import annotations

from datetime import date
from enum import Enum

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from cashier import clock
from cashier.books.payment import PaymentState
from cashier.desk.context import DeskContext
from cashier.desk.kit.filter_fields import Days, DaysFilter, combo, named
from cashier.desk.kit.icons import icon
from cashier.desk.kit.look import scaled
from cashier.desk.scanning.fields import Takes
from cashier.desk.scanning.recogniser import let_scan
from cashier.history.views import HistoryChoices, OpenedPatient, PaymentQuery
from cashier.language import Message, m, mc
from cashier.palette import Colour
from cashier.tenders.tender import Tender

_TYPING_PAUSE_MS = 250
_WIDTH, _WIDTH_WITH_DATES = 1200, 1500
"""How wide all filters are beside each other."""
_PATIENT, _EVERY_DESK = "patient", "every-desk"


class Outcome(Enum):
    """What became of the payments that are looked at."""

    ANY = (m("Any outcome"), frozenset[PaymentState]())
    PAID = (mc("payments", "Paid"), frozenset({PaymentState.PAID}))
    CANCELLED = (m("Cancelled or declined"), frozenset({PaymentState.CANCELLED}))
    UNFINISHED = (mc("payments", "Not finished"), frozenset(state for state in PaymentState if not state.is_final))

    def __init__(self, words: Message, states: frozenset[PaymentState]) -> None:
        """Keep the words of the filter and its states (empty: all)."""
        self.words = words
        self.states = states


_WHOSE_LENGTH = 26
"""So many letters of a patient's name and record number are not cut."""


class HistoryFilters(QWidget):
    """Tells whenever something else is looked for. Nothing is told while ``start`` sets the filters."""

    query_changed = Signal()
    left_downwards = Signal()
    """Enter was pressed in the field for numbers."""

    def __init__(self, context: DeskContext) -> None:
        """Look at nothing before ``start``."""
        super().__init__()
        self.setObjectName("history_filters")
        self._context = context
        self._patient: OpenedPatient | None = None
        self._is_starting = True
        self._rows = (QHBoxLayout(), QHBoxLayout())
        self._movable: list[QWidget] = []
        self._scope = combo("history_scope", m("Whose payments"))
        self._scope.setMinimumContentsLength(_WHOSE_LENGTH)
        self._days = DaysFilter(self, "history", m("Days"))
        self._tender = combo("history_tender", m("Paid with"))
        self._outcome = combo("history_outcome", m("Outcome"))
        self._cashier = combo("history_cashier", m("Cashier"))
        self.text = QLineEdit()
        self._pause = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        self._fill()
        self._lay_out()
        self._connect()

    @property
    def query(self) -> PaymentQuery:
        """What is looked for now."""
        scope = self._scope.currentData()
        first, last = self._days.bounds(self._today())
        outcome: Outcome = self._outcome.currentData()
        return PaymentQuery(
            patient=self._patient if scope == _PATIENT else None,
            desk_id=scope if isinstance(scope, int) else None,
            staff_id=self._cashier.currentData(),
            first_day=first,
            last_day=last,
            tender=self._tender.currentData(),
            states=outcome.states,
            text=self.text.text(),
        )

    def start(self, choices: HistoryChoices, patient: OpenedPatient | None) -> None:
        """Begin anew with all payments of ``patient``, or with today's of this desk, and tell."""
        self._is_starting = True
        self._patient = patient
        self._scope.clear()
        if patient is not None:
            self._scope.addItem(f"{patient.name} · {patient.record_number}", _PATIENT)
        here = self._context.station.desk_id
        for desk in sorted(choices.desks, key=lambda desk: desk.id != here):
            words = m("This desk: {desk}", desk=desk.words) if desk.id == here else m("Desk {desk}", desk=desk.words)
            self._scope.addItem(str(words), desk.id)
        if choices.sees_every_desk:
            self._scope.addItem(str(m("Every desk")), _EVERY_DESK)
        self._cashier.clear()
        self._cashier.addItem(str(m("All cashiers")), None)
        for each in choices.cashiers:
            self._cashier.addItem(str(each.words), each.id)
        for field in (self._scope, self._tender, self._outcome):
            field.setCurrentIndex(0)
        self._days.begin(Days.TODAY if patient is None else Days.ANY, self._today())
        self.text.clear()
        self._is_starting = False
        self._arrange()
        self._tell()

    def _fill(self) -> None:
        self._tender.addItem(str(m("Any way to pay")), None)
        for tender in Tender:
            self._tender.addItem(str(tender.row.words), tender)
        for outcome in Outcome:
            self._outcome.addItem(str(outcome.words), outcome)
        self.text.setObjectName("history_text")
        self.text.setAccessibleName(str(m("Number of a receipt, invoice, cheque or at Stripe")))
        self.text.setPlaceholderText(str(m("Receipt, invoice, reference, Stripe id")))
        self.text.setMaxLength(120)
        let_scan(self.text, Takes.SEARCH)
        self.text.setClearButtonEnabled(True)
        self.text.addAction(icon("search", Colour.INK_SOFT), QLineEdit.ActionPosition.LeadingPosition)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for row in self._rows:
            row.setSpacing(8)
            layout.addLayout(row)
        self._rows[0].addWidget(named(self._scope), 4)
        for holder, stretch in zip(self._days.holders, (2, 0, 0), strict=True):
            self._rows[0].addWidget(holder, stretch)
        self._rows[0].addWidget(named(self.text, m("Number")), 3)
        for field in (self._tender, self._outcome, self._cashier):
            self._movable.append(named(field))
            self._rows[1].addWidget(self._movable[-1], 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use one row where all filters have room beside each other, else two."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        has_room = self.width() >= scaled(_WIDTH_WITH_DATES if self._days.are_chosen else _WIDTH)
        target = self._rows[0] if has_room else self._rows[1]
        for holder in self._movable:
            if target.indexOf(holder) < 0:
                for row in self._rows:
                    row.removeWidget(holder)
                # The field for numbers stays last.
                target.insertWidget(target.count() - 1 if has_room else target.count(), holder, 2)

    def _connect(self) -> None:
        for each in (self._scope, self._tender, self._outcome, self._cashier):
            each.currentIndexChanged.connect(self._tell)
        self._days.changed.connect(self._tell)
        self._days.changed.connect(self._arrange)
        self.text.textChanged.connect(self._pause.start)
        self._pause.timeout.connect(self._tell)
        self.text.returnPressed.connect(self.left_downwards)

    def _tell(self) -> None:
        self._pause.stop()
        if not self._is_starting:
            self.query_changed.emit()

    def _today(self) -> date:
        return clock.today(self._context.station.time_zone)
