"""The rows of the till's list: patients as they are read, page by page, and the bills of those who are unfolded."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from cashier.desk.invoices.folding.list_row import ListRow, StandsFor, id_of_patient, row_of
from cashier.desk.service_thread import ServiceThread
from cashier.desk.tables.column_model import NOWHERE, ColumnModel, Index
from cashier.desk.tables.columns import Column
from cashier.desk.tables.paged_model import PagedModel
from cashier.errors import CashierError
from cashier.invoices.spelling import is_looked_for
from cashier.invoices.views import InvoiceQuery, InvoiceRow, PatientBills, Place
from cashier.language import joined, m, mn

Patients = PagedModel[InvoiceQuery, PatientBills, Place]
BillsOf = Callable[[int, InvoiceQuery], Coroutine[Any, Any, tuple[InvoiceRow, ...]]]
"""Asks for the bills of a patient that a query lists, the newest first."""

_FEW = 8
"""So many patients at most are unfolded by themselves."""


@dataclass(frozen=True)
class _Unfolded:
    """A patient who is unfolded: in which place among the patients, and what stands below."""

    place: int
    patient: PatientBills
    bills: tuple[InvoiceRow, ...]


class FoldedRows(ColumnModel[ListRow]):
    """Patients of one query at a time, and below those who are unfolded their bills.

    As rows are read again, they are replaced in their places; how many there are changes at the end, so that nothing
    above is moved by Qt: who chose a row finds it anew by its ``id`` when ``rows_moved`` tells.
    """

    counted = Signal(object)
    """The newest query is counted; carries ``InvoiceCounts``."""
    loading_failed = Signal(object)
    """Rows could not be fetched; carries a ``CashierError``."""

    def __init__(
        self,
        columns: Sequence[Column[ListRow]],
        patients: Patients,
        thread: ServiceThread,
        bills_of: BillsOf,
        parent: QObject | None = None,
    ) -> None:
        """Show ``patients``, all of them folded; more of their bills are asked for by ``bills_of``."""
        super().__init__(columns, parent)
        patients.setParent(self)
        self.patients = patients
        self._thread, self._bills_of = thread, bills_of
        self._unfolded: list[_Unfolded] = []
        self._fetched: dict[int, tuple[InvoiceRow, ...]] = {}
        self._total = 0
        self._shown_query: InvoiceQuery | None = None
        self._starting = False
        patients.modelAboutToBeReset.connect(self._begin_anew)
        patients.modelReset.connect(self._start_anew)
        patients.rowsInserted.connect(self._settle)
        patients.rowsRemoved.connect(self._settle)
        patients.dataChanged.connect(self._repaint)
        patients.query_shown.connect(self._show_query)
        patients.rows_moved.connect(self._take_rows)
        patients.counted.connect(self.counted)
        patients.loading_failed.connect(self.loading_failed)

    @property
    def query(self) -> InvoiceQuery:
        """The newest query, shown or about to be."""
        return self.patients.query

    @property
    def is_current(self) -> bool:
        """Tell whether what is shown answers the newest query."""
        return self.patients.is_current

    def show(self, query: InvoiceQuery) -> None:
        """Look for ``query``, and count what it finds; what is shown stays until it is there."""
        self.patients.show(query)

    def count(self) -> None:
        """Count anew what the newest query finds."""
        self.patients.count()

    def refresh(self) -> None:
        """Fetch again what is being looked at, without counting."""
        self.patients.refresh()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Return how many rows there are, as far as is known."""
        return 0 if parent.isValid() else self._total

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a column model does; a screen reader hears of a patient's bills as well."""
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            row = self.row_at(index.row())
            if row is not None and row.is_patient:
                return _spoken(row)
        return super().data(index, role)

    def row_at(self, row: int) -> ListRow | None:
        """Return what is in ``row``; fetches the page of its patient when that is not held or not fresh."""
        place = row
        for each in self._unfolded:
            if place <= each.place:
                break
            offset = place - each.place - 1
            if offset < len(each.bills):
                self.patients.row_at(each.place)
                bill = each.bills[offset]
                return ListRow(patient=each.patient, bill=bill, stands_for=StandsFor.BILL)
            place -= len(each.bills)
        patient = self.patients.row_at(place)
        if patient is None:
            return None
        return row_of(patient, is_unfolded=any(each.place == place for each in self._unfolded))

    def find(self, row_id: object) -> int | None:
        """Return where a bill or a patient stands, if it is in memory and not folded in."""
        if not isinstance(row_id, int):
            return None
        if row_id < 0:
            place = self.patients.find(id_of_patient(row_id))
            return None if place is None else self._row_of(place)
        for each in self._unfolded:
            for offset, bill in enumerate(each.bills):
                if bill.id == row_id:
                    return self._row_of(each.place) + 1 + offset
        place = self.patients.find_where(lambda patient: patient.count == 1 and patient.first.id == row_id)
        return None if place is None else self._row_of(place)

    def reveal(self, invoice_id: int) -> int | None:
        """Return where a bill stands; if it is folded in, it is unfolded."""
        row = self.find(invoice_id)
        if row is not None:
            return row
        place = self.patients.find_where(lambda patient: any(bill.id == invoice_id for bill in patient.bills))
        if place is None:
            return None
        self.unfold(self._row_of(place))
        return self.find(invoice_id)

    def row_of_patient(self, row: int) -> int | None:
        """Return where the patient stands of whom ``row`` is."""
        found = self.row_at(row)
        return row if found is None or not found.is_below else self.find(id_of_patient(found.patient.id))

    @property
    def first_row(self) -> int:
        """Where one goes from the search field: to the bill whose number was typed, or else to the top."""
        first = self.patients.row_at(0) if self.rowCount() else None
        is_by_number = first is not None and _is_found_by_number(first, self.query.text)
        return (self.reveal(first.first.id) or 0) if first is not None and is_by_number else 0

    @property
    def only_row(self) -> int | None:
        """Where the only patient who was found stands, or the bill whose number was typed; None: there are more."""
        return self.first_row if self.patients.rowCount() == 1 else None

    def bills_below(self, row: ListRow) -> tuple[InvoiceRow, ...]:
        """Return the bills of a row's patient that are known, the newest first."""
        unfolded = (each.bills for each in self._unfolded if each.patient.id == row.patient.id)
        return next(unfolded, row.patient.bills)

    def turn(self, row: int) -> None:
        """Unfold the patient in ``row``, or fold again."""
        found = self.row_at(row)
        if found is not None and found.is_patient:
            self.fold(row) if found.is_unfolded else self.unfold(row)

    def unfold(self, row: int) -> None:
        """Show the bills of the patient in ``row``: those that are known at once, and the others when they come."""
        found = self.row_at(row)
        if found is None or not found.is_patient or found.is_unfolded:
            return
        place = self.patients.find(found.patient.id)
        if place is not None:
            self._unfolded = sorted([*self._unfolded, self._made(place, found.patient)], key=lambda each: each.place)
            self._settle()
            self._fetch(found.patient)
            self.rows_moved.emit()

    def fold(self, row: int) -> None:
        """Hide the bills of the patient in ``row``."""
        found = self.row_at(row)
        if found is not None and found.is_patient:
            self._unfolded = [each for each in self._unfolded if each.patient.id != found.patient.id]
            self._fetched.pop(found.patient.id, None)
            self._settle()
            self.rows_moved.emit()

    def _row_of(self, place: int) -> int:
        return place + sum(len(each.bills) for each in self._unfolded if each.place < place)

    def _made(self, place: int, patient: PatientBills) -> _Unfolded:
        bills = {bill.id: bill for bill in self._fetched.get(patient.id, ())} if not patient.is_complete else {}
        bills |= {bill.id: bill for bill in patient.bills}
        return _Unfolded(place, patient, tuple(bills[key] for key in sorted(bills, reverse=True)))

    def _begin_anew(self) -> None:
        self._starting = True
        self.beginResetModel()

    def _start_anew(self) -> None:
        """Fold all, but those whose number was typed; the same query again leaves what is unfolded as it is."""
        before = {each.patient.id for each in self._unfolded} if self.query == self._shown_query else set()
        self._shown_query = self.query
        if not before:
            self._fetched = {}
        wanted = before | set(self._found_by_number())
        places = ((self.patients.find(patient_id), patient_id) for patient_id in wanted)
        self._unfolded = []
        for place in sorted(place for place, _ in places if place is not None):
            patient = self.patients.row_at(place)
            if patient is not None and patient.count > 1:
                self._unfolded.append(self._made(place, patient))
        self._total = self.patients.rowCount() + sum(len(each.bills) for each in self._unfolded)
        self._starting = False
        self.endResetModel()

    def _found_by_number(self) -> Iterable[int]:
        """Return the patients who were found by a bill's number, if they are few: that bill is to be seen."""
        is_few = self.patients.rowCount() <= _FEW
        for place in range(min(self.patients.rowCount(), _FEW)):
            patient = self.patients.row_at(place)
            is_seen = patient is not None and (patient.is_meant or is_few)
            if patient is not None and is_seen and _is_found_by_number(patient, self.query.text):
                yield patient.id

    def _show_query(self) -> None:
        for each in tuple(self._unfolded):
            self._fetch(each.patient)
        self.query_shown.emit()

    def _take_rows(self) -> None:
        self._settle()
        for each in tuple(self._unfolded):
            self._fetch(each.patient)
        self.rows_moved.emit()

    def _settle(self) -> None:
        """Find the unfolded ones where they are by now, and tell views how many rows there are."""
        if self._starting:
            return
        self._unfolded = sorted(self._found_again(), key=lambda each: each.place)
        total = self.patients.rowCount() + sum(len(each.bills) for each in self._unfolded)
        before, self._total = self._total, total
        if total > before:
            self._total = before
            self.beginInsertRows(NOWHERE, before, total - 1)
            self._total = total
            self.endInsertRows()
        elif total < before:
            self._total = before
            self.rows_leaving.emit(total)
            self.beginRemoveRows(NOWHERE, total, before - 1)
            self._total = total
            self.endRemoveRows()
        self._repaint()

    def _found_again(self) -> Iterable[_Unfolded]:
        for each in self._unfolded:
            place = self.patients.find(each.patient.id)
            if place is not None:
                patient = self.patients.row_held(place)
                if patient is not None and patient.count > 1:
                    yield self._made(place, patient)
            elif self.patients.row_held(each.place) is None and each.place < self.patients.rowCount():
                # Its page is not in memory just now.
                yield each

    def _fetch(self, patient: PatientBills) -> None:
        if not patient.is_complete:
            self._thread.ask(
                self,
                self._bills_of(patient.id, self.query),
                then=partial(self._take_bills, self.query, patient.id),
                failed=self._tell_failure,
            )

    def _take_bills(self, query: InvoiceQuery, patient_id: int, bills: tuple[InvoiceRow, ...]) -> None:
        is_unfolded = any(each.patient.id == patient_id for each in self._unfolded)
        if query == self._shown_query and is_unfolded and bills != self._fetched.get(patient_id):
            self._fetched[patient_id] = bills
            self._settle()
            self.rows_moved.emit()

    def _tell_failure(self, error: CashierError) -> None:
        self.loading_failed.emit(error)

    def _repaint(self) -> None:
        if self._total:
            self.dataChanged.emit(self.index(0, 0), self.index(self._total - 1, self.columnCount() - 1))


def _is_found_by_number(patient: PatientBills, text: str) -> bool:
    """Tell whether what was typed is, or begins, the number of a bill: then that one bill is looked for."""
    return patient.is_meant or is_looked_for(patient.first.number, text)


def _spoken(row: ListRow) -> str:
    count = mn("{count} invoice", "{count} invoices", count=row.patient.count)
    state = m("unfolded") if row.is_unfolded else m("folded in")
    return str(joined(", ", [row.bill.patient.called, count, state]))
