"""Tellers: wherever money moves the database itself writes an event, in the same transaction, and nobody else can."""

from __future__ import annotations

import psycopg
import pytest
import sqlalchemy as sa

from cashier.books.outgoing.event import OutgoingEvent
from cashier.books.payment import Payment
from cashier.books.schema.table_grants import Account, grant
from cashier.invoices.intake import take_in
from cashier.money import Money
from cashier.tenders.tender import Tender
from tests.invoices.arriving import an_invoice
from tests.payments.patient import pay_on_page
from tests.shifts.drawer import Drawer
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for, order_of, refund_of, share_of
from tests.surroundings.sample_hospital import CANCELLED, DUE, DUE_OF_OTHER_PATIENT, DUE_OF_SAME_PATIENT

pytestmark = pytest.mark.both_databases
DISPUTED_LATER = "4000000000000259"


async def told(services) -> list[tuple[str, int, str]]:
    """Return kind, amount and state of each event, oldest first."""
    async with services.database.reading() as session:
        events = (await session.scalars(sa.select(OutgoingEvent).order_by(OutgoingEvent.number))).all()
    return [(str(event.kind), event.amount_minor, event.state) for event in events]


async def test_each_move_of_money_is_told_once(services, hospital):
    await Drawer(services, hospital).open()
    order = order_of(
        share_of(hospital, DUE, 2_000), tender=Tender.CASH, deposit=Money(500, "EUR"), tendered=Money(2_500, "EUR")
    )
    await services.payments.begin(order, hospital.cashier)
    await services.payments.begin(order, hospital.cashier)
    given_up = await services.payments.begin(order_for(hospital, DUE_OF_SAME_PATIENT, 500), hospital.cashier)
    await services.payments.cancel(given_up.id, hospital.cashier)
    card = await services.payments.begin(order_for(hospital, DUE_OF_OTHER_PATIENT, 800), hospital.cashier)
    await pay_on_page(card.page_url)
    await services.payments.refresh(card.id)
    request = refund_of(card.id, 300)
    await services.refunds.request(request, hospital.cashier)
    await services.refunds.approve(request.refund_id, hospital.colleague)

    assert sorted(await told(services)) == [
        ("deposit.taken", 500, "paid"),
        ("invoice.balance_changed", 7_200, "part_paid"),
        ("invoice.balance_changed", 7_500, "part_paid"),
        ("invoice.balance_changed", 10_000, "part_paid"),
        ("payment.failed", 500, "cancelled"),
        ("payment.settled", 800, "paid"),
        ("payment.settled", 2_500, "paid"),
        ("refund.succeeded", 300, "succeeded"),
    ]
    assert await contradictions_in(services.database) == []


async def test_a_dispute_is_told_from_its_opening_to_its_end(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await pay_on_page(begun.page_url, number=DISPUTED_LATER)
    await services.payments.refresh(begun.id)
    await services.sweep.run()
    await services.inbox.process_waiting()
    hospital.execute("UPDATE dispute SET reason = 'general'")
    hospital.execute("UPDATE dispute SET status = 'under_review'")
    hospital.execute("UPDATE dispute SET status = 'won'")

    events = [event for event in await told(services) if event[0].startswith("dispute")]

    assert events == [
        ("dispute.opened", 12_000, "needs_response"),
        ("dispute.changed", 12_000, "under_review"),
        ("dispute.closed", 12_000, "won"),
    ]


async def test_a_balance_that_the_hospitals_system_changes_is_told_and_a_name_is_not(services, hospital):
    known = an_invoice(number=CANCELLED)
    await take_in(services.database, [known])
    before = len(await told(services))

    await take_in(services.database, [an_invoice(number=CANCELLED, patient_name="Another Name")])

    assert len(await told(services)) == before


async def test_what_is_undone_was_never_told(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    with pytest.raises(ZeroDivisionError):
        async with services.database.transaction() as session:
            await session.execute(
                sa.update(Payment).where(Payment.id == begun.id).values(state="paid", settled_at=begun.created_at)
            )
            await session.flush()
            raise ZeroDivisionError

    assert await told(services) == []


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_desk_can_neither_make_an_event_up_nor_keep_one_back(hospital, postgres):
    """It could hang the function on a table of its own, or put a table of its own in the place of the events."""
    database = hospital.url.rpartition("/")[2]
    postgres.order("CREATE ROLE sly LOGIN")
    try:
        grant(hospital.url, Account.DESK, "sly")
        with psycopg.connect(postgres.url(database, role="sly"), autocommit=True) as desk:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                desk.execute(
                    "INSERT INTO outgoing_event (id, kind, at, invoice_id, amount_minor, currency, state) "
                    "VALUES (gen_random_uuid(), 'invoice.balance_changed', now(), 1, 0, 'EUR', 'paid')"
                )
            desk.execute("CREATE TEMP TABLE mine (LIKE invoice)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                desk.execute(
                    "CREATE TRIGGER t AFTER INSERT ON mine FOR EACH ROW "
                    "EXECUTE FUNCTION cashier_tell_invoice_balance_changed()"
                )
            desk.execute("CREATE TEMP TABLE outgoing_event (LIKE public.outgoing_event)")
            desk.execute(
                "UPDATE invoice SET paid_minor = paid_minor + 1, balance_minor = balance_minor - 1 WHERE id = 1"
            )
            assert desk.execute("SELECT count(*) FROM public.outgoing_event").fetchone() == (1,)
    finally:
        postgres.order("DROP OWNED BY sly", database=database)
        postgres.order("DROP ROLE sly")
