"""The till: list and pane side by side, and above them what has to be known before a payment is taken."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout

from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.invoices.detail_pane import DetailPane
from cashier.desk.invoices.invoice_list import InvoiceList
from cashier.desk.kit.look import scaled
from cashier.desk.page import Page
from cashier.desk.till.shift_line import ShiftLine
from cashier.desk.till.status_bar import StatusBar
from cashier.desk.till.unfinished_line import UnfinishedLine

_COUNT_PAUSE_MS = 3000
_SMALL_WIDTH, _SMALL_HEIGHT, _LARGE_WIDTH = 1179, 679, 1600
"""Up to which size (pixels) of the window the pane is small, and from which width on large."""
_PANE_SMALL, _PANE, _PANE_LARGE = 360, 400, 520
_PANE_WIDTH_MIN, _PANE_PERCENT_MAX = 320, 44
"""With large text in a small window the pane leaves more than half of it to the list."""


class TillPage(Page):
    """Where payments begin. It tells what is wanted; dialogs are opened by others."""

    shift_wanted = Signal()
    """A shift is to be opened."""
    payment_wanted = Signal()
    """Enter in the list, or the key."""
    secrets_wanted = Signal()
    admission_wanted = Signal()
    """Somebody without an invoice is to pay in."""

    def __init__(self, context: DeskContext, status: StatusBar) -> None:
        """Show nothing before ``begin``."""
        super().__init__(context)
        self.list = InvoiceList(context)
        self.detail = DetailPane(context)
        self.unfinished = UnfinishedLine(context)
        self._shift_line = ShiftLine(context, status)
        self._is_free = True
        self._is_split_kept = False
        self._count_pause = QTimer(self, singleShot=True, interval=_COUNT_PAUSE_MS)
        self._lay_out()
        self._connect()

    @property
    def patient_id(self) -> int | None:
        """Whose invoice is chosen."""
        return None if self.detail.detail is None else self.detail.detail.patient_id

    def begin(self) -> None:
        """Fetch the list, and look after what an earlier day left unfinished."""
        self.list.begin()
        self.unfinished.recover(is_wanted=lambda: self._is_free)

    def enter(self, patient_id: int | None) -> None:
        """Be ready for the next scan."""
        self.list.focus_search()

    def refresh(self) -> None:
        """Fetch again what is shown, keeping selection and scroll position; count, but not for every change."""
        self.list.refresh()
        self.detail.refresh()
        self._look_for_unfinished()
        # Counting a million invoices takes a moment: not for every change, unless a search has left few of them.
        if self.list.model.query.text:
            self.list.model.count()
        elif not self._count_pause.isActive():
            self._count_pause.start()

    def reload(self) -> None:
        """Fetch everything again."""
        self.list.reload()
        self.detail.refresh()
        self._look_for_unfinished()

    def rest(self) -> None:
        """A dialog is open: the payment that is being taken right now is no unfinished business."""
        self._is_free = False
        self.unfinished.fall_silent()
        self.detail.watch(is_watching=False)

    def go_on(self) -> None:
        """No dialog is open any more."""
        self._is_free = True
        self.detail.watch(is_watching=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the pane the width that goes with the window's, unless somebody has moved the border."""
        super().resizeEvent(event)
        if not self._is_split_kept:
            pane = _pane_width(self.window().size())
            self._splitter.setSizes([max(0, event.size().width() - pane), pane])

    def _keep_split(self) -> None:
        self._is_split_kept = True

    def _look_for_unfinished(self) -> None:
        self.unfinished.look(is_wanted=lambda: self._is_free)

    def _lay_out(self) -> None:
        splitter = self._splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setObjectName("splitter")
        splitter.setHandleWidth(14)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.list)
        splitter.addWidget(self.detail)
        self.detail.setMinimumWidth(_PANE_WIDTH_MIN)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([920, scaled(_PANE)])
        splitter.splitterMoved.connect(self._keep_split)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._shift_line)
        column.addWidget(self.unfinished)
        column.addWidget(splitter, 1)

    def _connect(self) -> None:
        self.list.invoice_selected.connect(self.detail.show_invoice)
        self.list.nothing_selected.connect(self.detail.show_nothing)
        self.list.ticked.taken_changed.connect(self.detail.show_taken)
        self.detail.invoice_shown.connect(lambda detail: self.list.name_chosen(detail.row))
        self.list.payment_wanted.connect(self.payment_wanted)
        self.list.model.loading_failed.connect(self.troubled)
        self.detail.receipt_wanted.connect(self.receipt_wanted)
        self.unfinished.invoice_wanted.connect(self.list.choose)
        self.unfinished.looking_failed.connect(self.troubled)
        self._shift_line.opening_wanted.connect(self.shift_wanted)
        self._count_pause.timeout.connect(self.list.model.count)
        # Keys of the till belong to it: they are silent while another page is shown.
        on_the_invoice: dict[Command, Callable[[], object]] = {
            Command.TAKE_PAYMENT: self.payment_wanted.emit,
            Command.SHOW_RECEIPT: self.detail.ask_for_receipt,
            Command.SHOW_CARDS: self.detail.ask_for_cards,
            Command.TAKE_OVER: self.detail.ask_to_take_over,
            Command.ASK_STRIPE: self.detail.ask_stripe,
            Command.TAKE_DEPOSIT: self.detail.ask_for_deposit,
            Command.ASK_FOR_REFUND: self.detail.ask_for_refund,
            Command.MAKE_LINK: self.detail.ask_for_link,
        }
        listen(self, {command: partial(self.list.act, deed) for command, deed in on_the_invoice.items()})
        listen(self, {Command.FIND: self.list.focus_search, Command.SHOW_SECRETS: self.secrets_wanted.emit})
        listen(self, {Command.ADMIT: self.admission_wanted.emit})


def _pane_width(window: QSize) -> int:
    """Return how wide (pixels) the pane is in a window of this size."""
    wanted = _PANE_LARGE if window.width() >= scaled(_LARGE_WIDTH) else _PANE
    if window.width() <= scaled(_SMALL_WIDTH) or window.height() <= scaled(_SMALL_HEIGHT):
        wanted = _PANE_SMALL
    return max(_PANE_WIDTH_MIN, min(scaled(wanted), window.width() * _PANE_PERCENT_MAX // 100))
