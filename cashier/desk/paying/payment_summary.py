"""What is being paid, above everything else in the payment dialog."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier import clock
from cashier.desk.kit.controls import Notice, Text, Tone, label, separator, set_tone
from cashier.desk.kit.look import scaled
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
_NAMED_MAX = 2
"""More invoices than these are only counted."""
_HEIGHT = 58


class PaymentSummary(QWidget):
    """The patient, the invoices and the amount; as high on every face."""

    def __init__(self, payer: Payer, *, time_zone: str) -> None:
        """Name the patient; ``show_due`` fills the rest."""
        super().__init__()
        self.setObjectName("payment_summary")
        self._invoices = label(NOTHING, Text.CAPTION, name="payment_invoice")
        self._amount = label(NOTHING, Text.DISPLAY, name="payment_amount")
        self._namesakes = Notice(name="payment_namesakes", is_narrow=True)
        self._today = clock.today(time_zone)
        self._patient = PatientBanner(payer.patient, time_zone=time_zone, name="payment_patient")
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self._patient, 1)
        head.addWidget(self._invoices)
        head.addWidget(self._amount)
        whole = QWidget()
        whole.setMinimumHeight(scaled(_HEIGHT))
        head.setContentsMargins(0, 0, 0, 0)
        whole.setLayout(head)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(whole)
        layout.addWidget(separator())
        layout.addWidget(self._namesakes)
        self.amount = Money(0, payer.currency)
        """What is being paid; while it is typed, what is due."""

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
        """Name the chosen invoices; without any, that it is a deposit. The amount stands where it is typed."""
        numbers = [line.number for line in bill.chosen]
        more = len(numbers) - _NAMED_MAX
        what = m("Deposit for the patient's account")
        if numbers:
            named = ", ".join(numbers[:_NAMED_MAX])
            what = mn("Invoice {numbers}", "Invoices {numbers}", count=len(numbers), numbers=named)
        if more > 0:
            what = joined(" ", [what, mn("and {count} more", "and {count} more", count=more)])
        self._invoices.setText(str(what))
        self.amount = bill.due
        self._amount.hide()

    def show_nothing_due(self) -> None:
        """Show that nothing is to be paid any more."""
        self.show_amount(Money(0, self.amount.currency))

    def show_amount(self, amount: Money, *, is_paid: bool = False) -> None:
        """Show what the patient pays now, or has paid."""
        self.amount = amount
        self._amount.setText(str(amount))
        set_tone(self._amount, Tone.GOOD if is_paid else Tone.NEUTRAL)
        said = m("Paid: {amount}", amount=amount) if is_paid else m("The patient pays now: {amount}", amount=amount)
        self._amount.setAccessibleName(str(said))
        self._amount.show()


def _in_words(namesake: Namesake, today: date) -> Message:
    who = namesake.patient.in_a_line(today)
    if not namesake.invoices_owed:
        return in_whole_parts(who)
    owed = mn("{count} invoice to pay", "{count} invoices to pay", count=namesake.invoices_owed)
    return in_whole_parts(joined(" · ", [who, owed]))
