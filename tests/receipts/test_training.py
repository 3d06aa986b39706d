"""What no money moved for is told apart for ever: a mark on every paper, and numbers that are never mixed."""

from __future__ import annotations

import ast
import contextlib
import io
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from pypdf import PdfReader

import cashier
from cashier.assembly import open_services
from cashier.books.receipt import Receipt
from cashier.books.shift import MovementKind
from cashier.errors import Refused
from cashier.keychain import Keychain, Secret
from cashier.language import speaking
from cashier.money import Money
from cashier.receipts.pdf import render
from cashier.settings import StripeSettings
from cashier.setup.installation import NewDesk, add_desk
from cashier.shifts.views import Closing, DrawerCount, Movement, Opening
from cashier.tenders.tender import Tender
from tests.receipts.test_pdf import a_receipt
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for, refund_of
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT

pytestmark = pytest.mark.both_databases


@pytest.fixture
def settings(settings):
    """As a new installation has it: no cash without a shift."""
    return msgspec.structs.replace(settings, desk=msgspec.structs.replace(settings.desk, shifts=True))


@pytest.fixture
def at_stripe(settings):
    """Open the services on the same database at Stripe itself, in a mode; nothing is asked there."""

    @contextlib.asynccontextmanager
    async def opened(mode):
        key = Keychain({Secret.STRIPE_KEY.variable: f"sk_{mode}_" + "0" * 24})
        there = msgspec.structs.replace(settings, stripe=StripeSettings(mode=mode))
        async with open_services(there, key) as services:
            yield services

    return opened


async def take(services, hospital, amount_minor=1_000, number=DUE):
    """Take cash; return the receipt's number and what stands on it."""
    view = await services.payments.begin(
        order_for(hospital, number, amount_minor, tender=Tender.CASH), hospital.cashier
    )
    return view, text_of((await services.receipts.document(view.receipt_id)).pdf)


async def open_shift(services, hospital, number=1):
    return await services.shifts.open(Opening(number=number, float=Money(10_000, "EUR")), hospital.cashier)


async def close(services, hospital, shift, counted_minor):
    count = DrawerCount(shift_id=shift.id, pieces={100: counted_minor // 100})
    return await services.shifts.close(Closing(count=count), hospital.cashier)


def text_of(pdf):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


async def test_a_database_that_goes_to_work_begins_its_real_numbers_at_one(services, at_stripe, hospital):
    training = await open_shift(services, hospital)
    for _ in range(2):
        await take(services, hospital)
    await close(services, hospital, training, 12_000)

    async with at_stripe("live") as working:
        assert (await working.shifts.at_desk(1)).next_number == 1
        shift = await open_shift(working, hospital)
        (first, paper), (second, _) = [await take(working, hospital) for _ in range(2)]
        report = text_of((await working.shifts.report(shift.id, hospital.cashier)).pdf)
        closed = await close(working, hospital, shift, 12_000)

        assert (first.receipt_number, second.receipt_number) == ("D1-000001", "D1-000002")
        assert (training.name, shift.name, closed.name) == ("T-D1-1", "D1-1", "D1-1")
        assert "TRAINING" not in paper + report
        assert "D1-000001 to D1-000002, 2 in all" in report
        assert await contradictions_in(working.database) == []

    await open_shift(services, hospital, 2)
    again, paper = await take(services, hospital)
    assert again.receipt_number == "T-D1-000003"
    assert "TRAINING" in paper
    assert await contradictions_in(services.database) == []


async def test_every_paper_of_training_is_marked_on_every_page(services, hospital, sandbox):
    shift = await open_shift(services, hospital)
    paid, receipt = await take(services, hospital, 3_000)
    await services.shifts.move(
        Movement(id=paid.id, shift_id=shift.id, kind=MovementKind.IN, amount=Money(100, "EUR"), reason="Change"),
        hospital.cashier,
    )
    request = refund_of(paid.id, 1_000)
    await services.refunds.request(request, hospital.cashier)
    await services.refunds.approve(request.refund_id, hospital.colleague)
    x_report = (await services.shifts.report(shift.id, hospital.cashier)).pdf
    await close(services, hospital, shift, 12_100)
    await services.receipts.hand_out(paid.receipt_id, hospital.cashier)
    async with services.database.reading() as session:
        receipts = (await session.execute(sa.select(Receipt).order_by(Receipt.number))).scalars().all()

    papers = [
        receipt.encode(),
        (await services.receipts.document(receipts[-1].id)).pdf,
        (await services.receipts.hand_out(paid.receipt_id, hospital.cashier)).pdf,
        x_report,
        (await services.shifts.hand_out(shift.id, hospital.cashier)).pdf,
        (await services.shifts.hand_out(shift.id, hospital.cashier)).pdf,
    ]

    assert [each.full_number for each in receipts] == ["T-D1-000001", "T-D1-000002"]
    for paper in papers[1:]:
        for page in PdfReader(io.BytesIO(paper)).pages:
            assert page.extract_text().count("TRAINING") == 3
    assert receipt.count("TRAINING") == 3


def test_a_receipt_of_many_pages_is_marked_on_each_and_in_each_language():
    facts = msgspec.structs.replace(a_receipt(60), is_training=True)

    english = PdfReader(io.BytesIO(render(facts))).pages
    with speaking("es"):
        spanish = PdfReader(io.BytesIO(render(facts))).pages
    with speaking("es_419"):
        american = PdfReader(io.BytesIO(render(facts))).pages

    assert len(english) > 1
    for pages, word in ((english, "TRAINING"), (spanish, "FORMACIÓN"), (american, "ENTRENAMIENTO")):
        assert [page.extract_text().count(word) for page in pages] == [3] * len(pages)


def test_the_mark_takes_no_word_from_the_paper():
    facts = a_receipt()
    marked = text_of(render(msgspec.structs.replace(facts, is_training=True)))

    assert set(text_of(render(facts)).split()) <= set(marked.split())


def test_whoever_draws_a_paper_says_whether_it_is_of_training():
    drawn = [
        call
        for file in Path(cashier.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Paper"
    ]

    assert len(drawn) >= 3
    assert all("is_training" in {each.arg for each in call.keywords} for call in drawn)


async def test_stripes_own_test_mode_is_training_too(at_stripe, hospital):
    async with at_stripe("test") as testing:
        shift = await open_shift(testing, hospital)
        paid, paper = await take(testing, hospital)

    assert (shift.name, paid.receipt_number) == ("T-D1-1", "T-D1-000001")
    assert "TRAINING" in paper


async def test_what_was_taken_in_training_is_not_given_back_at_work_nor_the_other_way_round(
    services, at_stripe, hospital
):
    training = await open_shift(services, hospital)
    paid, _ = await take(services, hospital, 1_000)
    await close(services, hospital, training, 11_000)
    async with at_stripe("live") as working:
        await open_shift(working, hospital)
        real, _ = await take(working, hospital, 1_000, DUE_OF_OTHER_PATIENT)
        request = refund_of(paid.id, 1_000)
        await working.refunds.request(request, hospital.cashier)

        with pytest.raises(Refused, match="made in training"):
            await working.refunds.approve(request.refund_id, hospital.colleague)

    request = refund_of(real.id, 1_000)
    await services.refunds.request(request, hospital.cashier)
    with pytest.raises(Refused, match="is real"):
        await services.refunds.approve(request.refund_id, hospital.colleague)


async def test_real_cash_does_not_go_into_a_drawer_of_training_nor_the_other_way_round(services, at_stripe, hospital):
    training = await open_shift(services, hospital)
    async with at_stripe("live") as working:
        with pytest.raises(Refused, match="one of training"):
            await take(working, hospital)
        await close(working, hospital, training, 10_000)
        await open_shift(working, hospital)

    with pytest.raises(Refused, match="a real one"):
        await take(services, hospital)


async def test_a_desk_is_not_called_as_numbers_of_training_begin(services):
    with pytest.raises(Refused, match="numbers of training"):
        await add_desk(services.database, NewDesk(code="T-D1", name="Tower"))
