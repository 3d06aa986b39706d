"""A patient: who it is, and a card at Stripe's page, whose form is sent as a browser sends it."""

from __future__ import annotations

import httpx

from cashier.assembly import Services
from tests.surroundings.plain_http import PLAIN
from tests.surroundings.sample_hospital import DUE, SampleHospital


async def pay_on_page(
    page_url: str | None, *, number: str = "4242424242424242", save: bool = False
) -> httpx.Response:
    """Fill in and send the page's form; return the answer, a redirect when it went on."""
    assert page_url is not None
    form = {
        "cardNumber": number,
        "cardExpiry": "12 / 34",
        "cardCvc": "123",
        "billingName": "Card Holder",
        "email": "holder@example.org",
    }
    if save:
        form["saveCard"] = "yes"
    async with httpx.AsyncClient(trust_env=False, verify=PLAIN) as client:
        return await client.post(page_url, data=form)


async def debit_on_page(page_url: str | None, iban: str) -> httpx.Response:
    """Let an account be debited on the page; return the answer, a redirect when it went on."""
    assert page_url is not None
    form = {"method": "sepa_debit", "iban": iban, "billingName": "Account Holder", "email": "holder@example.org"}
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        return await client.post(page_url, data=form)


async def choose_on_page(page_url: str | None, method: str, *, email: str = "holder@example.org") -> str:
    """Choose a voucher, or a bank to go to, on the page; return the address of the page that follows."""
    assert page_url is not None
    form = {"method": method, "billingName": "Holder", "email": email}
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(page_url, data=form)
    return str(answer.url.join(answer.headers["Location"]))


async def answer_at_bank(bank_url: str, *, approves: bool) -> None:
    """Say yes or no on the page of a bank, or pay a voucher or let it run out on its own page."""
    paid, unpaid = ("paid", "expired") if "/voucher/" in bank_url else ("complete", "fail")
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.post(bank_url, data={"answer": paid if approves else unpaid})


async def patient_of(services: Services, hospital: SampleHospital, number: str = DUE) -> int:
    """Return the key of the patient whom an invoice is for."""
    return (await services.invoices.detail(hospital.invoice_ids[number])).patient_id
