"""The first step of a payment: how much, for which invoices, and with what."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from cashier.channels.reference import refuse_missing
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import press_by_key
from cashier.desk.kit.controls import PlainButton, PrimaryButton, Text, Tone, announce, label, set_tone
from cashier.desk.paying.choosing.bill import Bill
from cashier.desk.paying.choosing.deed_words import deed_of
from cashier.desk.paying.choosing.invoice_picker import InvoicePicker
from cashier.desk.paying.choosing.kept import Kept
from cashier.desk.paying.choosing.tender_offers import TenderOffer
from cashier.desk.paying.choosing.tender_picker import TenderPicker
from cashier.desk.paying.reader_watch import ReaderWatch
from cashier.errors import CashierError, Refused
from cashier.language import NOTHING, Message, m, verbatim
from cashier.money import Money, check_chargeable, parse_amount
from cashier.payments.views import PaymentOrder

_ON_ACCOUNT = m("The rest goes on the patient's account, as a deposit")


@dataclass(frozen=True, kw_only=True)
class PaymentChoice:
    """What the patient pays now, and with what. ``tendered`` is the cash that was handed over."""

    bill: Bill
    offer: TenderOffer
    tendered: Money | None = None
    reference: str = ""

    def order(self, payment_id: uuid.UUID, settlement_id: uuid.UUID) -> PaymentOrder:
        """Write it as an order for ``Payments.begin``; not for what is paid from the account."""
        if self.offer.tender is None:
            raise ValueError("money on account is used, not paid")
        return PaymentOrder(
            payment_id=payment_id,
            settlement_id=settlement_id,
            shares=self.bill.shares,
            tender=self.offer.tender,
            saved_card_id=self.offer.saved_card_id,
            reader_id=self.offer.reader_id,
            patient_id=self.bill.patient_id,
            deposit=self.bill.deposit or None,
            tendered=self.tendered,
            reference=self.reference,
        )


class AmountStep(QWidget):
    """Asks for the amount (preset: all that is due) and for the way to pay."""

    chosen = Signal(object)
    """Carries a ``PaymentChoice``."""
    bill_changed = Signal(object)
    """Other invoices are to be paid; carries the ``Bill``."""
    given_up = Signal()

    def __init__(
        self, bill: Bill, readers: ReaderWatch, question: Callable[[], Message], *, cash_step_minor: int
    ) -> None:
        """Ask for what ``bill`` says; ``readers`` show the patient the amount while it is chosen.

        What ``question`` returns, once, has to be asked before anything is chosen.
        """
        super().__init__()
        self._readers, self._question = readers, question
        self.setObjectName("amount_step")
        self._bill = bill
        self._goes_on = False
        """Enter was pressed before it was known what can be offered."""
        self._is_another = False
        """The amount became another one by itself, and nobody has said yet that it is taken."""
        self._field = QLineEdit()
        self._hint = label(NOTHING, Text.CAPTION, name="amount_hint", wraps=True)
        self._on_account = QCheckBox(str(Command.REST_ON_ACCOUNT.on_button(_ON_ACCOUNT, gap=3)))
        self._invoices = InvoicePicker()
        self._tenders = TenderPicker(cash_step_minor=cash_step_minor)
        self._continue = PrimaryButton(Command.PAYING_GO_ON.on_button(), "card", name="amount_continue")
        self._close = PlainButton(Command.PAYING_LEAVE.on_button(), "close", name="amount_close")
        self._lay_out()
        self._field.textEdited.connect(self._take_typed)
        self._field.textChanged.connect(self._check_while_typing)
        self._on_account.toggled.connect(self._take_typed)
        self._invoices.chosen_changed.connect(self._take_invoices)
        self._invoices.share_changed.connect(self._take_share)
        self._invoices.refused.connect(lambda refusal: self._say(refusal.words, is_wrong=True))
        self._readers.told.connect(self._tenders.note_reader)
        self._tenders.changed.connect(self._check_while_typing)
        self._continue.clicked.connect(self._choose)
        self._close.clicked.connect(self.given_up)
        self.ask_for(bill)

    def ask_for(self, bill: Bill, kept: Kept = Kept.NOTHING) -> None:
        """Preset all that is due on the chosen invoices and select it, so that typing replaces it.

        What is ``kept`` of what was typed is there instead; ``offer`` brings it together with what is due by now.
        """
        self._is_another = False
        if kept is Kept.NOTHING:
            self._bill = bill
            self._on_account.setChecked(not bill.lines)
            self._on_account.setEnabled(bool(bill.lines))
            self._tenders.begin_anew()
            self._field.setText(bill.amount.digits() if bill.lines else "")
            self._show_bill()
        elif kept is Kept.TYPED:
            self._tenders.preset()
        self._check_while_typing()
        self._field.setFocus()
        self._field.selectAll()

    @property
    def bill(self) -> Bill:
        """What is chosen to be paid."""
        return self._bill

    def offer(self, bill: Bill, offers: Sequence[TenderOffer], *, is_read_first: bool = False) -> None:
        """Offer these ways to pay, and what ``bill`` says by now; what was typed meanwhile stays.

        Where something new ``is_read_first``, an Enter from before does not go on.
        """
        self._follow(bill)
        self._tenders.offer(offers)
        self._put_in_order()
        self._readers.ask(offers)
        self._check_while_typing()
        goes_on, self._goes_on = self._goes_on and not is_read_first, False
        if goes_on:
            self._choose()

    def renew(self, bill: Bill) -> None:
        """Show what ``bill`` says by now; an amount that became another by that is asked about before it is taken."""
        before = self._bill.amount
        self._follow(bill)
        self._is_another = self._bill.amount != before
        self._check_while_typing()

    def _follow(self, bill: Bill) -> None:
        before = self._bill
        is_untouched = before.pays_all and self._field.text() == before.amount.digits()
        if not before.lines:
            return
        self._bill = bill if is_untouched else bill.spread_as(before)
        if is_untouched:
            self._field.setText(bill.amount.digits())
            self._field.selectAll()
        else:
            self._take_typed()
        self._show_bill()

    def tell(self, error: CashierError) -> None:
        """Say why nothing can be offered."""
        self._say(error.words, is_wrong=True)

    def _lay_out(self) -> None:
        self._field.setObjectName("amount_field")
        self._field.setProperty("room", "large")
        self._field.setAccessibleName(str(m("Amount in {currency}", currency=self._bill.currency)))
        self._field.setMaxLength(24)
        self._field.setAlignment(Qt.AlignmentFlag.AlignRight)
        amount_row = QHBoxLayout()
        amount_row.addWidget(self._field, 1)
        amount_row.addWidget(label(verbatim(self._bill.amount.symbol), Text.TITLE))
        self._hint.setMinimumHeight(self._hint.fontMetrics().lineSpacing() * 2)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._on_account.setObjectName("on_account")
        press_by_key(self._on_account, Command.REST_ON_ACCOUNT)
        buttons = QHBoxLayout()
        buttons.addWidget(self._close)
        buttons.addStretch(1)
        buttons.addWidget(self._continue)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(label(m("The patient pays now"), Text.CAPTION))
        layout.addLayout(amount_row)
        layout.addWidget(self._hint)
        layout.addWidget(self._on_account)
        layout.addWidget(self._invoices)
        layout.addSpacing(6)
        layout.addWidget(label(m("With"), Text.CAPTION))
        layout.addWidget(self._tenders)
        layout.addStretch(1)
        layout.addSpacing(14)
        layout.addLayout(buttons)

    def _put_in_order(self) -> None:
        """Let Tab go as one reads: what came last is not what is reached last."""
        order = [self._field, self._on_account, *self._invoices.fields, *self._tenders.fields]
        for before, after in pairwise([*order, self._continue, self._close]):
            QWidget.setTabOrder(before, after)

    def _take_typed(self) -> None:
        """Spread what was typed over the invoices, as far as it is an amount yet."""
        self._is_another = False
        try:
            self._bill = self._bill_as_typed()
        except Refused:
            pass
        else:
            self._invoices.show_bill(self._bill)
        self._check_while_typing()

    def _take_invoices(self, invoice_ids: frozenset[int]) -> None:
        self._bill = self._bill.choosing(invoice_ids)
        self._field.setText(self._bill.amount.digits())
        self._show_bill()
        self.bill_changed.emit(self._bill)
        self._check_while_typing()

    def _take_share(self, invoice_id: int, amount: Money) -> None:
        try:
            self._bill = self._bill.with_share(invoice_id, amount)
        except Refused as refusal:
            self._say(refusal.words, is_wrong=True)
            return
        self._field.setText(self._bill.amount.digits())
        self._check_while_typing()

    def _show_bill(self) -> None:
        self._invoices.show_bill(self._bill)

    def _bill_as_typed(self) -> Bill:
        text = self._field.text()
        if text.strip().startswith(("-", "−")):
            raise Refused(m("The amount must be above zero."), advice=m("Type how much the patient pays now."))
        amount = parse_amount(text, self._bill.currency)
        if amount == self._bill.amount:
            return self._bill  # as it is spread now, perhaps by hand
        return self._bill.paying(amount, rest_on_account=self._on_account.isChecked())

    def _checked(self) -> PaymentChoice:
        """Return what can be begun with what is typed. Raises ``Refused`` with the reason why not."""
        bill = self._bill_as_typed()
        offer = self._tenders.chosen
        if not bill.amount:
            raise Refused(m("Nothing was chosen to pay."), advice=m("Choose an invoice, or type an amount."))
        if offer is None:
            raise Refused(m("No way to pay is chosen."), advice=m("Choose one of those that the desk offers."))
        if offer.on_account is not None:
            _check_account(bill, offer.on_account)
        elif offer.tender is not None and not offer.tender.row.is_taken_here:
            check_chargeable(bill.amount)
        tendered = self._tenders.tendered(bill.amount)
        return PaymentChoice(bill=bill, offer=offer, tendered=tendered, reference=self._tenders.reference)

    def _check_while_typing(self) -> None:
        self._name_continue()
        text = self._field.text().strip()
        self._offer_account(text)
        # Half an amount is not wrong yet.
        if not text or text.endswith((".", ",")):
            self._tenders.show_change(None)
            self._say(NOTHING, is_wrong=False)
            return
        try:
            bill = self._bill_as_typed()
            self._tenders.show_change(bill.amount)
            if not self._tenders.is_empty:
                self._checked()
        except Refused as error:
            self._readers.follow(None, None)
            self._say(error.words, is_wrong=True)
            return
        self._readers.follow(self._tenders.chosen, bill.amount)
        self._say(_left_in_words(bill), is_wrong=False)

    def _offer_account(self, text: str) -> None:
        """Show that money can go on account where there is more than what is due."""
        try:
            is_more = self._bill.due < parse_amount(text, self._bill.currency)
        except Refused:
            is_more = False
        self._on_account.setVisible(is_more or not self._bill.lines)

    def _choose(self) -> None:
        if self._tenders.is_empty:
            self._goes_on = True
            return
        try:
            choice = self._checked()
            if choice.offer.tender is not None:
                refuse_missing(choice.offer.tender, choice.reference)
        except Refused as error:
            self._say(error.words, is_wrong=True)
            announce(self._hint)
            if not self._tenders.isAncestorOf(self.focusWidget()):
                self._field.setFocus()
                self._field.selectAll()
            return
        asked = self._question()
        if self._is_another and not asked:
            asked = m("It is {amount} now. Ask the patient, then go on.", amount=choice.bill.amount)
        self._is_another = False
        if asked:
            self._say(asked, is_wrong=True)
            announce(self._hint)
            return
        self._readers.let_go()
        self.chosen.emit(choice)

    def _name_continue(self) -> None:
        offer = self._tenders.chosen
        try:
            amount = self._bill_as_typed().amount
        except Refused:
            amount = None
        if offer is not None and offer.tender is not None and offer.tender.row.is_cash and amount is not None:
            amount = self._tenders.cash_to_take(amount)
        self._continue.setText(str(Command.PAYING_GO_ON.on_button(deed_of(offer, amount))))

    def _say(self, words: Message, *, is_wrong: bool) -> None:
        text = str(words)
        self._hint.setText(text)
        set_tone(self._hint, Tone.BAD if is_wrong else Tone.NEUTRAL)
        self._field.setAccessibleDescription(text)
        if self._field.property("invalid") != is_wrong:
            self._field.setProperty("invalid", is_wrong)
            self._field.style().unpolish(self._field)
            self._field.style().polish(self._field)


def _check_account(bill: Bill, on_account: Money) -> None:
    if bill.deposit:
        raise Refused(m("A deposit cannot be paid from the account."), advice=m("Choose another way to pay."))
    if on_account < bill.amount:
        raise Refused(
            m("Only {on_account} are on account.", on_account=on_account),
            advice=m("Use that, and take the rest another way afterwards."),
        )


def _left_in_words(bill: Bill) -> Message:
    if bill.deposit:
        return m("{amount} go on the patient's account.", amount=bill.deposit)
    return m("Leaves {amount} to pay.", amount=bill.left) if bill.left else m("All that is due.")
