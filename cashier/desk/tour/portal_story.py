"""The part of the tour in which nobody at the desk does anything: a payment that comes by the API.

The portal is a client with a key of its own, which asks the companion over HTTP; its payer pays at Stripe with the
publishable key and the client secret, as Stripe.js does in a browser. The desk only looks on.
"""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from PySide6.QtCore import Qt, QUrl
from PySide6.QtNetwork import QNetworkAccessManager, QNetworkRequest

from cashier.assembly import Services
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.payment import PaymentState
from cashier.desk.invoices.unfinished_notice import UNFINISHED_WORDS
from cashier.desk.kit.words import STATUS_WORDS
from cashier.desk.tour.acts import CONTROL, note_payment
from cashier.desk.tour.script import Answering, Script, ScriptFailed, Wait, check
from cashier.desk.tour.stage import Stage
from cashier.language import verbatim
from cashier.tenders.tender import ELSEWHERE

_DESK = "WEB"
"""Where the portal's payments are taken."""

_CREATED = 201
_OK = 200


def see_a_payment_by_the_api(stage: Stage) -> Script:
    """A portal begins a payment of the invoice on the screen, and its payer pays: held, then paid by a webhook."""
    settings = stage.context.services.settings
    number = yield from stage.ask(_due_invoice(stage.context.services))
    stage.press(Qt.Key.Key_F, CONTROL)
    stage.type("search", number)
    yield Wait(f"invoice {number} in the list", lambda: [row["number"] for row in stage.rows()] == [number])
    stage.press(Qt.Key.Key_Down)
    yield Wait(f"invoice {number}", lambda: stage.shown_number == number)
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
    paid = yield from _post(
        stage,
        f"{settings.stripe.api_base}/v1/payment_intents/{begun['id']}/confirm",
        "application/x-www-form-urlencoded",
        urlencode({"client_secret": begun["client_secret"], "payment_method": "pm_card_visa"}).encode(),
        key=begun["publishable_key"],
        status=_OK,
    )
    check("the payer has paid", paid["status"] == "succeeded")
    yield stage.wait_for_text("detail_status", STATUS_WORDS[InvoiceStatus.PAID][0])
    view = yield from note_payment(stage)
    check("it is the portal's, with a receipt of its own series", (view.tender, view.desk) == (ELSEWHERE, _DESK))
    stage.press(Qt.Key.Key_F10)
    yield stage.wait_for_text("payment_amount", verbatim(view.amount))
    yield from stage.picture("paid-by-portal")
    stage.press(Qt.Key.Key_F10)
    yield Wait("the till", lambda: stage.sees("invoice_table"))


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
