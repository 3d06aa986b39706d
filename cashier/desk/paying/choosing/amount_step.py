"""The first step of a payment: how much, for which invoices, and with what."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from cashier.channels.reference import refuse_missing
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import press_by_key
from cashier.desk.kit.controls import Text, Tone, announce, label, set_tone
from cashier.desk.kit.look import is_large, is_touched
from cashier.desk.kit.touch.keypad import Keypad
from cashier.desk.paying.choosing.amount_field import AmountField, mark_invalid
from cashier.desk.paying.choosing.bill import Bill
from cashier.desk.paying.choosing.deed_words import deed_of
from cashier.desk.paying.choosing.invoice_picker import InvoicePicker
from cashier.desk.paying.choosing.kept import Kept
from cashier.desk.paying.choosing.tender_offers import TenderOffer
from cashier.desk.paying.choosing.tender_picker import TenderPicker
from cashier.desk.paying.choosing.way_field import WayField
from cashier.desk.paying.faces.foot import Foot, FootButton, FootPrimary
from cashier.desk.paying.payment_offer import PaymentOffer
from cashier.desk.paying.reader_watch import ReaderWatch
from cashier.errors import CashierError, Refused
from cashier.language import NOTHING, Message, joined, m
from cashier.money import Money, check_chargeable, parse_amount
from cashier.payments.views import PaymentOrder

_LATER_MILLISECONDS = 300
"""Until then, whoever chooses among several cards may have done so."""
_ON_ACCOUNT = m("The rest is a deposit")


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
    ways_outdated = Signal()
    """The patient has other saved cards than those that are offered."""

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
        self._cards_seen: tuple[int, ...] = ()
        self._is_tried = False
        """It was tried as it is typed, and could not be: from then on what is wrong is said as such."""
        self._field = AmountField(bill.amount)
        self._hint = label(NOTHING, Text.CAPTION, name="amount_hint", wraps=True)
        key_below = joined("\n", [_ON_ACCOUNT, Command.REST_ON_ACCOUNT.on_button(NOTHING, gap=0)])
        words = key_below if is_large() else Command.REST_ON_ACCOUNT.on_button(_ON_ACCOUNT, gap=3)
        self._on_account = QCheckBox(str(words))
        self._invoices = InvoicePicker()
        self._way = WayField(cash_step_minor=cash_step_minor)
        self._tenders = TenderPicker(self._way)
        self._continue = FootPrimary(Command.PAYING_GO_ON.on_button(), "check", name="amount_continue")
        self._close = FootButton(Command.PAYING_LEAVE.on_button(gap=3), "close", name="amount_close")
        self.foot = Foot()
        """Its buttons, and between them what the chosen way needs; stands below whatever step is shown."""
        self._lay_out()
        self._field.textEdited.connect(self._take_typed)
        self._field.textChanged.connect(self._check_while_typing)
        self._on_account.toggled.connect(self._take_typed)
        self._invoices.chosen_changed.connect(self._take_invoices)
        self._invoices.share_changed.connect(self._take_share)
        self._invoices.refused.connect(lambda refusal: self._say(refusal.words))
        self._readers.told.connect(self._tenders.note_reader)
        self._tenders.changed.connect(self._check_while_typing)
        self._continue.clicked.connect(self._choose)
        self._close.clicked.connect(self.given_up)
        self.ask_for(bill)

    def ask_for(self, bill: Bill, kept: Kept = Kept.NOTHING) -> None:
        """Preset all that is due on the chosen invoices and select it, so that typing replaces it.

        What is ``kept`` of what was typed is there instead; ``offer`` brings it together with what is due by now.
        """
        self._is_another = self._is_tried = False
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

    def note_cards(self, card_ids: tuple[int, ...]) -> None:
        """Tell, once for each news, where these are not the saved cards that are offered."""
        if self._tenders.is_empty or not self.isVisible():
            return
        is_news, self._cards_seen = card_ids != self._cards_seen, card_ids
        if is_news and set(card_ids) != self._tenders.card_ids:
            self.ways_outdated.emit()

    def take_ways(self, offer: PaymentOffer) -> None:
        """Offer what can be paid with by now: what is typed or chosen stays, and so does the place of each way."""
        if self._way.is_being_chosen:
            QTimer.singleShot(_LATER_MILLISECONDS, self, partial(self.take_ways, offer))
        elif self.isVisible():
            self._tenders.offer(offer.tenders, keeps_places=True)
            self._put_in_order()
            self._check_while_typing()

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
        """Say why nothing can be offered, or was taken."""
        self._say_wrong(error.words)

    def _lay_out(self) -> None:
        self._hint.setMinimumHeight(self._hint.fontMetrics().lineSpacing() * 2)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._on_account.setObjectName("on_account")
        press_by_key(self._on_account, Command.REST_ON_ACCOUNT)
        self.foot.hold_field(self._close, self._way, self._continue)
        how_much = QVBoxLayout()
        how_much.setSpacing(4)
        how_much.addWidget(label(m("The patient pays now"), Text.CAPTION))
        how_much.addWidget(self._field)
        how_much.addWidget(self._hint)
        how_much.addWidget(self._on_account)
        if is_touched():
            # Above the invoices: these scroll where they have no room, change and keypad stay.
            how_much.addWidget(self._way.change)
            how_much.addWidget(Keypad(self._field, self._bill.currency))
        how_much.addWidget(self._invoices, 1)
        how_much.addStretch(0)
        if not is_touched():
            how_much.addWidget(self._way.change)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(how_much, 3)
        layout.addWidget(self._tenders, 4)

    def _put_in_order(self) -> None:
        """Let Tab go as one reads: what came last is not what is reached last."""
        order = [
            self._field, self._on_account, *self._invoices.fields, *self._tenders.fields, *self._way.fields
        ]  # fmt: skip
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
            self._say(refusal.words)
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

    def _checked_bill(self) -> tuple[Bill, TenderOffer]:
        """Return what can be paid, and with what. Raises ``Refused`` with the reason why not."""
        bill = self._bill_as_typed()
        offer = self._tenders.chosen
        if not bill.amount:
            raise Refused(m("Nothing was chosen to pay."), advice=m("Choose an invoice, or type an amount."))
        if offer is None:
            raise Refused(m("No way to pay is chosen."), advice=m("Choose one of those that the desk offers."))
        if offer.why_not:
            raise Refused(offer.why_not, advice=m("Choose another way to pay."))
        if offer.on_account is not None:
            _check_account(bill, offer.on_account)
        elif offer.tender is not None and not offer.tender.row.is_taken_here:
            check_chargeable(bill.amount)
        return bill, offer

    def _checked_choice(self, bill: Bill, offer: TenderOffer) -> PaymentChoice:
        """Return what can be begun. Raises ``Refused`` where what the way to pay needs is missing."""
        tendered = self._way.tendered(bill.amount)
        if offer.tender is not None:
            refuse_missing(offer.tender, self._way.reference)
        return PaymentChoice(bill=bill, offer=offer, tendered=tendered, reference=self._way.reference)

    def _check_while_typing(self) -> None:
        self._name_continue()
        text = self._field.text().strip()
        self._offer_account(text)
        # Half an amount is not wrong yet.
        if not text or text.endswith((".", ",")):
            self._way.show_change(None)
            self._say(_due_in_words(self._bill))
            return
        try:
            bill = self._bill_as_typed()
            self._way.show_change(bill.amount)
            if not self._tenders.is_empty:
                self._way.tendered(self._checked_bill()[0].amount)
        except Refused as error:
            self._readers.follow(None, None)
            self._say(error.words, is_wrong=self._is_tried)
            return
        self._is_tried = False
        self._readers.follow(self._tenders.chosen, bill.amount)
        self._say(_left_in_words(bill))

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
            bill, offer = self._checked_bill()
        except Refused as error:
            self._say_wrong(error.words)
            self._field.setFocus()
            self._field.selectAll()
            return
        try:
            choice = self._checked_choice(bill, offer)
        except Refused as error:
            self._say_wrong(error.words, at=self._way.wanted)
            self._way.take_keyboard()
            return
        asked = self._question()
        if self._is_another and not asked:
            asked = m("It is {amount} now. Ask the patient, then go on.", amount=choice.bill.amount)
        self._is_another = False
        if asked:
            self._say_wrong(asked)
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
            amount = self._way.cash_to_take(amount)
        self._continue.setText(str(Command.PAYING_GO_ON.on_button(deed_of(offer, amount))))

    def _say_wrong(self, words: Message, at: QWidget | None = None) -> None:
        """Answer a try: why it cannot be, at the field that has to be mended."""
        self._is_tried = True
        self._say(words, is_wrong=True, at=at)
        announce(self._hint)

    def _say(self, words: Message, *, is_wrong: bool = False, at: QWidget | None = None) -> None:
        text = str(words)
        self._hint.setText(text)
        set_tone(self._hint, Tone.BAD if is_wrong else Tone.NEUTRAL)
        at = at or self._field
        for field in (self._field, *self._way.fields):
            if isinstance(field, QLineEdit):
                field.setAccessibleDescription(text if field is at else "")
                mark_invalid(field, is_wrong and field is at)


def _check_account(bill: Bill, on_account: Money) -> None:
    if bill.deposit:
        raise Refused(m("A deposit cannot be paid from the account."), advice=m("Choose another way to pay."))
    if on_account < bill.amount:
        raise Refused(
            m("Only {on_account} are on account.", on_account=on_account),
            advice=m("Use that, and take the rest another way afterwards."),
        )


def _due_in_words(bill: Bill) -> Message:
    return m("of {due} due", due=bill.due) if bill.lines else NOTHING


def _left_in_words(bill: Bill) -> Message:
    if bill.deposit:
        return m("{amount} go on the patient's account.", amount=bill.deposit)
    if not bill.left:
        return m("All that is due.")
    return m("of {due} due, leaves {left}", due=bill.due, left=bill.left)
