"""The part of the tour that shows each way to pay: cash, reader, phone, transfer, cheque, the patient's account."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox

from cashier.assembly import Services
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.desk.checkout.checkout_view import CheckoutView
from cashier.desk.checkout.page_rules import rules_for
from cashier.desk.kit.words import STATUS_WORDS
from cashier.desk.patient_screen.patient_faces import PatientKind
from cashier.desk.paying.payment_faces import Face
from cashier.desk.tour.acts import (
    CONTROL,
    VISA,
    choose,
    close_paid,
    detail,
    fill_card,
    note_payment,
    open_payment,
    search,
)
from cashier.desk.tour.page import Page
from cashier.desk.tour.script import Script, Wait, check
from cashier.desk.tour.stage import Stage
from cashier.language import m
from cashier.money import Money
from cashier.tenders.tender import Tender

_PHONE_WIDTH, _PHONE_HEIGHT = 420, 800


def pay_part_in_cash_and_the_rest_by_card(stage: Stage) -> Script:
    """Two tenders for one bill: cash with change, then a card held to the reader."""
    yield from search(stage, "papadakis soren", "Søren Papadakis", rows=1)
    yield from open_payment(stage)
    stage.type("amount_field", "30")
    yield from choose(stage, "tender_cash")
    stage.type("tendered_field", "50")
    yield from stage.picture("cash")
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.PART_PAID)
    check(
        "the change is on the screen",
        stage.text("payment_change") == str(m("Change {amount}", amount=Money(2000, "EUR"))),
    )
    yield from stage.picture("change")
    first = yield from note_payment(stage)
    stage.press(Qt.Key.Key_F2)
    yield stage.wait_for_face(Face.AMOUNT)
    yield from choose(stage, "tender_reader_")
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.READER)
    yield from stage.picture("card-reader")
    yield stage.wait_for_face(Face.PAID)
    second = yield from note_payment(stage)
    check("both settle the same bill", first.settlement_id == second.settlement_id)
    check("cash, then the reader", (first.tender, second.tender) == (Tender.CASH, Tender.READER))
    yield from close_paid(stage)
    invoice = yield from detail(stage)
    check("nothing is due any more", invoice.row.status is InvoiceStatus.PAID)


def pay_on_the_patients_phone(stage: Stage) -> Script:
    """The code on the screen, and the page behind it on another device."""
    yield from search(stage, "ciaran yildirim", "Ciarán Yıldırım", rows=1)
    yield from open_payment(stage)
    yield from choose(stage, "tender_phone")
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.PHONE)
    yield from stage.picture("phone-code")
    display = stage.context.patient_display
    check("the patient sees the code as well", display.face.kind is PatientKind.PHONE)
    display.resize(768, 480)
    display.grab().save(str(stage.folder / "patient-display.png"))
    page = stage.payment_dialog.page
    address = page.code_address if page is not None else None
    check("there is a code", address is not None)
    phone = CheckoutView(rules_for(stage.context.services.settings))
    try:
        phone.setWindowTitle("The patient's phone")
        phone.resize(_PHONE_WIDTH, _PHONE_HEIGHT)
        phone.show()
        phone.activateWindow()
        phone.open(address or "")
        on_phone = Page(lambda: phone.page_view)
        yield from fill_card(stage, VISA, on=on_phone)
        phone.grab().save(str(stage.folder / "patient-phone.png"))
        yield from on_phone.click("#pay")
        yield stage.wait_for_face(Face.PAID)
    finally:
        phone.hide()
        phone.deleteLater()
    yield from note_payment(stage)
    yield from close_paid(stage)


def pay_several_invoices_by_transfer(stage: Stage) -> Script:
    """All that one patient owes, in one payment, with the bank's reference."""
    services = stage.context.services
    number = yield from stage.ask(_invoice_of_patient_with_several(services))
    stage.press(Qt.Key.Key_F, CONTROL)
    stage.type("search", number)
    yield Wait(f"invoice {number} in the list", lambda: number in [row["number"] for row in stage.rows()])
    stage.press(Qt.Key.Key_Down)
    yield Wait(f"invoice {number}", lambda: stage.shown_number == number)
    yield from open_payment(stage)
    boxes = [
        each.objectName()
        for each in stage.payment_dialog.findChildren(QCheckBox)
        if each.isVisible() and each.isEnabled() and not each.isChecked() and each.objectName().startswith("bill_")
    ]
    check("other invoices are offered", bool(boxes))
    for name in boxes:
        stage.find(QCheckBox, name).click()
    yield from choose(stage, "tender_bank_transfer")
    stage.type("reference_field", "TRANSFER 20-117")
    yield from stage.picture("several-invoices")
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.PAID)
    view = yield from note_payment(stage)
    check("one payment, several invoices", len(view.shares) == len(boxes) + 1)
    yield from close_paid(stage)


def take_a_deposit_and_use_it(stage: Stage) -> Script:
    """Money for later, on the patient's account; then an invoice from it, and the rest by cheque."""
    yield from search(stage, "quinones wladyslaw", "QUIÑONES, Władysław", rows=1)
    stage.press(Qt.Key.Key_F11)
    yield Wait("the deposit's dialog", lambda: stage.sees("amount_step"))
    yield Wait("the ways to pay", lambda: stage.sees("tender_cash"))
    stage.type("amount_field", "200")
    yield from choose(stage, "tender_cash")
    yield from stage.picture("deposit")
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.PAID)
    check(
        "it is on the account",
        str(m("{amount} of it are on the patient's account.", amount=Money(20000, "EUR")))
        in stage.text("payment_detail"),
    )
    yield from close_paid(stage)
    yield from open_payment(stage)
    stage.type("amount_field", "200")
    yield from choose(stage, "tender_account")
    yield from stage.picture("from-account")
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.PART_FROM_ACCOUNT)
    stage.press(Qt.Key.Key_F2)
    yield stage.wait_for_face(Face.AMOUNT)
    yield from choose(stage, "tender_cheque")
    stage.type("reference_field", "CHEQUE 000417")
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.PAID)
    yield from note_payment(stage)
    yield from close_paid(stage)
    yield stage.wait_for_text("detail_status", STATUS_WORDS[InvoiceStatus.PAID][0])
    yield from stage.picture("paid-from-account")


def look_at_the_history(stage: Stage) -> Script:
    """What this patient paid, and how each payment went."""
    stage.press(Qt.Key.Key_F10)
    yield Wait("the payment history", lambda: stage.sees("payment_sheet"))
    yield from stage.picture("payment-history")
    stage.press(Qt.Key.Key_F10)
    yield Wait("the till", lambda: stage.sees("invoice_table"))


TENDER_STEPS: tuple[tuple[str, Callable[[Stage], Script]], ...] = (
    ("pay a part in cash and the rest at the reader", pay_part_in_cash_and_the_rest_by_card),
    ("pay on the patient's phone", pay_on_the_patients_phone),
    ("pay several invoices by transfer", pay_several_invoices_by_transfer),
    ("take a deposit and use it", take_a_deposit_and_use_it),
    ("look at the payment history", look_at_the_history),
)
"""The names of these steps, and what they do."""


async def _invoice_of_patient_with_several(services: Services) -> str:
    """Return the newest invoice of a patient who owes two or three in one currency."""
    owed = Invoice.status.in_((InvoiceStatus.DUE, InvoiceStatus.PART_PAID))
    several = (
        sa.select(sa.func.max(Invoice.id))
        .where(owed)
        .group_by(Invoice.patient_id, Invoice.currency)
        .having(sa.func.count().between(2, 3))
        .order_by(sa.func.max(Invoice.id).desc())
        .limit(1)
    )
    async with services.database.reading() as session:
        statement = sa.select(Invoice.number).where(Invoice.id.in_(several))
        return (await session.execute(statement)).scalar_one()
