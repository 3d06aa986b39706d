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
from cashier.errors import CashierError, Refused
from cashier.invoices.people.admission import Admitted, Newcomer, NumberOfInvoice
from cashier.language import dates, m, mc, verbatim
from cashier.language.typed_days import day_to_type, days_typed

_NUMBER_LENGTH_MAX, _NAME_LENGTH_MAX, _DAY_LENGTH_MAX = 40, 160, 16
_EXAMPLE = date(1985, 7, 14)


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
        self._born = _line("admission_born", _DAY_LENGTH_MAX)
        self._born.setPlaceholderText(str(m("such as {day}", day=day_to_type(_EXAMPLE))))
        self._asked_day = self._asked_number = ""
        """What was shown back as it was typed, for somebody to look at again."""
        self.add_field(m("Record number"), self._number)
        self.add_field(m("Name"), self._name)
        self.add_field(m("Date of birth, if it is known"), self._born)
        self.wanted.connect(self._admit)
        self._number.setFocus()

    def _admit(self) -> None:
        try:
            born = self._day_of_birth()
        except Refused as refusal:
            self.show_refusal(refusal)
            self._born.setFocus()
            return
        number = self._number.text()
        newcomer = Newcomer(
            record_number=number, name=self._name.text(), born=born, is_looked_at=number == self._asked_number
        )
        admitted = self._context.services.admissions.admit(newcomer, self._context.actor)
        self._context.thread.ask(self, admitted, then=self._tell, failed=self._tell_refusal)

    def _tell_refusal(self, error: CashierError) -> None:
        if isinstance(error, NumberOfInvoice):
            self._asked_number = self._number.text()
            self._number.setFocus()
        self.show_refusal(error)

    def _day_of_birth(self) -> date | None:
        """Read the date of birth; None where none is typed.

        Raises ``Refused`` for what is no date, and once for what could be two: then it is shown in words.
        """
        typed = self._born.text().strip()
        if not typed:
            return None
        days = days_typed(typed)
        if not days:
            raise Refused(
                m("“{typed}” is not a date.", typed=typed),
                advice=m("Type it with all four digits of the year: {example}.", example=day_to_type(_EXAMPLE)),
            )
        if len(days) > 1 and typed != self._asked_day:
            self._asked_day = typed
            raise Refused(
                m("“{typed}” is taken for {day}.", typed=typed, day=dates.day_in_full(days[0])),
                advice=m(
                    "If that is right, go on once more; for {other}, type {digits}.",
                    other=dates.day_in_full(days[1]),
                    digits=verbatim(days[1].isoformat()),
                ),
            )
        return days[0]

    def _tell(self, admitted: Admitted) -> None:
        payer = Payer(
            patient_id=admitted.patient_id,
            patient=admitted.patient,
            currency=self._context.station.currency,
            title=admitted.patient.record_number,
        )
        self.admitted.emit(payer)
        self.accept()


def _line(name: str, length_max: int) -> QLineEdit:
    field = QLineEdit()
    field.setObjectName(name)
    field.setMaxLength(length_max)
    return field
