"""The file of accounts and columns: taken as it is written, and refused in words that say what to change."""

from __future__ import annotations

from datetime import date

import pytest

from cashier.errors import Misconfigured
from cashier.ledger.chart import DEFAULT_CHART, load_chart, written
from cashier.ledger.columns import CsvForm
from cashier.ledger.entry import ROLE_OF_PURSE, Account, Entry, Leg, Role
from cashier.ledger.files import as_beancount, as_csv, as_days, as_hledger
from cashier.tenders.purse import Purse
from tests.ledger.strict import check_beancount, check_hledger

ODD = 'A;1, "2" \\ 3\u2028'
ENTRY = Entry(
    number=7, day=date(2026, 11, 26), event="payment paid", desk="D1", tender="cash", receipt=ODD,
    legs=(
        Leg(account=Account(Role.DRAWER, "D 1"), amount_minor=1_000, currency="JPY"),
        Leg(account=Account(Role.PATIENTS), amount_minor=-1_000, currency="JPY", invoice=ODD),
        Leg(account=Account(Role.DRAWER, "d-1", is_training=True), amount_minor=1_234_567, currency="KWD"),
        Leg(account=Account(Role.ON_ACCOUNT), amount_minor=-1_234_567, currency="KWD"),
    ),
)  # fmt: skip


async def entries(*given):
    for entry in given:
        yield entry


async def text_of(writer, *given, chart=DEFAULT_CHART):
    return "".join([part async for part in writer(entries(*given), chart)])


@pytest.fixture
def load(tmp_path):
    """Load the default file, changed."""

    def load(former="", new="", *, more=""):
        text = written()
        assert former in text
        file = tmp_path / "accounts.toml"
        file.write_text(text.replace(former, new, 1) + more, encoding="utf-8")
        return load_chart(file)

    return load


def test_what_is_written_is_read_again_and_every_purse_has_an_account(load):
    assert load() == DEFAULT_CHART
    assert set(ROLE_OF_PURSE) == set(Purse) - {Purse.NOWHERE}
    assert set(DEFAULT_CHART.accounts) == set(Role)


@pytest.mark.parametrize(
    ("former", "new", "words"),
    [
        ("[accounts.safe]", "[accounts.vault]", "there is no role “vault”"),
        ('[accounts.safe]\nnumber = "1010"\nname = "Assets:Cash:Safe"\n', "", "the role “safe” has no account"),
        ('"1010"', '"1000"', "the number 1000 is there twice, for “drawer” and “safe”"),
        ('"1010"', '""', "is no number of an account"),
        ("Assets:Cash:Safe", "Assets:Cash:Drawers", "the name Assets:Cash:Drawers is there twice"),
        ("Assets:Cash:Safe", "Expenses:Safe", "it begins with Assets:"),
        ("Assets:Cash:Safe", "Assets:cash safe", "is no name"),
        ('"1010"', "1010", "Expected `str`, got `int`"),
        ("[accounts.safe]", "[accounts.safe", "it is not TOML"),
    ],
)
def test_a_wrong_account_is_refused_by_name(load, former, new, words):
    with pytest.raises(Misconfigured) as refused:
        load(former, new)

    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ('columns = { Amount = "sum" }', "“sum”, which is no field"),
        ("columns = {}", "no columns"),
        ('decimal = ","', "it is the delimiter as well"),
        ('date = "%H"', "the date is written with"),
        ('encoding = "utf-7"', "the encoding is none of"),
        ('quote = "x"', "unknown field `quote`"),
    ],
)
def test_a_wrong_form_of_csv_is_refused(load, form, words):
    with pytest.raises(Misconfigured) as refused:
        load(more=f"\n[csv]\n{form}\n")

    assert words in str(refused.value)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(Misconfigured, match="cannot be read"):
        load_chart(tmp_path / "none.toml")


async def test_odd_names_and_currencies_are_taken_by_other_programs(tmp_path):
    for writer, check in ((as_hledger, check_hledger), (as_beancount, check_beancount)):
        file = tmp_path / writer.__name__
        file.write_text(await text_of(writer, ENTRY), encoding="utf-8")
        check(file)
    assert "commodity 1000. JPY\n" in (tmp_path / "as_hledger").read_text(encoding="utf-8")


async def test_columns_marks_and_numbers_are_those_of_the_hospital(load):
    chart = load(
        'name = "Assets:Cash:Drawers"\n',
        'name = "Assets:Cash:Drawers"\ndesks = { "D 1" = "1001" }\n',
        more='\n[csv]\ndelimiter = ";"\ndecimal = ","\ndate = "%d.%m.%y"\n[csv.columns]\n'
        'Konto = "account"\nBetrag = "unsigned"\nKZ = "soll_haben"\nTag = "day"\nFirma = "=12"\n',
    )

    text = await text_of(as_csv, ENTRY, chart=chart)

    assert text.splitlines() == [
        "Konto;Betrag;KZ;Tag;Firma",
        "1001;1000;S;26.11.26;12",
        "1200;1000;H;26.11.26;12",
        "1000T;1234,567;S;26.11.26;12",
        "2100;1234,567;H;26.11.26;12",
    ]


async def test_what_a_spreadsheet_would_run_stays_text():
    entry = Entry(
        number=1, day=date(2026, 11, 26), event="x",
        legs=(Leg(account=Account(Role.PATIENTS), amount_minor=1, currency="EUR", invoice="=1+1"),),
    )  # fmt: skip
    assert ",'=1+1," in await text_of(as_csv, entry)


async def test_a_day_has_its_debits_and_credits_apart_and_comes_to_nothing():
    form = CsvForm(columns={"day": "day", "name": "name", "debit": "debit", "credit": "credit"}, headings=False)
    chart = type(DEFAULT_CHART)(accounts=DEFAULT_CHART.accounts, csv=form)
    back = Entry(
        number=8, day=ENTRY.day, event="refund", legs=tuple(
            Leg(account=leg.account, amount_minor=-leg.amount_minor // 2, currency=leg.currency)
            for leg in ENTRY.legs[:2]
        ),
    )  # fmt: skip

    text = await text_of(as_days, ENTRY, back, chart=chart)

    assert text.splitlines()[:4] == [
        "2026-11-26,Assets:Cash:Drawers:D-20-1,1000,",
        "2026-11-26,Assets:Cash:Drawers:D-20-1,,500",
        "2026-11-26,Assets:Receivable:Patients,500,",
        "2026-11-26,Assets:Receivable:Patients,,1000",
    ]
