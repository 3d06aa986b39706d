"""What the tour does: a cashier's morning, step by step, checked on the screen and in the database."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt

from cashier.books.invoice import InvoiceStatus
from cashier.books.payment import PaymentState
from cashier.desk.kit.words import STATUS_WORDS
from cashier.desk.paying.faces.table import FACES
from cashier.desk.paying.payment_faces import Face
from cashier.desk.tour.acts import (
    VISA,
    choose,
    close_paid,
    detail,
    fill_card,
    note_payment,
    open_payment,
    save_receipt,
    search,
    text_of,
)
from cashier.desk.tour.portal_story import give_a_payment_link, see_a_payment_by_the_api
from cashier.desk.tour.script import WAIT_SECONDS_MAX, Script, Wait, check
from cashier.desk.tour.stage import Stage
from cashier.desk.tour.summary import describe_payment
from cashier.desk.tour.tender_story import TENDER_STEPS
from cashier.language import m
from cashier.money import Money
from cashier.tenders.tender import Tender

_DECLINED = "4000000000000002"
_CHALLENGED = "4000002760003184"
_REGULAR = "FITZWARREN, Hương"
"""The patient with two invoices."""
_FIRST_RECEIPT = "original-receipt.pdf"


def sign_in(stage: Stage) -> Script:
    """Name, PIN, Enter."""
    yield Wait("the desk to start", lambda: re.search(r"D[0-9]", stage.text("sign_in_desk")) is not None, 20.0)
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
    yield from search(stage, "fitz huong", _REGULAR, rows=2)
    yield from stage.picture("search")


def pay_and_save_card(stage: Stage) -> Script:
    """A card on Stripe's page, which the patient has saved; settled by Stripe's webhook."""
    yield from open_payment(stage)
    yield from choose(stage, "tender_checkout")
    yield from stage.picture("amount")
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.PAGE)
    yield from fill_card(stage, VISA)
    yield from stage.page.click("#saveCard")
    yield from stage.picture("card-page")
    yield from stage.page.click("#pay")
    yield stage.wait_for_face(Face.PAID)
    yield from stage.picture("paid")
    view = yield from note_payment(stage)
    check("the receipt's number is on the screen", f"{view.receipt_number}" in stage.text("payment_detail"))


def look_at_receipt(stage: Stage) -> Script:
    """View it, save it as PDF, close both dialogs."""
    stage.press(Qt.Key.Key_F3)
    yield Wait("the receipt to be painted", lambda: stage.has_ink("receipt_paper"))
    yield from stage.picture("receipt")
    yield from save_receipt(stage, stage.folder / _FIRST_RECEIPT)
    check("the first one out is the original", not _is_copy(stage.folder / _FIRST_RECEIPT))
    stage.press(Qt.Key.Key_Escape)
    yield Wait("the receipt to close", lambda: not stage.sees("receipt_dialog"))
    yield from close_paid(stage)
    invoice = yield from detail(stage)
    check("the invoice is paid", invoice.row.status is InvoiceStatus.PAID)
    yield stage.wait_for_text("detail_status", STATUS_WORDS[InvoiceStatus.PAID][0])
    yield from stage.picture("paid-invoice")


def pay_with_saved_card(stage: Stage) -> Script:
    """The other invoice of the same patient, with the card that was saved a moment ago."""
    yield from search(stage, "huong fitz", _REGULAR, rows=1)
    yield from open_payment(stage)
    yield from choose(stage, "tender_card_")
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.TO_CHARGE)
    yield from stage.picture("saved-card")
    stage.press(Qt.Key.Key_C, Qt.KeyboardModifier.AltModifier)
    yield stage.wait_for_face(Face.PAID)
    view = yield from note_payment(stage)
    check("it was paid with the saved card", view.tender is Tender.SAVED_CARD)
    yield from close_paid(stage)


def be_declined_then_confirm(stage: Stage) -> Script:
    """A card that is declined; then, on the same page, one whose bank asks the patient."""
    yield from search(stage, "zoe dabek", "DĄBEK, Zoë", rows=1)
    yield from open_payment(stage)
    yield from choose(stage, "tender_checkout")
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.PAGE)
    yield from fill_card(stage, _DECLINED)
    yield from stage.page.click("#pay")
    yield stage.wait_for_face(Face.DECLINED_ON_PAGE)
    check("nothing was charged", stage.text("payment_text") == str(FACES[Face.DECLINED_ON_PAGE].text))
    yield from stage.picture("declined")
    yield from fill_card(stage, _CHALLENGED)
    yield from stage.page.click("#pay")
    yield stage.wait_for_face(Face.CHALLENGE)
    yield stage.page.shows("#complete")
    yield from stage.picture("bank-asks")
    yield from stage.page.click("#complete")
    yield stage.wait_for_face(Face.PAID)
    yield from stage.picture("paid-after-bank")
    view = yield from note_payment(stage)
    check("it was paid with the second card", view.card_last_four == _CHALLENGED[-4:])
    yield from close_paid(stage)


def pay_a_part(stage: Stage) -> Script:
    """A part of what is due; the rest stays due."""
    yield from search(stage, "papadakis soren", "Søren Papadakis", rows=1)
    before = yield from detail(stage)
    yield from open_payment(stage)
    stage.type("amount_field", "40")
    due = before.row.balance
    left = due - Money(4000, due.currency)
    check("the rest is told", stage.text("amount_hint") == str(m("of {due} due, leaves {left}", due=due, left=left)))
    yield from choose(stage, "tender_checkout")
    yield from stage.picture("part")
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.PAGE)
    yield from fill_card(stage, VISA)
    yield from stage.page.click("#pay")
    yield stage.wait_for_face(Face.PART_PAID)
    view = yield from note_payment(stage)
    yield from close_paid(stage)
    after = yield from detail(stage)
    check("the rest is due", after.row.balance == before.row.balance - view.amount)
    yield stage.wait_for_text("detail_status", STATUS_WORDS[InvoiceStatus.PART_PAID][0])
    yield from stage.picture("part-paid-invoice")


def cancel_half_way(stage: Stage) -> Script:
    """Leave while Stripe's page is open: nothing is charged, nothing stays open at Stripe."""
    yield from open_payment(stage)
    yield from choose(stage, "tender_checkout")
    stage.press(Qt.Key.Key_Return)
    yield stage.wait_for_face(Face.PAGE)
    yield stage.page.shows("#cardNumber")
    stage.press(Qt.Key.Key_Escape)
    yield stage.wait_for_no_dialog()
    invoice = yield from detail(stage)
    check("the payment is cancelled", invoice.payments[0].state == PaymentState.CANCELLED)


def reprint_receipt(stage: Stage) -> Script:
    """The first receipt once more: now it is marked as a copy."""
    stage.show_all_invoices()
    yield from search(stage, "fitz huong", _REGULAR, rows=2)
    stage.click("open_receipt")
    yield Wait("the receipt to be painted", lambda: stage.has_ink("receipt_paper"))
    yield from save_receipt(stage, stage.folder / "copy-of-receipt.pdf")
    check("the second one out says COPY 1", _is_copy(stage.folder / "copy-of-receipt.pdf"))
    yield from stage.picture("reprint")
    stage.press(Qt.Key.Key_Escape)
    yield stage.wait_for_no_dialog()


def hear_from_stripe(stage: Stage) -> Script:
    """Every payment was reported by a signed webhook, and at least one was settled by it."""
    stage.payments.clear()
    for view in stage.paid:
        if view.tender.row.is_taken_here:
            stage.payments.append((yield from stage.ask(describe_payment(stage.context.services, view))))
            continue
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        described = yield from stage.ask(describe_payment(stage.context.services, view))
        while not any(event["type"] == "payment_intent.succeeded" for event in described["webhooks"]):
            check(f"Stripe reported payment {view.id}", time.monotonic() < deadline)
            described = yield from stage.ask(describe_payment(stage.context.services, view))
        stage.payments.append(described)
    check("a webhook settled a payment", any(each["settled_by"] == "webhook" for each in stage.payments))


def _is_copy(file: Path) -> bool:
    # Nobody is offered the language of tests, so that paper is in English then.
    mark, text = m("COPY {number}", number=1), text_of(file)
    return str(mark) in text or mark.english in text


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
    *TENDER_STEPS,
    ("see a payment that comes by the API", see_a_payment_by_the_api),
    ("give a payment link", give_a_payment_link),
    ("hear from Stripe", hear_from_stripe),
)
"""The tour: the name of each step, and what it does."""
