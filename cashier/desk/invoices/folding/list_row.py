"""What a row of the till's list stands for: a patient as a whole, one of several bills, or the only one there is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from cashier.invoices.views import InvoiceRow, PatientBills


class StandsFor(Enum):
    """What is chosen with a row."""

    ONLY_BILL = auto()
    """The patient's only bill: there is nothing to unfold."""
    PATIENT = auto()
    """All bills of the patient."""
    BILL = auto()
    """One of several, below its patient."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListRow:
    """One row. ``bill`` is what is shown beside the list while it is chosen; of a patient, what stands for all."""

    patient: PatientBills
    bill: InvoiceRow
    stands_for: StandsFor
    is_unfolded: bool = False

    @property
    def id(self) -> int:
        """The key of the invoice; of a row for a whole patient, the patient's below zero."""
        return id_of_patient(self.patient.id) if self.is_patient else self.bill.id

    @property
    def is_patient(self) -> bool:
        """Tell whether it stands for several bills."""
        return self.stands_for is StandsFor.PATIENT

    @property
    def is_below(self) -> bool:
        """Tell whether it stands below its patient."""
        return self.stands_for is StandsFor.BILL

    @property
    def taken(self) -> tuple[InvoiceRow, ...]:
        """What a payment is taken of while nothing else is ticked: the shown bill first, or nothing."""
        if self.is_patient:
            return self.patient.together
        return (self.bill,) if self.bill.is_free else ()


def id_of_patient(patient_id: int) -> int:
    """Return what the row for a whole patient is called."""
    return -patient_id


def row_of(patient: PatientBills, *, is_unfolded: bool) -> ListRow:
    """Return the row of a patient."""
    if patient.count > 1:
        return ListRow(patient=patient, bill=patient.main, stands_for=StandsFor.PATIENT, is_unfolded=is_unfolded)
    return ListRow(patient=patient, bill=patient.first, stands_for=StandsFor.ONLY_BILL)
