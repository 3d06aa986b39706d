"""The first step of a payment: how much, and with what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from cashier.cards.service import SavedCardView
from cashier.desk import words
from cashier.desk.controls import PlainButton, PrimaryButton, Text, Tone, announce, label, set_tone
from cashier.errors import Refused
from cashier.money import Money, check_chargeable, parse_amount
from cashier.payments.model import Tender


@dataclass(frozen=True, kw_only=True)
class PaymentChoice:
    """How much the patient pays now, and with what."""

    amount: Money
    tender: Tender
    saved_card_id: int | None = None


def read_payable(text: str, balance: Money) -> Money:
    """Read an amount that a card can be charged for, at most ``balance``. Raises ``Refused`` with the reason."""
    if text.strip().startswith(("-", "−")):
        raise Refused("The amount must be above zero.", advice="Type how much the patient pays now.")
    amount = parse_amount(text, balance.currency)
    if balance < amount:
        raise Refused(f"Only {balance} are due.", advice=f"Type at most {balance.digits()}.")
    check_chargeable(amount)
    return amount


class AmountStep(QWidget):
    """Asks for the amount (preset: all that is due) and for the way to pay."""

    chosen = Signal(object)
    """Carries a ``PaymentChoice``."""
    given_up = Signal()

    def __init__(self, balance: Money) -> None:
        """Ask for up to ``balance``."""
        super().__init__()
        self.setObjectName("amount_step")
        self._balance = balance
        self._cards: dict[QRadioButton, int | None] = {}
        self._field = QLineEdit()
        self._hint = label("", Text.CAPTION, name="amount_hint", wraps=True)
        self._tenders = QButtonGroup(self)
        self._tender_rows = QVBoxLayout()
        self._continue = PrimaryButton("Continue  ⏎", "card", name="amount_continue")
        self._close = PlainButton("Close  Esc", "close", name="amount_close")
        self._lay_out()
        self._field.textChanged.connect(self._check_while_typing)
        self._continue.clicked.connect(self._choose)
        self._close.clicked.connect(self.given_up)
        self._tenders.buttonToggled.connect(self._name_continue)
        self.ask_for(balance)

    def ask_for(self, balance: Money) -> None:
        """Preset all of ``balance`` and select it, so that typing replaces it."""
        self._balance = balance
        next(iter(self._cards)).setChecked(True)
        self._field.setText(balance.digits())
        self._check_while_typing()
        # A dialog has one default button: those of later steps took its place.
        self._continue.setDefault(True)
        self._field.setFocus()
        self._field.selectAll()

    def offer_cards(self, cards: tuple[SavedCardView, ...], today: date) -> None:
        """Offer the patient's saved cards beside Stripe's page; expired ones can be seen but not chosen."""
        for button in [each for each, card_id in self._cards.items() if card_id is not None]:
            self._tenders.removeButton(button)
            button.deleteLater()
            del self._cards[button]
        for card in cards:
            self._add_card(card, is_expired=card.is_expired(today))
        next(iter(self._cards)).setChecked(True)

    def _lay_out(self) -> None:
        self._field.setObjectName("amount_field")
        self._field.setProperty("size", "large")
        self._field.setAccessibleName(f"Amount in {self._balance.currency}")
        self._field.setMaxLength(24)
        self._field.setAlignment(Qt.AlignmentFlag.AlignRight)
        amount_row = QHBoxLayout()
        amount_row.addWidget(self._field, 1)
        amount_row.addWidget(label(self._balance.symbol, Text.TITLE))
        self._hint.setMinimumHeight(self._hint.fontMetrics().lineSpacing() * 2)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._tender_rows.setSpacing(4)
        self._add_tender("Card on Stripe's page", "tender_checkout", None).setChecked(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self._close)
        buttons.addStretch(1)
        buttons.addWidget(self._continue)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(label("The patient pays now", Text.CAPTION))
        layout.addLayout(amount_row)
        layout.addWidget(self._hint)
        layout.addSpacing(6)
        layout.addWidget(label("With", Text.CAPTION))
        layout.addLayout(self._tender_rows)
        layout.addStretch(1)
        layout.addSpacing(14)
        layout.addLayout(buttons)

    def _add_card(self, card: SavedCardView, *, is_expired: bool) -> None:
        expiry = f"{card.expires_month:02}/{card.expires_year % 100:02}"
        text = f"{words.card(card.brand, card.last_four)}   "
        text += f"expired {expiry}" if is_expired else f"until {expiry}"
        button = self._add_tender(text, f"tender_card_{card.id}", card.id)
        button.setEnabled(not is_expired)

    def _add_tender(self, text: str, name: str, card_id: int | None) -> QRadioButton:
        button = QRadioButton(text)
        button.setObjectName(name)
        self._cards[button] = card_id
        self._tenders.addButton(button)
        self._tender_rows.addWidget(button)
        return button

    def _name_continue(self) -> None:
        is_saved = self._chosen_card() is not None
        self._continue.setText("Charge this card  ⏎" if is_saved else "Continue  ⏎")

    def _chosen_card(self) -> int | None:
        return next((card_id for button, card_id in self._cards.items() if button.isChecked()), None)

    def _check_while_typing(self) -> None:
        text = self._field.text().strip()
        # Half an amount is not wrong yet.
        if not text or text.endswith((".", ",")):
            self._say("", is_wrong=False)
            return
        try:
            amount = read_payable(text, self._balance)
        except Refused as error:
            self._say(str(error), is_wrong=True)
            return
        rest = self._balance - amount
        self._say(f"Leaves {rest} to pay." if rest else "All that is due.", is_wrong=False)

    def _choose(self) -> None:
        try:
            amount = read_payable(self._field.text(), self._balance)
        except Refused as error:
            self._say(str(error), is_wrong=True)
            announce(self._hint)
            self._field.setFocus()
            self._field.selectAll()
            return
        card_id = self._chosen_card()
        tender = Tender.CHECKOUT if card_id is None else Tender.SAVED_CARD
        self.chosen.emit(PaymentChoice(amount=amount, tender=tender, saved_card_id=card_id))

    def _say(self, text: str, *, is_wrong: bool) -> None:
        self._hint.setText(text)
        set_tone(self._hint, Tone.BAD if is_wrong else Tone.NEUTRAL)
        self._field.setAccessibleDescription(text)
        if self._field.property("invalid") != is_wrong:
            self._field.setProperty("invalid", is_wrong)
            self._field.style().unpolish(self._field)
            self._field.style().polish(self._field)
