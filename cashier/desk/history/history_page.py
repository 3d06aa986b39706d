"""The payment history: of a patient, of this desk, and for those who may, of every desk."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier import clock
from cashier.desk.commands.buttons import command_button
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.documents.csv_export import CsvExport
from cashier.desk.history.evidence_handout import EvidenceHandout
from cashier.desk.history.history_columns import PATIENT_WIDTH_MIN, history_rows
from cashier.desk.history.history_filters import HistoryFilters
from cashier.desk.history.payment_sheet import PaymentSheet
from cashier.desk.history.words import count, sums, tenders
from cashier.desk.kit.controls import Card, Notice, PlainButton, Text, Tone, label, separator
from cashier.desk.page import Page
from cashier.desk.tables.list_page import fill, heading, in_card, list_or_words, sheet_scroll, side_by_side
from cashier.desk.tables.row_table import ChosenRowTable
from cashier.errors import CashierError
from cashier.history.views import HistoryChoices, HistoryTotals, OpenedPatient, PaymentRecord, PaymentRow
from cashier.language import NOTHING, Message, m, mn
from cashier.language.number_style import Count
from cashier.staff.rights import ALLOWED, Action


class HistoryPage(Page):
    """Filters above, payments and their sums on the left, everything about the chosen one on the right."""

    def __init__(self, context: DeskContext) -> None:
        """Show nothing before ``enter``."""
        super().__init__(context)
        self.setObjectName("history_page")
        self._wanted_patient_id: int | None = None
        self._choices: HistoryChoices | None = None
        self._record: PaymentRecord | None = None
        self._filters = HistoryFilters(context)
        self._model = history_rows(context, self)
        self.table = ChosenRowTable(self._model, name="history_table", title=m("Payments"))
        self.table.rest_width_min = PATIENT_WIDTH_MIN
        self._evidence = EvidenceHandout(context, self)
        self._export = PlainButton(Command.EXPORT_PAYMENTS.on_button(), "save", name="history_export")
        self._notice = Notice(name="history_notice")
        self._file = CsvExport(
            self,
            self._export,
            self._notice,
            title=m("Export payments"),
            meanwhile=m("The payments are being written …"),
            saved=lambda written, name: mn(
                "{count} payment saved as {file}.",
                "{count} payments saved as {file}.",
                count=Count(written),
                file=name,
            ),
        )
        self._nothing = label(NOTHING, Text.TITLE, name="history_empty", wraps=True)
        self._count = label(NOTHING, Text.CAPTION, name="history_count")
        self._sums = label(NOTHING, Text.TITLE, name="history_sums", wraps=True)
        self._tenders = label(NOTHING, Text.CAPTION, name="history_tenders", wraps=True)
        self._scroll = sheet_scroll()
        self._scroll.setObjectName("history_scroll")
        self._lay_out()
        self._connect()

    def enter(self, patient_id: int | None) -> None:
        """Begin with all payments of a patient, which the journal notes, or with today's of this desk."""
        self._wanted_patient_id = patient_id
        self._show_nothing(m("One moment …"))
        self._filters.setEnabled(False)
        history, actor = self.context.services.history, self.context.actor
        self.context.thread.ask(
            self, history.choices(actor), then=partial(self._take_choices, patient_id), failed=self._show_trouble
        )

    def refresh(self) -> None:
        """Something changed: fetch again what is shown; what is chosen stays chosen."""
        if self.is_shown and self._filters.isEnabledTo(self):
            self._model.refresh()
            self._model.count()
            self._fetch_record(self.table.chosen)

    def _lay_out(self) -> None:
        back = command_button(Command.LEAVE_PAYMENTS, "leave_history")
        back.clicked.connect(self.left)
        fill(
            self,
            heading(m("Payment history"), buttons=[self._export, back]),
            self._filters,
            self._notice,
            side_by_side(self._list_card(), in_card("payment_card", self._scroll), widths=(930, 390)),
        )

    def _list_card(self) -> Card:
        made = Card(name="history_card")
        rows = QWidget()
        self._stack = list_or_words(rows, self.table, self._nothing)
        first = QHBoxLayout()
        first.addWidget(self._sums, 1)
        first.addWidget(self._count, 0, Qt.AlignmentFlag.AlignTop)
        foot = QVBoxLayout()
        foot.setContentsMargins(14, 0, 14, 10)
        foot.setSpacing(2)
        foot.addLayout(first)
        foot.addWidget(self._tenders)
        column = QVBoxLayout(made)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(8)
        column.addWidget(rows, 1)
        column.addWidget(separator())
        column.addLayout(foot)
        return made

    def _connect(self) -> None:
        self._filters.query_changed.connect(self._look)
        self._filters.left_downwards.connect(self.table.setFocus)
        self._model.query_shown.connect(self._show_rows)
        self._model.rows_moved.connect(self._show_rows)
        self._model.counted.connect(self._show_sums)
        self._model.loading_failed.connect(self._show_trouble)
        self.table.row_chosen.connect(self._fetch_record)
        self._evidence.saved.connect(lambda words: self._notice.say(words, Tone.GOOD))
        self._evidence.not_saved.connect(self._show_trouble)
        self._evidence.sent.connect(self._show_sent)
        self._export.clicked.connect(self._choose_file)
        listen(
            self,
            {
                Command.PAYMENT_INVOICE: self._show_first_invoice,
                Command.PAYMENT_RECEIPT: self._show_first_receipt,
                Command.EXPORT_PAYMENTS: self._export.click,
                Command.REFUND_PAYMENT: self._ask_for_refund,
                Command.FILTER_PAYMENTS: self._filters.text.setFocus,
                Command.LEAVE_PAYMENTS: self.left.emit,
            },
        )

    def _take_choices(self, patient_id: int | None, choices: HistoryChoices) -> None:
        self._choices = choices
        if patient_id != self._wanted_patient_id:
            return
        if patient_id is None:
            self._start(None)
            return
        self.context.thread.ask(
            self,
            self.context.services.history.open_patient(patient_id, self.context.actor),
            then=self._start,
            failed=self._show_trouble,
        )

    def _start(self, patient: OpenedPatient | None) -> None:
        opened_id = None if patient is None else patient.patient_id
        if self._choices is not None and opened_id == self._wanted_patient_id:
            self._filters.setEnabled(True)
            self._filters.start(self._choices, patient)
            self.table.setFocus()

    def _look(self) -> None:
        self._notice.fall_silent()
        self._model.show(self._filters.query)

    def _show_nothing(self, words: Message) -> None:
        self._nothing.setText(str(words))
        self._stack.setCurrentWidget(self._nothing)
        self._export.setEnabled(False)
        for each in (self._count, self._sums, self._tenders):
            each.clear()
        self._show_record(None)

    def _show_rows(self) -> None:
        if not self._filters.isEnabledTo(self):
            return
        if self._model.rowCount():
            self._stack.setCurrentWidget(self.table)
            self._export.setEnabled(True)
            if self._record is None:
                self._fetch_record(self.table.chosen)
        else:
            self._show_nothing(m("No payment matches these filters."))

    def _show_sums(self, totals: HistoryTotals) -> None:
        if self._filters.isEnabledTo(self) and totals.payments:
            self._count.setText(str(count(totals.payments)))
            self._sums.setText(str(sums(totals)))
            self._tenders.setText(str(tenders(totals)))
            self._tenders.setVisible(bool(totals.by_tender))

    def _fetch_record(self, row: PaymentRow | None) -> None:
        if row is None:
            self._show_record(None)
            return
        self.context.thread.ask(
            self,
            self.context.services.history.payment(row.id, self.context.actor),
            then=self._take_record,
            failed=self._show_trouble,
        )

    def _take_record(self, record: PaymentRecord) -> None:
        chosen = self.table.chosen
        if chosen is not None and chosen.id == record.row.id and record != self._record:
            self._show_record(record)

    def _show_record(self, record: PaymentRecord | None) -> None:
        is_same = self._record is not None and record is not None and self._record.row.id == record.row.id
        scrolled = self._scroll.verticalScrollBar().value() if is_same else 0
        self._record = record
        if record is None:
            self._scroll.setWidget(QWidget())
            return
        sends = self.context.signed_in.role in ALLOWED[Action.SEND_EVIDENCE]
        sheet = PaymentSheet(record, time_zone=self.context.station.time_zone, sends_evidence=sends)
        sheet.invoice_wanted.connect(self.invoice_wanted)
        sheet.receipt_wanted.connect(self.receipt_wanted)
        sheet.refund_wanted.connect(self.refund_wanted)
        sheet.evidence_wanted.connect(self._evidence.save)
        sheet.sending_wanted.connect(self._evidence.ask_to_send)
        self._scroll.setWidget(sheet)
        self._scroll.verticalScrollBar().setValue(scrolled)

    def _show_first_invoice(self) -> None:
        if self._record is not None and self._record.invoices:
            self.invoice_wanted.emit(self._record.invoices[0].id)

    def _show_first_receipt(self) -> None:
        if self._record is not None and self._record.receipts:
            self.receipt_wanted.emit(self._record.receipts[0].id)

    def _ask_for_refund(self) -> None:
        if self._record is not None and self._record.row.net:
            self.refund_wanted.emit(self._record.row.id)

    def _choose_file(self) -> None:
        today = clock.today(self.context.station.time_zone)
        query = self._filters.query
        # A file's name is seen by many: it names no patient.
        whose = "patient" if query.patient is not None else self.context.station.code
        whose = "every-desk" if query.patient is None and query.desk_id is None else whose
        history, actor = self.context.services.history, self.context.actor
        self._file.ask(
            f"payments-{whose}-{today.isoformat()}.csv",
            lambda path, replaces: history.export(query, path, actor, replaces=replaces),
        )

    def _show_sent(self, words: Message) -> None:
        self._notice.say(words, Tone.GOOD)
        self.refresh()

    def _show_trouble(self, error: CashierError) -> None:
        self._notice.say(error.words, Tone.BAD)
