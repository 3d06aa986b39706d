"""What stands at the top of the pane, beside the chosen row: who it is, how much, and the one thing to do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from cashier.books.invoice import InvoiceStatus
from cashier.books.payment import PaymentState
from cashier.desk.commands.commands import Command
from cashier.desk.invoices.obstacles import Obstacles
from cashier.desk.kit.controls import (
    INK_OF,
    PlainButton,
    PrimaryButton,
    StatusPill,
    Text,
    Tone,
    announce,
    label,
    set_tone,
)
from cashier.desk.kit.fitting.flow import Flow
from cashier.desk.kit.icons import Picture
from cashier.desk.kit.look import is_touched
from cashier.desk.kit.patient_banner import PatientBanner
from cashier.desk.kit.words import RETURNED, USE_OF_CREDIT, card, day_and_time, invoice_words
from cashier.invoices.views import CREDIT_NOTES, OWED, InvoiceDetail, InvoicePayment, InvoiceRow
from cashier.language import NOTHING, Message, joined, m, mn, verbatim
from cashier.money import Money
from cashier.tenders.tender import Tender


class PaneHead(QWidget):
    """Banner, amount and action of one invoice. Its buttons are connected by the pane.

    Only what is owed stands there large: what is paid is one quiet line that says how.
    """

    def __init__(self, *, time_zone: str, makes_links: bool) -> None:
        """Show no invoice yet; links are only offered where ``makes_links``."""
        super().__init__()
        self.setObjectName("pane_head")
        self._time_zone = time_zone
        self._makes_links = makes_links
        self._banner: PatientBanner | None = None
        self._status = StatusPill(name="detail_status")
        self._owed = QWidget()
        # The words give way to the amount, which is never cut.
        self._owed_name = label(NOTHING, Text.TITLE, name="detail_balance_name", wraps=True)
        self._owed_name.setAlignment(Qt.AlignmentFlag.AlignBottom)
        self._amount = label(NOTHING, Text.DISPLAY, name="detail_balance")
        self._amount.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._beside = label(NOTHING, Text.CAPTION, name="detail_taken", wraps=True)
        self._rest = _Settled()
        self.reason = label(NOTHING, Text.CAPTION, name="take_payment_reason", wraps=True)
        self.pay = PrimaryButton(Command.TAKE_PAYMENT.on_button(), "card", name="take_payment")
        self.deposit = PlainButton(Command.TAKE_DEPOSIT.on_button(), "deposit", name="open_deposit", quiet=True)
        self.deposit.setToolTip(str(m("Take money for the patient's account")))
        self.cards = PlainButton(Command.SHOW_CARDS.on_button(), "saved-card", name="open_cards", quiet=True)
        self.cards.setToolTip(str(m("The patient's saved cards")))
        self.receipt = PlainButton(m("Receipt"), "receipt", name="open_receipt", quiet=True)
        self.link = PlainButton(Command.MAKE_LINK.on_button(), "phone", name="make_link", quiet=True)
        self.link.setToolTip(str(m("A link by which the patient pays this invoice at home")))
        self._buttons = Flow([self.receipt, self.deposit, self.cards, self.link])
        self._lay_out()

    def show_detail(self, detail: InvoiceDetail, taken: Sequence[InvoiceRow] = ()) -> None:
        """Show who ``detail`` is of, how it stands, and what all that is ``taken`` with it comes to."""
        patient = detail.row.patient
        if self._banner is None:
            self._banner = PatientBanner(
                patient,
                time_zone=self._time_zone,
                name="detail_patient",
                style=Text.HEADLINE,
                after_name=self._status,
            )
            self._upper.addWidget(self._banner)
        self._banner.show_patient(patient)
        words, tone = _status_of(detail)
        self._status.show_status(words, tone)
        # What is to be paid says so in its amount, what is being paid in the notice below.
        self._status.setVisible(detail.row.status is not InvoiceStatus.DUE and detail.row.under_way is None)
        self._show_amount(detail, taken)
        self._show_buttons(
            has_receipt=last_receipt(detail) is not None,
            has_link=self._makes_links and detail.row.status in OWED and detail.row.under_way is None,
        )

    def show_what_may_be_done(self, detail: InvoiceDetail, obstacles: Obstacles, *, is_under_way: bool) -> None:
        """Offer to take the payment, unless it ``is_under_way`` or ``obstacles`` say why not."""
        is_owed = detail.row.status in OWED
        self.pay.setVisible(is_owed and not is_under_way)
        self.pay.setEnabled(is_owed and not is_under_way and not obstacles.to_all)
        self.pay.setToolTip(str(obstacles.to_all))
        not_now = m("Not just now: {why}", why=obstacles.to_all) if obstacles.to_all else NOTHING
        reason = not_now if is_owed else USE_OF_CREDIT if detail.credit_left else NOTHING
        self.reason.setText(str(reason))
        self.reason.setVisible(bool(reason))

    def announce_amount(self) -> None:
        """Tell a screen reader what is to be paid by now."""
        announce(self._amount if self._owed.isVisible() else self._rest.words)

    def _show_amount(self, detail: InvoiceDetail, taken: Sequence[InvoiceRow]) -> None:
        is_owed = detail.row.status in OWED
        if is_owed:
            name, amount = m("To pay"), detail.row.balance
            if len(taken) > 1:
                name = mn("To pay, {count} invoice", "To pay, {count} invoices", count=len(taken))
                amount = Money(sum(row.balance_minor for row in taken), detail.row.currency)
            self._owed_name.setText(str(name))
            self._amount.setText(str(amount))
            self._amount.setAccessibleName(f"{name}: {amount}")
        else:
            self._rest.show_words(*_settled_words(detail, self._time_zone))
        self._beside.setText(str(_beside(taken)))
        self._beside.setVisible(is_owed and bool(self._beside.text()))
        self._owed.setVisible(is_owed)
        self._rest.setVisible(not is_owed)

    def _lay_out(self) -> None:
        self._upper = QVBoxLayout()
        owed = QHBoxLayout(self._owed)
        owed.setContentsMargins(0, 0, 0, 0)
        owed.addWidget(self._owed_name, 1)
        owed.addWidget(self._amount)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 0)
        column.setSpacing(6)
        column.addLayout(self._upper)
        column.addWidget(self._owed)
        column.addWidget(self._beside)
        column.addWidget(self._rest)
        column.addWidget(self.pay)
        column.addWidget(self.reason)
        column.addWidget(self._buttons)
        self.reason.hide()

    def _show_buttons(self, *, has_receipt: bool, has_link: bool) -> None:
        self.receipt.setVisible(has_receipt)
        self.link.setVisible(has_link)


class _Settled(QWidget):
    """One line where nothing is owed: a picture and words, never as loud as a debt."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = Picture(side=20)
        self.words: QLabel = label(NOTHING, name="detail_settled", wraps=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(8)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)

    def show_words(self, words: Message, tone: Tone) -> None:
        """Say ``words`` in ``tone``; good news have a tick."""
        self.words.setText(str(words))
        set_tone(self.words, tone)
        self._picture.show_icon("success" if tone is Tone.GOOD else "info", INK_OF[tone])


def last_receipt(detail: InvoiceDetail) -> int | None:
    """Return the key of the newest receipt of an invoice."""
    return next((each.receipt_id for each in detail.payments if each.receipt_id is not None), None)


def _beside(taken: Sequence[InvoiceRow]) -> Message:
    """Name what is paid together; or say how to pay together what the patient owes beside the only one."""
    if len(taken) > 1:
        return joined(" · ", [verbatim(row.number) for row in taken])
    if not taken or not taken[0].owes:
        return NOTHING
    sums = joined(" + ", [verbatim(each.amount) for each in taken[0].owes])
    if is_touched():
        return m("Owes {sums} in all: tick in the list what is paid as well.", sums=sums)
    return m("Owes {sums} in all: Space ticks an invoice in the list, Ctrl+A all of them.", sums=sums)


def _status_of(detail: InvoiceDetail) -> tuple[Message, Tone]:
    words, tone = invoice_words(detail.row)
    if detail.returned and detail.row.under_way is None:
        if words == RETURNED:
            words = m("Returned {amount}", amount=detail.returned)
        else:
            words = m("{status} · returned {amount}", status=words, amount=detail.returned)
    return words, tone


def _settled_words(detail: InvoiceDetail, time_zone: str) -> tuple[Message, Tone]:
    """Say why nothing is owed: how and when it was paid, what is left of a credit note, or that it counts no more."""
    status = detail.row.status
    if status in CREDIT_NOTES:
        left = m("Credit left: {amount}", amount=detail.credit_left)
        return left, Tone.GOOD if detail.credit_left else Tone.NEUTRAL
    if status is InvoiceStatus.CANCELLED:
        return m("Cancelled: nothing to pay"), Tone.NEUTRAL
    paid = [each for each in detail.payments if each.state == PaymentState.PAID and each.amount]
    if paid:
        newest = _how(paid[0], time_zone)
        if len(paid) == 1:
            return m("Paid {how}", how=newest), Tone.GOOD
        more = mn("{count} payment before it", "{count} payments before it", count=len(paid) - 1)
        return m("Paid {how}; {more}", how=newest, more=more), Tone.GOOD
    if detail.deposit_uses:
        when = day_and_time(detail.deposit_uses[0].used_at, time_zone)
        return m("Paid {moment} from the patient's account", moment=when), Tone.GOOD
    return m("Nothing to pay"), Tone.NEUTRAL


def _how(payment: InvoicePayment, time_zone: str) -> Message:
    """Write when, by what and with which receipt: ``25 Nov 2026, 14:05, Visa •••• 4242, D1-000001``."""
    means = card(payment.card_brand, payment.card_last_four) or Tender(payment.tender).row.words
    parts = [day_and_time(payment.settled_at or payment.created_at, time_zone), means]
    if payment.receipt_number is not None:
        parts.append(verbatim(payment.receipt_number))
    return joined(", ", parts)
