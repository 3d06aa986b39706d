"""Invoices from CSV: what is recognised, what a profile says, and what is refused rather than guessed."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from cashier.books.invoice import Invoice, InvoiceStatus, Patient
from cashier.database import Database
from cashier.errors import Misconfigured, Refused
from cashier.invoices.arriving.amounts import NoAmount, mark_among, scaled
from cashier.invoices.arriving.profile import load_profile
from cashier.invoices.arriving.report import ImportReport
from cashier.invoices.file_import import form_of, import_file
from tests.surroundings.processes import run

HEAD = "number;record_number;patient_name;department;currency;issued_on;due_on;total"
ROW = 'INV-1;MRN-1;"Dąbek; Zoë";Radiology;EUR;2026-11-23;2026-12-23;1.297,50'

PROFILE = """
encoding = "cp1252"
delimiter = ";"
decimal = ","
dates = "DD.MM.YYYY"
rows = "line"
ignored = ["Notiz"]
cancelled_when = ["Storno"]
owed_when = ["", "offen"]
[columns]
number = "Rechnung"
record_number = "Fallnummer"
patient_name = "Name"
born = "geb."
issued_on = "Datum"
due_on = "Fällig"
cancelled = "Stand"
description = "Leistung"
quantity = "Menge"
tax_rate = "USt"
tax = "Steuer"
total = "Betrag"
[constants]
currency = "EUR"
department = "Ambulanz"
"""
IN_LINES = """\
Rechnung;Fallnummer;Name;geb.;Datum;Fällig;Stand;Leistung;Menge;USt;Steuer;Betrag;Notiz
R-1;F-1;Müller, Änne;14.07.1985;23.11.2026;23.12.2026;offen;Ultraschall;1;0;0;98,00;x
R-1;;;;;;;Verband;2,5;21;21,00;121,00;
R-2;F-2;Weiß, Jo;;24.11.2026;24.12.2026;Storno;;;;;;
"""


async def taken_in(database: Database, text: str | bytes, profile: Path | None = None) -> ImportReport:
    """Import a file named ``invoices.csv``."""
    stream = io.BytesIO(text.encode() if isinstance(text, str) else text)
    form = form_of(stream, "invoices.csv", None if profile is None else load_profile(profile))
    return await import_file(database, stream, form)


async def invoices(database: Database) -> list[Any]:
    statement = sa.select(Invoice.number, Patient.name, Invoice.total_minor, Invoice.status).join(Patient)
    async with database.reading() as session:
        return [tuple(row) for row in (await session.execute(statement.order_by(Invoice.id))).all()]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        (f"{HEAD}\n{ROW}\n", ";"),
        (f"\ufeff{HEAD}\r\n{ROW}\r\n\r\n", ";"),
        (f"sep=;\n{HEAD}\n{ROW}\n", ";"),
        (f"{HEAD}\n{ROW}\n".encode("utf-16"), ";"),
        (codecs.BOM_UTF16_BE + f"{HEAD}\n{ROW}".encode("utf-16-be"), ";"),
        (f"{HEAD}\n{ROW}\n".replace("Dąbek;", "Dąbek,").replace(";", "\t"), "\t"),
        (f"{HEAD}\n{ROW}\n".replace("1.297,50", '"1,297.50"').replace("Dąbek;", "Dąbek|").replace(";", ","), ","),
        (f"{HEAD.replace('_', ' ').title()};ERROR\n{ROW};x\n", ";"),
    ],
)
async def test_encoding_delimiter_decimals_and_our_own_headings_are_recognised(database, text, delimiter):
    report = await taken_in(database, text)

    assert report.is_complete, str(report.words)
    ((number, name, total_minor, status),) = await invoices(database)
    assert (number, total_minor, status) == ("INV-1", 129_750, InvoiceStatus.DUE)
    assert name.replace(",", ";").replace("|", ";") == "Dąbek; Zoë"


async def test_a_profile_says_what_cannot_be_recognised_and_rows_of_one_number_are_one_invoice(database, tmp_path):
    profile = tmp_path / "his.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    report = await taken_in(database, IN_LINES.encode("cp1252"), profile)

    assert report.is_complete, str(report.words)
    assert await invoices(database) == [
        ("R-1", "Müller, Änne", 21_900, InvoiceStatus.DUE),
        ("R-2", "Weiß, Jo", 0, InvoiceStatus.CANCELLED),
    ]
    again = await taken_in(database, IN_LINES.encode("cp1252"), profile)
    assert (again.added, again.updated, again.unchanged) == (0, 0, 2)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"1.297,50": "(1.297,50)"}, "“total” of INV-1: “(1.297,50)” is no amount"),
        ({"1.297,50": "1e3"}, "is no amount"),
        ({"1.297,50": "١٢٩٧,٥٠"}, "is no amount"),
        ({"1.297,50": "1.297,505"}, "has more than 2 decimals"),
        ({"1.297,50": "1.29,50"}, "is no amount"),
        ({"1.297,50": "1 297 ,50 €"}, "is no amount"),
        ({"1.297,50": ""}, "is no amount"),
        ({"2026-12-23": "23.12.2026"}, "“due_on” of INV-1: “23.12.2026” is no date such as YYYY-MM-DD"),
        ({"2026-12-23": "2026-02-30"}, "is no date"),
        ({"EUR": "EURO"}, "is not a currency in use"),
        ({";Radiology": ""}, "The row has 7 columns, and the headings are 8"),
        ({"INV-1": ""}, "without its number"),
    ],
)
async def test_a_wrong_row_is_named_by_its_column_and_keeps_no_other_out(database, changes, said):
    wrong = ROW
    for old, new in changes.items():
        wrong = wrong.replace(old, new)
    good = ROW.replace("INV-1", "INV-2")
    report = await taken_in(database, f"{HEAD}\n\n{wrong}\n{good}\n{good.replace('INV-2', 'INV-3')}\n")

    assert [problem.line for problem in report.problems] == [3]
    assert said in str(report.problems[0].message)
    assert [row[0] for row in await invoices(database)] == ["INV-2", "INV-3"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file is empty"),
        (b"\xef\xbb\xbf\n", "The file is empty"),
        (f"{HEAD}\n{ROW}\n".encode("iso-8859-16"), "is no text in UTF-8"),
        (f"{HEAD};Discount\n{ROW};5\n", "It is not known what the column “Discount” is"),
        (f"{HEAD};Total\n{ROW};5\n", "Two columns are total"),
        (HEAD.removesuffix(";total") + "\n", "No column is known as total"),
        ("Invoice ID,Amount\nA-1,5\n", "No column is known as number"),
        (f"{HEAD}\n{ROW.replace('1.297,50', '1.297')}\n", "It is not sure what “1.297” is"),
        (f"{HEAD}\n{ROW}\n{ROW.replace('INV-1', 'INV-2').replace('1.297,50', '12.50')}\n", "It is not sure"),
        (f'{HEAD}\n"{ROW}\n', "is no row of a CSV file"),
        (f"{HEAD}\n" + "x" * 1_100_000, "more than 1048576 characters"),
    ],
)
async def test_a_file_whose_form_is_not_sure_is_refused_whole(database, text, said):
    with pytest.raises(Refused) as refused:
        await taken_in(database, text)

    assert said in str(refused.value.words)
    assert await invoices(database) == []


async def test_rows_that_would_take_the_place_of_others_are_all_refused(database, tmp_path):
    """One row a line, read as one row an invoice: the last line would be all that is owed."""
    twice = await taken_in(database, f"{HEAD}\n{ROW}\n{ROW.replace('1.297,50', '2,00')}\n")
    profile = tmp_path / "his.toml"
    profile.write_text('rows = "line"', encoding="utf-8")
    other = ROW.replace("INV-1", "INV-2")
    torn = await taken_in(database, f"{HEAD}\n{ROW}\n{other}\n{ROW}\n", profile)
    differ = await taken_in(database, f"{HEAD}\n{ROW}\n{ROW.replace('MRN-1', 'MRN-2')}\n", profile)

    assert [problem.line for problem in twice.problems] == [2, 3]
    assert [problem.line for problem in torn.problems] == [2, 4]
    assert "say two things in “record_number”" in str(differ.problems[0].message)
    assert [row[0] for row in await invoices(database)] == ["INV-2"]


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("[columns]\nnumbr = 'A'", "there is no field numbr"),
        ("[columns]\ntotal = 'A'\ntotal_minor = 'B'", "say the same"),
        ("[columns]\ncurrency = 'A'\n[constants]\ncurrency = 'EUR'", "is a column and a constant"),
        ("encoding = 'hex'", "the encoding hex is not known"),
        ("dates = 'YY-MM-DD'", "is no form of dates"),
        ("decimals = ','", "decimals is not known"),
        ("decimal = ';'", "decimal"),
        ("rows = ", "Invalid value"),
    ],
)
def test_a_profile_that_says_what_cannot_be_is_refused(tmp_path, profile, said):
    file = tmp_path / "his.toml"
    file.write_text(profile, encoding="utf-8")

    with pytest.raises(Misconfigured, match="The profile his") as refused:
        load_profile(file)

    assert said in str(refused.value)


def test_amounts_are_read_by_their_digits_alone():
    assert [scaled(text, ",", 2) for text in ("1.234", "1.234,5", "-0,05", "12", "1\u202f234\u202f567,89")] == [
        123_400, 123_450, -5, 1200, 123_456_789,
    ]  # fmt: skip
    assert scaled("12'345.678", ".", 3) == 12_345_678
    assert mark_among(["1.234", "12,50"]) == ","
    assert mark_among(["1.234.567", "1.234"]) == ","
    assert mark_among(["12", "", "3"]) is None
    for wrong in ("+1", "1-", "--1", "1,", ",5", "1.2.3,0", "1,5,0", "٣", "1e3", "0x1", "NaN", " ", "1" * 30):
        with pytest.raises(NoAmount):
            scaled(wrong, ",", 2)


def test_the_command_previews_writes_refused_rows_with_reasons_and_takes_them_corrected(
    tmp_path, write_settings, settings, hospital
):
    command = ("--settings", str(write_settings(settings)), "import")
    file, errors = tmp_path / "invoices.csv", tmp_path / "refused.csv"
    file.write_text(f"{HEAD}\n{ROW}\n{ROW.replace('INV-1', 'INV-2').replace('EUR', 'EUX')}\n", encoding="utf-8")

    shown = run(*command, str(file), "--preview")
    done = run(*command, str(file), "--errors", str(errors))

    assert "CSV in UTF-8, columns parted by “;”, decimals after “,”." in shown.output
    assert "“due_on” is due_on." in shown.output
    assert "INV-1, Dąbek; Zoë (MRN-1)" in shown.output
    assert "1 invoices added, 0 brought up to date, 0 unchanged, 1 refused." in done.output
    (head, row) = list(csv.reader(errors.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert (head[-1], row[0]) == ("error", "INV-2")
    assert "not a currency in use" in row[-1]

    errors.write_text(errors.read_text(encoding="utf-8-sig").replace("EUX", "EUR", 1), encoding="utf-8-sig")
    again = run(*command, str(errors))
    assert (again.status, "1 invoices added" in again.output) == (0, True), again.output
    kept = hospital.execute("SELECT number FROM invoice WHERE number LIKE 'INV-_'")
    assert sorted(each["number"] for each in kept) == ["INV-1", "INV-2"]
