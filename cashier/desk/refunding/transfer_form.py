"""Noting that the hospital's bank has sent a refund, or cannot."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from cashier import clock
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import Notice, PlainButton, Text, Tone, label
from cashier.desk.refunding.words_dialog import WordsDialog, banner_of
from cashier.desk.scanning.fields import Takes
from cashier.desk.scanning.recogniser import let_scan
from cashier.errors import CashierError
from cashier.language import m
from cashier.refunds.views import RefundView


class TransferForm(QWidget):
    """Takes the bank's reference of one approved transfer."""

    noted = Signal()
    """It is settled or given up; read it again."""

    def __init__(self, context: DeskContext, view: RefundView) -> None:
        """Ask about ``view``."""
        super().__init__()
        self.setObjectName("transfer_form")
        self._context, self._view = context, view
        self._reference = QLineEdit()
        self._reference.setObjectName("transfer_reference")
        self._reference.setAccessibleName(str(m("Reference of the transfer")))
        self._reference.setPlaceholderText(str(m("The bank's reference")))
        self._reference.setMaxLength(80)
        let_scan(self._reference, Takes.REFERENCE)
        self._done = PlainButton(m("{amount} is transferred", amount=view.amount), "check", name="transfer_done")
        self._give_up = PlainButton(m("It cannot be sent …"), "close", name="transfer_failed")
        self._notice = Notice(name="transfer_notice")
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self._done, 1)
        buttons.addWidget(self._give_up)
        known_by = view.patient.known_by(clock.today(context.station.time_zone))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(label(m("Transfer to {patient}", patient=view.patient.called), Text.TITLE, wraps=True))
        layout.addWidget(label(known_by, name="transfer_known_by", wraps=True))
        layout.addWidget(self._reference)
        layout.addWidget(self._notice)
        layout.addLayout(buttons)
        self._done.clicked.connect(self._note_sent)
        self._give_up.clicked.connect(self._ask_why)
        self._reference.textChanged.connect(lambda text: self._done.setEnabled(bool(text.strip())))
        self._done.setEnabled(False)

    def take_keyboard(self) -> None:
        """Give the keyboard to the reference."""
        self._reference.setFocus()

    def _note_sent(self) -> None:
        self._done.setEnabled(False)
        self._context.thread.ask(
            self,
            self._context.services.refund_transfers.note_sent(
                self._view.id, self._reference.text(), self._context.actor
            ),
            then=self._finish,
            failed=self._show_refusal,
        )

    def _ask_why(self) -> None:
        dialog = WordsDialog(
            title=m("{amount} cannot be sent", amount=self._view.amount),
            whose=banner_of(self._view, self._context.station.time_zone),
            question=m("Why? No money has moved then, and the refund can be asked for again."),
            go_on=m("It cannot be sent"),
            parent=self.window(),
        )
        dialog.said.connect(self._note_failed)
        dialog.open()

    def _note_failed(self, why: str) -> None:
        self._context.thread.ask(
            self,
            self._context.services.refund_transfers.give_up(self._view.id, why, self._context.actor),
            then=self._finish,
            failed=self._show_refusal,
        )

    def _finish(self, _view: RefundView) -> None:
        self.noted.emit()

    def _show_refusal(self, error: CashierError) -> None:
        self._done.setEnabled(True)
        self._notice.say(error.words, Tone.BAD)
