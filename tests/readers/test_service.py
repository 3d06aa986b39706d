"""The card readers of the desks, against the sandbox: registered, found, renamed, removed, and how they are."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from cashier.books.deeds.deed import DeedKind
from cashier.books.journal import PROGRAM, JournalEntry
from cashier.books.payment import PaymentState
from cashier.errors import Refused, Unreachable
from cashier.money import Money
from cashier.readers.service import ReaderCondition
from cashier.stripe_gateway.terminal import ReaderBusy
from tests.surroundings.card_reader import HERE, place_reader, reader_order

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def reader(services, hospital, sandbox):
    """A reader at desk D1."""
    return await place_reader(services, hospital, sandbox)


async def begin(services, hospital, reader):
    return await services.payments.begin(reader_order(hospital, reader), hospital.cashier)


async def deeds(services):
    async with services.database.reading() as session:
        statement = sa.select(JournalEntry.action).where(JournalEntry.subject == "reader")
        return list((await session.execute(statement.order_by(JournalEntry.number))).scalars())


async def test_a_registered_reader_stands_at_its_desk(services, hospital, sandbox, reader):
    (view,) = await services.readers.of_desk(1)

    assert (view.id, view.label, view.desk, view.device_type) == (reader.id, "Counter", "D1", "simulated_wisepos_e")
    assert await services.readers.of_desk(2) == ()
    assert sandbox.ask(f"/v1/terminal/readers/{view.stripe_id}")["label"] == "Counter"
    assert await deeds(services) == [DeedKind.READER_REGISTERED]


async def test_all_readers_of_a_hospital_stand_at_one_place(services, hospital, sandbox, reader):
    await services.readers.register(2, "simulated-s700", "Second", hospital.administrator)

    (place,) = sandbox.ask("/v1/terminal/locations")["data"]

    assert (place["display_name"], place["address"]["country"]) == ("Harbour Example Hospital", "ES")
    assert {each["location"] for each in sandbox.ask("/v1/terminal/readers")["data"]} == {place["id"]}


async def test_a_place_that_it_made_in_the_dashboard_is_used(services, hospital, sandbox):
    place = sandbox.ask("/v1/terminal/locations", display_name="Main hall", **{"address[country]": "ES"})

    await services.readers.register(1, "simulated-wpe", "Counter", hospital.administrator)

    assert [each["location"] for each in sandbox.ask("/v1/terminal/readers")["data"]] == [place["id"]]


async def test_the_first_reader_needs_an_address(services, hospital, sandbox):
    with pytest.raises(Refused, match="where the hospital's readers stand"):
        await services.readers.register(1, "simulated-wpe", "Counter", hospital.administrator)

    assert sandbox.ask("/v1/terminal/readers")["data"] == []


async def test_only_an_administrator_sets_readers_up(services, hospital, reader):
    for actor in (hospital.cashier, hospital.colleague, PROGRAM):
        with pytest.raises(Refused, match="is for administrators"):
            await services.readers.register(1, "simulated-wpe", "Mine", actor, address=HERE)
        with pytest.raises(Refused, match="is for administrators"):
            await services.readers.rename(reader.id, "Mine", actor)
        with pytest.raises(Refused, match="is for administrators"):
            await services.readers.remove(reader.id, actor)

    assert [view.label for view in await services.readers.everywhere()] == ["Counter"]


@pytest.mark.parametrize(
    ("desk_id", "code", "label", "reason"),
    [
        (9, "simulated-wpe", "Counter", "no such desk"),
        (1, "puppies-plug-could", "Counter", "puppies-plug-could"),
        (1, "tmr_none", "Counter", "no reader tmr_none"),
        (1, "simulated-wpe", "  ", "needs a label"),
        (1, "simulated-wpe", "x" * 81, "too long"),
    ],
)
async def test_a_reader_that_cannot_be_registered_is_refused(services, hospital, desk_id, code, label, reason):
    with pytest.raises(Refused, match=reason):
        await services.readers.register(desk_id, code, label, hospital.administrator, address=HERE)

    assert await services.readers.everywhere() == ()


async def test_a_reader_that_stripe_has_already_is_taken_over_by_its_id(services, hospital, sandbox, reader):
    known = sandbox.ask(
        "/v1/terminal/readers",
        registration_code="simulated-wpe",
        location=sandbox.ask("/v1/terminal/locations")["data"][0]["id"],
    )
    assert [each.stripe_id for each in await services.readers.without_desk()] == [known["id"]]

    await services.readers.register(2, known["id"], "Second", hospital.administrator)

    assert [view.stripe_id for view in await services.readers.of_desk(2)] == [known["id"]]
    assert await services.readers.without_desk() == ()


async def test_a_reader_stands_at_one_desk(services, hospital, reader):
    with pytest.raises(Refused, match="stands at desk D1 already"):
        await services.readers.register(2, reader.stripe_id, "Second", hospital.administrator)


async def test_a_reader_is_renamed_here_and_at_stripe(services, hospital, sandbox, reader):
    view = await services.readers.rename(reader.id, "  Left   counter ", hospital.administrator)

    assert view.label == "Left counter"
    assert sandbox.ask(f"/v1/terminal/readers/{reader.stripe_id}")["label"] == "Left counter"
    assert await deeds(services) == [DeedKind.READER_REGISTERED, DeedKind.READER_RENAMED]


async def test_a_removed_reader_is_gone_from_desk_and_stripe_and_stays_on_record(services, hospital, sandbox, reader):
    begun = await begin(services, hospital, reader)
    reader.present()
    await services.payments.refresh(begun.id)

    await services.readers.remove(reader.id, hospital.administrator)
    await services.readers.remove(reader.id, hospital.administrator)

    assert await services.readers.of_desk(1) == ()
    assert sandbox.ask("/v1/terminal/readers")["data"] == []
    assert (await services.payments.view(begun.id)).reader_label == "Counter"
    assert await services.readers.readiness(reader.id) is ReaderCondition.GONE
    assert await deeds(services) == [DeedKind.READER_REGISTERED, DeedKind.READER_REMOVED]


async def test_a_reader_is_not_removed_from_under_a_payment(services, hospital, reader):
    begun = await begin(services, hospital, reader)
    with pytest.raises(Refused, match="takes a payment"):
        await services.readers.remove(reader.id, hospital.administrator)

    await services.payments.cancel(begun.id, hospital.cashier)
    await services.readers.remove(reader.id, hospital.administrator)

    assert await services.readers.of_desk(1) == ()


async def test_a_removal_that_was_cut_off_is_finished_by_the_next(services, hospital, sandbox, reader):
    sandbox.order("troubles", path="/v1/terminal/readers", method="DELETE", times=2, drop=True, when="after")
    with pytest.raises(Unreachable):
        await services.readers.remove(reader.id, hospital.administrator)
    assert await services.readers.readiness(reader.id) is ReaderCondition.GONE

    await services.readers.remove(reader.id, hospital.administrator)

    assert await services.readers.of_desk(1) == ()


async def test_readiness_is_asked_of_stripe(services, hospital, reader):
    ready = await services.readers.readiness(reader.id)
    begun = await begin(services, hospital, reader)
    busy = await services.readers.readiness(reader.id)
    await services.payments.cancel(begun.id, hospital.cashier)
    reader.order(status="offline")
    offline = await services.readers.readiness(reader.id)

    assert (ready, busy, offline) == (ReaderCondition.READY, ReaderCondition.BUSY, ReaderCondition.OFFLINE)


async def test_the_amount_can_be_shown_before_a_card_is_asked_for_without_names_or_services(services, reader):
    await services.readers.show_amount(reader.id, Money(12_000, "EUR"))

    cart = reader.action["set_reader_display"]["cart"]
    assert (cart["currency"], cart["total"]) == ("eur", 12_000)
    assert [line["description"] for line in cart["line_items"]] == ["Hospital services"]
    assert await services.readers.readiness(reader.id) is ReaderCondition.READY


async def test_a_shown_amount_is_taken_back_and_a_payment_is_not(services, hospital, reader):
    await services.readers.show_amount(reader.id, Money(12_000, "EUR"))
    await services.readers.clear_amount(reader.id)
    assert reader.action is None

    begun = await begin(services, hospital, reader)
    await services.readers.clear_amount(reader.id)
    with pytest.raises(ReaderBusy, match="busy with something else"):
        await services.readers.show_amount(reader.id, Money(5_000, "EUR"))

    assert begun.state is PaymentState.OPEN
    assert reader.asks_for == begun.stripe_intent_id
