"""What a day at a counter is made of, one deed after the other."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta

import httpx

from cashier.books.payment import PaymentState
from cashier.books.refund import RefundState
from cashier.clock import now
from cashier.database import Database
from cashier.invoices.intake import take_in
from cashier.money import Money
from cashier.payments.views import PaymentOrder, PaymentShare, PaymentView
from cashier.tenders.tender import Tender
from tests.faults.portal import pay_in_browser
from tests.faults.station import Station
from tests.invoices.arriving import a_line, an_invoice
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_of, refund_of

_BROUGHT_AT_ONCE = 20
_AMOUNT = Money(1_250, "EUR")
_PATIENT = "MRN-0000900"


class Work:
    """Deeds at two desks and over the API, each on an invoice of its own."""

    def __init__(self, station: Station) -> None:
        """Start everybody, and save a card of the patient's."""
        self.station = station
        self.done = 0
        self._began_at = now() - timedelta(hours=1)
        self._numbers = itertools.count()
        self._invoices: list[tuple[int, str]] = []
        for desk in ("D1", "D2"):
            station.start_desk(desk)
        station.open_shift()
        self._portal = station.open_portal()
        station.start_companion()
        first = self._begin(Tender.CHECKOUT)
        station.sandbox.pay_on_page(first.page_url or "", save=True)
        assert station.must("payments", "refresh", first.id).state is PaymentState.PAID
        self._card_id = station.hospital.execute("SELECT id FROM saved_card")[0]["id"]
        self._deeds = itertools.cycle(
            (self._on_the_page, self._by_saved_card, self._in_cash, self._over_the_api, self._there_and_back)
        )

    def do_some(self) -> None:
        """Do the next deed, as far as its receipt."""
        next(self._deeds)()
        self.done += 1

    def disagreements(self) -> list[str]:
        """Return what the audit and the comparison with Stripe's records say in the end, however much was done."""
        station, colleague = self.station, self.station.hospital.colleague

        async def audited() -> list[str]:
            database = Database(station.hospital.url)
            try:
                return await contradictions_in(database)
            finally:
                await database.close()

        station.must("reconciliation", "compare", self._began_at, now() + timedelta(hours=1))
        listed = station.must("reconciliation", "open_differences", colleague, desk="D2")
        return [*asyncio.run(audited()), *(f"{each.kind}: {each.detail}" for each in listed)]

    def _on_the_page(self) -> None:
        """Pay on the page; the companion hears of it and settles it."""
        view = self._begin(Tender.CHECKOUT)
        self.station.pay(view)
        assert self.station.wait_for(view.id, PaymentState.PAID, seconds=60)
        self._print(view)

    def _by_saved_card(self) -> None:
        self._print(self._begin(Tender.SAVED_CARD))

    def _in_cash(self) -> None:
        self._print(self._begin(Tender.CASH))

    def _over_the_api(self) -> None:
        _, number = self._next_invoice()
        begun = self._portal.begin(f"steady-{number}", invoice_id=number)
        assert begun is not None
        assert begun.status_code == httpx.codes.CREATED, begun.text
        pay_in_browser(self.station.sandbox, begun.json()["id"])
        told = self._portal.confirm(begun.json()["id"])
        assert told is not None
        assert told.json()["status"] == "succeeded", told.text

    def _there_and_back(self) -> None:
        """Pay by card, and have somebody else give a part of it back."""
        station = self.station
        view = self._begin(Tender.SAVED_CARD)
        asked = station.must(
            "refunds", "request", refund_of(view.id, 250, note="Appointment was cancelled."), station.hospital.cashier
        )
        refund = station.must("refunds", "approve", asked.id, station.hospital.colleague, desk="D2")
        assert refund.state is RefundState.SUCCEEDED, refund

    def _print(self, view: PaymentView) -> None:
        station = self.station
        paid = station.must("payments", "view", view.id)
        station.must("receipts", "hand_out", paid.receipt_id, station.hospital.colleague, desk="D2")

    def _begin(self, tender: Tender) -> PaymentView:
        invoice_id, _ = self._next_invoice()
        share = PaymentShare(invoice_id=invoice_id, amount=_AMOUNT)
        card_id = self._card_id if tender is Tender.SAVED_CARD else None
        order: PaymentOrder = order_of(share, tender=tender, saved_card_id=card_id)
        view: PaymentView = self.station.must("payments", "begin", order, self.station.hospital.cashier)
        return view

    def _next_invoice(self) -> tuple[int, str]:
        if not self._invoices:
            self._bring()
        return self._invoices.pop()

    def _bring(self) -> None:
        """Have the hospital send some more invoices."""
        numbers = [f"STEADY-{next(self._numbers):06}" for _ in range(_BROUGHT_AT_ONCE)]
        lines = (a_line(_AMOUNT.amount_minor),)
        incoming = [
            an_invoice(number, record_number=_PATIENT, patient_name="Radka Sample", lines=lines) for number in numbers
        ]

        async def take() -> list[tuple[int, str]]:
            database = Database(self.station.hospital.url)
            try:
                await take_in(database, incoming)
            finally:
                await database.close()
            rows = self.station.hospital.execute(
                "SELECT id, number FROM invoice WHERE number >= :first AND number <= :last",
                first=numbers[0],
                last=numbers[-1],
            )
            return [(row["id"], row["number"]) for row in rows]

        self._invoices = asyncio.run(take())
