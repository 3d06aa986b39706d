"""Eight desks press “pay” on the same invoice in the same moment, again and again: one charge each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date

from cashier.books.payment import PaymentState
from cashier.database import Database
from cashier.invoices.intake import take_in
from cashier.invoices.views import IncomingInvoice, IncomingLine
from cashier.money import Money
from cashier.payments.views import PaymentOrder, PaymentShare, PaymentView
from cashier.tenders.tender import Tender
from tests.faults.desk import Told
from tests.faults.station import Station
from tests.surroundings.orders import order_of

DESKS = tuple(f"R{number}" for number in range(1, 9))
_AMOUNT = Money(1_250, "EUR")


def race(station: Station, rounds: int) -> Counter[str]:
    """Run the race on invoices of its own; return which desk won how often.

    Fails where an invoice has not exactly one payment and one charge.
    """
    wins: Counter[str] = Counter()
    first, *invoice_ids = bring_invoices(station, rounds + 1)
    station.start_companion()
    for desk in DESKS:
        station.start_desk(desk)
    card_id = save_card(station, first)
    for number, invoice_id in enumerate(invoice_ids):
        tender = Tender.SAVED_CARD if number % 2 else Tender.CHECKOUT
        orders = [race_order(invoice_id, tender, card_id if tender is Tender.SAVED_CARD else None) for _ in DESKS]
        for desk, order in zip(DESKS, orders, strict=True):
            station.send("payments", "begin", order, station.hospital.cashier, desk=desk)
        told = [station.hear(desk) for desk in DESKS]
        won = _winner(told)
        wins[next(desk for desk, each in zip(DESKS, told, strict=True) if each is not None and each.view)] += 1
        if won.state is not PaymentState.PAID:
            station.pay(won)
            for desk in DESKS:
                station.send("payments", "refresh", won.id, desk=desk)
            told = [station.hear(desk) for desk in DESKS]
            assert PaymentState.PAID in {each.view.state for each in told if each is not None and each.view}, told
    check_one_payment_each(station, rounds + 1)
    return wins


def check_one_payment_each(station: Station, count: int) -> None:
    """Fail unless both sides agree, and each of the ``count`` invoices is paid by exactly one payment."""
    wrong = station.disagreements()
    assert not wrong, "\n".join(wrong)
    paid = station.hospital.execute(
        "SELECT i.id FROM invoice i JOIN allocation a ON a.invoice_id = i.id "
        "WHERE i.number LIKE 'RACE-%' AND i.balance_minor = 0 GROUP BY i.id HAVING count(*) = 1"
    )
    assert len(paid) == count, f"{len(paid)} of {count} invoices have exactly one payment"


def _winner(told: Sequence[Told | None]) -> PaymentView:
    views = [each.view for each in told if each is not None and each.view is not None]
    refused = [each.error for each in told if each is not None and each.error in ("InvoiceHeld", "Refused")]
    assert len(views) == 1, told
    assert len(refused) == len(DESKS) - 1, told
    view: PaymentView = views[0]
    return view


def save_card(station: Station, invoice_id: int) -> int:
    """Pay an invoice at desk R1 with a card that is kept; return its key."""
    view = station.must(
        "payments", "begin", race_order(invoice_id, Tender.CHECKOUT), station.hospital.cashier, desk="R1"
    )
    station.sandbox.pay_on_page(view.page_url, save=True)
    assert station.must("payments", "refresh", view.id, desk="R1").state is PaymentState.PAID
    return int(station.hospital.execute("SELECT id FROM saved_card")[0]["id"])


def race_order(invoice_id: int, tender: Tender, card_id: int | None = None) -> PaymentOrder:
    """Order all of an invoice of the race."""
    share = PaymentShare(invoice_id=invoice_id, amount=_AMOUNT)
    return order_of(share, tender=tender, saved_card_id=card_id)


def bring_invoices(station: Station, count: int) -> list[int]:
    """Have the hospital send so many invoices of one patient; return their keys, in the order of their numbers."""
    amount_minor = _AMOUNT.amount_minor
    line = IncomingLine(
        description="Blood count", quantity_milli=1000, unit_price_minor=amount_minor, tax_basis_points=0,
        tax_minor=0, total_minor=amount_minor,
    )  # fmt: skip
    incoming = [
        IncomingInvoice(
            number=f"RACE-{number:06}", record_number="MRN-0000900", patient_name="Radka Sample",
            department="Laboratory", currency=_AMOUNT.currency, issued_on=date(2026, 11, 2),
            due_on=date(2026, 12, 2), insurer="", insurer_share_minor=0, cancelled=False, lines=(line,),
        )
        for number in range(count)
    ]  # fmt: skip

    async def bring() -> None:
        database = Database(station.hospital.url)
        try:
            await take_in(database, incoming)
        finally:
            await database.close()

    asyncio.run(bring())
    rows = station.hospital.execute("SELECT id FROM invoice WHERE number LIKE 'RACE-%' ORDER BY id")
    return [row["id"] for row in rows]
