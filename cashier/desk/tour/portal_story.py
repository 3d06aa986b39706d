"""The part of the tour in which the patient is elsewhere: a payment that comes by the API, and one by a link.

The portal is a client with a key of its own, which asks the companion over HTTP; its payer pays at Stripe with the
publishable key and the client secret, as Stripe.js does in a browser. The desk only looks on.
"""

from __future__ import annotations

import json
import os
import uuid
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from PySide6.QtCore import Qt, QUrl
from PySide6.QtNetwork import QNetworkAccessManager, QNetworkRequest

from cashier.assembly import Services
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.payment import PaymentState
from cashier.desk.invoices.unfinished_notice import UNFINISHED_WORDS
from cashier.desk.kit.qr_code import QrCode
from cashier.desk.kit.words import STATUS_WORDS
from cashier.desk.links.course import say_course
from cashier.desk.tour.acts import CONTROL, detail, note_payment
from cashier.desk.tour.script import Answering, Script, ScriptFailed, Wait, check
from cashier.desk.tour.stage import Stage
from cashier.language import verbatim
from cashier.payment_page.following import Leads, LinkCourse
from cashier.tenders.tender import ELSEWHERE

_DESK = "WEB"
"""Where the portal's payments are taken."""

_CREATED = 201
_OK = 200


def see_a_payment_by_the_api(stage: Stage) -> Script:
    """A portal begins a payment of the invoice on the screen, and its payer pays: held, then paid by a webhook."""
    settings = stage.context.services.settings
    number = yield from _choose_due_invoice(stage)
    begun = yield from _post(
        stage,
        f"{settings.companion.url}/api/v1/payments/stripe/payment-intents",
        "application/json",
        json.dumps({"invoice_id": number}).encode(),
        key=os.environ.get("CASHIER_TOUR_API_KEY", ""),
        status=_CREATED,
    )
    waits = str(UNFINISHED_WORDS[PaymentState.OPEN])
    for said in (settings.payment_page.client, waits):
        yield stage.wait_for_text("detail_notice_text", verbatim(said))
    yield from stage.picture("held-by-portal")
    yield from _pay_in_browser(stage, begun["client_secret"], key=begun["publishable_key"])
    yield stage.wait_for_text("detail_status", STATUS_WORDS[InvoiceStatus.PAID][0])
    view = yield from note_payment(stage)
    check("it is the portal's, with a receipt of its own series", (view.tender, view.desk) == (ELSEWHERE, _DESK))
    stage.press(Qt.Key.Key_F10)
    yield stage.wait_for_text("payment_amount", verbatim(view.amount))
    yield from stage.picture("paid-by-portal")
    stage.press(Qt.Key.Key_F10)
    yield Wait("the till", lambda: stage.sees("invoice_table"))


def give_a_payment_link(stage: Stage) -> Script:
    """A link for a patient at home; the page is opened and paid there, and the dialog says so."""
    services = stage.context.services
    yield from _choose_due_invoice(stage)
    due = (yield from detail(stage)).row.balance
    stage.press(Qt.Key.Key_F2, Qt.KeyboardModifier.ShiftModifier)
    yield Wait("the link", lambda: stage.find(QrCode, "link_code").address is not None)
    secret = (stage.find(QrCode, "link_code").address or "").rpartition("/")[2]
    yield from stage.ask(services.payment_page.open(secret))
    yield stage.wait_for_text("link_course_text", say_course(_course(opened_times=1))[0])
    yield from stage.picture("payment-link")
    begun = yield from stage.ask(services.payment_page.begin(secret, uuid.uuid4(), due, saves_card=False))
    yield from _pay_in_browser(stage, begun.client_secret or "", key=services.settings.stripe.publishable_key)
    yield stage.wait_for_text("link_course_text", verbatim(f"T-{_DESK}-"))
    yield from stage.picture("paid-by-link")
    stage.press(Qt.Key.Key_Escape)
    yield stage.wait_for_no_dialog()


def _course(*, opened_times: int) -> LinkCourse:
    return LinkCourse(leads=Leads.TO_PAYMENT, opened_times=opened_times, payment=None)


def _choose_due_invoice(stage: Stage) -> Answering[str]:
    number = yield from stage.ask(_due_invoice(stage.context.services))
    stage.press(Qt.Key.Key_F, CONTROL)
    stage.type("search", number)
    yield Wait(f"invoice {number} in the list", lambda: number in [row["number"] for row in stage.rows()])
    stage.press(Qt.Key.Key_Down)
    yield Wait(f"invoice {number}", lambda: stage.shown_number == number)
    return number


def _pay_in_browser(stage: Stage, client_secret: str, *, key: str) -> Script:
    """Pay at Stripe with what the payer's browser has."""
    intent_id = client_secret.partition("_secret_")[0]
    paid = yield from _post(
        stage,
        f"{stage.context.services.settings.stripe.api_base}/v1/payment_intents/{intent_id}/confirm",
        "application/x-www-form-urlencoded",
        urlencode({"client_secret": client_secret, "payment_method": "pm_card_visa"}).encode(),
        key=key,
        status=_OK,
    )
    check("the payer has paid", paid["status"] == "succeeded")


def _post(stage: Stage, url: str, form: str, body: bytes, *, key: str, status: int) -> Answering[dict[str, Any]]:
    """Send a request as another system does, and return the answer; anything but ``status`` fails the tour."""
    request = QNetworkRequest(QUrl(url))
    request.setHeader(QNetworkRequest.KnownHeaders.ContentTypeHeader, form)
    request.setRawHeader(b"Authorization", f"Bearer {key}".encode())
    manager = QNetworkAccessManager(stage.window)
    reply = manager.post(request, body)
    yield Wait("an answer over HTTP", reply.isFinished)
    told: dict[str, Any] = json.loads(bytes(reply.readAll().data()) or b"{}")
    code = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
    manager.deleteLater()
    if code != status:
        raise ScriptFailed(f"{url}: {code} {told}")
    return told


async def _due_invoice(services: Services) -> str:
    """Return the number of an invoice of which nothing is paid."""
    statement = sa.select(Invoice.number).where(Invoice.status == InvoiceStatus.DUE, Invoice.balance_minor > 1_000)
    async with services.database.reading() as session:
        return (await session.execute(statement.order_by(Invoice.id.desc()).limit(1))).scalar_one()
