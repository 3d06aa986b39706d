"""Asks who pays in without an invoice: by the record number, and of one who is not known yet, the name."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from cashier.desk.context import DeskContext
from cashier.desk.office.staff_dialogs import StaffForm
from cashier.desk.paying.payment_offer import Payer
from cashier.desk.scanning.fields import Takes
from cashier.desk.scanning.recogniser import let_scan
from cashier.errors import Refused
from cashier.invoices.people.admission import Admitted, Newcomer
from cashier.language import m, mc

_NUMBER_LENGTH_MAX, _NAME_LENGTH_MAX = 40, 160


class AdmissionDialog(StaffForm):
    """Finds or registers the patient, whom the payment dialog names before anything is taken."""

    admitted = Signal(object)
    """Carries the ``Payer``; the dialog closes then."""

    def __init__(self, context: DeskContext, parent: QWidget) -> None:
        """Be a sheet above ``parent``."""
        super().__init__(
            parent,
            name="admission_dialog",
            heading=m("Deposit without an invoice"),
            told=m(
                "The record number is the hospital's, as on the wristband. The name is needed only where nobody is "
                "known by it yet."
            ),
            ok=mc("on a button", "Go on"),
        )
        self._context = context
        self._number = _line("admission_number", _NUMBER_LENGTH_MAX)
        # A wristband, as well.
        let_scan(self._number, Takes.CODE)
        self._name = _line("admission_name", _NAME_LENGTH_MAX)
        self._born = _line("admission_born", 10)
        self._born.setPlaceholderText("YYYY-MM-DD")
        self.add_field(m("Record number"), self._number)
        self.add_field(m("Name"), self._name)
        self.add_field(m("Date of birth, if it is known"), self._born)
        self.wanted.connect(self._admit)
        self._number.setFocus()

    def _admit(self) -> None:
        try:
            born = _day(self._born.text())
        except Refused as refusal:
            self.show_refusal(refusal)
            self._born.setFocus()
            return
        newcomer = Newcomer(record_number=self._number.text(), name=self._name.text(), born=born)
        admitted = self._context.services.admissions.admit(newcomer, self._context.actor)
        self._context.thread.ask(self, admitted, then=self._tell, failed=self.show_refusal)

    def _tell(self, admitted: Admitted) -> None:
        payer = Payer(
            patient_id=admitted.patient_id,
            patient=admitted.patient,
            currency=self._context.station.currency,
            title=admitted.patient.record_number,
        )
        self.admitted.emit(payer)
        self.accept()


def _day(text: str) -> date | None:
    """Read a date of birth; None where none is typed. Raises ``Refused`` for what is no date."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refused(
            m("“{typed}” is not a date.", typed=text.strip()), advice=m("Type year, month and day: 1985-07-14.")
        ) from None


def _line(name: str, length_max: int) -> QLineEdit:
    field = QLineEdit()
    field.setObjectName(name)
    field.setMaxLength(length_max)
    return field
