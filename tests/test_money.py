"""Money: exact, of one currency, read and written without rounding."""

from __future__ import annotations

import pytest
from babel.core import get_global
from hypothesis import given
from hypothesis import strategies as st

from cashier.errors import Refused
from cashier.money import Money, cash_step_of, check_chargeable, exponent_of, parse_amount, round_to_cash
from cashier.sandbox.amounts import _CURRENCIES as SANDBOX_CURRENCIES

CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "ISK", "HUF"])
AMOUNTS = st.integers(min_value=0, max_value=99_999_999_999)


@given(amount_minor=AMOUNTS, currency=CURRENCIES)
def test_what_is_written_is_read_back(amount_minor, currency):
    money = Money(amount_minor, currency)

    plain = money.digits().replace(",", "")

    assert parse_amount(plain, currency) == money


@given(amount_minor=AMOUNTS)
def test_thousands_commas_and_points_are_read(amount_minor):
    written = Money(amount_minor, "EUR").digits()

    english = parse_amount(written, "EUR")
    german = parse_amount(written.translate(str.maketrans(",.", ".,")), "EUR")

    assert english == german == Money(amount_minor, "EUR")


@pytest.mark.parametrize(
    ("text", "minor"),
    [("12", 1200), ("12.5", 1250), ("12,50", 1250), (" 1 234,50 ", 123450), ("0.05", 5), ("1'234.50", 123450)],
)
def test_what_cashiers_type_is_understood(text, minor):
    assert parse_amount(text, "EUR") == Money(minor, "EUR")


@pytest.mark.parametrize(
    "text", ["", "abc", "-5", "1.234", "1,234", "12.345.6", "1,23,45", "12.505", "1e3", "12.50 EUR", "١٢,٣٤٥,٦"]
)
def test_what_could_mean_something_else_is_refused(text):
    with pytest.raises(Refused):
        parse_amount(text, "EUR")


def test_a_currency_without_decimals_takes_thousands_and_no_fraction():
    assert parse_amount("1,234", "JPY") == Money(1234, "JPY")
    with pytest.raises(Refused):
        parse_amount("12.5", "JPY")


def test_a_currency_with_three_decimals_takes_them():
    assert parse_amount("1.234", "KWD") == Money(1234, "KWD")


def test_currencies_are_never_mixed():
    with pytest.raises(ValueError, match="mixed"):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(ValueError, match="mixed"):
        _ = Money(1, "EUR") < Money(1, "USD")


@pytest.mark.parametrize("amount", [1.0, True, "1"])
def test_only_whole_minor_units_are_money(amount):
    with pytest.raises(TypeError):
        Money(amount, "EUR")


def test_a_currency_is_three_capitals():
    with pytest.raises(Refused, match="not a currency"):
        Money(1, "eur")


def test_money_is_written_with_its_sign_and_commas():
    assert str(Money(123456, "EUR")) == "1,234.56 €"
    assert str(Money(-5, "EUR")) == "−0.05 €"
    assert str(Money(1234, "JPY")) == "1,234 ¥"
    assert str(Money(1234, "KWD")) == "1.234 KWD"


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        (Money(0, "EUR"), "above zero"),
        (Money(-1, "EUR"), "above zero"),
        (Money(49, "EUR"), "too small"),
        (Money(29, "GBP"), "too small"),
        (Money(100_000_000, "EUR"), "too large"),
        (Money(1234, "KWD"), "steps"),
        (Money(12_345, "ISK"), "steps"),
    ],
)
def test_what_stripe_would_not_charge_is_refused_before(amount, reason):
    with pytest.raises(Refused, match=reason) as refusal:
        check_chargeable(amount)
    assert refusal.value.advice


@pytest.mark.parametrize(
    "amount", [Money(50, "EUR"), Money(30, "GBP"), Money(50, "JPY"), Money(1230, "KWD"), Money(99_999_999, "USD")]
)
def test_the_limits_themselves_are_chargeable(amount):
    check_chargeable(amount)


def test_exponents_are_stripes():
    assert [exponent_of(code) for code in ("EUR", "JPY", "BHD", "UGX", "TWD", "XOF")] == [2, 0, 3, 2, 2, 0]


CASH_CURRENCIES = st.sampled_from(["CHF", "CLP", "DKK", "EUR", "HUF", "ISK", "JPY", "KWD", "NZD", "SEK"])


@given(amount_minor=AMOUNTS, currency=CASH_CURRENCIES)
def test_cash_is_the_nearest_amount_that_coins_make(amount_minor, currency):
    step = cash_step_of(currency)

    cash = round_to_cash(Money(amount_minor, currency), step)

    assert cash.amount_minor % step == 0
    assert 2 * abs(cash.amount_minor - amount_minor) <= step


@given(amount_minor=AMOUNTS, currency=CASH_CURRENCIES)
def test_cash_paid_out_is_rounded_like_cash_taken_in(amount_minor, currency):
    step = cash_step_of(currency)

    taken_in = round_to_cash(Money(amount_minor, currency), step)
    paid_out = round_to_cash(-Money(amount_minor, currency), step)

    assert taken_in + paid_out == Money(0, currency)


@pytest.mark.parametrize(
    ("amount", "cash_minor"),
    [
        (Money(1002, "CHF"), 1000),
        (Money(1003, "CHF"), 1005),
        (Money(1025, "DKK"), 1050),
        (Money(1075, "DKK"), 1100),
        (Money(1050, "NOK"), 1100),
        (Money(1049, "SEK"), 1000),
        (Money(100_250, "HUF"), 100_500),
        (Money(1005, "CLP"), 1000),
        (Money(1006, "CLP"), 1010),
        (Money(1005, "NZD"), 1000),
        (Money(1234, "EUR"), 1234),
    ],
)
def test_half_a_coin_goes_the_way_of_the_country(amount, cash_minor):
    assert round_to_cash(amount, cash_step_of(amount.currency)).amount_minor == cash_minor


def test_a_hospital_can_have_a_coarser_coin_than_its_currency():
    assert round_to_cash(Money(1498, "EUR"), 5) == Money(1500, "EUR")


def test_no_coin_is_smaller_than_nothing():
    with pytest.raises(ValueError, match="at least 1"):
        round_to_cash(Money(1, "EUR"), 0)


def test_cash_steps_are_what_cldr_knows_or_coarser():
    retired = {"STD"}
    finer = []
    for currency, (_, _, digits, step) in get_global("currency_fractions").items():
        if currency.lower() in SANDBOX_CURRENCIES and currency not in retired:
            known_step = max(step, 1) * 10 ** max(exponent_of(currency) - digits, 0)
            if cash_step_of(currency) % known_step:
                finer.append(currency)

    assert not finer
