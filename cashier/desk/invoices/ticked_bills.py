"""Which bills of one patient are paid together: what is chosen, and those that are ticked where they stand."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cashier.desk.invoices.folding.folded_rows import FoldedRows
from cashier.desk.invoices.invoice_table import InvoiceTable
from cashier.invoices.views import InvoiceRow


class TickedBills(QObject):
    """Follows the table: another patient's row takes all ticks away, so that nobody pays for somebody else.

    Who chooses a patient has all bills ticked, in the money of the one that is shown; who chooses a bill has that one
    and what was ticked beside it. So what is shown beside the list is always among what is paid.
    """

    taken_changed = Signal(object)
    """Carries the rows that a payment would be taken of now, as a tuple: the shown one, and what is ticked with it.

    Empty where the shown one cannot be paid, or is not among the rows of the table.
    """

    def __init__(self, table: InvoiceTable, model: FoldedRows) -> None:
        """Tick nothing yet. Whoever finds the chosen row anew is to hear of moved rows before."""
        super().__init__(table)
        self._table, self._model = table, model
        self._ticked: dict[int, InvoiceRow] = {}
        self._told: tuple[InvoiceRow, ...] = ()
        table.tick_wanted.connect(self._turn)
        table.box_clicked.connect(self._click)
        table.all_ticks_wanted.connect(self._tick_all)
        table.selectionModel().currentRowChanged.connect(self._follow)
        table.selectionModel().selectionChanged.connect(self._follow)
        model.rows_moved.connect(self._renew)
        model.query_shown.connect(self._renew)

    def _turn(self, place: int) -> None:
        """Tick the bill in row ``place``, or take its tick away; all of them where the patient stands there."""
        row = self._model.row_at(place)
        if row is None:
            return
        if row.is_patient:
            self._tick_all()
        elif row.bill.is_free:
            if self._ticked.pop(row.bill.id, None) is None:
                self._ticked[row.bill.id] = row.bill
            self._tell()

    def _click(self, place: int) -> None:
        """Do the same by the mouse, and choose the bill; of a patient who is chosen, one bill is left out."""
        row, chosen = self._model.row_at(place), self._table.chosen
        if row is None:
            return
        together = chosen.taken if chosen is not None and chosen.is_patient else ()
        rest = {bill.id: bill for bill in together if bill.id != row.bill.id}
        if not rest or len(rest) == len(together):
            self._table.select_row(place, scrolls=False)
            self._turn(place)
            return
        self._ticked = rest
        first = self._model.find(next(iter(rest)))
        if first is not None:
            self._table.select_row(first, scrolls=False)

    def _tick_all(self) -> None:
        """Tick all bills of the chosen patient that are known and are paid in the same money."""
        chosen = self._table.chosen
        if chosen is not None:
            for bill in self._model.bills_below(chosen):
                if bill.is_free and bill.currency == chosen.bill.currency:
                    self._ticked[bill.id] = bill
            self._tell()

    def _follow(self) -> None:
        chosen = self._table.chosen
        if chosen is None or any(bill.patient_id != chosen.patient.id for bill in self._ticked.values()):
            self._ticked.clear()
        self._tell()

    def _renew(self) -> None:
        """Take over what the rows say by now; what is gone or being paid is ticked no more."""
        chosen = self._table.chosen
        known = () if chosen is None else self._model.bills_below(chosen)
        self._ticked = {bill.id: bill for bill in known if bill.id in self._ticked and bill.is_free}
        self._follow()

    def _tell(self) -> None:
        chosen = self._table.chosen
        taken = () if chosen is None else chosen.taken
        if taken:
            shown = {bill.id for bill in taken}
            beside = (bill for bill in self._ticked.values() if bill.id not in shown)
            taken += tuple(bill for bill in beside if bill.currency == taken[0].currency)
        self._table.show_taken(frozenset(bill.id for bill in taken))
        if taken != self._told:
            self._told = taken
            self.taken_changed.emit(taken)
