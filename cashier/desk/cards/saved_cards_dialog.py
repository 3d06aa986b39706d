"""Ctrl+B: the cards that a patient has saved, which of them is offered first, and removing one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from cashier.cards.service import SavedCardView
from cashier.desk.cards.card_columns import card_columns
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen, press_by_key
from cashier.desk.context import DeskContext
from cashier.desk.kit import words
from cashier.desk.kit.controls import Card, Notice, PlainButton, PrimaryButton, Text, Tone, label
from cashier.desk.kit.look import scaled
from cashier.desk.kit.patient_banner import PatientBanner
from cashier.desk.kit.sheets.scrolled import scrolled_column
from cashier.desk.kit.sheets.sheet import Question, Sheet
from cashier.desk.tables.row_table import ChosenRowTable
from cashier.desk.tables.rows_model import RowsModel
from cashier.errors import CashierError
from cashier.language import NOTHING, Message, m, sentences
from cashier.patients.identity import PatientIdentity


class RemoveCardDialog(Question):
    """Asks once; Enter and Esc keep the card. Deletes itself when it closes; ``accepted`` means yes."""

    def __init__(self, card: Message, whose: PatientBanner, parent: QWidget) -> None:
        """Ask about ``card``, written as the cashier sees it, of the patient whom ``whose`` names."""
        super().__init__(parent)
        self.setObjectName("remove_card_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(m("Remove a card")))
        self.setFixedWidth(scaled(500))
        meaning = m(
            "It is taken away at Stripe too, for good: nobody can charge it any more. To use it again, the patient "
            "has to enter it again. Payments and refunds that were made with it stay as they are."
        )
        remove = PlainButton(Command.CONFIRM_REMOVAL.on_button(), name="remove_card_yes")
        press_by_key(remove, Command.CONFIRM_REMOVAL)
        # With the keyboard on it, Enter means this button.
        remove.setAutoDefault(True)
        keep_it = Command.DIALOG_GO_ON.on_button(Command.DIALOG_LEAVE.on_button(m("Keep it")))
        keep = PrimaryButton(keep_it, name="remove_card_no")
        remove.clicked.connect(self.accept)
        keep.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addStretch(1)
        buttons.addWidget(remove)
        buttons.addWidget(keep)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(
            label(m("Remove {card}?", card=card), Text.HEADLINE, name="remove_card_question", wraps=True)
        )
        layout.addWidget(whose)
        scrolled_column(layout).addWidget(label(meaning, name="remove_card_meaning", wraps=True))
        layout.addLayout(buttons)
        self.setAccessibleDescription(str(meaning))
        keep.setFocus()


class SavedCardsDialog(Sheet):
    """Shows a patient's saved cards as Stripe has them. Deletes itself when it closes; open it with ``open()``."""

    def __init__(
        self, context: DeskContext, patient_id: int, patient: PatientIdentity, parent: QWidget | None
    ) -> None:
        """Show the cards of ``patient_id`` above ``parent``: those known here at once, then those at Stripe."""
        super().__init__(parent)
        self.setObjectName("saved_cards_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(m("Saved cards of {patient}", patient=patient.name)))
        self._context = context
        self._patient_id, self._patient = patient_id, patient
        self._is_busy = False
        self._rows: RowsModel[SavedCardView] = RowsModel(card_columns(context.station.time_zone), self)
        self.table = ChosenRowTable(self._rows, name="saved_cards_table", title=m("Saved cards"))
        self._nothing = label(NOTHING, Text.TITLE, name="saved_cards_empty", wraps=True)
        self._notice = Notice(name="saved_cards_notice")
        self._default = PlainButton(Command.MAKE_DEFAULT.on_button(), "check", name="make_card_default")
        self._remove = PlainButton(Command.REMOVE_CARD.on_button(), "close", name="remove_card")
        self._close = PlainButton(Command.DIALOG_LEAVE.on_button(), name="saved_cards_close")
        self._lay_out(PatientBanner(patient, time_zone=context.station.time_zone, name="saved_cards_patient"))
        self._connect()
        self.table.setFocus()
        self._read()
        self._ask_stripe()

    def _lay_out(self, whose: PatientBanner) -> None:
        card = Card(name="saved_cards_card")
        self._stack = QStackedLayout(card)
        self._stack.setContentsMargins(1, 1, 1, 1)
        self._stack.addWidget(self.table)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack.addWidget(self._nothing)
        heading = QVBoxLayout()
        heading.setSpacing(2)
        heading.addWidget(label(m("Saved cards"), Text.HEADLINE, name="saved_cards_heading", wraps=True))
        heading.addWidget(whose)
        told = m("Stripe keeps them because the patient agreed; here are only brand, last digits and expiry.")
        heading.addWidget(label(told, Text.CAPTION, wraps=True))
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self._close)
        buttons.addStretch(1)
        buttons.addWidget(self._remove)
        buttons.addWidget(self._default)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addLayout(heading)
        layout.addWidget(self._notice)
        layout.addWidget(card, 1)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.table.row_chosen.connect(self._show_choice)
        self._default.clicked.connect(self._make_default)
        self._remove.clicked.connect(self._ask_to_remove)
        self._close.clicked.connect(self.accept)
        # A single letter only counts while the table has the keyboard: https://www.w3.org/TR/WCAG22/#character-key-shortcuts
        listen(self.table, {Command.MAKE_DEFAULT: self._default.click, Command.REMOVE_CARD: self._remove.click})

    def _read(self, _nothing: None = None) -> None:
        self._context.thread.ask(
            self,
            self._context.services.cards.history_of(self._patient_id),
            then=self._show_cards,
            failed=self._tell_problem,
        )

    def _ask_stripe(self) -> None:
        """Make sure that what is shown is what Stripe has; what was missed meanwhile is taken over."""
        self._context.thread.ask(
            self,
            self._context.services.cards.refresh(self._patient_id, self._context.actor),
            then=self._read,
            failed=self._tell_stale,
        )

    def _show_cards(self, cards: tuple[SavedCardView, ...]) -> None:
        self._rows.show_rows(cards)
        self._show_choice(self.table.chosen)
        self._nothing.setText(
            "" if cards else str(m("No card is saved.\nOn Stripe's page the patient can agree to have one saved."))
        )
        self._stack.setCurrentIndex(0 if cards else 1)
        if not cards:
            self._close.setFocus()

    def _show_choice(self, card: SavedCardView | None) -> None:
        can_be_changed = card is not None and card.removed_at is None and not self._is_busy
        self._remove.setEnabled(can_be_changed)
        self._default.setEnabled(can_be_changed and card is not None and not card.is_default)

    def _make_default(self) -> None:
        card = self.table.chosen
        if card is None:
            return
        self._begin(m("{card} becomes the default.", card=_name(card)))
        self._context.thread.ask(
            self,
            self._context.services.cards.set_default(card.id, self._context.actor),
            then=lambda _: self._end(m("{card} is offered first from now on.", card=_name(card))),
            failed=self._tell_failure,
        )

    def _ask_to_remove(self) -> None:
        card = self.table.chosen
        if card is None:
            return
        zone = self._context.station.time_zone
        whose = PatientBanner(self._patient, time_zone=zone, name="remove_card_patient")
        question = RemoveCardDialog(_name(card), whose, self)
        question.accepted.connect(lambda: self._remove_card(card))
        question.open()

    def _remove_card(self, card: SavedCardView) -> None:
        self._begin(m("{card} is being removed at Stripe.", card=_name(card)))
        self._context.thread.ask(
            self,
            self._context.services.cards.remove(card.id, self._context.actor),
            then=lambda _: self._end(m("{card} was removed. Nobody can charge it any more.", card=_name(card))),
            failed=self._tell_failure,
        )

    def _begin(self, told: Message) -> None:
        """Let nothing else be ordered until this is done."""
        self._is_busy = True
        self._notice.say(told, Tone.NEUTRAL)
        # First the keyboard, then the button: one that is disabled would hand it to whatever comes next.
        self.table.setFocus()
        self._show_choice(self.table.chosen)

    def _end(self, told: Message) -> None:
        self._is_busy = False
        self._notice.say(told, Tone.GOOD)
        self._read()

    def _tell_failure(self, error: CashierError) -> None:
        self._is_busy = False
        self._tell_problem(error)
        self._read()

    def _tell_problem(self, error: CashierError) -> None:
        self._notice.say(error.words, Tone.BAD)

    def _tell_stale(self, error: CashierError) -> None:
        if not self._is_busy:
            self._notice.say(
                sentences(error.message, m("These are the cards as they were known last.")), Tone.CAUTION
            )


def _name(card: SavedCardView) -> Message:
    return words.card(card.brand, card.last_four)
