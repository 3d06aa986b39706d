"""What the tour does: a cashier's morning, step by step, checked on the screen and in the database."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QFileDialog, QLineEdit, QRadioButton

from cashier.desk.invoice_model import Column
from cashier.desk.paying.payment_faces import Face
from cashier.desk.tour.script import WAIT_SECONDS_MAX, Answering, Script, ScriptFailed, Wait, check
from cashier.desk.tour.stage import Stage
from cashier.desk.tour.summary import describe_payment
from cashier.invoices.model import InvoiceStatus
from cashier.invoices.views import InvoiceDetail
from cashier.payments.model import PaymentState, Tender
from cashier.payments.views import PaymentView

_VISA = "4242424242424242"
_DECLINED = "4000000000000002"
_CHALLENGED = "4000002760003184"
_REGULAR = "Hương Fitzwarren"
"""The patient with two invoices."""
_FIRST_RECEIPT = "original-receipt.pdf"
_CONTROL = Qt.KeyboardModifier.ControlModifier


def sign_in(stage: Stage) -> Script:
    """Name, PIN, Enter."""
    yield Wait("the desk to start", lambda: stage.text("sign_in_desk").startswith("Desk"), 20.0)
    stage.type("sign_in_name", os.environ.get("CASHIER_TOUR_NAME", ""))
    stage.type("sign_in_pin", os.environ.get("CASHIER_TOUR_PIN", ""))
    yield from stage.picture("sign-in")
    stage.press(Qt.Key.Key_Return)
    yield Wait("the invoice list", lambda: stage.sees("invoice_table") and bool(stage.rows()), 20.0)
    check("the tour runs in training only", stage.context.services.settings.training)
    yield Wait("the status bar", lambda: stage.sees("status_bar"))
    yield from stage.picture("invoices")


def find_invoice(stage: Stage) -> Script:
    """Parts of a name in any order, without accents."""
    yield from _search(stage, "fitz huong", _REGULAR, rows=2)
    yield from stage.picture("search")


def pay_and_save_card(stage: Stage) -> Script:
    """A card on Stripe's page, which the patient has saved; settled by Stripe's webhook."""
    yield from _open_payment(stage)
    yield from stage.picture("amount")
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.PAGE)
    yield from _fill_card(stage, _VISA)
    yield from stage.page.click("#saveCard")
    yield from stage.picture("card-page")
    yield from stage.page.click("#pay")
    yield stage.wait_for_face(Face.PAID)
    yield from stage.picture("paid")
    view = yield from _note_payment(stage)
    check("the receipt's number is on the screen", f"{view.receipt_number}" in stage.text("payment_detail"))


def look_at_receipt(stage: Stage) -> Script:
    """View it, save it as PDF, close both dialogs."""
    stage.press(Qt.Key.Key_F3)
    yield Wait("the receipt to be painted", lambda: stage.has_ink("receipt_paper"))
    yield from stage.picture("receipt")
    yield from _save_receipt(stage, stage.folder / _FIRST_RECEIPT)
    check("the first one out is the original", "COPY 1" not in _text_of(stage.folder / _FIRST_RECEIPT))
    stage.press(Qt.Key.Key_Escape)
    yield Wait("the receipt to close", lambda: not stage.sees("receipt_dialog"))
    yield from _close_paid(stage)
    detail = yield from _detail(stage)
    check("the invoice is paid", detail.row.status is InvoiceStatus.PAID)
    yield stage.wait_for_text("detail_status", "Paid")
    yield from stage.picture("paid-invoice")


def pay_with_saved_card(stage: Stage) -> Script:
    """The other invoice of the same patient, with the card that was saved a moment ago."""
    yield from _search(stage, "huong fitz", _REGULAR, rows=1)
    yield from _open_payment(stage)
    yield Wait("the saved card", lambda: len(_tenders(stage)) == 2)
    card = _tenders(stage)[1]
    stage.click(card.objectName(), at=QPoint(12, card.height() // 2))
    check("the card is chosen", card.isChecked())
    yield from stage.picture("saved-card")
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.PAID)
    view = yield from _note_payment(stage)
    check("it was paid with the saved card", view.tender is Tender.SAVED_CARD)
    yield from _close_paid(stage)


def be_declined_then_confirm(stage: Stage) -> Script:
    """A card that is declined; then, on the same page, one whose bank asks the patient."""
    yield from _search(stage, "zoe dabek", "Zoë Dąbek", rows=1)
    yield from _open_payment(stage)
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.PAGE)
    yield from _fill_card(stage, _DECLINED)
    yield from stage.page.click("#pay")
    yield stage.wait_for_face(Face.DECLINED_ON_PAGE)
    check("nothing was charged", "Nothing was charged" in stage.text("payment_text"))
    yield from stage.picture("declined")
    yield from _fill_card(stage, _CHALLENGED)
    yield from stage.page.click("#pay")
    yield stage.wait_for_face(Face.CHALLENGE)
    yield stage.page.shows("#complete")
    yield from stage.picture("bank-asks")
    yield from stage.page.click("#complete")
    yield stage.wait_for_face(Face.PAID)
    yield from stage.picture("paid-after-bank")
    view = yield from _note_payment(stage)
    check("it was paid with the second card", view.card_last_four == _CHALLENGED[-4:])
    yield from _close_paid(stage)


def pay_a_part(stage: Stage) -> Script:
    """A part of what is due; the rest stays due."""
    yield from _search(stage, "papadakis soren", "Søren Papadakis", rows=1)
    before = yield from _detail(stage)
    yield from _open_payment(stage)
    stage.type("amount_field", "40")
    check("the rest is told", "Leaves" in stage.text("amount_hint"))
    yield from stage.picture("part")
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.PAGE)
    yield from _fill_card(stage, _VISA)
    yield from stage.page.click("#pay")
    yield stage.wait_for_face(Face.PAID)
    view = yield from _note_payment(stage)
    yield from _close_paid(stage)
    after = yield from _detail(stage)
    check("the rest is due", after.row.balance == before.row.balance - view.amount)
    yield stage.wait_for_text("detail_status", "Part paid")
    yield from stage.picture("part-paid-invoice")


def cancel_half_way(stage: Stage) -> Script:
    """Leave while Stripe's page is open: nothing is charged, nothing stays open at Stripe."""
    yield from _open_payment(stage)
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.PAGE)
    yield stage.page.shows("#cardNumber")
    stage.press(Qt.Key.Key_Escape)
    yield stage.wait_for_no_dialog()
    detail = yield from _detail(stage)
    check("the payment is cancelled", detail.payments[0].state == PaymentState.CANCELLED)


def reprint_receipt(stage: Stage) -> Script:
    """The first receipt once more: now it is marked as a copy."""
    stage.click("filter_all")
    yield from _search(stage, "fitz huong", _REGULAR, rows=2)
    stage.click("open_receipt")
    yield Wait("the receipt to be painted", lambda: stage.has_ink("receipt_paper"))
    yield from _save_receipt(stage, stage.folder / "copy-of-receipt.pdf")
    check("the second one out says COPY 1", "COPY 1" in _text_of(stage.folder / "copy-of-receipt.pdf"))
    yield from stage.picture("reprint")
    stage.press(Qt.Key.Key_Escape)
    yield stage.wait_for_no_dialog()


def hear_from_stripe(stage: Stage) -> Script:
    """Every payment was reported by a signed webhook, and at least one was settled by it."""
    stage.payments.clear()
    for view in stage.paid:
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        described = yield from stage.ask(describe_payment(stage.context.services, view))
        while not any(event["type"] == "payment_intent.succeeded" for event in described["webhooks"]):
            check(f"Stripe reported payment {view.id}", time.monotonic() < deadline)
            described = yield from stage.ask(describe_payment(stage.context.services, view))
        stage.payments.append(described)
    check("a webhook settled a payment", any(each["settled_by"] == "webhook" for each in stage.payments))


STEPS: tuple[tuple[str, Callable[[Stage], Script]], ...] = (
    ("sign in", sign_in),
    ("find an invoice", find_invoice),
    ("pay with a card and save it", pay_and_save_card),
    ("look at the receipt and save it", look_at_receipt),
    ("pay with the saved card", pay_with_saved_card),
    ("be declined, then confirm at the bank", be_declined_then_confirm),
    ("pay a part", pay_a_part),
    ("cancel half-way", cancel_half_way),
    ("reprint the receipt", reprint_receipt),
    ("hear from Stripe", hear_from_stripe),
)
"""The tour: the name of each step, and what it does."""


def _search(stage: Stage, text: str, patient: str, *, rows: int) -> Script:
    """Search for ``text``, and select the first of ``rows`` invoices of ``patient``."""
    stage.press(Qt.Key.Key_F, _CONTROL)
    stage.type("search", text)
    yield Wait(
        f"{rows} invoices of {patient}",
        lambda: len(stage.rows()) == rows and all(row[Column.PATIENT] == patient for row in stage.rows()),
    )
    stage.press(Qt.Key.Key_Down)
    number = stage.rows()[0][Column.NUMBER]
    yield Wait(f"invoice {number}", lambda: stage.shown_number == number)


def _open_payment(stage: Stage) -> Script:
    number = stage.shown_number
    stage.press(Qt.Key.Key_F2)
    yield Wait("the payment dialog", lambda: stage.sees("amount_step"))
    check("the dialog is about the invoice", number in stage.text("payment_invoice"))
    yield Wait("the amount to be selected", lambda: bool(stage.find(QLineEdit, "amount_field").selectedText()))


def _fill_card(stage: Stage, number: str) -> Script:
    yield stage.page.shows("#cardNumber")
    for selector, text in (
        ("#cardNumber", number),
        ("#cardExpiry", "1234"),
        ("#cardCvc", "123"),
        ("#billingName", "A Patient"),
    ):
        yield from stage.page.empty(selector)
        yield from stage.page.type_into(selector, text)


def _note_payment(stage: Stage) -> Answering[PaymentView]:
    """Keep the payment on the screen for the summary, and check it in the database."""
    detail = yield from _detail(stage)
    view = yield from stage.ask(stage.context.services.payments.view(detail.payments[0].payment_id))
    check("the database says paid", view.state is PaymentState.PAID)
    check("there is a receipt", view.receipt_number is not None)
    stage.paid.append(view)
    return view


def _close_paid(stage: Stage) -> Script:
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_no_dialog()


def _save_receipt(stage: Stage, file: Path) -> Script:
    file.unlink(missing_ok=True)
    stage.press(Qt.Key.Key_S, _CONTROL)
    yield Wait("the dialog for saving", lambda: stage.sees("save_receipt_dialog"))
    # Typed paths select folders while the dialog still reads them; a name alone does not.
    stage.find(QFileDialog, "save_receipt_dialog").setDirectory(str(file.parent))
    stage.find(QLineEdit, "fileNameEdit").selectAll()
    stage.type("fileNameEdit", file.name)
    stage.press(Qt.Key.Key_Return)
    yield Wait("the file", lambda: file.exists() and "saved" in stage.text("receipt_notice_text"))


def _detail(stage: Stage) -> Answering[InvoiceDetail]:
    """Read the invoice on the screen from the database."""
    yield Wait("an invoice on the screen", lambda: stage.shown_invoice is not None)
    invoice = stage.shown_invoice
    if invoice is None:
        raise ScriptFailed("there is no invoice on the screen")
    detail = yield from stage.ask(stage.context.services.invoices.detail(invoice.row.id))
    return detail


def _tenders(stage: Stage) -> list[QRadioButton]:
    return [each for each in stage.payment_dialog.findChildren(QRadioButton) if each.isVisible()]


def _text_of(file: Path) -> str:
    document = QPdfDocument()
    document.load(str(file))
    return "\n".join(document.getAllText(page).text() for page in range(document.pageCount()))
