"""Watches the invoices that the dialog is about, and says at once what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import Notice, Tone
from cashier.desk.paying.hospital_changes import STAGE_OF, Change, Stage, told
from cashier.desk.paying.payment_faces import Face
from cashier.desk.service_thread import Following
from cashier.errors import CashierError
from cashier.invoices.watching import FollowedInvoices, WatchedInvoice
from cashier.money import Money
from cashier.payments.views import PaidShare, PaymentShare

_AGAIN_MILLISECONDS = 5000


class InvoiceWatch(QObject):
    """Holds what was agreed against what is so now. ``notice`` is on the screen whatever else is."""

    due_changed = Signal()
    """Nothing is asked of the patient yet, and another amount is due by now."""
    told = Signal()
    """The notice says something else, or nothing any more."""

    def __init__(self, context: DeskContext, parent: QObject) -> None:
        """Watch nothing before ``watch``."""
        super().__init__(parent)
        self._context = context
        self.notice = Notice(name="hospital_changes", is_narrow=True)
        self._ids: tuple[int, ...] = ()
        self._agreed: dict[int, WatchedInvoice] = {}
        self._seen: dict[int, WatchedInvoice] = {}
        self._asked: Mapping[int, Money] = {}
        self._face = Face.AMOUNT
        self._following: Following | None = None

    def watch(self, invoice_ids: Sequence[int]) -> None:
        """Watch these as well from now on: as they are first seen is how they are agreed on."""
        wanted = tuple(sorted({*self._ids, *invoice_ids}))
        if wanted != self._ids:
            self._ids = wanted
            self._follow()

    def agree(self) -> None:
        """What is seen now is what cashier and patient agree on; what had changed until now is known to them."""
        self._agreed = dict(self._seen)
        self._tell()

    def agree_anew(self) -> None:
        """Begin again with what is so by now: what this dialog has taken is news to nobody."""
        self._agreed, self._seen = {}, {}
        self._tell()
        self._follow()

    def show(self, face: Face, asked: Sequence[PaymentShare | PaidShare] = ()) -> None:
        """Know how far the payment is, and how much of each invoice the patient is asked for, or was."""
        is_taken_now = STAGE_OF[face] is Stage.TAKEN and STAGE_OF[self._face] is not Stage.TAKEN
        self._face, self._asked = face, {share.invoice_id: share.amount for share in asked}
        if is_taken_now and self._ids:
            # What was seen is older than the money.
            self._seen = {}
            self._follow()
        self._tell()

    def _follow(self) -> None:
        if self._following is not None:
            self._following.stop()
        followed = FollowedInvoices(self._context.services.database, self._ids)
        news = self._context.services.news
        self._following = self._context.thread.follow(
            self, news.follow(followed), each=self._take_in, failed=self._watch_again
        )

    def _watch_again(self, _error: CashierError) -> None:
        """The database is away, which others say: look again after a pause."""
        QTimer.singleShot(_AGAIN_MILLISECONDS, self, self._follow)

    def _take_in(self, seen: Sequence[WatchedInvoice]) -> None:
        before = self._seen
        self._seen = {each.id: each for each in seen}
        for each in seen:
            self._agreed.setdefault(each.id, each)
        self._tell()
        is_agreeing = STAGE_OF[self._face] is Stage.AGREEING
        steps = [Change(agreed=before[each.id], now=each) for each in seen if each.id in before]
        if is_agreeing and any(step.is_of_due for step in steps):
            self.due_changed.emit()

    def _tell(self) -> None:
        stage = STAGE_OF[self._face]
        changes = [
            Change(agreed=self._agreed[each.id], now=each, asked=self._asked.get(each.id))
            for each in self._seen.values()
            if each.id in self._agreed and (stage is Stage.AGREEING or each.id in self._asked)
        ]
        before = self.notice.text
        words = told(changes, stage)
        if words:
            self.notice.say(words, Tone.CAUTION)
        else:
            self.notice.fall_silent()
        if self.notice.text != before:
            self.told.emit()
