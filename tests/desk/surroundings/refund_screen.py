"""What a person sees and does about refunds at one desk."""

from __future__ import annotations

from typing import TypeVar

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cashier.books.journal import Actor
from cashier.books.refund import ReasonCode, RefundReason
from cashier.desk.refunding.refund_dialog import RefundDialog
from cashier.payments.views import PaymentView
from cashier.refunds.views import RefundView
from cashier.tenders.tender import Tender
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.orders import order_for, refund_of
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import (
    DUE,
    SUPERVISOR_NAME,
    SUPERVISOR_PIN,
)

DISPUTED_LATER = "4000000000000259"
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier

W = TypeVar("W", bound=QWidget)


class Screen:
    """What a person sees and does about refunds at one desk."""

    def __init__(self, qtbot: QtBot, desk: DeskWindow, counter: Counter, sandbox: RunningSandbox) -> None:
        self.qtbot, self.desk, self.counter, self.sandbox = qtbot, desk, counter, sandbox

    def pay(self, *, card: str = "4242424242424242") -> PaymentView:
        """Have the due invoice paid by card."""
        payment = self.counter.begin(self.counter.hospital.cashier)
        assert payment.page_url is not None
        self.sandbox.pay_on_page(payment.page_url, card=card)
        return answer(self.qtbot, self.counter.thread, self.counter.services.payments.refresh(payment.id))

    def take_by(self, tender: Tender, amount_minor: int, **facts: str) -> PaymentView:
        """Have a part of the due invoice paid with something that the cashier has in hand."""
        order = order_for(self.counter.hospital, DUE, amount_minor, tender=tender, **facts)
        begun = self.counter.services.payments.begin(order, self.counter.hospital.cashier)
        return answer(self.qtbot, self.counter.thread, begun)

    def request(
        self,
        payment: PaymentView,
        amount_minor: int = 12_000,
        *,
        reopens: bool = True,
        note: str = "",
        by: Actor | None = None,
    ) -> RefundView:
        """Have somebody else ask for a refund, behind the window."""
        request = refund_of(
            payment.id,
            amount_minor,
            reason=RefundReason.DUPLICATE,
            reason_code=ReasonCode.PAID_TWICE,
            note=note,
            reopens=reopens,
        )
        asked = self.counter.services.refunds.request(request, by or self.counter.hospital.cashier)
        return answer(self.qtbot, self.counter.thread, asked)

    def refund(self, refund: RefundView) -> RefundView:
        return answer(self.qtbot, self.counter.thread, self.counter.services.refunds.view(refund.id))

    def refunds_at_stripe(self) -> int:
        return len(self.sandbox.ask("/v1/refunds")["data"])

    def choose_paid(self) -> None:
        """Choose the invoice, and wait until the pane knows of its payment."""
        # The list shows what is due; a paid invoice is found by its number.
        self.desk.page.list.choose(self.counter.hospital.invoice_ids[DUE])
        self.qtbot.waitUntil(
            lambda: self.desk.page.detail.detail is not None and bool(self.desk.page.detail.detail.paid),
            timeout=15_000,
        )

    def open_dialog(self) -> RefundDialog:
        self.choose_paid()
        self.desk.press(Qt.Key.Key_R, CTRL)
        dialog = self.desk.find(RefundDialog, "refund_dialog")
        self.qtbot.waitUntil(lambda: dialog.findChild(QPushButton, "refund_close") is not None, timeout=15_000)
        return dialog

    def child(self, kind: type[W], name: str) -> W:
        """Return what is on the screen under this name, waiting for it."""
        self.qtbot.waitUntil(lambda: self._visible(kind, name) is not None, timeout=15_000)
        found = self._visible(kind, name)
        assert found is not None
        return found

    def _visible(self, kind: type[W], name: str) -> W | None:
        return next((each for each in self.desk.window.findChildren(kind, name) if each.isVisible()), None)

    def type(self, name: str, text: str) -> None:
        field = self.child(QLineEdit, name)
        field.selectAll()
        QTest.keyClicks(field, text)

    def ask_for_all(self) -> None:
        """Ask for all that can go back, because it was paid twice."""
        self.click("refund_all")
        self.choose_reason()
        self.click("refund_ask")

    def choose_reason(self, words: str = "Paid twice") -> None:
        combo = self.child(QComboBox, "refund_reason")
        combo.setCurrentIndex(combo.findText(words))

    def click(self, name: str) -> None:
        self.child(QPushButton, name).click()

    def wait_for_text(self, name: str, wanted: str) -> None:
        def assert_said() -> None:
            said = [each.text() for each in self.desk.window.findChildren(QLabel, name) if each.isVisible()]
            assert any(wanted in text for text in said), f"{name}: {said}"

        self.qtbot.waitUntil(assert_said, timeout=15_000)

    def approve_by_pin(self, pin: str = SUPERVISOR_PIN, name: str = SUPERVISOR_NAME) -> None:
        self.type("approver_name", name)
        self.type("approver_pin", pin)
        self.click("approve_refund")

    def leave(self) -> None:
        dialog = self.desk.find(RefundDialog, "refund_dialog")
        dialog.reject()
        self.qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))
