"""The audit: each rule, broken once behind the guards' backs, is found, and named at the right place."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from cashier.audit.rules import RULES, apply
from cashier.books.journal import JournalEntry, hash_of
from cashier.clock import now
from cashier.invoices.intake import take_in
from cashier.money import Money
from cashier.setup.attesting import attest
from cashier.shifts.views import Closing, DrawerCount, Opening
from tests.invoices.arriving import an_invoice
from tests.payments.patient import pay_on_page
from tests.surroundings.orders import order_for, refund_of
from tests.surroundings.processes import run
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def worked(services, hospital):
    """A day with two payments, a refund, an open attempt and a shift elsewhere."""

    async def begin(number, amount_minor):
        order = order_for(hospital, number, amount_minor)
        return await services.payments.begin(order, hospital.cashier)

    for _ in range(2):
        begun = await begin(DUE, 3_000)
        await pay_on_page(begun.page_url)
        await services.payments.refresh(begun.id)
    request = refund_of(begun.id, 500)
    await services.refunds.request(request, hospital.cashier)
    await services.refunds.approve(request.refund_id, hospital.colleague)
    await begin(DUE_OF_OTHER_PATIENT, 1_000)
    shift = await services.shifts.open(Opening(number=1, float=Money(5_000, "EUR")), hospital.colleague)
    await services.shifts.close(Closing(count=DrawerCount(shift_id=shift.id, pieces={5_000: 1})), hospital.colleague)
    return services.database


@pytest.fixture
def books(worked, hospital):
    """The same, with its guards taken away."""
    hospital.remove_guards()
    return worked


async def found(database) -> dict[str, list[str]]:
    """Apply all rules; return what those found that are broken."""
    verdicts = {str(rule.name): await apply(database, rule) for rule in RULES}
    return {
        name: [str(example) for example in verdict.examples] for name, verdict in verdicts.items() if verdict.wrong
    }


async def test_good_books_have_nothing_wrong(books):
    assert await found(books) == {}
    assert all([(await apply(books, rule)).examined for rule in RULES])


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("UPDATE journal_entry SET facts = '{}' WHERE number = 3", "entry 3 (payment open"),
        ("UPDATE journal_entry SET action = 'something' WHERE number = 2", "entry 2 (something"),
        ("DELETE FROM journal_entry WHERE number = 4", "entry 4 is missing"),
        ("UPDATE journal_entry SET hash = previous_hash WHERE number = 5", "entry 5"),
        ("UPDATE journal_entry SET previous_hash = hash WHERE number = 5", "entry 5 does not follow"),
        ("DELETE FROM journal_entry WHERE number > 6", "ends with entry 6"),
        ("UPDATE journal_head SET number = number + 1", "the journal ends with"),
    ],
)
async def test_a_changed_journal_is_found_at_its_first_broken_link(books, hospital, deed, words):
    hospital.execute(deed)

    (contradiction,) = (await found(books))["Journal"]
    assert words in contradiction


async def test_a_last_entry_that_was_written_anew_with_a_right_hash_is_found(books, hospital):
    async with books.reading() as session:
        last = (await session.scalars(sa.select(JournalEntry).order_by(JournalEntry.number.desc()).limit(1))).one()
    last.staff_id = hospital.cashier_id
    hospital.execute(
        "UPDATE journal_entry SET staff_id = :staff, hash = :hash WHERE number = :number",
        staff=last.staff_id, hash=hash_of(last), number=last.number,
    )  # fmt: skip

    (contradiction,) = (await found(books))["Journal"]
    assert contradiction == f"entry {last.number} is the last one, but not as it was written: it was replaced"


@pytest.mark.parametrize(
    ("deed", "contradiction"),
    [
        ("DELETE FROM receipt WHERE number = 1", "receipt T-D1-000001 is missing"),
        ("DELETE FROM receipt WHERE number <= 2", "receipts T-D1-000001 to T-D1-000002 are missing"),
        ("DELETE FROM receipt WHERE number = 3", "receipt T-D1-000003 is missing"),
        (
            "UPDATE receipt_series SET last_number = 2",
            "receipt T-D1-000003 is beyond 2, the last number of its series",
        ),
    ],
)
async def test_a_gap_in_receipt_numbers_is_found(books, hospital, deed, contradiction):
    hospital.execute(deed)

    assert (await found(books))["Receipt numbers"] == [contradiction]


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE payment SET unallocated_minor = 1 WHERE state = 'paid'",
        "UPDATE allocation SET amount_minor = amount_minor + 1 WHERE amount_minor > 0",
        "UPDATE receipt SET amount_minor = amount_minor + 1 WHERE kind = 'payment'",
        "UPDATE refund SET amount_minor = amount_minor + 1",
        "UPDATE refund SET state = 'failed'",
    ],
)
async def test_a_cent_that_is_not_accounted_for_is_found(books, hospital, deed):
    hospital.execute(deed)

    assert "Payments" in await found(books)


@pytest.mark.parametrize(
    "deed",
    [
        "DELETE FROM allocation",
        "UPDATE invoice SET paid_minor = paid_minor - 1, balance_minor = balance_minor + 1 WHERE paid_minor > 0",
        "UPDATE invoice SET status = 'paid' WHERE status = 'part_paid'",
    ],
)
async def test_a_balance_that_is_not_what_was_allocated_is_found(books, hospital, deed):
    hospital.execute(deed)

    (contradiction,) = (await found(books))["Balances"]
    assert DUE in contradiction


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("UPDATE invoice SET currency = 'USD' WHERE paid_minor > 0", "is in EUR and counts towards invoice"),
        ("UPDATE payment SET currency = 'USD' WHERE state = 'open'", "is in USD and counts towards invoice"),
        ("UPDATE allocation SET currency = 'USD'", "is in EUR and is allocated in USD"),
        (
            "UPDATE invoice SET patient_id = (SELECT max(id) FROM patient) WHERE paid_minor > 0",
            f"counts towards invoice {DUE} of another patient",
        ),
        ("UPDATE payment SET patient_id = 1 WHERE state = 'open'", "of another patient"),
    ],
)
async def test_money_for_another_patient_or_currency_is_found(books, hospital, deed, words):
    hospital.execute(deed)

    assert words in " ".join((await found(books))["Owners"])


@pytest.mark.parametrize(
    ("deed", "rule", "words"),
    [
        (f"UPDATE invoice SET number = '{DUE}  ' WHERE number = '{DUE}'", "Invoice numbers", "not arrive again"),
        (f"UPDATE invoice SET number = '{DUE} ' WHERE number = '{DUE_OF_OTHER_PATIENT}'", "Invoice numbers", "twice"),
        ("UPDATE patient SET record_number = 'a\u00a0b' WHERE id = 1", "Record numbers", "not arrive again"),
        ("UPDATE patient SET record_number = ' ' || (SELECT record_number FROM patient WHERE id = 2) WHERE id = 1",
         "Record numbers", "twice"),
    ],
)  # fmt: skip
async def test_a_number_that_would_arrive_as_another_is_found(books, hospital, deed, rule, words):
    hospital.execute(deed)

    (contradiction,) = (await found(books))[rule]
    assert words in contradiction


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (
            "UPDATE patient SET merged_into_id = 2 WHERE id = 1",
            "was merged into MRN-0000102, but money is left there",
        ),
        (
            "UPDATE patient SET merged_into_id = (CASE id WHEN 3 THEN 4 WHEN 4 THEN 5 END) WHERE id IN (3, 4)",
            "record OLD-3 leads to OLD-4, which was merged itself",
        ),
    ],
)
async def test_a_record_that_was_merged_in_part_is_found(books, hospital, deed, words):
    await take_in(books, [an_invoice(f"OLD-{key}", record_number=f"OLD-{key}") for key in (3, 4, 5)])
    hospital.execute("UPDATE invoice SET patient_id = 5 WHERE patient_id IN (3, 4)")
    hospital.execute(deed)

    contradictions = await found(books)

    assert any(words in each for each in contradictions["Merged records"])
    assert any("patient merged" in each for each in contradictions["Deeds"])


async def test_an_invoice_held_by_nobody_or_by_a_finished_payment_is_found(books, hospital):
    hospital.execute(
        "INSERT INTO invoice_hold (invoice_id, payment_id, since) "
        "SELECT :invoice, min(CAST(id AS CHAR(36))), :now FROM payment WHERE state = 'paid'"
        if hospital.url.startswith("sqlite")
        else "INSERT INTO invoice_hold (invoice_id, payment_id, since) "
        "SELECT :invoice, id, :now FROM payment WHERE state = 'paid' LIMIT 1",
        invoice=hospital.invoice_ids[DUE], now=now().isoformat(" "),
    )  # fmt: skip
    assert "is paid and holds an invoice" in (await found(books))["Open attempts"][0]

    hospital.execute("DELETE FROM invoice_hold")
    assert "is open and holds no invoice" in (await found(books))["Open attempts"][0]


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("UPDATE shift SET expected_minor = 4999", "closed with 4999 (minor units) expected, by the sums 5000"),
        ("UPDATE shift SET float_minor = 4999", "by the sums 4999"),
        ("UPDATE shift_count SET pieces = 2", "closed with 5000 counted, by its notes and coins 10000"),
        ("UPDATE shift SET counted_minor = 4999", "closed with 4999 counted"),
        ("UPDATE shift SET journal_number = 1", "the journal's entry 1 is not the one of its closing"),
        ("UPDATE shift SET number = 2", "its Z report says something else"),
        ("UPDATE shift SET facts = NULL", "its Z report says something else"),
        ("UPDATE payment SET shift_id = 1 WHERE state = 'paid'", "the payments on its Z report"),
    ],
)
async def test_a_closing_that_does_not_add_up_is_found(books, hospital, deed, words):
    if "payment" in deed:
        hospital.execute("UPDATE payment SET tender = 'cheque', reference = 'C' WHERE state = 'paid'")
    hospital.execute(deed)

    assert words in " ".join((await found(books))["Shifts"])


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("DELETE FROM outgoing_event WHERE kind = 'payment.settled'", "is paid, and no event says so"),
        ("UPDATE outgoing_event SET amount_minor = 1 WHERE kind = 'payment.settled'", "no event says so"),
        ("UPDATE outgoing_event SET kind = 'payment.settled' WHERE kind = 'refund.succeeded'", "says otherwise of"),
        ("UPDATE outgoing_event SET amount_minor = 1 WHERE invoice_id IS NOT NULL", f"due on invoice {DUE}, and"),
        ("DELETE FROM outgoing_event WHERE invoice_id IS NOT NULL", f"due on invoice {DUE}, and the last"),
    ],
)
async def test_money_that_other_systems_were_not_told_of_is_found(books, hospital, deed, words):
    hospital.execute(deed)

    assert words in " ".join((await found(books))["Events"])


async def test_a_shift_that_is_missing_is_found(books, hospital):
    hospital.execute("UPDATE shift SET number = -3")

    assert (await found(books))["Shift numbers"] == ["shift T-D2-1 is missing", "shift T-D2-2 is missing"]


async def test_a_ledger_that_is_not_what_the_books_hold_is_found(books, hospital):
    hospital.execute("UPDATE invoice SET insurer_share_minor = 1, balance_minor = balance_minor - 1 WHERE id = 1")
    of_insurers, of_patients = sorted((await found(books))["Ledger"])
    assert of_patients.startswith("patients : the ledger has ")
    assert of_insurers.startswith("insurers : the ledger has ")

    hospital.execute("UPDATE journal_entry SET facts = '{}' WHERE action = 'payment paid'")
    (contradiction,) = (await found(books))["Ledger"]
    assert "does not fit the books" in contradiction


async def test_the_doctor_says_what_is_wrong_and_ends_with_1(worked, hospital, settings, write_settings):
    await attest(worked)
    command = ("doctor", "--audit", "--settings", str(write_settings(settings)))
    good = run(*command)
    assert (good.status, good.errors) == (0, "")
    assert "No series has a gap. Looked at 3." in good.output

    hospital.remove_guards()
    hospital.execute("DELETE FROM receipt WHERE number = 1")
    bad = run(*command)
    told = run(*command, "--json")

    assert (bad.status, told.status) == (1, 1)
    assert "receipt T-D1-000001 is missing" in bad.output
    levels = {check["name"]: check["level"] for check in json.loads(told.output)["checks"]}
    assert levels == {
        "Journal": "ok", "Deeds": "ok", "Receipt numbers": "wrong", "Receipts": "ok", "Payments": "wrong",
        "Confirmed": "ok", "Balances": "ok", "Owners": "ok", "Invoice numbers": "ok", "Record numbers": "ok",
        "Merged records": "ok", "Credit notes": "ok", "Open attempts": "ok", "Refunds by rule": "ok",
        "Shift numbers": "ok", "Shifts": "ok", "Events": "ok", "Ledger": "ok", "From outside": "wrong",
    }  # fmt: skip
