"""Many invoices in one request: a line for each, both ways, while they come."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from cashier.companion.api.operations import imports
from cashier.companion.api.operations.incoming import INVOICE_BYTES_MAX
from tests.companion.api.conftest import Caller
from tests.companion.api.test_incoming import LINE, an_invoice

PATH = "/api/v1/invoices:import"
NDJSON = "application/x-ndjson"


def line(number: str, total_minor: int = 9800, **changes: Any) -> bytes:
    return json.dumps({"number": number, **an_invoice(total_minor, **changes)}).encode() + b"\n"


async def bring(hmis: Caller, content: bytes, **headers: str) -> list[dict[str, Any]]:
    """Send lines; return the lines of the answer, the summary last."""
    sent = {"Authorization": f"Bearer {hmis.key}", "Content-Type": NDJSON, **headers}
    answer = await hmis.http.post(PATH, content=content, headers=sent)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, NDJSON), answer.text
    return [json.loads(each) for each in answer.text.splitlines()]


async def test_each_line_is_answered_and_a_wrong_one_keeps_no_other_out(hmis):
    wrong = [
        line("I-2", currency="EURO"),
        line("I-3", lines=[{**LINE, "total_minor": 1}]),
        line("I-4", born="2999-01-01"),
        b'{"number": "I-5"}\n',
        b"\xff\n",
        b"[1]\n",
        b"x" * (INVOICE_BYTES_MAX + 1) + b"\n",
        line("9" * 41),
    ]
    content = line("I-1") + b"\n  \n" + b"".join(wrong) + line("I-6").strip()
    *told, summary = await bring(hmis, content)

    assert [(each["line"], each["result"]) for each in told] == [
        (1, "added"),
        *((4 + place, "refused") for place in range(len(wrong))),
        (4 + len(wrong), "added"),
    ]
    pointers = [each.get("errors", [{"pointer": ""}])[0]["pointer"] for each in told[1:-1]]
    assert pointers == ["#/currency", "#/lines/0/total_minor", "#/born", "#", "", "#", "", "#/number"]
    assert summary == {
        "is_complete": False, "added": 2, "updated": 0, "unchanged": 0, "refused": len(wrong),
        "stopped_at_line": None, "problem": None,
    }  # fmt: skip
    assert [(await hmis("GET", f"/api/v1/invoices/I-{each}")).status_code for each in (1, 2, 3, 4, 6)] == [
        200, 404, 404, 404, 200,
    ]  # fmt: skip


async def test_sent_again_nothing_is_doubled_and_only_what_is_new_is_told_as_new(hmis):
    await bring(hmis, line("R-1") + line("R-2"))
    *told, summary = await bring(hmis, line("R-1") + line("R-2", 5000) + line("R-3"))

    assert [each["result"] for each in told] == ["unchanged", "updated", "added"]
    assert (summary["is_complete"], summary["added"], summary["unchanged"]) == (True, 1, 1)


async def test_lines_are_answered_while_others_are_still_to_come(hmis):
    """Whoever sends the next line after the answer to the last one waits for nothing else."""
    answered = asyncio.Event()

    async def lines() -> AsyncIterator[bytes]:
        yield line("S-1")
        await answered.wait()
        yield line("S-2")

    headers = {"Authorization": f"Bearer {hmis.key}", "Content-Type": NDJSON}
    async with aiohttp.ClientSession() as session:
        url = f"{hmis.http.base_url}".rstrip("/") + PATH
        async with session.post(url, data=lines(), headers=headers) as answer:
            first = json.loads(await answer.content.readline())
            answered.set()
            rest = [json.loads(each) async for each in answer.content]

    assert (first["invoice_id"], first["result"]) == ("S-1", "added")
    assert [each.get("invoice_id") for each in rest] == ["S-2", None]


async def test_a_list_that_breaks_off_is_not_taken_for_a_whole_one(hmis, companion):
    """What is whole until then may be in; the line that it broke off in is not."""

    async def lines() -> AsyncIterator[bytes]:
        yield line("B-1") + line("B-2")[:-20]
        await asyncio.sleep(0.5)
        raise ConnectionAbortedError

    headers = {"Authorization": f"Bearer {hmis.key}", "Content-Type": NDJSON}
    with pytest.raises(ConnectionAbortedError):
        await companion.post(PATH, content=lines(), headers=headers)

    assert (await hmis("GET", "/api/v1/invoices/B-2")).status_code == 404
    *told, summary = await bring(hmis, line("B-1") + line("B-2"))
    assert [each["invoice_id"] for each in told] == ["B-1", "B-2"]
    assert summary["is_complete"]


async def test_what_is_no_list_is_refused_as_a_whole(hmis):
    as_json = await hmis("POST", PATH, an_invoice())
    packed = await hmis.http.post(
        PATH,
        content=b"x",
        headers={"Authorization": f"Bearer {hmis.key}", "Content-Type": NDJSON, "Content-Encoding": "gzip"},
    )

    assert [each.status_code for each in (as_json, packed)] == [415, 415]
    assert (await bring(hmis, b"\n"))[-1]["is_complete"]


async def test_too_many_wrong_lines_or_too_many_at_all_stop_it(hmis, monkeypatch):
    monkeypatch.setattr(imports, "REFUSED_MAX", 3)
    wrong = await bring(hmis, b"[]\n" * 600)
    monkeypatch.setattr(imports, "LINES_MAX", 2)
    sent = {"Authorization": f"Bearer {hmis.key}", "Content-Type": NDJSON}
    many = await hmis.http.post(PATH, content=line("M-1") + line("M-2") + line("M-3"), headers=sent)

    assert (len(wrong), wrong[-1]["is_complete"], wrong[-1]["problem"]["status"]) == (501, False, 422)
    assert (many.status_code, (await hmis("GET", "/api/v1/invoices/M-1")).status_code) == (413, 404)
