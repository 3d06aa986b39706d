"""A file of invoices is taken in line by line, and no line is lost without a word."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from cashier.books.invoice import Invoice
from cashier.database import Database
from cashier.errors import Refused
from cashier.invoices.arriving.json_lines import JSON_LINES
from cashier.invoices.arriving.report import ImportStopped
from cashier.invoices.file_import import import_file, open_source
from cashier.invoices.views import IncomingInvoice
from tests.invoices.arriving import a_line, an_invoice, import_lines
from tests.surroundings.outages import enlarge, small_disk

GUIDE = Path(__file__).parents[2] / "docs" / "IMPORT.md"


def a_line_of_the_file(number: str = "INV-1", **changes: Any) -> bytes:
    return json.dumps(json.loads(msgspec.json.encode(an_invoice(number))) | changes).encode() + b"\n"


def _with_line(**changes: Any) -> bytes:
    line = json.loads(msgspec.json.encode(a_line()))
    return a_line_of_the_file(lines=[line | changes])


@pytest.fixture
def damaged_file(tmp_path: Path) -> Path:
    file = tmp_path / "damaged.sqlite"
    file.write_bytes(b"no database at all" * 100)
    return file


async def numbers(database: Database) -> list[str]:
    async with database.reading() as session:
        return list((await session.execute(sa.select(Invoice.number).order_by(Invoice.id))).scalars())


async def test_every_line_becomes_an_invoice(database: Database):
    report = await import_lines(database, [a_line_of_the_file(f"INV-{index}") for index in range(3)])

    assert report.is_complete
    assert str(report.words) == "3 invoices added, 0 brought up to date, 0 unchanged, 0 refused."
    assert await numbers(database) == ["INV-0", "INV-1", "INV-2"]


async def test_importing_again_brings_up_to_date(database: Database):
    await import_lines(database, [a_line_of_the_file("INV-0"), a_line_of_the_file("INV-1")])

    changed = a_line_of_the_file("INV-1", department="Surgery")
    again = [a_line_of_the_file("INV-0"), changed, a_line_of_the_file("INV-2")]
    report = await import_lines(database, again)

    assert (report.added, report.updated, report.unchanged) == (1, 1, 1)


async def test_the_example_in_the_guide_is_true(database: Database):
    example = re.search(r"```json\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None

    report = await import_lines(database, [json.dumps(json.loads(example[1])).encode()])

    assert report.is_complete
    async with database.reading() as session:
        invoice = (await session.execute(sa.select(Invoice))).scalar_one()
    assert (invoice.total_minor, invoice.balance_minor) == (29_700, 14_850)


def test_the_guide_names_every_field():
    guide = GUIDE.read_text(encoding="utf-8")
    lines = msgspec.structs.fields(IncomingInvoice)[-1].type.__args__[0]

    for field in [*IncomingInvoice.__struct_fields__, *lines.__struct_fields__]:
        assert f"`{field}`" in guide


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"number;patient;total\n", "not a JSON object"),
        (b'{"number": "INV-9"', "not a JSON object"),
        (b'{"number": "\xff"}', "not a JSON object"),
        (b"[]", "the whole line has to be an object, not a list"),
        (b'{"number": "INV-9"}', "record_number is missing"),
        (a_line_of_the_file(insurer_share="5"), "insurer_share is not known"),
        (a_line_of_the_file(insurer_share_minor="5"), r"insurer_share_minor.*IMPORT\.md"),
        (a_line_of_the_file(insurer_share_minor=5.5), r"INV-1: .*insurer_share_minor"),
        (a_line_of_the_file(insurer_share_minor=10**30), "insurer's share of INV-1"),
        (a_line_of_the_file().replace(b" 10000", b"9" * 5_000, 1), r"INV-1: .*out of range.*lines\[0\]"),
        (a_line_of_the_file(number="I\x1b[2J-1", phone=5), r"I\ufffd\[2J-1: .*phone"),
        (
            a_line_of_the_file().replace(b'"insurer"', b'"insurer\\u001b[2J"'),
            r"INV-1: insurer\ufffd\[2J is not known",
        ),
        (a_line_of_the_file(currency="XXX"), "The currency of INV-1"),
        (a_line_of_the_file(patient_name="\ud800"), "not a JSON object"),
        (
            b'{"lines": 5, "number": "INV-9", "insurer": ' + b"[" * 100_000,
            r"lines has to be a list, not a whole number",
        ),
        (_with_line(quantity_milli=2**64 - 1), r"lines\[0\]\.quantity_milli of INV-1"),
        (_with_line(unit_price_minor=10**19), r"lines\[0\]\.unit_price_minor of INV-1"),
        (_with_line(total_minor=2**70), r"lines\[0\]\.total_minor of INV-1"),
        (_with_line(tax_basis_points=2**31), r"lines\[0\]\.tax_basis_points of INV-1"),
        (a_line_of_the_file(issued_on="23.11.2026"), "issued_on"),
        (a_line_of_the_file(born="14.07.1985"), r"INV-1: .*born"),
        (a_line_of_the_file(born="1985-02-30"), r"INV-1: .*born"),
        (a_line_of_the_file(born="1985-07-14T00:00:00Z"), r"INV-1: .*born"),
        (a_line_of_the_file(born=19850714), r"INV-1: .*born"),
        (a_line_of_the_file(born="2999-01-01"), "The born of INV-1 is 2999-01-01, which is still to come"),
        (a_line_of_the_file(born="1885-07-14"), "The born of INV-1 is 1885-07-14, which is 130 years ago or more"),
        (a_line_of_the_file(phone="unknown"), "The phone of INV-1 is “unknown”, in which there is no phone number"),
        (a_line_of_the_file(lines=[]), "has no lines"),
        (a_line_of_the_file(insurer_share_minor=99_999_999), "insurer's share"),
    ],
)
async def test_a_bad_line_is_named_and_keeps_no_other_out(database: Database, bad: bytes, reason: str):
    report = await import_lines(database, [a_line_of_the_file("INV-7"), b"\n", bad, a_line_of_the_file("INV-8")])

    assert [problem.line for problem in report.problems] == [3]
    assert re.search(reason, str(report.problems[0].message))
    assert str(report.words).startswith("Line 3: ")
    assert (report.added, report.is_complete) == (2, False)
    assert await numbers(database) == ["INV-7", "INV-8"]


async def test_the_wrong_file_is_given_up_and_its_lines_are_counted(database: Database):
    report = await import_lines(database, [b"number;total\n"] * 1000 + [a_line_of_the_file()])

    assert len(report.problems) + report.unread == 1001
    assert len(report.problems) == 100
    assert "901 further lines were not read" in str(report.words)


async def test_nothing_of_the_wrong_file_is_in(database: Database):
    report = await import_lines(database, [a_line_of_the_file()] + [b"?\n"] * 200)

    assert (report.added, len(report.problems), report.unread) == (0, 100, 100)
    assert "nothing was taken in" in str(report.words)
    assert await numbers(database) == []


async def test_a_mark_of_byte_order_and_empty_lines_do_no_harm(database: Database):
    report = await import_lines(database, [b"\xef\xbb\xbf" + a_line_of_the_file(), b"\r\n", b"  \n"])

    assert report.is_complete
    assert report.added == 1


async def test_a_lost_database_is_not_taken_for_bad_lines(damaged_file: Path):
    broken = Database(f"sqlite:///{damaged_file}")

    with pytest.raises(ImportStopped, match="damaged"):
        await import_lines(broken, [a_line_of_the_file()])

    await broken.close()


async def test_a_file_is_read_from_its_place(database: Database, tmp_path: Path):
    file = tmp_path / "invoices.jsonl"
    file.write_bytes(a_line_of_the_file())

    with open_source(str(file)) as stream:
        report = await import_file(database, stream, JSON_LINES)

    assert report.added == 1


def test_a_file_that_is_not_there_is_refused_with_its_name(tmp_path: Path):
    with pytest.raises(Refused, match=r"missing\.jsonl cannot be read"), open_source(str(tmp_path / "missing.jsonl")):
        pass


async def test_a_dry_run_says_what_would_become_of_every_line_and_keeps_nothing(database: Database):
    await import_lines(database, [a_line_of_the_file("INV-0")])
    file = [
        *(a_line_of_the_file(f"INV-{index}") for index in range(600)),
        a_line_of_the_file("INV-599", patient_name="Zoë Łukasik"),
        b"?\n",
    ]

    tried = await import_lines(database, file, is_dry_run=True)

    assert str(tried.words).splitlines()[-1] == (
        "599 invoices would be added, 1 brought up to date, 1 left as they are, 1 refused. Nothing was changed."
    )
    assert await numbers(database) == ["INV-0"]
    done = await import_lines(database, file)
    assert (done.added, done.updated, len(done.problems)) == (tried.added, tried.updated, len(tried.problems))


async def test_a_disk_that_fills_during_an_import_says_what_is_in_and_the_file_can_be_imported_again(
    database_file: Path, tmp_path: Path
):
    lines = [a_line_of_the_file(f"INV-{index}") for index in range(3000)]
    with small_disk(tmp_path / "disk", kilobytes=4000) as disk:
        file = disk / "cashier.sqlite"
        shutil.copy(database_file, file)
        database = Database(f"sqlite:///{file}")

        with pytest.raises(ImportStopped, match="The disk of the database is full") as stopped:
            await import_lines(database, lines)
        kept = await numbers(database)
        enlarge(disk, kilobytes=100_000)
        again = await import_lines(database, lines)
        await database.close()

    report = stopped.value.report
    assert 0 < report.added == len(kept) < len(lines)
    assert f"{report.added} invoices added" in str(stopped.value)
    assert (again.added, again.unchanged) == (len(lines) - len(kept), len(kept))
