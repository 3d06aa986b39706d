"""Asking for a refund: how much, from which payments, why, and what becomes of the invoice afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.kit.controls import PlainButton, PrimaryButton, Text, Tone, announce, label, set_tone
from cashier.desk.kit.look import is_touched, scaled
from cashier.desk.kit.sheets.scrolled import scrolled_column
from cashier.desk.kit.touch.keypad import Keypad
from cashier.desk.kit.words import day_and_time
from cashier.desk.refunding.words import afterwards, payment_means, way_in_a_sentence
from cashier.errors import Refused
from cashier.identifiers import new_id
from cashier.language import NOTHING, Message, joined, m, mc, verbatim
from cashier.money import Money, parse_amount
from cashier.refunds.reasons import REASONS, HospitalReason
from cashier.refunds.views import FailedRefund, Refundable, RefundOffer, RefundRequest

_AMOUNT_WIDTH = 130
_ASK = m("Ask for the refund")
_WHY = mc("the money goes back", "Why")


@dataclass(frozen=True, kw_only=True)
class _Row:
    payment: Refundable
    field: QLineEdit


class RequestForm(QWidget):
    """Writes the requests. The total is spread over the payments, the newest first; each share can be changed."""

    wanted = Signal(object)
    """Carries the ``RefundRequest``s."""
    given_up = Signal()

    def __init__(self, offer: RefundOffer, *, time_zone: str) -> None:
        """Ask for what is left of ``offer``, or less."""
        super().__init__()
        self.setObjectName("refund_form")
        self._offer, self._zone = offer, time_zone
        self._notes = {each.payment_id: each.credit_note_id for each in offer.payments}
        # The same request has the same id, however often it is sent.
        self._ids = {each.payment_id: new_id() for each in offer.payments}
        self._total = QLineEdit()
        self._rows: list[_Row] = []
        self._course = QComboBox()
        self._reason = QComboBox()
        self._note = QLineEdit()
        self._tried = False
        """Errors are said only after somebody tried to ask."""
        self._all = PlainButton(Command.REFUND_ALL.on_button(m("All, {left}", left=offer.left)), name="refund_all")
        self._owed = QRadioButton(str(afterwards(reopens=True)))
        self._returned = QRadioButton(str(afterwards(reopens=False)))
        self._hint = label(NOTHING, Text.CAPTION, name="refund_hint", wraps=True)
        self._wrong: dict[QWidget, QLabel] = {
            self._total: _fault_line("refund_total_wrong"),
            self._reason: _fault_line("refund_reason_wrong"),
            self._note: _fault_line("refund_note_wrong"),
        }
        self._ask = PrimaryButton(Command.DIALOG_GO_ON.on_button(_ASK), "check", name="refund_ask")
        self._close = PlainButton(Command.DIALOG_LEAVE.on_button(), "close", name="refund_close")
        self._lay_out()
        self._connect()
        self._owed.setChecked(True)
        self._check()

    def begin(self, typed: str) -> None:
        """Take the keyboard, and what was ``typed`` while the payments were being read."""
        self._total.setFocus()
        if typed:
            self._total.setText(typed)
            self._take_total()

    def hold(self, *, is_held: bool) -> None:
        """Let nothing be changed while the request is being saved."""
        self.setEnabled(not is_held)
        if not is_held:
            self._total.setFocus()

    def _lay_out(self) -> None:
        self._total.setObjectName("refund_total")
        self._total.setAccessibleName(str(m("How much goes back")))
        self._total.setProperty("room", "large")
        self._total.setMaxLength(24)
        self._note.setObjectName("refund_note")
        self._note.setAccessibleName(str(m("Note")))
        self._note.setPlaceholderText(str(m("Nothing about the patient's health")))
        self._note.setMaxLength(400)
        self._owed.setObjectName("refund_owed")
        self._returned.setObjectName("refund_returned")
        self._fill_reasons()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        column = scrolled_column(layout)
        column.addWidget(label(m("How much goes back"), Text.CAPTION))
        amount = QHBoxLayout()
        amount.setSpacing(10)
        amount.addWidget(self._total, 1)
        amount.addWidget(self._all)
        if is_touched():
            amount.addWidget(Keypad(self._total, self._offer.left.currency))
        column.addLayout(amount)
        column.addWidget(self._wrong[self._total])
        column.addLayout(self._payments())
        if self._fill_courses():
            column.addWidget(label(mc("the money goes back", "How"), Text.CAPTION))
            column.addWidget(self._course)
        column.addLayout(self._why())
        if not any(self._notes.values()):  # credit was never for an invoice
            column.addWidget(label(m("Afterwards"), Text.CAPTION))
            column.addWidget(self._owed)
            column.addWidget(self._returned)
        column.addWidget(self._hint)
        column.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self._close)
        buttons.addStretch(1)
        buttons.addWidget(self._ask)
        layout.addLayout(buttons)

    def _why(self) -> QHBoxLayout:
        pair = QHBoxLayout()
        pair.setSpacing(12)
        for words, field, stretch in ((_WHY, self._reason, 2), (m("Note"), self._note, 3)):
            column = QVBoxLayout()
            column.setSpacing(2)
            column.addWidget(label(words, Text.CAPTION))
            column.addWidget(field)
            column.addWidget(self._wrong[field])
            column.addStretch(1)
            pair.addLayout(column, stretch)
        return pair

    def _payments(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        for place, payment in enumerate(self._offer.payments):
            words = QVBoxLayout()
            words.setSpacing(0)
            means = payment_means(payment.tender, payment.card_brand, payment.card_last_four)
            words.addWidget(
                label(joined(" – ", [means, way_in_a_sentence(payment.way, payment.card_brand)]), Text.TITLE)
            )
            moment = day_and_time(payment.settled_at, self._zone)
            left = payment.obstacle or m("{left} left of {amount}", left=payment.left, amount=payment.amount)
            words.addWidget(
                label(
                    m(
                        "{moment}, {paper}. {left}",
                        moment=moment,
                        paper=_paper(payment),
                        left=left,
                    ),
                    Text.CAPTION,
                    wraps=True,
                )
            )
            grid.addLayout(words, place, 0)
            field = QLineEdit()
            field.setObjectName(f"refund_share_{payment.receipt_number}")
            field.setAccessibleName(str(m("Of {paper}", paper=_paper(payment))))
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
            field.setMaxLength(24)
            field.setFixedWidth(scaled(_AMOUNT_WIDTH))
            field.setEnabled(bool(payment.left))
            # With one payment there is nothing to share out.
            field.setVisible(len(self._offer.payments) > 1)
            grid.addWidget(field, place, 1)
            self._rows.append(_Row(payment=payment, field=field))
        return grid

    def _fill_reasons(self) -> None:
        self._reason.setObjectName("refund_reason")
        self._reason.setAccessibleName(str(_WHY))
        self._reason.setPlaceholderText(str(m("Choose a reason …")))
        for reason in REASONS:
            self._reason.addItem(str(reason.words), reason)
        self._reason.setCurrentIndex(-1)

    def _fill_courses(self) -> bool:
        """Offer cash in the place of card refunds that failed; tell whether there are any."""
        self._course.setObjectName("refund_course")
        self._course.setAccessibleName(str(m("How it goes back")))
        self._course.addItem(str(m("The way it came")), None)
        for payment in self._offer.payments:
            for failed in payment.failed:
                words = m("{amount} in cash, instead of the card refund that failed", amount=failed.amount)
                self._course.addItem(str(words), (payment, failed))
        return self._course.count() > 1

    def _connect(self) -> None:
        self._total.textEdited.connect(self._take_total)
        for row in self._rows:
            row.field.textEdited.connect(self._take_share)
        self._course.currentIndexChanged.connect(self._take_course)
        self._reason.currentIndexChanged.connect(self._check)
        self._note.textChanged.connect(self._check)
        self._ask.clicked.connect(self._tell)
        self._close.clicked.connect(self.given_up)
        self._all.clicked.connect(self._take_all)
        listen(self, {Command.REFUND_ALL: self._take_all})
        # From the amount straight on: “All” has a key of its own.
        shares = [row.field for row in self._rows]
        order = [self._total, *shares, self._course, self._reason, self._note, self._owed, self._returned]
        for before, after in pairwise([*order, self._ask, self._close, self._all]):
            QWidget.setTabOrder(before, after)

    def _take_all(self) -> None:
        if not self._total.isReadOnly():
            self._total.setText(self._offer.left.digits())
            self._take_total()
            self._total.setFocus()

    def _take_total(self) -> None:
        """Propose from which payments it comes."""
        try:
            spread = self._offer.spread(parse_amount(self._total.text(), self._offer.currency))
        except Refused:
            spread = {}
        for row in self._rows:
            share = spread.get(row.payment.payment_id)
            row.field.setText("" if share is None else share.digits())
        self._check()

    def _take_share(self) -> None:
        try:
            shares = self._shares()
        except Refused:
            pass
        else:
            total = sum(share.amount_minor for share in shares.values())
            self._total.setText(Money(total, self._offer.currency).digits())
        self._check()

    def _take_course(self) -> None:
        chosen = self._replacement
        for field in (self._total, *(row.field for row in self._rows)):
            field.setReadOnly(chosen is not None)
        if chosen is not None:
            payment, failed = chosen
            self._total.setText(failed.amount.digits())
            for row in self._rows:
                row.field.setText(failed.amount.digits() if row.payment == payment else "")
        self._check()

    @property
    def _replacement(self) -> tuple[Refundable, FailedRefund] | None:
        found: tuple[Refundable, FailedRefund] | None = self._course.currentData()
        return found

    def _shares(self) -> dict[uuid.UUID, Money]:
        """Read the shares. Raises ``Refused`` for one that is no amount."""
        found = {}
        for row in self._rows:
            if row.field.text().strip():
                share = parse_amount(row.field.text(), self._offer.currency)
                if share:
                    found[row.payment.payment_id] = share
        return found

    def _check(self) -> None:
        """Say by which ways it goes, and what is still wrong where it was tried already; the button says how much."""
        try:
            shares = self._checked_shares()
        except Refused:
            self._hint.clear()
            self._ask.setText(str(Command.DIALOG_GO_ON.on_button(_ASK)))
        else:
            self._hint.setText(str(_ways(self._offer, shares, self._replacement is not None)))
            total = Money(sum(share.amount_minor for share in shares.values()), self._offer.currency)
            self._ask.setText(str(Command.DIALOG_GO_ON.on_button(m("Ask to give back {amount}", amount=total))))
        if self._tried:
            self._requests()

    def _requests(self) -> list[RefundRequest]:
        """Return what is asked for; none where something is wrong, which is said at its field then."""
        self._tried = True
        for line in self._wrong.values():
            line.hide()
        shares: dict[uuid.UUID, Money] = {}
        try:
            shares = self._checked_shares()
        except Refused as refusal:
            self._say_wrong(self._total, refusal.words)
        reason: HospitalReason | None = self._reason.currentData()
        if reason is None:
            self._say_wrong(self._reason, m("Choose why it goes back."))
        elif reason.needs_note and not self._note.text().strip():
            self._say_wrong(self._note, m("Say in the note why it goes back."))
        elif shares:
            return [self._request(payment_id, share, reason) for payment_id, share in shares.items()]
        return []

    def _checked_shares(self) -> dict[uuid.UUID, Money]:
        """Return what comes from each payment. Raises ``Refused`` for what is no amount, or too much."""
        if not self._total.text().strip():
            raise Refused(m("Type how much goes back."))
        total = parse_amount(self._total.text(), self._offer.currency)
        shares = self._shares()
        if self._offer.left < total:
            raise Refused(m("Only {left} can go back.", left=self._offer.left), advice=m("Type less."))
        if not shares or sum(share.amount_minor for share in shares.values()) != total.amount_minor:
            raise Refused(m("The amount must be above zero."), advice=m("Type how much goes back."))
        for row in self._rows:
            share = shares.get(row.payment.payment_id)
            if share is not None and row.payment.left < share:
                raise Refused(
                    m(
                        "Only {left} are left of {paper}.",
                        left=row.payment.left,
                        paper=_paper(row.payment),
                    )
                )
        return shares

    def _request(self, payment_id: uuid.UUID, amount: Money, reason: HospitalReason) -> RefundRequest:
        return RefundRequest(
            refund_id=self._ids[payment_id],
            payment_id=payment_id,
            amount=amount,
            reason=reason.at_stripe,
            reason_code=reason.code,
            note=self._note.text(),
            reopens=self._owed.isChecked(),
            invoice_id=self._offer.invoice_id,
            credit_note_id=self._notes[payment_id],
            instead_of=None if self._replacement is None else self._replacement[1].refund_id,
        )

    def _tell(self) -> None:
        requests = self._requests()
        if requests:
            self.wanted.emit(requests)
            return
        field = next(field for field, line in self._wrong.items() if not line.isHidden())
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say_wrong(self, field: QWidget, words: Message) -> None:
        line = self._wrong[field]
        is_new = line.isHidden() or line.text() != str(words)
        line.setText(str(words))
        line.show()
        if is_new:
            announce(line)


def _fault_line(name: str) -> QLabel:
    made = label(NOTHING, Text.CAPTION, name=name, wraps=True)
    set_tone(made, Tone.BAD)
    made.hide()
    return made


def _paper(payment: Refundable) -> Message:
    """Name the paper of a payment inside a sentence."""
    if payment.tender.row.brings_money:
        return m("receipt {number}", number=payment.receipt_number)
    return m("credit note {number}", number=payment.receipt_number)


def _ways(offer: RefundOffer, shares: Mapping[uuid.UUID, Money], is_replacement: bool) -> Message:
    """Say in a sentence how the money goes, so that nobody expects it elsewhere."""
    if is_replacement:
        (amount,) = shares.values()
        return m("{amount} leaves the drawer once somebody else has approved it.", amount=amount)
    way_of = {each.payment_id: way_in_a_sentence(each.way, each.card_brand) for each in offer.payments}
    told = [joined(" ", [verbatim(share), way_of[key]]) for key, share in shares.items()]
    return m("Goes back once somebody else has approved it: {shares}.", shares=joined(", ", told))
