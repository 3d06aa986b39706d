"""Paying on the page: one charge for one invoice, over the amount that was shown, whoever else is at it."""

from __future__ import annotations

import asyncio
import signal
import uuid
from datetime import timedelta

import httpx
import msgspec
import pytest
import sqlalchemy as sa

from cashier.assembly import open_services
from cashier.books.payment import Payment
from cashier.clock import now
from cashier.companion.server import running
from cashier.failpoints import FailPoint
from cashier.invoices.intake import take_in
from cashier.money import Money
from cashier.tenders.tender import Tender
from tests.companion.payment_page.conftest import Browser
from tests.invoices.arriving import a_line, an_invoice
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.cut_off import cut_off_at
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE, DUE_OF_SAME_PATIENT

pytestmark = pytest.mark.both_databases


def intents(sandbox):
    return sandbox.ask("/v1/payment_intents")["data"]


async def test_the_page_says_what_is_due_and_holds_nothing(browser, hospital, sandbox):
    facts = await browser.open()

    assert (facts["state"], facts["amount"], facts["currency"]) == ("open", 12_000, "EUR")
    assert facts["publishable_key"] == "pk_test_cashiertests"
    assert hospital.execute("SELECT * FROM invoice_hold") == []
    assert intents(sandbox) == []


async def test_what_is_paid_on_the_page_is_settled_with_its_receipt(browser, link, services, hospital):
    await browser.open()

    begun = await browser.begin()
    browser.confirm(begun)
    told = await browser.ask("check")

    assert begun.status_code == 200, begun.text
    assert (told["state"], told["amount"]) == ("paid", 12_000)
    assert "client_secret" not in told
    (payment,) = hospital.execute("SELECT tender, state, desk_id FROM payment")
    assert (payment["tender"], payment["state"]) == ("online", "paid")
    receipt = await browser.http.get(told["receipt_url"])
    assert (receipt.headers["Content-Type"], receipt.content[:4]) == ("application/pdf", b"%PDF")
    assert (await browser.open())["state"] == "paid"
    await services.payment_links.end(link.id, hospital.cashier)
    assert await contradictions_in(services.database) == []


async def test_pay_pressed_again_goes_on_with_the_same_payment(browser, sandbox):
    await browser.open()

    first, again = await asyncio.gather(browser.begin(), browser.begin())
    later = await browser.begin()

    secrets = {answer.json()["client_secret"] for answer in (first, again, later)}
    assert len(secrets) == 1
    assert len(intents(sandbox)) == 1


async def test_two_browsers_with_one_link_pay_one_payment(browser, sandbox, hospital):
    other = browser.another()

    first, second = await asyncio.gather(browser.begin(), other.begin())

    assert first.json()["client_secret"] == second.json()["client_secret"]
    browser.confirm(first)
    assert (await other.ask("check"))["state"] == "paid"
    assert (await other.begin()).json()["state"] == "paid"
    assert [intent["status"] for intent in intents(sandbox)] == ["succeeded"]


async def test_another_consent_about_the_card_begins_another_payment_after_the_first_is_given_up(browser, sandbox):
    first = await browser.begin()
    second = await browser.another().begin(save_card=True)

    assert second.status_code == 200
    assert first.json()["client_secret"] != second.json()["client_secret"]
    assert sorted(intent["status"] for intent in intents(sandbox)) == ["canceled", "requires_payment_method"]
    browser.confirm(second)
    assert (await browser.ask("check", attempt=None))["state"] == "paid"


async def test_a_card_is_kept_only_where_the_payer_agreed(browser, hospital):
    browser.confirm(await browser.begin(save_card=True))
    await browser.ask("check")

    assert len(hospital.execute("SELECT * FROM saved_card")) == 1


async def test_a_declined_card_is_told_and_another_one_pays_the_same_payment(browser, sandbox):
    begun = await browser.begin()
    with pytest.raises(AssertionError, match="card_declined"):
        browser.confirm(begun, "pm_card_visa_chargeDeclinedInsufficientFunds")

    declined = await browser.ask("check")
    browser.confirm(await browser.begin())

    assert declined["state"] == "declined"
    assert "limit or balance" in declined["message"]
    assert (await browser.ask("check"))["state"] == "paid"
    assert len(intents(sandbox)) == 1


async def test_an_amount_that_is_not_due_any_more_is_shown_and_not_taken(browser, services, sandbox):
    await browser.open()
    await lower(services, 9_000)

    answer = await browser.begin(12_000)

    assert (answer.status_code, answer.json()["state"]) == (409, "changed")
    assert answer.json()["amount"] == 9_000
    assert "90.00" in answer.json()["amount_text"]
    assert intents(sandbox) == []
    assert (await browser.begin(9_000)).status_code == 200


async def test_a_payment_begun_over_more_than_is_due_by_now_is_given_up_before_another(browser, services, sandbox):
    await browser.begin(12_000)
    await lower(services, 9_000)

    stale = await browser.begin(12_000)
    other = await browser.another().begin(9_000)

    assert (stale.status_code, stale.json()["state"]) == (409, "changed")
    assert other.status_code == 200
    assert sorted((intent["status"], intent["amount"]) for intent in intents(sandbox)) == [
        ("canceled", 12_000),
        ("requires_payment_method", 9_000),
    ]


async def lower(services, total_minor):
    """Let the hospital's system send the invoice anew, with another sum."""
    line = a_line(unit_price_minor=total_minor, total_minor=total_minor)
    anew = an_invoice(DUE, record_number="MRN-0000101", patient_name="Ana Núñez", lines=(line,))
    await take_in(services.database, [anew])


async def test_an_invoice_that_the_desk_is_taking_is_not_begun_and_then_paid(browser, services, hospital, sandbox):
    taken = await services.payments.begin(order_for(hospital), hospital.cashier)

    held = await browser.begin()
    assert (held.status_code, held.json()["state"]) == (409, "held")
    assert "Casey" not in held.text
    sandbox.pay_on_page(taken.page_url)
    await services.payments.refresh(taken.id)

    paid = await browser.begin()
    assert (paid.status_code, paid.json()["state"], paid.json()["receipt_url"]) == (409, "paid", None)
    assert (await browser.open())["state"] == "paid"


async def test_what_the_desk_takes_over_is_told_to_the_payer_and_cannot_be_paid_any_more(
    browser, services, hospital, sandbox
):
    begun = await browser.begin()
    (payment,) = hospital.execute("SELECT id FROM payment")
    await services.payments.take_over(uuid.UUID(str(payment["id"])), hospital.cashier)

    with pytest.raises(AssertionError, match="canceled"):
        browser.confirm(begun)
    told = await browser.ask("check")

    assert told["state"] == "canceled"
    assert "taken this payment back" in told["message"]


async def test_what_the_desk_took_meanwhile_is_told_as_paid_there(browser, services, hospital):
    await browser.begin()
    (payment,) = hospital.execute("SELECT id FROM payment")
    await services.payments.take_over(uuid.UUID(str(payment["id"])), hospital.cashier)
    await services.payments.begin(
        order_for(hospital, tender=Tender.CASH, tendered=Money(12_000, "EUR")), hospital.cashier
    )

    told = await browser.ask("check")

    assert (told["state"], told["receipt_url"]) == ("paid", None)
    assert "paid at the hospital meanwhile" in told["message"]
    assert (await browser.open())["state"] == "paid"


async def test_what_is_given_back_lets_the_desk_take_it(browser, services, hospital):
    await browser.begin()

    told = await browser.ask("cancel")

    assert told["state"] == "canceled"
    assert (await services.payments.begin(order_for(hospital), hospital.cashier)).page_url


async def test_giving_back_what_got_through_says_that_it_is_paid(browser):
    browser.confirm(await browser.begin())

    assert (await browser.ask("cancel"))["state"] == "paid"


async def test_a_link_that_ends_takes_back_what_was_begun_by_it(browser, link, services, hospital, sandbox):
    begun = await browser.begin()

    view = await services.payment_links.end(link.id, hospital.cashier)

    assert view is not None
    assert [intent["status"] for intent in intents(sandbox)] == ["canceled"]
    with pytest.raises(AssertionError, match="canceled"):
        browser.confirm(begun)
    assert "ended this link" in (await browser.ask("check"))["message"]
    assert (await browser.begin()).status_code == 404


@pytest.mark.parametrize(
    "point",
    [FailPoint.PAYMENT_WRITTEN, FailPoint.PAYMENT_PREPARED, FailPoint.PAYMENT_OPENED, FailPoint.PAYMENT_LEARNED],
)
async def test_a_beginning_that_was_cut_off_anywhere_is_gone_on_with(browser, services, hospital, sandbox, point):
    secret = browser.path.removeprefix("/pay/")
    with cut_off_at(point):
        await services.payment_page.begin(secret, uuid.UUID(browser.attempt), Money(12_000, "EUR"), saves_card=False)

    begun = await browser.begin()

    assert begun.status_code == 200, begun.text
    browser.confirm(begun)
    assert (await browser.ask("check"))["state"] == "paid"
    assert [intent["status"] for intent in intents(sandbox) if intent["status"] != "canceled"] == ["succeeded"]


async def test_stripe_not_answering_is_not_known_and_the_same_again_goes_on(browser, sandbox):
    sandbox.order("troubles", path="/v1/", status=500, times=50)
    broken = await browser.begin()
    sandbox.end_troubles()

    assert (broken.status_code, broken.json()["state"]) == (503, "unknown")
    assert (await browser.begin()).status_code == 200


async def test_what_nobody_finishes_is_given_up_at_stripe_after_half_an_hour(browser, services, sandbox):
    begun = await browser.begin()
    async with services.database.transaction() as session:
        await session.execute(sa.update(Payment).values(created_at=now() - timedelta(minutes=29)))
    await services.payments.recover()
    still = [intent["status"] for intent in intents(sandbox)]
    async with services.database.transaction() as session:
        await session.execute(sa.update(Payment).values(created_at=now() - timedelta(minutes=31)))
    await services.payments.recover()

    assert still == ["requires_payment_method"]
    assert [intent["status"] for intent in intents(sandbox)] == ["canceled"]
    with pytest.raises(AssertionError, match="canceled"):
        browser.confirm(begun)
    assert (await browser.begin()).json()["state"] == "canceled"
    assert (await browser.another().begin()).status_code == 200


async def test_what_was_paid_while_the_companion_was_killed_is_known_to_the_next_one(
    link, start_companion, sandbox, hospital
):
    path = httpx.URL(link.url).path

    async def with_companion(deed):
        with start_companion() as companion:
            async with httpx.AsyncClient(base_url=companion.url, trust_env=False, timeout=20) as http:
                there = Browser(http=http, sandbox=sandbox, path=path, attempt=str(link.id))
                done = await deed(there)
            companion.stop(signal.SIGKILL)
            return done

    begun = await with_companion(lambda there: there.begin())
    again = await with_companion(lambda there: there.begin())
    Browser(http=httpx.AsyncClient(), sandbox=sandbox, path=path).confirm(begun)
    told = await with_companion(lambda there: there.ask("check"))

    assert begun.json()["client_secret"] == again.json()["client_secret"]
    assert told["state"] == "paid"
    assert len(hospital.execute("SELECT * FROM payment")) == 1


async def test_the_same_amount_paid_a_moment_ago_is_asked_about_before_it_is_paid_again(
    settings, keychain, hospital, sandbox, client_of_links
):
    asked = msgspec.structs.replace(settings.asked_again, same_minutes=30)
    careful = msgspec.structs.replace(settings, asked_again=asked)
    async with (
        open_services(careful, keychain) as services,
        running(careful, keychain) as address,
        httpx.AsyncClient(base_url=address, trust_env=False, timeout=20) as http,
    ):
        cash = order_for(hospital, DUE_OF_SAME_PATIENT, 4_500, tender=Tender.CASH, tendered=Money(4_500, "EUR"))
        await services.payments.begin(cash, hospital.cashier)
        await lower(services, 4_500)
        made = await services.payment_links.make(hospital.invoice_ids[DUE], hospital.cashier)
        browser = Browser(http=http, sandbox=sandbox, path=httpx.URL(made.url).path)

        doubted = await browser.begin(4_500)
        begun = await browser.begin(4_500, pay_again=True)

    assert (doubted.status_code, doubted.json()["state"]) == (409, "again")
    assert "Casey" not in doubted.text
    assert begun.status_code == 200
