"""The CSV file: exact for machines, harmless in spreadsheets, whole or not there."""

from __future__ import annotations

import csv
import errno
import os
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cashier.books.payment import PaymentState
from cashier.errors import Refused
from cashier.history.export import write_csv
from cashier.history.views import PaymentRow
from cashier.identifiers import new_id
from cashier.language import m
from cashier.money import Money
from cashier.tenders.tender import Tender

ROW = PaymentRow(
    is_disputed=False,
    id=new_id(),
    created_at=datetime(2026, 7, 1, 22, 30, 5, 250_000, tzinfo=UTC),
    settled_at=datetime(2026, 12, 1, 22, 30, 5, tzinfo=UTC),
    patient_name="Ana Núñez",
    record_number="MRN-0000101",
    born=None,
    invoices=("INV-2026-000001", "INV-2026-000002"),
    amount=Money(123_450, "EUR"),
    refunded=Money(200_000, "EUR"),
    deposit=Money(0, "EUR"),
    unallocated=Money(0, "EUR"),
    tendered=None,
    rounding=Money(0, "EUR"),
    tender=Tender.CHECKOUT,
    reference="",
    card_brand="visa",
    card_last_four="4242",
    state=PaymentState.PAID,
    decline_code=None,
    desk="D1",
    cashier="Casey Sample",
    receipt_number="D1-000001",
    stripe_session_id="cs_1",
    stripe_intent_id="pi_1",
    stripe_charge_id="ch_1",
    taken_back=Money(0, "EUR"),
)


async def export(path, *rows, replaces=False, seal=None):
    async def batches():
        yield list(rows)

    async def accept(_rows):
        return None

    return await write_csv(path, batches(), zone=ZoneInfo("Europe/Madrid"), replaces=replaces, seal=seal or accept)


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def test_moments_have_their_offset_and_amounts_are_plain_numbers(tmp_path):
    file = tmp_path / "all.csv"
    nothing = Money(0, "JPY")
    await export(file, ROW, replace(ROW, amount=Money(12_000, "JPY"), refunded=nothing, taken_back=nothing))

    euro, yen = read(file)

    assert (euro["created_at"], euro["settled_at"]) == ("2026-07-02T00:30:05+02:00", "2026-12-01T23:30:05+01:00")
    assert (euro["amount"], euro["refunded"], euro["net"], euro["currency"]) == (
        "1234.50",
        "2000.00",
        "-765.50",
        "EUR",
    )
    assert (yen["amount"], yen["net"], yen["currency"]) == ("12000", "12000", "JPY")
    assert (euro["state"], euro["tender"], euro["cash_tendered"]) == ("paid", "checkout", "")
    assert euro["invoices"] == "INV-2026-000001 INV-2026-000002"


async def test_the_file_begins_with_the_mark_that_spreadsheets_look_for_and_ends_lines_by_the_book(tmp_path):
    file = tmp_path / "all.csv"
    await export(file, replace(ROW, cashier="Zoë “Z” Sample", reference='a "b", c\nd'))

    raw = file.read_bytes()

    assert raw.startswith(b"\xef\xbb\xbfpayment,created_at,")
    assert raw.count(b"\r\n") == 2
    (row,) = read(file)
    assert (row["cashier"], row["reference"]) == ("Zoë “Z” Sample", 'a "b", c\nd')


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
async def test_no_text_is_taken_for_a_formula(tmp_path, begin):
    file = tmp_path / "all.csv"
    evil = f"{begin}1+1"
    await export(file, replace(ROW, reference=evil, cashier=evil, desk=evil, record_number=evil, invoices=(evil,)))

    (row,) = read(file)

    for column in ("reference", "cashier", "desk", "patient_record", "invoices"):
        assert row[column] == f"'{evil}"


async def test_names_of_patients_stay_here(tmp_path):
    file = tmp_path / "all.csv"
    await export(file, ROW)

    assert "Ana" not in file.read_text(encoding="utf-8-sig")


async def test_an_existing_file_is_only_replaced_by_somebody_who_was_asked(tmp_path):
    file = tmp_path / "all.csv"
    file.write_text("before")

    with pytest.raises(Refused, match="already"):
        await export(file, ROW)
    assert file.read_text() == "before"

    assert await export(file, ROW, replaces=True) == 1
    assert len(read(file)) == 1


async def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path):
    file = tmp_path / "all.csv"

    async def somebody_else_is_faster(_rows):
        file.write_text("somebody else's")

    with pytest.raises(Refused, match="already"):
        await export(file, ROW, seal=somebody_else_is_faster)

    assert file.read_text() == "somebody else's"
    assert list(tmp_path.iterdir()) == [file]


async def test_what_cannot_be_written_down_is_not_exported(tmp_path):
    async def fail(_rows):
        raise Refused(m("The journal does not answer."))

    with pytest.raises(Refused, match="journal"):
        await export(tmp_path / "all.csv", ROW, seal=fail)

    assert list(tmp_path.iterdir()) == []


async def test_nothing_to_export_leaves_no_file(tmp_path):
    with pytest.raises(Refused, match="No payment matches"):
        await export(tmp_path / "all.csv")

    assert list(tmp_path.iterdir()) == []


async def test_a_folder_that_is_not_there_is_named_as_the_reason(tmp_path):
    with pytest.raises(Refused, match="folder does not exist") as refused:
        await export(tmp_path / "nowhere" / "all.csv", ROW)

    assert refused.value.advice


async def test_a_folder_that_takes_nothing_is_named_as_the_reason():
    # Nobody, not even an administrator, makes files there.
    with pytest.raises(Refused, match=r"all\.csv was not saved") as refused:
        await export(Path("/proc/self/all.csv"), ROW)

    assert refused.value.advice


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
async def test_a_full_disk_is_named_as_the_reason_and_leaves_the_older_file(tmp_path, monkeypatch):
    file = tmp_path / "all.csv"
    file.write_text("before")
    # The draft is a name for the device on which nothing fits any more.
    draft = tmp_path / "draft"
    draft.symlink_to("/dev/full")
    monkeypatch.setattr("tempfile.mkstemp", lambda **_: (os.open(draft, os.O_WRONLY), str(draft)))

    with pytest.raises(Refused, match="the disk is full") as refused:
        await export(file, ROW, replaces=True)

    assert isinstance(refused.value.__cause__, OSError)
    assert refused.value.__cause__.errno == errno.ENOSPC
    assert file.read_text() == "before"
    assert not draft.is_symlink()


async def test_a_large_export_is_never_in_memory_as_a_whole(tmp_path):
    file = tmp_path / "all.csv"
    batch = [ROW] * 1000

    async def batches():
        for _ in range(40):
            yield batch

    async def accept(_rows):
        return None

    tracemalloc.start()
    try:
        written = await write_csv(file, batches(), zone=ZoneInfo("Europe/Madrid"), replaces=False, seal=accept)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert written == 40_000
    assert peak < file.stat().st_size
