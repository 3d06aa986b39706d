"""Which of the patient's invoices are paid, and how much of each."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from cashier.desk.kit import words
from cashier.desk.kit.controls import Text, label
from cashier.desk.kit.look import is_large, is_touched, scaled
from cashier.desk.paying.choosing.bill import Bill, BillLine
from cashier.errors import Refused
from cashier.language import NOTHING, joined, m, verbatim
from cashier.money import parse_amount

_ROW_HEIGHT = 66


@dataclass(frozen=True, kw_only=True)
class _Row:
    line: BillLine
    box: QCheckBox
    share: QLineEdit


class InvoicePicker(QWidget):
    """A row for each invoice that is due; hidden while there is only one."""

    chosen_changed = Signal(object)
    """Other invoices are paid; carries their keys as a frozenset."""
    share_changed = Signal(int, object)
    """Another amount is paid on one invoice; carries its key and ``Money``."""
    refused = Signal(object)
    """An amount that was typed cannot be; carries ``Refused``."""

    def __init__(self) -> None:
        """Make it empty; ``show_bill`` fills it."""
        super().__init__()
        self.setObjectName("invoice_picker")
        self._rows: list[_Row] = []
        self._rest = label(NOTHING, Text.CAPTION, name="invoice_picker_rest", wraps=True)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        # What is in it has the keyboard, not the area.
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # It scrolls before what is around it does.
        self._area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._rest)
        layout.addWidget(self._area, 1)
        # Room beyond the last row is left below it, not above the first.
        layout.addStretch(0)
        # A keypad needs the room of a heading, and what is ticked needs none.
        self._rest.setHidden(is_touched())

    @property
    def fields(self) -> list[QWidget]:
        """What takes the keyboard, in the order in which one reads."""
        return [field for row in self._rows for field in (row.box, row.share)]

    def show_bill(self, bill: Bill) -> None:
        """Show the bill's invoices; the rows stay while only amounts change, and with them the keyboard's place."""
        self.setVisible(len(bill.lines) > 1)
        if [row.line.invoice_id for row in self._rows] != [line.invoice_id for line in bill.lines]:
            self._build(bill)
        for row, line in zip(self._rows, bill.lines, strict=True):
            row.box.blockSignals(True)
            row.box.setChecked(line.is_chosen)
            row.box.blockSignals(False)
            row.share.setEnabled(line.is_chosen)
            if not row.share.hasFocus():
                row.share.setText(line.pays_now.digits() if line.is_chosen else "")
        others = sum(not line.is_chosen for line in bill.lines)
        self._rest.setText(str(m("For these invoices") if others else m("For these invoices, the oldest first")))

    def _build(self, bill: Bill) -> None:
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 1)
        self._rows = [self._add(grid, place, line) for place, line in enumerate(bill.lines)]
        grid.setRowStretch(2 * len(bill.lines), 1)
        self._area.setWidget(inside)
        self._area.setMinimumHeight(scaled(_ROW_HEIGHT))
        self._area.setMaximumHeight(max(len(bill.lines) * scaled(_ROW_HEIGHT), inside.sizeHint().height()))

    def _add(self, grid: QGridLayout, place: int, line: BillLine) -> _Row:
        due = m("being paid") if line.is_held else m("of {balance}", balance=line.balance)
        of_what = joined(" · ", [due, words.day(line.issued_on), verbatim(line.department)])
        box = QCheckBox(line.number)
        box.setObjectName(f"bill_line_{line.invoice_id}")
        box.setAccessibleDescription(str(of_what))
        box.setEnabled(not line.is_held)
        below = label(of_what, Text.CAPTION, wraps=True)
        share = QLineEdit()
        share.setObjectName(f"bill_share_{line.invoice_id}")
        share.setAccessibleName(str(m("Paid now on invoice {number}", number=line.number)))
        share.setAlignment(Qt.AlignmentFlag.AlignRight)
        share.setMaxLength(24)
        share.setFixedWidth(scaled(110))
        row = _Row(line=line, box=box, share=share)
        box.toggled.connect(self._tell_chosen)
        share.textEdited.connect(lambda text: self._tell_share(line, text))
        # Large text leaves no room for an amount beside the number; beside what wraps there is some.
        grid.addWidget(box, 2 * place, 0, 1, 2 if is_large() else 1)
        grid.addWidget(share, 2 * place + (1 if is_large() else 0), 1)
        grid.addWidget(below, 2 * place + 1, 0, 1, 1 if is_large() else 2)
        share.setAccessibleDescription(str(of_what))
        return row

    def _tell_chosen(self) -> None:
        self.chosen_changed.emit(frozenset(row.line.invoice_id for row in self._rows if row.box.isChecked()))

    def _tell_share(self, line: BillLine, text: str) -> None:
        if not text.strip() or text.endswith((".", ",")):
            return  # half an amount is not wrong yet
        try:
            amount = parse_amount(text, line.balance.currency)
        except Refused as refusal:
            self.refused.emit(refusal)
            return
        self.share_changed.emit(line.invoice_id, amount)
