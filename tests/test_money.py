"""Money: exact, of one currency, read and written without rounding."""

from __future__ import annotations

import contextlib

import pytest
from babel.core import get_global
from babel.localedata import locale_identifiers
from hypothesis import given
from hypothesis import strategies as st

from cashier.errors import Refused
from cashier.language import use_locale
from cashier.language.number_style import current_style, style_of
from cashier.money import Money, cash_step_of, check_chargeable, exponent_of, parse_amount, round_to_cash
from cashier.paper.typeface import register_fonts
from cashier.sandbox.objects.amounts import _CURRENCIES as SANDBOX_CURRENCIES

CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "ISK", "HUF"])
LOCALES = ("en", "en_US", "es", "es_MX", "de", "de_AT", "de_CH", "fr", "hi_IN", "ar", "ar_EG", "sv", "pt_BR", "pl")
AMOUNTS = st.integers(min_value=0, max_value=99_999_999_999)


@pytest.fixture(scope="module", params=LOCALES)
def locale(request):
    """The desk writes amounts as in one country."""
    use_locale(request.param)
    yield request.param
    use_locale("en")


@given(amount_minor=AMOUNTS, currency=CURRENCIES)
def test_what_is_written_is_read_back_in_every_country(locale, amount_minor, currency):
    money = Money(amount_minor, currency)

    assert parse_amount(money.digits(), currency) == money


@given(amount_minor=AMOUNTS, currency=CURRENCIES)
def test_a_number_without_groups_is_read_in_every_country(locale, amount_minor, currency):
    exponent = exponent_of(currency)
    whole, fraction = divmod(amount_minor, 10**exponent)
    typed = f"{whole}{current_style().decimal}{fraction:0{exponent}d}" if exponent else str(whole)

    assert parse_amount(typed, currency) == Money(amount_minor, currency)


@given(text=st.text(alphabet="0123456789., '", max_size=12), currency=CURRENCIES)
def test_nothing_typed_is_two_amounts_in_two_countries(text, currency):
    read = set()
    try:
        for country in LOCALES:
            use_locale(country)
            with contextlib.suppress(Refused):
                read.add(parse_amount(text, currency))
    finally:
        use_locale("en")

    assert len(read) <= 1


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
    "text",
    [
        *["", "abc", "-5", "1e3", "12.50 USD", "12.", "١٢,٣٤٥,٦", "5" * 400],
        *["1.234", "1,234", "12.345.6", "1,23,45", "12.505", "12 50", "1'23", "1,234,567.5.0", "1.234,567.50"],
    ],
)
def test_what_could_mean_something_else_is_refused(text):
    with pytest.raises(Refused):
        parse_amount(text, "EUR")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("50 €", "EUR", 5_000), ("€50", "EUR", 5_000), ("EUR 1,234.50", "EUR", 123_450), ("12.50EUR", "EUR", 1_250),
        ("$7.05", "USD", 705), ("CHF 1’234.50", "CHF", 123_450), ("¥1,200", "JPY", 1_200),
        ("\u0661\u0662,\u0665\u0660", "EUR", 1_250), ("\u0967\u0968\u0966", "INR", 12_000),
        ("\uff15\uff10", "EUR", 5_000),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_screens_write_it_and_in_the_digits_of_any_script(text, currency, minor):
    assert parse_amount(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text", ["50 $", "£50", "USD 50", "€50€", "EUR", "€", "-€50", "50 €-", "eur50", "5 € 0", "½", "²"]
)
def test_another_currency_or_anything_else_beside_it_makes_it_no_amount(text):
    with pytest.raises(Refused, match="not an amount"):
        parse_amount(text, "EUR")


@given(amount_minor=st.integers(0, 10**12), currency=st.sampled_from(["EUR", "USD", "JPY", "CHF", "KWD", "INR"]))
def test_what_is_shown_is_read_back(amount_minor, currency):
    assert parse_amount(str(Money(amount_minor, currency)), currency) == Money(amount_minor, currency)


def test_a_currency_without_decimals_takes_thousands_and_no_fraction():
    assert parse_amount("1,234", "JPY") == Money(1234, "JPY")
    with pytest.raises(Refused):
        parse_amount("12.5", "JPY")


def test_a_currency_with_three_decimals_takes_the_countrys_own_way_of_writing_them():
    assert parse_amount("1.234", "KWD") == Money(1234, "KWD")
    assert parse_amount("0,234", "KWD") == Money(234, "KWD")
    with pytest.raises(Refused, match="two ways"):
        parse_amount("1,234", "KWD")


def test_advice_shows_amounts_as_the_country_writes_them():
    use_locale("es")
    try:
        with pytest.raises(Refused, match="not an amount") as refusal:
            parse_amount("abc", "EUR")
    finally:
        use_locale("en")

    assert "12,50" in str(refusal.value.advice)


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


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Money(123_450, "EUR"), "1234.50"),
        (Money(-30, "EUR"), "-0.30"),
        (Money(-12_000, "JPY"), "-12000"),
        (Money(1_234_560, "KWD"), "1234.560"),
        (Money(0, "USD"), "0.00"),
    ],
)
def test_other_programs_read_plain_numbers(amount, written):
    assert amount.plain() == written


def test_money_is_written_with_its_sign_and_commas():
    assert str(Money(123456, "EUR")) == "1,234.56 €"
    assert str(Money(-5, "EUR")) == "−0.05 €"
    assert str(Money(1234, "JPY")) == "1,234 ¥"
    assert str(Money(1234, "KWD")) == "1.234 KWD"


@pytest.mark.parametrize(
    ("locale", "amount", "written"),
    [
        ("en", Money(123456, "EUR"), "1,234.56 €"),
        ("en_US", Money(-123456, "USD"), "−$1,234.56"),
        ("en_GB", Money(123456, "CHF"), "CHF 1,234.56"),
        ("es", Money(123456, "EUR"), "1.234,56 €"),
        ("es-MX", Money(123456, "MXN"), "$1,234.56"),
        ("de_CH", Money(-123456, "CHF"), "−CHF 1’234.56"),
        ("fr", Money(123456, "EUR"), "1\u202f234,56 €"),
        ("hi_IN", Money(123456789, "INR"), "₹12,34,567.89"),
        ("sv", Money(123456, "SEK"), "1\u00a0234,56 kr"),
        ("pt_BR", Money(123456, "BRL"), "R$ 1.234,56"),
        ("ar_EG", Money(123456, "EGP"), "1,234.56 EGP"),
    ],
)
def test_each_country_has_its_own_way_of_writing(locale, amount, written):
    use_locale(locale)
    try:
        assert str(amount) == written
    finally:
        use_locale("en")


def test_receipts_can_show_every_sign_and_separator():
    characters = register_fonts()
    unknown = {
        (locale, character)
        for locale in locale_identifiers()
        for style in [style_of(locale)]
        for text in [style.decimal, style.group, *style.signs.values()]
        for character in text
        if ord(character) not in characters
    }

    assert not unknown


def test_there_is_no_locale_that_does_not_exist():
    for name in ("xx", "english", "../en"):
        with pytest.raises(ValueError):  # noqa: PT011 - the words are Babel's
            use_locale(name)


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        (Money(0, "EUR"), "above zero"),
        (Money(-1, "EUR"), "above zero"),
        (Money(49, "EUR"), "too small"),
        (Money(29, "GBP"), "too small"),
        (Money(100_000_000, "EUR"), "too large"),
        (Money(1_000_000_000, "INR"), "too large"),
        (Money(1234, "KWD"), "steps"),
        (Money(12_345, "ISK"), "steps"),
    ],
)
def test_what_stripe_would_not_charge_is_refused_before(amount, reason):
    with pytest.raises(Refused, match=reason) as refusal:
        check_chargeable(amount)
    assert refusal.value.advice


@pytest.mark.parametrize(
    "amount",
    [
        *[Money(50, "EUR"), Money(30, "GBP"), Money(50, "JPY"), Money(1230, "KWD"), Money(99_999_999, "USD")],
        *[Money(999_999_999, "INR"), Money(9_999_999_999, "COP"), Money(999_999_999_999, "IDR")],
    ],
)
def test_the_limits_themselves_are_chargeable(amount):
    check_chargeable(amount)


def test_exponents_are_stripes():
    assert [exponent_of(code) for code in ("EUR", "JPY", "BHD", "UGX", "TWD", "XOF")] == [2, 0, 3, 2, 2, 0]
    assert [exponent_of(code) for code in ("ISK", "HUF", "MGA", "KWD", "IDR", "COP")] == [2, 2, 0, 3, 2, 2]


CASH_CURRENCIES = st.sampled_from(["CHF", "CLP", "DKK", "EUR", "HUF", "ISK", "JPY", "KWD", "NZD", "SEK"])


@given(amount_minor=AMOUNTS, currency=CASH_CURRENCIES)
def test_cash_is_the_nearest_amount_that_coins_make(amount_minor, currency):
    step = cash_step_of(currency)

    cash = round_to_cash(Money(amount_minor, currency))

    assert cash.amount_minor % step == 0
    assert 2 * abs(cash.amount_minor - amount_minor) <= step


@given(amount_minor=AMOUNTS, currency=CASH_CURRENCIES)
def test_cash_paid_out_is_rounded_like_cash_taken_in(amount_minor, currency):
    taken_in = round_to_cash(Money(amount_minor, currency))
    paid_out = round_to_cash(-Money(amount_minor, currency))

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
    assert round_to_cash(amount).amount_minor == cash_minor


def test_a_hospital_can_have_a_coarser_coin_than_its_currency():
    assert round_to_cash(Money(1498, "EUR"), 5) == Money(1500, "EUR")


def test_no_coin_is_smaller_than_nothing():
    with pytest.raises(ValueError, match="worth something"):
        round_to_cash(Money(1, "EUR"), -5)


def test_cash_steps_are_what_cldr_knows_or_coarser():
    retired = {"STD"}
    finer = []
    for currency, (_, _, digits, step) in get_global("currency_fractions").items():
        if currency.lower() in SANDBOX_CURRENCIES and currency not in retired:
            known_step = max(step, 1) * 10 ** max(exponent_of(currency) - digits, 0)
            if cash_step_of(currency) % known_step:
                finer.append(currency)

    assert not finer
