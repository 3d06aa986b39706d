"""What is being paid, beside or above everything else in the payment dialog."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtWidgets import QVBoxLayout

from cashier import clock
from cashier.desk.kit.controls import Card, Notice, Text, Tone, label, set_tone
from cashier.desk.kit.patient_banner import PatientBanner
from cashier.desk.kit.words import in_whole_parts
from cashier.desk.paying.choosing.bill import Bill
from cashier.desk.paying.payment_offer import Payer
from cashier.invoices.views import Namesake
from cashier.language import NOTHING, Message, joined, m, mn
from cashier.money import Money
from cashier.patients.identity import PatientIdentity

_TOLD_MAX = 3
"""More namesakes than these are only counted."""


class PaymentSummary(Card):
    """The patient, the invoices and the amount; always visible."""

    def __init__(self, payer: Payer, *, time_zone: str) -> None:
        """Name the patient; ``show_due`` fills the rest."""
        super().__init__(name="payment_summary")
        self._invoices = label(NOTHING, Text.CAPTION, name="payment_invoice", wraps=True)
        self._what = label(NOTHING, Text.CAPTION, name="payment_amount_what")
        self._amount = label(NOTHING, Text.DISPLAY, name="payment_amount")
        self._change = label(NOTHING, Text.DISPLAY, name="payment_change")
        self._namesakes = Notice(name="payment_namesakes", is_narrow=True)
        self._today = clock.today(time_zone)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(2)
        self._patient = PatientBanner(payer.patient, time_zone=time_zone, name="payment_patient")
        layout.addWidget(self._patient)
        layout.addSpacing(4)
        layout.addWidget(self._namesakes)
        layout.addWidget(self._invoices)
        layout.addSpacing(8)
        layout.addWidget(self._what)
        layout.addWidget(self._amount)
        layout.addWidget(self._change)
        self._change.hide()
        self.amount = Money(0, payer.currency)
        """What it shows."""

    def show_patient(self, patient: PatientIdentity) -> None:
        """Name the patient as the hospital does by now."""
        self._patient.show_patient(patient)

    def tell_namesakes(self, namesakes: Sequence[Namesake]) -> bool:
        """Say who else is called the same, for as long as money is taken; return whether that is news."""
        before = self._namesakes.text
        if namesakes:
            told = [_in_words(each, self._today) for each in namesakes[:_TOLD_MAX]]
            if len(namesakes) > _TOLD_MAX:
                more = len(namesakes) - _TOLD_MAX
                told.append(mn("{count} more of this name", "{count} more of this name", count=more))
            warning = m("Somebody else has the same name. Ask the patient for the date of birth.")
            self._namesakes.say(joined("\n", [warning, *told]), Tone.CAUTION)
        else:
            self._namesakes.fall_silent()
        return self._namesakes.text not in ("", before)

    def show_due(self, bill: Bill) -> None:
        """Show the chosen invoices and what is due on them; without any, that it is a deposit."""
        numbers = [line.number for line in bill.chosen]
        what = (
            mn("Invoice {numbers}", "Invoices {numbers}", count=len(numbers), numbers=", ".join(numbers))
            if numbers
            else m("Deposit")
        )
        self._invoices.setText(str(what))
        self._change.hide()
        self._show(m("Due") if numbers else m("On the patient's account"), bill.due)

    def show_nothing_due(self) -> None:
        """Show that nothing is to be paid any more."""
        self._show(m("Due"), Money(0, self.amount.currency))

    def show_amount(self, amount: Money, *, is_paid: bool = False) -> None:
        """Show what the patient pays now, or has paid."""
        self._show(
            m("Paid") if is_paid else m("The patient pays now"), amount, Tone.GOOD if is_paid else Tone.NEUTRAL
        )

    def show_change(self, change: Money | None) -> None:
        """Show what goes back to the patient; nothing where it was no cash, or exact."""
        self._change.setVisible(bool(change))
        if change:
            self._change.setText(str(m("Change {amount}", amount=change)))
            set_tone(self._change, Tone.GOOD)

    def _show(self, what: Message, amount: Money, tone: Tone = Tone.NEUTRAL) -> None:
        self.amount = amount
        self._what.setText(str(what))
        self._amount.setText(str(amount))
        set_tone(self._amount, tone)
        self._amount.setAccessibleName(f"{what}: {amount}")


def _in_words(namesake: Namesake, today: date) -> Message:
    who = namesake.patient.in_a_line(today)
    if not namesake.invoices_owed:
        return in_whole_parts(who)
    owed = mn("{count} invoice to pay", "{count} invoices to pay", count=namesake.invoices_owed)
    return in_whole_parts(joined(" · ", [who, owed]))
