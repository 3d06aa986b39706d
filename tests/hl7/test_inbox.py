"""Messages taken in: once, answered after the commit, and settled by people where that was not possible."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
import sqlalchemy as sa

from cashier.books.deeds.deed import DeedKind
from cashier.books.from_hospital.message import Hl7Message, Hl7State
from cashier.books.journal import JournalEntry
from cashier.errors import CashierError, Refused
from cashier.hl7.answer import acknowledgement, code_of
from cashier.hl7.inbox import Hl7Inbox
from cashier.hl7.problems import Unreadable
from cashier.invoices.views import InvoiceQuery
from tests.hl7.samples import RULES, changed, charge, charges, merged
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE

pytestmark = pytest.mark.both_databases

ANA, BJORN = "MRN-0000101", "MRN-0000102"


@pytest.fixture
def inbox(hospital_database):
    return Hl7Inbox(hospital_database, RULES, moves_money=True)


async def answered(inbox, content):
    return acknowledgement(await inbox.take(content)).decode().split("\r")


async def rows(database, *columns):
    async with database.reading() as session:
        return [tuple(row) for row in await session.execute(sa.select(*columns).order_by(Hl7Message.id))]


async def stored(database):
    return await rows(database, Hl7Message.state, Hl7Message.about)


def lines_of(hospital, number):
    statement = "SELECT total_minor, balance_minor FROM invoice WHERE number = :number"
    return [tuple(row.values()) for row in hospital.execute(statement, number=number)]


async def test_a_message_is_taken_in_once_and_answered(inbox, hospital, hospital_database):
    first = await answered(inbox, charges())
    entries = hospital.execute("SELECT count(*) AS many FROM journal_entry")

    again = await answered(inbox, charges().replace(b"\r", b"\r\n"))

    assert first[0].startswith("MSH|^~\\&|CASHIER|DESK|HIS|HARBOUR|2")
    assert first[0].split("|")[8] == "ACK^P03^ACK"
    assert first[1] == again[1] == "MSA|AA|M1"
    assert lines_of(hospital, "HL7-1") == [(9_800, 9_800)]
    assert await stored(hospital_database) == [(Hl7State.TAKEN_IN, "invoice HL7-1")]
    assert hospital.execute("SELECT count(*) AS many FROM journal_entry") == entries
    assert await contradictions_in(hospital_database) == []


async def test_the_same_message_at_once_is_one(inbox, hospital, hospital_database):
    other = Hl7Inbox(hospital_database, RULES, moves_money=True)

    taken = await asyncio.gather(*(each.take(charges()) for each in (inbox, other) * 4))

    assert {code_of(each) for each in taken} == {"AA"}
    assert await stored(hospital_database) == [(Hl7State.TAKEN_IN, "invoice HL7-1")]


async def test_the_same_id_with_another_content_is_said_and_waits(inbox, hospital, hospital_database):
    await inbox.take(charges())

    said = await answered(inbox, charges(charge("45.00&EUR")))

    assert said[1].startswith("MSA|AE|M1|Another message came by the same number before")
    assert said[2].startswith("ERR||MSH^1^10|205^Duplicate key identifier^HL70357|E||||")
    assert lines_of(hospital, "HL7-1") == [(9_800, 9_800)]
    (waiting,) = await inbox.waiting(hospital.colleague)
    assert await inbox.retry(waiting.id, hospital.colleague) is not None
    assert await inbox.retry(waiting.id, hospital.colleague, anyway=True) is None
    assert lines_of(hospital, "HL7-1") == [(4_500, 4_500)]


async def test_an_older_message_never_takes_a_newer_one_back(inbox, hospital, hospital_database):
    await inbox.take(charges(charge("50.00"), control_id="NEW", sent_at="20261123110000"))

    late = await inbox.take(charges(charge("98.00"), control_id="OLD", sent_at="20261123100000"))

    assert code_of(late) == "AE"
    assert lines_of(hospital, "HL7-1") == [(5_000, 5_000)]
    assert (await answered(inbox, charges(control_id="OTHER", sent_at="20261123120000")))[1] == "MSA|AA|OTHER"


async def test_what_was_refused_is_not_taken_in_after_what_came_later(inbox, hospital, hospital_database):
    strict = Hl7Inbox(hospital_database, msgspec.structs.replace(RULES, department=""), moves_money=True)
    await strict.take(charges(charge().replace("RAD^Radiology", ""), control_id="A"))
    await strict.take(charges(charge("50.00"), control_id="B"))
    (waiting,) = await inbox.waiting(hospital.colleague)
    assert (waiting.problem_at, waiting.about) == ("FT1-13", "")

    problem = await inbox.retry(waiting.id, hospital.colleague)

    assert problem is not None
    assert problem.at == "MSH-7"
    assert lines_of(hospital, "HL7-1") == [(5_000, 5_000)]


async def test_a_patient_who_changed_is_found_by_the_new_name(inbox, services, hospital):
    assert (await answered(inbox, changed("Okonkwo^Ada")))[1] == "MSA|AA|C1"

    page = await services.invoices.page(InvoiceQuery(text="okonkwo"))
    assert {row.first.patient_name for row in page.rows} == {"Ada Okonkwo"}
    assert (await services.invoices.page(InvoiceQuery(text="núñez"))).rows == ()
    facts = hospital.execute("SELECT facts FROM journal_entry WHERE action = 'invoices received'")
    assert "Okonkwo" not in str(facts)


async def test_nobody_is_registered_by_a_message_about_somebody_unknown(inbox, hospital):
    before = hospital.execute("SELECT count(*) AS many FROM patient")

    assert (await answered(inbox, changed(record="MRN-NOBODY")))[1] == "MSA|AA|C1"
    assert (await answered(inbox, merged("MRN-NOBODY", "MRN-NEITHER")))[1] == "MSA|AA|G1"

    assert hospital.execute("SELECT count(*) AS many FROM patient") == before


async def test_merged_records_are_one_also_where_only_one_of_them_was_known(inbox, hospital, hospital_database):
    assert (await answered(inbox, merged(ANA, BJORN)))[1] == "MSA|AA|G1"
    assert (await answered(inbox, merged("MRN-LATE", BJORN, control_id="G2")))[1] == "MSA|AA|G2"

    late = b"\r".join(charges().split(b"\r")).replace(b"MRN-0000777", b"MRN-LATE")
    await inbox.take(late)

    statement = "SELECT record_number FROM patient JOIN invoice ON patient_id = patient.id WHERE number IN (:a, :b)"
    assert hospital.execute(statement, a=DUE, b="HL7-1") == [{"record_number": BJORN}] * 2
    assert (await answered(inbox, merged("MRN-OLDER", ANA, control_id="G3")))[1].startswith("MSA|AE|G3|")
    assert await contradictions_in(hospital_database) == []


async def test_merging_waits_for_a_payment_under_way(services, hospital):
    inbox = Hl7Inbox(services.database, RULES, moves_money=True)
    begun = await services.payments.begin(order_for(hospital, DUE, 3_000), hospital.cashier)

    said = await answered(inbox, merged(ANA, BJORN))

    assert said[1] == "MSA|AE|G1|A payment of … is under way at desk D1. Merge them when it has ended."
    assert said[2].startswith("ERR|||206^Application record locked^HL70357|E")
    await services.payments.cancel(begun.id, hospital.cashier)
    (waiting,) = await inbox.waiting(hospital.colleague)
    assert await inbox.retry(waiting.id, hospital.colleague) is None
    assert await stored(services.database) == [(Hl7State.TAKEN_IN, f"record {ANA}")]


async def test_what_is_set_aside_stays_so_and_the_journal_says_why(inbox, hospital, hospital_database):
    await inbox.take(charges(charge(kind="PY")))
    (waiting,) = await inbox.waiting(hospital.colleague)
    for reason in ("", "x" * 500, "card 4242 4242 4242 4242"):
        with pytest.raises(Refused):
            await inbox.set_aside(waiting.id, reason, hospital.colleague)

    await inbox.set_aside(waiting.id, "Sent by mistake.", hospital.colleague)

    assert await inbox.waiting(hospital.colleague) == []
    assert (await answered(inbox, charges(charge(kind="PY"))))[1].startswith("MSA|AE|M1|Somebody decided")
    for settle in (inbox.retry(waiting.id, hospital.colleague), inbox.set_aside(1, "Again.", hospital.colleague)):
        with pytest.raises(Refused):
            await settle
    async with hospital_database.reading() as session:
        told = sa.select(JournalEntry.facts).where(JournalEntry.action == DeedKind.MESSAGE_SET_ASIDE)
        assert (await session.execute(told)).scalars().all() == ['{"control_id":"M1","reason":"Sent by mistake."}']
    assert await contradictions_in(hospital_database) == []


async def test_only_supervision_sees_and_settles_messages(inbox, hospital):
    await inbox.take(charges(charge(kind="PY")))

    for attempt in (
        inbox.waiting(hospital.cashier),
        inbox.show(1, hospital.cashier),
        inbox.retry(1, hospital.cashier),
        inbox.set_aside(1, "Why not.", hospital.cashier),
    ):
        with pytest.raises(Refused, match="is for supervisors and administrators"):
            await attempt


@pytest.mark.parametrize(
    ("was", "becomes", "code"),
    [
        ("|P|2.5.1", "|T|2.5.1", "202"),
        ("|P|2.5.1", "|P|3.0", "203"),
        ("DFT^P03^DFT_P03", "ORU^R01", "200"),
        ("|M1|", "||", "101"),
        ("|M1|", "|M\x00|", "101"),
    ],
)
async def test_what_is_not_for_us_is_turned_away_and_not_kept(inbox, hospital_database, was, becomes, code):
    said = await answered(inbox, charges().replace(was.encode(), becomes.encode()))

    assert said[1].startswith("MSA|AR|")
    assert f"|{code}^" in said[2]
    assert await stored(hospital_database) == []


async def test_what_is_no_message_is_not_answered(inbox):
    with pytest.raises(Unreadable):
        await inbox.take(b"GET / HTTP/1.1\r\n\r\n")


async def test_a_message_that_broke_off_is_finished_when_it_comes_again(inbox, hospital, hospital_database):
    hospital.execute("ALTER TABLE invoice_line RENAME TO away")
    with pytest.raises(CashierError):
        await inbox.take(charges())
    hospital.execute("ALTER TABLE away RENAME TO invoice_line")
    (waiting,) = await inbox.waiting(hospital.colleague)
    assert waiting.state is Hl7State.RECEIVED

    assert (await answered(inbox, charges()))[1] == "MSA|AA|M1"

    assert await inbox.waiting(hospital.colleague) == []


async def test_the_log_and_the_answer_say_nothing_about_the_patient(inbox, caplog):
    content = charges(charge(), patient='PID|1||MRN-9^^^H^MR||Secretname^Zoë||18000101|||||^PRN^PH^^^^""')
    said = "".join(await answered(inbox, content))
    said += "".join(await answered(inbox, changed("Secretname^\u202e", record="MRN-9")))

    kept = said + "".join(str(vars(record)) for record in caplog.records)
    assert "MSA|AE|M1|PID-7" in said
    for secret in ("Secretname", "MRN-9", "1800", "Zoë"):
        assert secret not in kept


async def test_what_nobody_foresaw_waits_for_a_person(hospital, hospital_database, caplog):
    inbox = Hl7Inbox(hospital_database, msgspec.structs.replace(RULES, invoice_number="FT1-x"), moves_money=True)

    said = await answered(inbox, charges())

    assert said[1].startswith("MSA|AE|M1|Something unexpected happened (")
    (waiting,) = await inbox.waiting(hospital.colleague)
    assert waiting.attempts == 1
    assert "ValueError at charges.py" in str(vars(caplog.records[0]))


async def test_where_no_money_moves_messages_of_tests_are_taken(hospital_database):
    inbox = Hl7Inbox(hospital_database, msgspec.structs.replace(RULES), moves_money=False)

    assert (await answered(inbox, charges().replace(b"|P|2.5.1", b"|T|2.5.1")))[1] == "MSA|AA|M1"
