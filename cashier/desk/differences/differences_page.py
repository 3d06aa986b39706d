"""Where Stripe's records and ours do not agree: seen by supervisors, administrators and auditors."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from cashier.desk.commands.buttons import command_button
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.differences.decision_dialog import DecisionDialog
from cashier.desk.differences.difference_rows import DifferenceRows
from cashier.desk.differences.difference_sheet import DifferenceSheet
from cashier.desk.differences.difference_words import left_out_words
from cashier.desk.differences.reversal_dialog import ReversalDialog
from cashier.desk.differences.settle_dialog import SettleDialog
from cashier.desk.kit.controls import Card, Chip, Notice, PlainButton, PrimaryButton, Text, Tone, label, separator
from cashier.desk.kit.words import day_and_time
from cashier.desk.page import Page
from cashier.desk.tables.list_page import fill, heading, in_card, list_or_words, sheet_scroll, side_by_side
from cashier.desk.tables.row_table import ChosenRowTable
from cashier.errors import CashierError
from cashier.language import NOTHING, joined, m, mc, mn, number, sentences
from cashier.payments.views import PaymentView
from cashier.reconciliation.views import Compared, DifferenceView
from cashier.reversals.views import ReversalQuestion, ReversalView
from cashier.reversals.words import outcome_words
from cashier.staff.rights import ALLOWED, Action

_OPEN = mc("differences", "Open")


class DifferencesPage(Page):
    """List and sheet side by side, with what can be done about them."""

    def __init__(self, context: DeskContext) -> None:
        """Show nothing before ``enter``."""
        super().__init__(context)
        self.setObjectName("differences_page")
        self._settles = context.signed_in.role in ALLOWED[Action.SETTLE_DIFFERENCE]
        self._sheet: DifferenceSheet | None = None
        self._payment: PaymentView | None = None
        self._model = DifferenceRows(context)
        self._model.setParent(self)
        self.table = ChosenRowTable(self._model, name="difference_table", title=m("Differences"))
        self._open = Chip(_OPEN, name="differences_open")
        self._settled = Chip(mc("differences", "Settled"), name="differences_settled")
        self._compare = PlainButton(Command.COMPARE.on_button(), "refresh", name="compare_now")
        self._settle = PrimaryButton(Command.SETTLE.on_button(), "check", name="settle_difference")
        self._notice = Notice(name="differences_notice")
        self._nothing = label(NOTHING, Text.TITLE, name="differences_empty", wraps=True)
        self._left_out = label(NOTHING, Text.CAPTION, name="differences_left_out", wraps=True)
        self._left_out.hide()
        self._scroll = sheet_scroll()
        self._lay_out()
        self._connect()

    def begin(self) -> None:
        """Count what is open."""
        self.refresh()

    def enter(self, patient_id: int | None) -> None:
        """Show what is open, or what was looked at before."""
        self.reload()
        self.table.setFocus()

    def refresh(self) -> None:
        """Count what nobody has settled yet, and read the list again where it is seen."""
        counting = self.context.services.reconciliation.count_open()
        self.context.thread.ask(self, counting, then=self.counted.emit, failed=self.troubled.emit)
        if self.is_shown:
            self.reload()

    def reload(self) -> None:
        """Read the list again; what is chosen stays chosen."""
        self._model.load(settled=self._settled.isChecked())

    def _lay_out(self) -> None:
        back = command_button(Command.LEAVE_DIFFERENCES, "leave_differences")
        back.clicked.connect(self.left)
        list_card = Card(name="differences_card")
        self._stack = list_or_words(list_card, self.table, self._nothing)
        self._foot = QWidget()
        foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(1, 0, 1, 16)
        foot.setSpacing(12)
        foot.addWidget(separator())
        buttons = QHBoxLayout()
        buttons.setContentsMargins(20, 0, 20, 0)
        buttons.addWidget(self._settle, 1)
        foot.addLayout(buttons)
        self._foot.hide()
        fill(
            self,
            heading(
                m("Differences"),
                m("Where Stripe's records and ours do not agree"),
                chips=[self._open, self._settled],
                buttons=[self._compare, back],
            ),
            self._notice,
            self._left_out,
            side_by_side(list_card, in_card("difference_card", self._scroll, self._foot), widths=(760, 560)),
        )

    def _connect(self) -> None:
        chips = QButtonGroup(self)
        for each in (self._open, self._settled):
            chips.addButton(each)
        self._open.setChecked(True)
        chips.buttonClicked.connect(self._change_filter)
        self._model.query_shown.connect(self._show_emptiness)
        self._model.loading_failed.connect(self._show_trouble)
        self.table.row_chosen.connect(self._show)
        self.table.doubleClicked.connect(self._ask_to_settle)
        self._compare.clicked.connect(self._ask_to_compare)
        self._settle.clicked.connect(self._ask_to_settle)
        self._compare.setVisible(self._settles)
        listen(
            self,
            {
                Command.DIFFERENCE_INVOICE: self._show_first_invoice,
                Command.COMPARE: self._compare.click,
                Command.LEAVE_DIFFERENCES: self.left.emit,
            },
        )
        listen(self.table, {Command.SETTLE: self._ask_to_settle, Command.COPY_DIFFERENCE: self._copy})

    def _change_filter(self) -> None:
        self._notice.fall_silent()
        self.reload()

    def _show_emptiness(self) -> None:
        is_empty = self._model.rowCount() == 0
        is_open = self._open.isChecked()
        self._nothing.setText(str(NOTHING if is_open else m("Nothing was settled yet.")))
        comparison = self.context.services.reconciliation.last_comparison()
        self.context.thread.ask(self, comparison, then=self._show_comparison, failed=self._show_trouble)
        self._stack.setCurrentWidget(self._nothing if is_empty else self.table)
        if is_open:
            self._open.setText(str(joined("  ", [_OPEN, number(self._model.rowCount())])))

    def _show_comparison(self, last: Compared | None) -> None:
        """Say what was left out, and where nothing differs, for which days both agree."""
        left_out = NOTHING if last is None else left_out_words(last.left_out)
        self._left_out.setText(str(left_out))
        self._left_out.setVisible(bool(left_out))
        if self._open.isChecked() and self._model.rowCount() == 0:
            self._show_agreement(last)

    def _show_agreement(self, last: Compared | None) -> None:
        if last is None:
            self._nothing.setText(str(m("Stripe and our books were not compared yet.")))
            return
        since, until, compared = (
            day_and_time(each, self.context.station.time_zone) for each in (last.since, last.until, last.compared_at)
        )
        agreement = m(
            "From {since} to {until}, Stripe and our books agree, or what differed is settled. Compared on {moment}.",
            since=since,
            until=until,
            moment=compared,
        )
        self._nothing.setText(str(agreement))

    def _show(self, difference: DifferenceView | None) -> None:
        self._sheet, self._payment = None, None
        self._foot.setVisible(difference is not None and difference.resolved_at is None and self._settles)
        if difference is None:
            self._scroll.setWidget(QWidget())
            return
        sheet = self._sheet = DifferenceSheet(difference, time_zone=self.context.station.time_zone)
        sheet.invoice_wanted.connect(self.invoice_wanted)
        sheet.paper_wanted.connect(partial(self._show_paper, difference.id))
        self._scroll.setWidget(sheet)
        if difference.payment_id is not None:
            self.context.thread.ask(
                sheet,
                self.context.services.payments.view(difference.payment_id),
                then=self._show_payment,
                failed=self._show_trouble,
            )

    def _show_payment(self, payment: PaymentView) -> None:
        if self._sheet is not None:
            self._payment = payment
            self._sheet.show_payment(payment)

    def _show_first_invoice(self) -> None:
        # A deposit is for no invoice.
        if self._payment is not None and self._payment.shares:
            self.invoice_wanted.emit(self._payment.shares[0].invoice_id)

    def _copy(self) -> None:
        if self.table.chosen is not None:
            QGuiApplication.clipboard().setText(self.table.chosen.stripe_id)
            self._notice.say(m("{identifier} is copied.", identifier=self.table.chosen.stripe_id), Tone.GOOD)

    def _ask_to_settle(self) -> None:
        difference = self.table.chosen
        if difference is not None and difference.resolved_at is None and self._settles:
            if difference.kind.is_decided:
                self._ask_to_decide(difference)
                return
            dialog = SettleDialog(self.context, difference, self.window())
            dialog.settled.connect(partial(self._take_settled, difference))
            dialog.open()

    def _ask_to_decide(self, difference: DifferenceView) -> None:
        self.context.thread.ask(
            self,
            self.context.services.reversals.question(difference.id, self.context.actor),
            then=partial(self._show_question, difference),
            failed=self._show_trouble,
        )

    def _show_question(self, difference: DifferenceView, question: ReversalQuestion) -> None:
        dialog = ReversalDialog(self.context, difference, question, self.window())
        dialog.decided.connect(partial(self._take_decided, difference))
        dialog.open()

    def _take_decided(self, difference: DifferenceView, made: ReversalView) -> None:
        decided = m(
            "{person} decided about {amount}: {outcome}. It can be read under “Settled”, with its paper.",
            person=made.decider,
            amount=made.amount,
            outcome=outcome_words(made.outcome, is_refund=made.is_refund),
        )
        receipt = NOTHING if made.receipt_number is None else m("Receipt {number}.", number=made.receipt_number)
        self._notice.say(sentences(decided, receipt), Tone.GOOD)
        self.reload()
        self._show_paper(difference.id)

    def _show_paper(self, difference_id: int) -> None:
        DecisionDialog(self.context, difference_id, self.window()).open()

    def _take_settled(self, difference: DifferenceView, resolution: str) -> None:
        settled = m(
            "{person} settled the difference of {amount}: “{words}”. It can be read under “Settled”.",
            person=self.context.signed_in.display_name,
            amount=difference.amount,
            words=resolution,
        )
        self._notice.say(settled, Tone.GOOD)
        self.reload()

    def _ask_to_compare(self) -> None:
        self._compare.setEnabled(False)
        self._notice.say(m("The last 48 hours at Stripe are being compared with our books …"), Tone.NEUTRAL)
        self.context.thread.ask(
            self,
            self.context.services.reconciliation.compare_recent(),
            then=self._show_compared,
            failed=self._show_not_compared,
        )

    def _show_compared(self, new: int) -> None:
        self._compare.setEnabled(True)
        if new:
            found = mn(
                "The last 48 hours are compared: {count} new difference.",
                "The last 48 hours are compared: {count} new differences.",
                count=new,
            )
            self._notice.say(found, Tone.NEUTRAL)
        else:
            self._notice.say(m("The last 48 hours are compared: no new difference."), Tone.GOOD)
        self.reload()

    def _show_not_compared(self, error: CashierError) -> None:
        self._compare.setEnabled(True)
        self._show_trouble(error)

    def _show_trouble(self, error: CashierError) -> None:
        self._notice.say(error.words, Tone.BAD)
