"""Limits for approvals, for administrators: how much each role may approve, in one refund, in a day, of how old."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout

from cashier.books.staff import Role
from cashier.desk.commands.buttons import command_button
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import Card, Notice, PrimaryButton, Text, Tone, label
from cashier.desk.kit.look import scaled
from cashier.desk.office.staff_columns import ROLE_WORDS
from cashier.desk.page import Page
from cashier.errors import CashierError, Refused
from cashier.language import NOTHING, Message, m, mc
from cashier.language.number_style import Count
from cashier.money import Money, parse_amount
from cashier.refunds.limits import RoleLimit

_DAYS_MAX = 3650


@dataclass(frozen=True, kw_only=True)
class _Row:
    role: Role
    amount: QLineEdit
    day_total: QLineEdit
    age: QLineEdit


class LimitsPage(Page):
    """A row of fields for each role that approves; an empty field is no limit."""

    def __init__(self, context: DeskContext) -> None:
        """Show nothing before ``enter``."""
        super().__init__(context)
        self.setObjectName("limits_page")
        self._rows: list[_Row] = []
        self._limits: dict[Role, RoleLimit] = {}
        self._currency = ""
        self._notice = Notice(name="limits_notice")
        self._save = PrimaryButton(
            Command.DIALOG_GO_ON.on_button(mc("on a button", "Save")), "check", name="limits_save"
        )
        self._grid = QGridLayout()
        back = command_button(Command.LEAVE_LIMITS, "leave_limits")
        back.clicked.connect(self.left)
        upper = QHBoxLayout()
        upper.addWidget(label(m("Limits for approvals of refunds"), Text.HEADLINE), 1)
        upper.addWidget(back)
        card = Card(name="limits_card")
        card.setMaximumWidth(scaled(980))
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(10)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(24, 20, 24, 20)
        inside.setSpacing(16)
        advice = m("Leave a field empty where there is no limit. Nobody ever approves a refund of their own.")
        inside.addWidget(label(advice, wraps=True))
        inside.addLayout(self._grid)
        inside.addWidget(self._save, 0, Qt.AlignmentFlag.AlignRight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(upper)
        layout.addWidget(self._notice)
        layout.addWidget(card)
        layout.addStretch(1)
        self._save.clicked.connect(self._save_all)
        self._save.setEnabled(False)
        listen(self, {Command.LEAVE_LIMITS: self.left.emit})

    def enter(self, patient_id: int | None) -> None:
        """Fetch the limits."""
        limits = self.context.services.approval_limits
        self.context.thread.ask(self, limits.of_roles(), then=self._show, failed=self._show_trouble)

    def _show(self, limits: tuple[RoleLimit, ...]) -> None:
        self._limits = {limit.role: limit for limit in limits}
        self._currency = limits[0].currency
        for place, name in enumerate(
            (
                NOTHING,
                m("One refund, {currency}", currency=self._currency),
                m("A day, {currency}", currency=self._currency),
                m("Age of the payment, days"),
            )
        ):
            self._grid.addWidget(label(name, Text.CAPTION), 0, place)
        for place, limit in enumerate(limits, start=1):
            row = self._row(limit)
            self._rows.append(row)
            self._grid.addWidget(label(ROLE_WORDS[limit.role], Text.TITLE), place, 0)
            for column, field in enumerate((row.amount, row.day_total, row.age), start=1):
                self._grid.addWidget(field, place, column)
                field.returnPressed.connect(self._save.click)
        self._save.setEnabled(True)
        self._rows[0].amount.setFocus()

    def _row(self, limit: RoleLimit) -> _Row:
        role = ROLE_WORDS[limit.role]
        return _Row(
            role=limit.role,
            amount=_field(f"limit_amount_{limit.role}", m("{role}: one refund", role=role), _digits(limit.amount)),
            day_total=_field(f"limit_day_{limit.role}", m("{role}: a day", role=role), _digits(limit.day_total)),
            age=_field(
                f"limit_age_{limit.role}",
                m("{role}: age of the payment in days", role=role),
                "" if limit.payment_age_days is None else str(limit.payment_age_days),
            ),
        )

    def _save_all(self) -> None:
        try:
            changed = [limit for row in self._rows if (limit := self._limit(row)) != self._limits[row.role]]
        except Refused as refusal:
            self._show_trouble(refusal)
            return
        if not changed:
            self._notice.say(m("Nothing was changed."), Tone.NEUTRAL)
        for limit in changed:
            self.context.thread.ask(
                self,
                self.context.services.approval_limits.set(limit, self.context.actor),
                then=partial(self._take_saved, limit),
                failed=self._show_trouble,
            )

    def _take_saved(self, limit: RoleLimit, _nothing: None) -> None:
        self._limits[limit.role] = limit
        self._notice.say(m("The limits are saved. They count from the next approval on."), Tone.GOOD)

    def _limit(self, row: _Row) -> RoleLimit:
        return RoleLimit(
            role=row.role,
            currency=self._currency,
            amount=self._amount(row.amount),
            day_total=self._amount(row.day_total),
            payment_age_days=_days(row.age),
        )

    def _amount(self, field: QLineEdit) -> Money | None:
        text = field.text().strip()
        return parse_amount(text, self._currency) if text else None

    def _show_trouble(self, error: CashierError) -> None:
        self._notice.say(error.words, Tone.BAD)


def _field(name: str, words: Message, text: str) -> QLineEdit:
    made = QLineEdit(text)
    made.setObjectName(name)
    made.setAccessibleName(str(words))
    made.setAlignment(Qt.AlignmentFlag.AlignRight)
    made.setPlaceholderText(str(m("no limit")))
    made.setMaxLength(20)
    return made


def _digits(amount: Money | None) -> str:
    return "" if amount is None else amount.digits()


def _days(field: QLineEdit) -> int | None:
    text = field.text().strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= _DAYS_MAX):
        raise Refused(
            m("“{text}” is no number of days.", text=text),
            advice=m("Type a whole number, at most {most}.", most=Count(_DAYS_MAX)),
        )
    return int(text)
