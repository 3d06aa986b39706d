"""A tender is one row: complete, told apart from the others, and known to the database."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from cashier import settings
from cashier.database import one_of
from cashier.errors import Misconfigured
from cashier.tenders import frozen
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import (
    ACCOUNT_DIGIT,
    BY_DIGIT,
    CASH_TENDERS,
    CREDIT_TENDER,
    CREDIT_TENDERS,
    OFFERED_UNASKED,
    READER_TENDERS,
    Channel,
    Tender,
)

ROOT = Path(__file__).parents[2]
_ROWS = [tender.row for tender in Tender]
WORDS = ("words", "offer", "on_paper", "as_evidence")


@pytest.mark.parametrize("tender", Tender)
@pytest.mark.parametrize("column", WORDS)
def test_every_tender_has_words_for_the_screen_for_paper_and_as_evidence(tender, column):
    assert str(getattr(tender.row, column)).strip(), f"the row of “{tender}” has no {column}"


@pytest.mark.parametrize("way", RefundWay)
@pytest.mark.parametrize("column", ["words", "on_receipt", "on_report"])
def test_every_way_back_has_words(way, column):
    assert str(getattr(way.row, column)).strip(), f"the row of “{way}” has no {column}"


@pytest.mark.parametrize("column", ["words", "offer", "on_paper", "digit", "icon"])
def test_no_two_tenders_can_be_mistaken(column):
    told = [getattr(row, column) for row in _ROWS if row.is_at_desk or column not in ("digit", "icon")]

    assert len(set(told)) == len(told)


def test_the_digits_are_those_of_every_desk():
    digits = {tender.row.digit: tender for tender in Tender if tender.row.is_at_desk}

    assert digits == {
        1: Tender.READER,
        2: Tender.PHONE,
        3: Tender.CHECKOUT,
        4: Tender.KEYED,
        5: Tender.CASH,
        6: Tender.CHEQUE,
        7: Tender.BANK_TRANSFER,
        8: Tender.EXTERNAL_TERMINAL,
        0: Tender.SAVED_CARD,
    }
    assert ACCOUNT_DIGIT not in digits
    assert [tender.row.digit for tender in BY_DIGIT] == [1, 2, 3, 4, 5, 6, 7, 8, 0]


@pytest.mark.parametrize("tender", Tender)
def test_columns_of_a_row_fit_together(tender):
    row = tender.row

    assert row.is_taken_here or row.way_back is RefundWay.CARD, "what Stripe took goes back by Stripe"
    assert not row.is_taken_here or row.way_back is not RefundWay.CARD, "Stripe has no card to send it to"
    assert (row.way_back is RefundWay.CASH) == row.is_cash
    assert not row.is_cash or row.is_taken_here
    assert not row.is_typed or row.is_on_reader
    assert not row.is_on_phone or row.is_page
    assert not row.wants_reference or row.is_taken_here
    assert row.is_at_desk or not (row.is_offered_unasked or row.is_preset), "no desk can offer it"
    assert row.is_at_desk is (row.brings_money and row.channel is not Channel.OWN_PAGE)


def test_what_charges_without_anything_more_is_never_preset():
    assert not [tender for tender in Tender if tender.row.channel is Channel.SAVED_CARD and tender.row.is_preset]


def test_a_condition_names_what_it_holds_for():
    assert one_of("tender", CASH_TENDERS) == "tender = 'cash'"
    assert one_of("tender", READER_TENDERS) == "tender IN ('reader', 'keyed')"


@pytest.mark.both_databases
def test_the_migrated_database_takes_every_tender_and_way_back(database_url):
    engine = sa.create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    looked_at = sa.inspect(engine)
    checks = {
        check["name"]: str(check["sqltext"])
        for table in ("payment", "refund")
        for check in looked_at.get_check_constraints(table)
    }
    engine.dispose()

    for name, codes in (("ck_payment_tender", Tender), ("ck_refund_refundway", RefundWay)):
        missing = [code.value for code in codes if f"'{code}'" not in checks[name]]
        assert missing == [], f"no migration puts {missing} into {name}"


def test_the_document_of_settings_names_every_tender():
    text = (ROOT / "docs" / "SETTINGS.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| `[desk]` `tenders`"))

    assert [code for code in re.findall(r"`(\w+)`", row) if code in set(Tender)][1:] == [
        each.value for each in BY_DIGIT
    ]
    assert set(BY_DIGIT) - set(OFFERED_UNASKED) == {Tender.KEYED}, "“all but `keyed`” in the document"


def test_what_no_money_comes_by_is_never_taken_but_used_from_the_account():
    assert CREDIT_TENDERS == (CREDIT_TENDER,)
    assert CREDIT_TENDER not in BY_DIGIT
    with pytest.raises(Misconfigured, match="credit notes"):
        settings.load(environment={"CASHIER_DESK_TENDERS": "cash,credit_note"})


def test_paper_names_codes_of_today_and_of_tomorrow():
    assert str(frozen.tender_on_paper("keyed")) == "Card, by telephone or letter"
    assert (
        str(frozen.tender_on_paper("meal_voucher")) == str(frozen.kind_on_receipt("meal_voucher")) == "Meal voucher"
    )
    assert str(frozen.kind_on_receipt("card")) == "Card"
    assert str(frozen.way_on_report("cash")) == "In cash, from the drawer"
    assert str(frozen.way_on_report("by_post")) == "By post"
    assert frozen.is_cash("cash")
    assert not frozen.is_cash("meal_voucher")
