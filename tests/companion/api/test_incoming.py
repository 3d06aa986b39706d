"""Invoices from the hospital's system over the API: one at a time, by its number."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from cashier.assembly import open_services
from cashier.books.deeds.deed import DeedKind
from cashier.database import Database
from cashier.news import News
from cashier.tenders.tender import Tender
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE

LINE = {
    "description": "Ultrasound",
    "quantity_milli": 1000,
    "unit_price_minor": 9800,
    "tax_basis_points": 0,
    "tax_minor": 0,
    "total_minor": 9800,
}


def an_invoice(total_minor: int = 9800, **changes: Any) -> dict[str, Any]:
    return {
        "record_number": "MRN-Ñ 1",
        "patient_name": "Zoë Dąbek",
        "department": "Radiology",
        "currency": "EUR",
        "issued_on": "2026-11-23",
        "due_on": "2026-12-23",
        "lines": [{**LINE, "unit_price_minor": total_minor, "total_minor": total_minor}],
    } | changes


def journal_of(hospital, kind: str) -> list[dict[str, Any]]:
    rows = hospital.execute("SELECT facts FROM journal_entry WHERE action = :kind ORDER BY number", kind=kind)
    return [json.loads(row["facts"]) for row in rows]


async def test_an_invoice_is_added_changed_and_sent_again_without_a_change(hmis, hospital):
    address = "/api/v1/invoices/2026%2F00017"
    added = await hmis("PUT", address, an_invoice())
    again = await hmis("PUT", address, an_invoice())
    changed = await hmis("PUT", address, an_invoice(12_000, insurer="Meridian", insurer_share_minor=2000))
    read = await hmis("GET", address)

    assert [each.status_code for each in (added, again, changed, read)] == [201, 200, 200, 200]
    assert added.headers["Location"] == address
    assert added.headers["ETag"] == again.headers["ETag"] != changed.headers["ETag"] == read.headers["ETag"]
    assert (read.json()["total"], read.json()["balance"], read.json()["status"]) == (12_000, 10_000, "due")
    assert read.json() == changed.json()
    received = journal_of(hospital, DeedKind.INVOICES_RECEIVED)[-2:]
    assert [facts["new"] for facts in received] == [1, 0], "what changes nothing leaves no deed"
    assert {facts["client"] for facts in received} == {"HMIS"}


async def test_only_the_version_that_was_read_is_changed(hmis):
    address = "/api/v1/invoices/V-1"
    missing = await hmis("PUT", address, an_invoice(), headers={"If-Match": "*"})
    first = (await hmis("PUT", address, an_invoice())).headers["ETag"]
    asked = {"If-Match": f'"other", {first}'}
    second = await hmis("PUT", address, an_invoice(9000), headers=asked)
    repeated = await hmis("PUT", address, an_invoice(9000), headers=asked)
    late = await hmis("PUT", address, an_invoice(8000), headers=asked)
    weak = await hmis("PUT", address, an_invoice(8000), headers={"If-Match": f"W/{second.headers['ETag']}"})
    bare = await hmis("PUT", address, an_invoice(8000), headers={"If-Match": first.strip('"')})
    any_one = await hmis("PUT", address, an_invoice(7000), headers={"If-Match": "*"})

    assert [each.status_code for each in (missing, second, repeated)] == [412, 200, 200]
    assert [each.status_code for each in (late, weak, bare, any_one)] == [412, 412, 400, 200]
    assert late.json()["type"] == "/api/v1/problems/changed-meanwhile"
    assert second.headers["ETag"] == repeated.headers["ETag"]


async def test_two_who_change_one_version_at_once_are_not_both_heard(hmis):
    first = (await hmis("PUT", "/api/v1/invoices/V-2", an_invoice())).headers["ETag"]
    answers = await asyncio.gather(
        *(
            hmis("PUT", "/api/v1/invoices/V-2", an_invoice(amount), headers={"If-Match": first})
            for amount in (1000, 2000, 3000, 4000)
        )
    )

    assert sorted(each.status_code for each in answers) == [200, 412, 412, 412]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"currency": "EURO"}, "#/currency"),
        ({"currency": "XXX"}, "#/currency"),
        ({"department": " \u00a0 "}, "#/department"),
        ({"patient_name": "Zoë\u202e"}, "#/patient_name"),
        ({"born": "2999-01-01"}, "#/born"),
        ({"born": "yesterday"}, "#/born"),
        ({"phone": "unknown"}, "#/phone"),
        ({"insurer_share_minor": 9801}, "#/insurer_share_minor"),
        ({"insurer_share_minor": "148.50"}, "#/insurer_share_minor"),
        ({"lines": []}, "#/lines"),
        ({"lines": [LINE, {**LINE, "total_minor": 9900}]}, "#/lines/1/total_minor"),
        ({"lines": [{**LINE, "tax_basis_points": 2100}]}, "#/lines/0/tax_minor"),
        ({"lines": [{**LINE, "total_minor": 10**22}]}, "#/lines/0/total_minor"),
        ({"insurer_share": 5}, "#"),
    ],
)
async def test_a_field_that_is_wrong_is_named_and_nothing_is_kept(hmis, hospital, changes, pointer):
    refused = await hmis("PUT", "/api/v1/invoices/W-1", an_invoice(**changes))

    assert refused.status_code == 422, refused.text
    assert [each["pointer"] for each in refused.json()["errors"]] == [pointer]
    assert (await hmis("GET", "/api/v1/invoices/W-1")).status_code == 404
    assert hospital.execute("SELECT id FROM patient WHERE record_number = 'MRN-Ñ 1'") == []


async def test_what_is_paid_is_not_lowered_and_a_number_that_cannot_be_kept_is_named(
    hmis, hospital, settings, keychain
):
    async with open_services(settings, keychain) as services:
        order = order_for(hospital, DUE, 5000, tender=Tender.EXTERNAL_TERMINAL, reference="T-1")
        await services.payments.begin(order, hospital.cashier)
    paid = (await hmis("GET", f"/api/v1/invoices/{DUE}")).json()
    refused = await hmis("PUT", f"/api/v1/invoices/{DUE}", an_invoice(4999, record_number=paid["patient_id"]))
    long = await hmis("PUT", f"/api/v1/invoices/{'9' * 41}", an_invoice())

    assert (refused.status_code, refused.json()["type"]) == (409, "/api/v1/problems/refused")
    assert paid["paid"] == 5000
    assert (await hmis("GET", f"/api/v1/invoices/{DUE}")).json() == paid
    assert (long.status_code, long.json()["errors"][0]["pointer"]) == (422, "?number")


async def test_a_large_invoice_has_room_and_a_huge_one_does_not(hmis):
    lines = [{**LINE, "unit_price_minor": 1, "total_minor": 1}]
    large = await hmis("PUT", "/api/v1/invoices/L-1", an_invoice(lines=lines * 1500))
    huge = await hmis("PUT", "/api/v1/invoices/L-2", an_invoice(lines=lines * 2500))

    assert (large.status_code, large.json()["total"], huge.status_code) == (201, 1500, 413)


async def test_desks_hear_of_it_at_once(hmis, settings):
    desk = Database(settings.database.url)
    news = News(desk)
    running = asyncio.create_task(news.run())
    with news.watch("invoices") as watch:
        await watch.wait(5)
        await hmis("PUT", "/api/v1/invoices/N-1", an_invoice())

        assert await watch.wait(10)
    running.cancel()
    await desk.close()
