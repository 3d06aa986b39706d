"""What a scan does while somebody is signed in: it chooses, it searches, it fills a field; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import Tone
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import OVER
from cashier.desk.scanning.fields import Takes, field_in, fill, is_written_in
from cashier.desk.scanning.meaning import Meaning, meaning_of
from cashier.desk.scanning.recogniser import Scan, say_of_nothing_done
from cashier.desk.scanning.scan_note import hush, say_of_scan
from cashier.desk.till.rooms import Rooms
from cashier.desk.till.till_page import TillPage
from cashier.errors import CashierError
from cashier.invoices.views import InvoiceRow
from cashier.language import Message, joined, m


class Scans(QObject):
    """Asks what a scan means and does it; of two in a row only the second, if the first is not answered yet."""

    def __init__(self, context: DeskContext, rooms: Rooms, till: TillPage, parent: QObject) -> None:
        """Choose and search at ``till``, which is one of ``rooms``."""
        super().__init__(parent)
        self._context, self._rooms, self._till = context, rooms, till
        self._latest: Scan | None = None

    def take(self, scan: Scan) -> None:
        """Do what ``scan`` is for, as soon as it is known; what was chosen before is not chosen meanwhile."""
        self._latest = scan
        is_in_dialog = isinstance(scan.window, QDialog)
        around = scan.window if is_in_dialog else self._rooms
        if not is_in_dialog and self._rooms.is_at_till:
            self._till.list.begin_scan(scan.text)
            do = partial(self._do_if_latest, scan, around, self._do_at_till)
        else:
            is_busy = is_in_dialog or is_written_in(self._rooms)
            do = partial(self._do_if_latest, scan, around, partial(self._do_elsewhere, around, is_busy))
        self._context.thread.ask(
            around,
            meaning_of(self._context.services, scan.readings),
            then=do,
            failed=partial(self._tell_trouble, scan),
        )

    def _do_if_latest(
        self, scan: Scan, around: QWidget, do: Callable[[Scan, Meaning], None], meaning: Meaning
    ) -> None:
        if scan is not self._latest:
            return
        if around.isVisible():
            do(scan, meaning)
        else:
            # Behind the lock nothing is chosen or said any more.
            self._till.list.end_scan(scan.text, scan.text, None)

    def _do_at_till(self, scan: Scan, meaning: Meaning) -> None:
        found, invoices = meaning.invoice, self._till.list
        if found is not None:
            invoices.end_scan(scan.text, found.number, found)
            say_of_scan(scan.window, _words_of(found))
        elif meaning.record_number:
            invoices.end_scan(scan.text, meaning.record_number, None, of_patient=meaning.record_number)
            said = m("The patient with record number {number} was scanned.", number=meaning.record_number)
            say_of_scan(scan.window, said)
        elif meaning.badge:
            self._remark(scan, m("A badge was scanned. No name is asked for here."))
            invoices.end_scan(scan.text, "", None)
        else:
            said = m("“{text}” was scanned, which is no number or badge known here.", text=scan.shown)
            if meaning.is_ambiguous:
                said = m("“{text}” was scanned, which may be several. Choose the one that is meant.", text=scan.shown)
            self._remark(scan, said)
            invoices.end_scan(scan.text, scan.text, None)

    def _remark(self, scan: Scan, said: Message) -> None:
        """Say above the list why nothing is chosen: it stays until something else is looked for or chosen."""
        hush(scan.window)
        self._till.list.remark.say(said, Tone.CAUTION)

    def _do_elsewhere(self, around: QWidget, is_busy: bool, scan: Scan, meaning: Meaning) -> None:
        name = field_in(around, Takes.NAME) if meaning.badge else None
        reference = None if meaning.is_known else field_in(around, Takes.REFERENCE)
        is_over = isinstance(around, PaymentDialog) and around.face in OVER
        if name is not None:
            fill(name, meaning.badge)
            say_of_scan(scan.window, m("The badge was entered as the name. Now the PIN."))
        elif reference is not None and not scan.is_secret:
            fill(reference, scan.text)
            say_of_scan(scan.window, m("“{text}” was entered as the reference.", text=scan.shown))
        elif not meaning.badge and meaning.is_known and (is_over or not is_busy):
            if isinstance(around, PaymentDialog):
                around.reject()
            self._rooms.go_to_till()
            self._till.list.begin_scan(scan.text)
            self._do_at_till(replace(scan, window=self._rooms.window()), meaning)
        elif meaning.invoice is not None:
            said = joined(
                " ", [_words_of(meaning.invoice), m("Finish or leave this first, then scan it at the till.")]
            )
            say_of_scan(scan.window, said, Tone.CAUTION)
        else:
            say_of_nothing_done(scan)

    def _tell_trouble(self, scan: Scan, error: CashierError) -> None:
        if scan is self._latest:
            self._till.list.end_scan(scan.text, scan.text, None)
            say_of_scan(scan.window, error.words, Tone.BAD)


def _words_of(invoice: InvoiceRow) -> Message:
    return m("Invoice {number} of {patient} was scanned.", number=invoice.number, patient=invoice.patient.called)
