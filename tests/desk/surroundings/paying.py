"""The payment dialog as a cashier uses it: for tests that look at what is on the screen."""

from __future__ import annotations

from typing import Any, TypeVar

import httpx
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from cashier.cards.service import SavedCardView
from cashier.desk.context import DeskContext
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.desk.tour.page import Page
from cashier.desk.tour.script import Script, Wait
from cashier.invoices.views import InvoiceDetail
from cashier.money import Money
from cashier.payments.views import PaymentOrder, PaymentShare, PaymentView
from cashier.tenders.tender import Tender
from tests.desk.surroundings.acting import act, answer
from tests.surroundings.orders import order_of
from tests.surroundings.plain_http import PLAIN
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import DUE, DUE_OF_SAME_PATIENT, SampleHospital

VISA = "4242424242424242"
DECLINED = "4000000000000002"
CHALLENGED = "4000002760003184"
DECLINED_WHEN_CHARGED_AGAIN = "4000000000000341"

W = TypeVar("W", bound=QWidget)


class Till:
    """Opens the dialog and looks at it; acts on it by keys and clicks only."""

    def __init__(
        self, qtbot: QtBot, context: DeskContext, hospital: SampleHospital, sandbox: RunningSandbox, window: QWidget
    ) -> None:
        self.qtbot = qtbot
        self.context = context
        self.hospital = hospital
        self.sandbox = sandbox
        self.window = window
        self.finished: list[PaymentView] = []
        self._dialog: PaymentDialog | None = None

    @property
    def dialog(self) -> PaymentDialog:
        assert self._dialog is not None
        return self._dialog

    @property
    def page(self) -> Page:
        def find() -> QWebEngineView:
            assert self.dialog.page is not None, f"no page on {self.dialog.face}"
            return self.dialog.page.page_view

        return Page(find)

    def detail(self, number: str = DUE) -> InvoiceDetail:
        invoice_id = self.hospital.invoice_ids[number]
        return answer(self.qtbot, self.context.thread, self.context.services.invoices.detail(invoice_id))

    def order(
        self, number: str, amount_minor: int, *, tender: Tender = Tender.CHECKOUT, reader_id: int | None = None
    ) -> PaymentOrder:
        """An order of somebody else, for ``payments.begin``."""
        row = self.detail(number).row
        share = PaymentShare(invoice_id=row.id, amount=Money(amount_minor, row.total.currency))
        return order_of(share, tender=tender, reader_id=reader_id)

    def open(self, number: str = DUE) -> PaymentDialog:
        dialog = self.show(PaymentDialog(self.context, self.detail(number), self.window))
        self.wait_for_offer()
        return dialog

    def wait_for_offer(self) -> None:
        """Wait until the ways to pay are on the screen: a layout shows them in the turn after it has them."""
        self.qtbot.waitUntil(
            lambda: any(each.isVisible() for each in self.dialog.findChildren(QRadioButton)), timeout=10_000
        )

    def show(self, dialog: PaymentDialog) -> PaymentDialog:
        self._dialog = dialog
        dialog.payment_finished.connect(self.finished.append)
        dialog.open()
        return dialog

    def open_page(self, number: str = DUE) -> PaymentDialog:
        """Open the dialog and go on to Stripe's page with all that is due."""
        dialog = self.open(number)
        self.press(Qt.Key.Key_Return)
        self.wait_for_face(Face.PAGE)
        self.wait_until_page_shows("#cardNumber")
        return dialog

    def wait_for_face(self, *faces: Face) -> None:
        def assert_face() -> None:
            assert self.dialog.face in faces

        self.qtbot.waitUntil(assert_face, timeout=15_000)

    def wait_until_page_shows(self, selector: str) -> None:
        def script() -> Script:
            yield self.page.shows(selector)

        act(self.qtbot, script())

    def wait_for_close(self) -> None:
        dialog = self.dialog
        self.qtbot.waitUntil(lambda: not shiboken6.isValid(dialog), timeout=15_000)

    def type_amount(self, text: str) -> None:
        field = self.child(QLineEdit, "amount_field")
        field.selectAll()
        QTest.keyClicks(field, text)

    def type_into(self, name: str, text: str) -> None:
        """Type into the field called ``name``, in place of what is there."""
        field = self.child(QLineEdit, name)
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)

    def balance(self, number: str = DUE) -> str:
        """What is due on an invoice, as digits."""
        return self.detail(number).row.balance.digits()

    def choose(self, name: str) -> QRadioButton:
        """Choose the way to pay whose name begins with ``name``, as soon as it is offered."""

        def find() -> list[QRadioButton]:
            buttons = [each for each in self.dialog.findChildren(QRadioButton) if each.isVisible()]
            return [each for each in buttons if each.objectName().startswith(name)]

        self.qtbot.waitUntil(lambda: bool(find()), timeout=30_000)
        button = find()[0]
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(12, button.height() // 2))
        assert button.isChecked()
        return button

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        focus: QWidget | None = self.dialog.focusWidget()
        QTest.keyClick(focus if focus is not None else self.dialog, key, modifier)

    def click(self, name: str) -> None:
        # Buttons of a new face appear in the next turn of the event loop.
        self.qtbot.waitUntil(lambda: any(each.isVisible() for each in self.dialog.findChildren(QPushButton, name)))
        QTest.mouseClick(self.child(QPushButton, name), Qt.MouseButton.LeftButton)

    def says(self, name: str) -> str:
        return self.child(QLabel, name).text()

    def child(self, kind: type[W], name: str) -> W:
        found = [each for each in self.dialog.findChildren(kind, name) if each.isVisible()]
        assert found, f"no {name} on {self.dialog.face}"
        return found[0]

    def fill_card(self, number: str) -> Script:
        yield self.page.shows("#cardNumber")
        for selector, text in (
            ("#cardNumber", number),
            ("#cardExpiry", "1234"),
            ("#cardCvc", "123"),
            ("#billingName", "A Patient"),
        ):
            yield from self.page.empty(selector)
            yield from self.page.type_into(selector, text)

    def pay(self, number: str, *, saves_card: bool = False) -> None:
        def script() -> Script:
            yield from self.fill_card(number)
            if saves_card:
                yield from self.page.click("#saveCard")
                is_ticked = self.page.holds("document.querySelector('#saveCard').checked")
                yield Wait("the card is to be saved", is_ticked)
            yield from self.page.click("#pay")

        act(self.qtbot, script())

    def save_card(self, number: str = VISA, invoice: str = DUE_OF_SAME_PATIENT) -> None:
        """Pay one invoice of the patient with a card that the patient has saved, until the card is offered."""
        self.open_page(invoice)
        self.pay(number, saves_card=True)
        self.wait_for_face(Face.PAID, Face.CHALLENGE)
        if self.dialog.face is Face.CHALLENGE:
            self.click_on_page("#complete")
        self.wait_for_face(Face.PAID)
        self.press(Qt.Key.Key_Escape)
        self.wait_for_close()
        # The money is told of first, as soon as it is there; the card follows.
        self.qtbot.waitUntil(lambda: bool(self.cards(invoice)), timeout=15_000)

    def cards(self, number: str = DUE) -> tuple[SavedCardView, ...]:
        """The saved cards of the patient whose invoice this is."""
        patient_id = self.detail(number).patient_id
        return answer(self.qtbot, self.context.thread, self.context.services.cards.of_patient(patient_id))

    def pay_on_another_screen(self, number: str) -> None:
        """Send the page's form from elsewhere, so that nothing in the dialog notices."""
        answer = self.try_on_another_screen(number)
        assert answer.status_code == 303, answer.text

    def try_on_another_screen(self, number: str) -> httpx.Response:
        """Send the page's form from elsewhere; the card may be declined."""
        form = {"cardNumber": number, "cardExpiry": "12 / 34", "cardCvc": "123", "billingName": "A Patient"}
        address = f"{self.sandbox.url}/c/pay/{self.sessions()[0]['id']}"
        return httpx.post(
            address, data=form | {"method": "card", "billingCountry": "ES"}, trust_env=False, verify=PLAIN
        )

    def end_troubles(self) -> None:
        """Let the sandbox work again."""
        httpx.delete(f"{self.sandbox.url}/_sandbox/troubles", trust_env=False, verify=PLAIN)

    def click_on_page(self, selector: str) -> None:
        act(self.qtbot, self.page.click(selector))

    def states(self, number: str = DUE) -> list[str]:
        """The states of the invoice's payments, the newest first."""
        return [payment.state for payment in self.detail(number).payments]

    def sessions(self) -> list[Any]:
        """Stripe's Checkout Sessions, the newest first."""
        return list(self.sandbox.ask("/v1/checkout/sessions?limit=100")["data"])
