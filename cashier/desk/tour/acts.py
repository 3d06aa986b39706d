"""What the steps of the tour are made of: searching, opening a payment, filling in a card, saving a receipt."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QFileDialog, QLineEdit, QRadioButton

from cashier.books.payment import PaymentState
from cashier.desk.paying.faces.table import FACES
from cashier.desk.paying.payment_actions import Action
from cashier.desk.tour.page import Page
from cashier.desk.tour.script import Answering, Script, ScriptFailed, Wait, check
from cashier.desk.tour.stage import Stage
from cashier.invoices.views import InvoiceDetail
from cashier.payments.views import PaymentView

VISA = "4242424242424242"
CONTROL = Qt.KeyboardModifier.ControlModifier


def choose(stage: Stage, name: str) -> Script:
    """Choose the way to pay whose name begins with ``name``."""

    def found() -> list[QRadioButton]:
        buttons = stage.payment_dialog.findChildren(QRadioButton)
        return [each for each in buttons if each.isVisible() and each.objectName().startswith(name)]

    yield Wait(f"“{name}” to be offered", lambda: bool(found()))
    button = found()[0]
    stage.click(button.objectName(), at=QPoint(12, button.height() // 2))
    check(f"“{button.text()}” is chosen", button.isChecked())


def search(stage: Stage, text: str, patient: str, *, rows: int) -> Script:
    """Search for ``text``, and select the first of ``rows`` invoices of ``patient``, below the patient's row."""
    stage.press(Qt.Key.Key_F, CONTROL)
    stage.type("search", text)
    yield Wait(
        f"{rows} invoices of {patient}",
        lambda: len(stage.rows()) == rows and all(row["patient"] == patient for row in stage.rows()),
    )
    stage.press(Qt.Key.Key_Down)
    if rows > 1:
        stage.press(Qt.Key.Key_Right)
        stage.press(Qt.Key.Key_Right)
    number = stage.rows()[0]["number"]
    yield Wait(f"invoice {number}", lambda: stage.shown_number == number)


def open_payment(stage: Stage) -> Script:
    """Open the payment dialog for the invoice on the screen, and wait until it is ready."""
    number = stage.shown_number
    stage.press(Qt.Key.Key_F2)
    yield Wait("the payment dialog", lambda: stage.sees("amount_step"))
    check("the dialog is about the invoice", number in stage.text("payment_invoice"))
    yield Wait("the amount to be selected", lambda: bool(stage.find(QLineEdit, "amount_field").selectedText()))
    yield Wait("the ways to pay", lambda: bool(stage.payment_dialog.findChildren(QRadioButton)))


def fill_card(stage: Stage, number: str, *, on: Page | None = None) -> Script:
    """Type a card into Stripe's page, here or ``on`` another device."""
    page = on or stage.page
    yield page.shows("#cardNumber")
    for selector, text in (
        ("#cardNumber", number),
        ("#cardExpiry", "1234"),
        ("#cardCvc", "123"),
        ("#billingName", "A Patient"),
    ):
        yield from page.empty(selector)
        yield from page.type_into(selector, text)


def note_payment(stage: Stage) -> Answering[PaymentView]:
    """Keep the payment on the screen for the summary, and check it in the database."""
    invoice = yield from detail(stage)
    view = yield from stage.ask(stage.context.services.payments.view(invoice.payments[0].payment_id))
    check("the database says paid", view.state is PaymentState.PAID)
    check("there is a receipt", view.receipt_number is not None)
    stage.paid.append(view)
    return view


def close_paid(stage: Stage) -> Script:
    """Close the dialog of a paid payment."""
    check("Escape closes what is paid", Action.LEAVE in FACES[stage.payment_dialog.face].actions)
    stage.press(Qt.Key.Key_Escape)
    yield stage.wait_for_no_dialog()


def save_receipt(stage: Stage, file: Path) -> Script:
    """Save the receipt on the screen as a file."""
    file.unlink(missing_ok=True)
    stage.press(Qt.Key.Key_S, CONTROL)
    yield Wait("the dialog for saving", lambda: stage.sees("save_receipt_dialog"))
    # Typed paths select folders while the dialog still reads them; a name alone does not.
    stage.find(QFileDialog, "save_receipt_dialog").setDirectory(str(file.parent))
    stage.find(QLineEdit, "fileNameEdit").selectAll()
    stage.type("fileNameEdit", file.name)
    stage.press(Qt.Key.Key_Return)
    yield Wait("the file", lambda: file.exists() and file.name in stage.text("receipt_notice_text"))


def detail(stage: Stage) -> Answering[InvoiceDetail]:
    """Read the invoice on the screen from the database."""
    yield Wait("an invoice on the screen", lambda: stage.shown_invoice is not None)
    invoice = stage.shown_invoice
    if invoice is None:
        raise ScriptFailed("there is no invoice on the screen")
    fresh = yield from stage.ask(stage.context.services.invoices.detail(invoice.row.id))
    return fresh


def text_of(file: Path) -> str:
    """Return what a PDF says."""
    document = QPdfDocument()
    document.load(str(file))
    return "\n".join(document.getAllText(page).text() for page in range(document.pageCount()))
