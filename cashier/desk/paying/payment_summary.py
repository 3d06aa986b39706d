"""What is being paid, beside or above everything else in the payment dialog."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from cashier.desk.controls import Card, Text, Tone, label, set_tone
from cashier.invoices.views import InvoiceDetail
from cashier.money import Money


class PaymentSummary(Card):
    """The invoice, its patient and the amount; always visible."""

    def __init__(self) -> None:
        """Make it; ``show_due`` fills it."""
        super().__init__(name="payment_summary")
        self._invoice = label("", Text.CAPTION, name="payment_invoice")
        self._patient = label("", Text.TITLE, name="payment_patient", wraps=True)
        self._what = label("", Text.CAPTION, name="payment_amount_what")
        self._amount = label("", Text.DISPLAY, name="payment_amount")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(2)
        layout.addWidget(self._patient)
        layout.addWidget(self._invoice)
        layout.addSpacing(8)
        layout.addWidget(self._what)
        layout.addWidget(self._amount)

    def show_due(self, detail: InvoiceDetail) -> None:
        """Show the invoice and what is due on it."""
        self._patient.setText(detail.row.patient_name)
        self._invoice.setText(f"{detail.row.record_number} · Invoice {detail.row.number}")
        self._show("Due", detail.row.balance)

    def show_amount(self, amount: Money, *, is_paid: bool = False) -> None:
        """Show what the patient pays now, or has paid."""
        self._show("Paid" if is_paid else "The patient pays now", amount, Tone.GOOD if is_paid else Tone.NEUTRAL)

    def _show(self, what: str, amount: Money, tone: Tone = Tone.NEUTRAL) -> None:
        self._what.setText(what)
        self._amount.setText(str(amount))
        set_tone(self._amount, tone)
        self._amount.setAccessibleName(f"{what}: {amount}")
