"""Watches the patient and the invoices that the dialog is about, and says at once what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from PySide6.QtCore import QObject, QTimer, Signal

from cashier import clock
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import Notice, Tone
from cashier.desk.paying.hospital_changes import STAGE_OF, Change, Renamed, Stage, told
from cashier.desk.paying.payment_faces import Face
from cashier.desk.paying.payment_offer import Payer
from cashier.desk.service_thread import Following
from cashier.errors import CashierError
from cashier.invoices.watching import FollowedInvoices, Watched, WatchedInvoice
from cashier.language import NOTHING, Message, joined, m
from cashier.money import Money
from cashier.patients.identity import PatientIdentity
from cashier.payments.views import PaidShare, PaymentShare

_AGAIN_MILLISECONDS = 5000


class InvoiceWatch(QObject):
    """Holds what was agreed against what is so now. ``notice`` is on the screen whatever else is."""

    due_changed = Signal()
    """Nothing is asked of the patient yet, and another amount is due by now, or it may be somebody else."""
    patient_changed = Signal(object)
    """The patient is called otherwise now, or known by another record: carries the ``PatientIdentity``."""
    cards_seen = Signal(object)
    """Carries the keys of the patient's saved cards, as a tuple."""
    told = Signal()
    """The notice says something else, or nothing any more."""

    def __init__(self, context: DeskContext, payer: Payer, parent: QObject) -> None:
        """Watch nothing before ``watch``. The screen shows ``payer``, who is the patient that is agreed on."""
        super().__init__(parent)
        self._context = context
        self._record_id = self._patient_id = payer.patient_id
        self._agreed_patient = self._patient = payer.patient
        self._is_asked_about: PatientIdentity | None = None
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
        if wanted != self._ids or self._following is None:
            self._ids = wanted
            self._follow()

    def agree(self) -> None:
        """What is seen now is what cashier and patient agree on; what had changed until now is known to them."""
        self._agreed = dict(self._seen)
        self._agreed_patient = self._patient
        self._tell()

    def agree_anew(self) -> None:
        """Begin again with what is so by now: what this dialog has taken is news to nobody."""
        self._agreed, self._seen = {}, {}
        self._tell()
        self._follow()

    @property
    def may_be_somebody_else(self) -> bool:
        """Tell whether the patient on the screen may be another one than who was agreed on."""
        return self._renamed.may_be_somebody_else

    def question(self) -> Message:
        """Return what has to be asked before money is taken, once for each patient that the hospital makes of it."""
        if not self.may_be_somebody_else or self._is_asked_about == self._patient:
            return NOTHING
        self._is_asked_about = self._patient
        return m("Is it {patient}? Ask the patient, then go on.", patient=self._patient.in_a_line(self._today))

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
        followed = FollowedInvoices(self._context.services.database, self._record_id, self._ids)
        news = self._context.services.news
        self._following = self._context.thread.follow(
            self, news.follow(followed), each=self._take_in, failed=self._watch_again
        )

    def _watch_again(self, _error: CashierError) -> None:
        """The database is away, which others say: look again after a pause."""
        QTimer.singleShot(_AGAIN_MILLISECONDS, self, self._follow)

    def _take_in(self, watched: Watched) -> None:
        before, before_patient, seen = self._seen, self._patient, watched.invoices
        self._seen = {each.id: each for each in seen}
        self._patient_id, self._patient = watched.patient_id, watched.patient
        for each in seen:
            self._agreed.setdefault(each.id, each)
        if self._patient != before_patient:
            self.patient_changed.emit(self._patient)
        self._tell()
        self.cards_seen.emit(watched.card_ids)
        is_agreeing = STAGE_OF[self._face] is Stage.AGREEING
        steps = [self._change(before[each.id], each) for each in seen if each.id in before]
        is_renamed = self._patient != before_patient and self.may_be_somebody_else
        if is_agreeing and (is_renamed or any(step.is_of_due for step in steps)):
            self.due_changed.emit()

    @property
    def _renamed(self) -> Renamed:
        return Renamed(agreed=self._agreed_patient, now=self._patient, today=self._today)

    @property
    def _today(self) -> date:
        return clock.today(self._context.station.time_zone)

    def _change(self, agreed: WatchedInvoice, now: WatchedInvoice) -> Change:
        return Change(agreed=agreed, now=now, patient_id=self._patient_id, asked=self._asked.get(now.id))

    def _tell(self) -> None:
        stage = STAGE_OF[self._face]
        changes = [
            self._change(self._agreed[each.id], each)
            for each in self._seen.values()
            if each.id in self._agreed and (stage is Stage.AGREEING or each.id in self._asked)
        ]
        before = self.notice.text
        words = [each for each in (self._renamed.told(stage), told(changes, stage)) if each]
        if words:
            self.notice.say(joined("\n", words), Tone.CAUTION)
        else:
            self.notice.fall_silent()
        if self.notice.text != before:
            self.told.emit()
