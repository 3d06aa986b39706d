"""Which bills of one patient are paid together: the chosen one, and those that are ticked where they stand."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cashier.desk.invoices.invoice_columns import InvoiceRows
from cashier.desk.invoices.invoice_table import InvoiceTable
from cashier.invoices.views import InvoiceRow


class TickedBills(QObject):
    """Follows the table: another patient's row takes all ticks away, so that nobody pays for somebody else.

    The chosen bill is always among those that are taken: what is shown beside the list is paid.
    """

    taken_changed = Signal(object)
    """Carries the rows that a payment would be taken of now, as a tuple: the chosen one, and what is ticked with it.

    Empty where the chosen one cannot be paid, or is not among the rows of the table.
    """

    def __init__(self, table: InvoiceTable, model: InvoiceRows) -> None:
        """Tick nothing yet."""
        super().__init__(table)
        self._table, self._model = table, model
        self._ticked: dict[int, InvoiceRow] = {}
        self._told: tuple[InvoiceRow, ...] = ()
        table.tick_wanted.connect(self._turn)
        table.all_ticks_wanted.connect(self._tick_all)
        table.selectionModel().currentRowChanged.connect(self._follow)
        table.selectionModel().selectionChanged.connect(self._follow)
        model.rows_moved.connect(self._renew)
        model.query_shown.connect(self._renew)

    def _turn(self, place: int) -> None:
        """Tick the bill in row ``place``, or take its tick away."""
        row = self._model.row_at(place)
        if row is None or not row.is_free:
            return
        if self._ticked.pop(row.id, None) is None:
            self._ticked[row.id] = row
        self._tell()

    def _tick_all(self) -> None:
        """Tick all bills of the chosen patient that stand here and are paid in the same money."""
        chosen = self._table.chosen
        if chosen is not None:
            for row in self._table.of_same_patient(self._table.currentIndex().row()):
                if row.is_free and row.currency == chosen.currency:
                    self._ticked[row.id] = row
            self._tell()

    def _follow(self) -> None:
        chosen = self._table.chosen
        if chosen is None or any(row.patient_id != chosen.patient_id for row in self._ticked.values()):
            self._ticked.clear()
        self._tell()

    def _renew(self) -> None:
        """Take over what the rows say by now; what is gone or being paid is ticked no more."""
        fresh: dict[int, InvoiceRow] = {}
        for row_id in self._ticked:
            place = self._model.find(row_id)
            row = None if place is None else self._model.row_at(place)
            if row is not None and row.is_free:
                fresh[row_id] = row
        self._ticked = fresh
        self._follow()

    def _tell(self) -> None:
        chosen = self._table.chosen
        taken: tuple[InvoiceRow, ...] = ()
        if chosen is not None and chosen.is_free:
            beside = (row for row in self._ticked.values() if row.id != chosen.id)
            taken = (chosen, *(row for row in beside if row.currency == chosen.currency))
        self._table.show_taken(frozenset(row.id for row in taken))
        if taken != self._told:
            self._told = taken
            self.taken_changed.emit(taken)
