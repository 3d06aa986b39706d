"""Migration 0003: state that stood in the journal, and codes that were sentences, are filled in, also once more."""

from __future__ import annotations

import uuid

import pytest

from cashier.books.refund import ReasonCode, RefundReason
from cashier.books.schema.migration import downgrade, migrate
from cashier.money import Money
from cashier.shifts.views import Closing, DrawerCount, Opening
from tests.cards.wallet import Wallet
from tests.payments.patient import pay_on_page
from tests.surroundings.orders import order_for, refund_of
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT

pytestmark = pytest.mark.both_databases

STATE = (
    "SELECT taken_over_by, taken_over_desk_id FROM payment ORDER BY created_at",
    "SELECT turned_down, reason_code FROM refund ORDER BY requested_at",
    "SELECT counted_times, handed_out_times FROM shift ORDER BY id",
    "SELECT stripe_id, patient_id FROM former_customer ORDER BY stripe_id",
)


async def begin(services, hospital, invoice, amount_minor=500):
    order = order_for(hospital, invoice, amount_minor)
    return await services.payments.begin(order, hospital.cashier)


async def ask(services, hospital, payment, amount_minor=100, **facts):
    paid_twice = {"reason": RefundReason.DUPLICATE, "reason_code": ReasonCode.PAID_TWICE}
    request = refund_of(payment.id, amount_minor, **paid_twice, **facts)
    return await services.refunds.request(request, hospital.cashier)


@pytest.fixture
async def a_day(services, hospital, sandbox):
    """A day on which everything happened that is kept in the columns."""
    shift = await services.shifts.open(Opening(number=1, float=Money(500, "EUR")), hospital.cashier)
    await services.payments.take_over((await begin(services, hospital, DUE_OF_OTHER_PATIENT)).id, hospital.colleague)
    paid = await begin(services, hospital, DUE, 12_000)
    await pay_on_page(paid.page_url)
    paid = await services.payments.refresh(paid.id)
    for words in ("", "Asked by mistake."):
        asked = await ask(services, hospital, paid)
        await services.refunds.reject(asked.id, hospital.cashier, why=words)
    rejected = await ask(services, hospital, paid)
    await services.refunds.reject(rejected.id, hospital.colleague, why="The service was given.")
    await ask(services, hospital, paid)
    count = DrawerCount(shift_id=shift.id, pieces={500: 1})
    await services.shifts.count(count, hospital.cashier)
    await services.shifts.count(count, hospital.cashier)
    for refund in await services.refund_lists.waiting(hospital.colleague):
        await services.refunds.reject(refund.id, hospital.colleague, why="It is late.")
    await services.shifts.close(Closing(count=count), hospital.cashier)
    await services.shifts.hand_out(shift.id, hospital.cashier)
    await services.shifts.hand_out(shift.id, hospital.cashier)
    (customer,) = hospital.execute(
        "SELECT stripe_id, patient_id FROM stripe_customer ORDER BY created_at DESC LIMIT 1"
    )
    Wallet(sandbox, customer["stripe_id"]).delete_customer()
    await services.cards.refresh(customer["patient_id"])


def state_of(hospital):
    return [hospital.execute(statement) for statement in STATE]


async def test_what_is_state_is_filled_from_the_journal(hospital, a_day):
    before = state_of(hospital)
    payments, refunds, shifts, former = before
    assert {row["taken_over_by"] for row in payments} == {hospital.supervisor_id, None}
    assert [row["turned_down"] for row in refunds] == [
        "",
        "Asked by mistake.",
        "The service was given.",
        "It is late.",
    ]
    assert shifts == [{"counted_times": 2, "handed_out_times": 2}]
    assert len(former) == 1

    downgrade(hospital.url, revision="0002")
    migrate(hospital.url)

    assert state_of(hospital) == before
    with pytest.raises(Exception, match="former_customer is kept as it is"):
        hospital.execute("DELETE FROM former_customer")


@pytest.mark.parametrize(
    ("table", "sentence", "code"),
    [
        ("payment", "Stripe says cancelled, but this payment is already paid.", "cancelled_after_paid"),
        ("payment", "Stripe charged 5.00 € where 6.00 € was asked for.", "other_amount_charged"),
        ("payment", "It was paid after it had been taken for cancelled.", "paid_after_cancelled"),
        ("payment", "What nobody knows any more.", None),
        ("refund", "Two refunds at Stripe belong to one of ours.", "two_at_stripe"),
        ("refund", "Stripe refunded 5.00 € where only 0.00 € were left of the payment.", "refunded_twice"),
        ("refund", "Stripe refunded 5.00 € where 6.00 € was asked for.", "other_amount_refunded"),
        ("refund", "It was refunded after it had been taken for failed.", "refunded_after_failed"),
    ],
)
async def test_sentences_about_contradictions_get_codes_and_are_shown_as_they_were(
    services, hospital, a_day, table, sentence, code
):
    hospital.execute(f"UPDATE {table} SET contradiction = :sentence", sentence=sentence)

    downgrade(hospital.url, revision="0002")
    migrate(hospital.url)

    codes = {row["contradiction_code"] for row in hospital.execute(f"SELECT contradiction_code FROM {table}")}
    assert codes == {code}
    (newest,) = hospital.execute(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 1")
    verbs = services.payments if table == "payment" else services.refunds
    assert str((await verbs.view(as_uuid(newest["id"]))).contradiction) == sentence


async def test_a_reason_in_other_words_has_no_code_and_is_shown_as_it_was(services, hospital, a_day):
    hospital.execute("UPDATE refund SET hospital_reason = 'The cat'")

    downgrade(hospital.url, revision="0002")
    migrate(hospital.url)

    rows = hospital.execute("SELECT id, reason_code FROM refund")
    assert {row["reason_code"] for row in rows} == {None}
    assert str((await services.refunds.view(as_uuid(rows[0]["id"]))).hospital_reason) == "The cat"


def as_uuid(key):

    return uuid.UUID(str(key))
