"""Days are read in the order of the country, with any separator; what could be two days is both of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashier.language import use_locale
from cashier.language.typed_days import day_to_type, days_typed

LOCALES = ("en", "en_US", "es", "es_MX", "de_CH", "fr", "pt_BR", "sv_SE", "hi_IN", "bg", "fa_IR")
SECOND, THIRD = date(1931, 12, 2), date(1931, 2, 12)


@pytest.fixture(autouse=True)
def as_the_language_does() -> Iterator[None]:
    yield
    use_locale("")


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("1931-12-02", [SECOND]), ("1931/12/2", [SECOND]), ("19311202", [SECOND]), (" 2.12.1931 ", [SECOND]),
        ("02 . 12 . 1931", [SECOND]), ("2/12/1931", [SECOND, THIRD]), ("2-12-1931", [SECOND, THIRD]),
        ("2 12 1931", [SECOND, THIRD]), ("12/12/1931", [date(1931, 12, 12)]), ("12/31/1931", [date(1931, 12, 31)]),
        ("31/12/1931", [date(1931, 12, 31)]), ("\u0660\u0662.\u0661\u0662.\u0661\u0669\u0663\u0661", [SECOND]),
        ("29.02.2024", [date(2024, 2, 29)]), ("29.02.2023", []), ("2/12/31", []), ("2.12", []), ("1931", []),
        ("2/12-1931", []), ("1931-W49-3", []), ("0000-01-01", []), ("12.31.1931", []), ("2 Dec 1931", []), ("", []),
    ],
)  # fmt: skip
def test_what_is_typed_means_these_days(typed: str, days: list[date]) -> None:
    assert list(days_typed(typed)) == days


def test_the_country_says_which_is_likelier() -> None:
    use_locale("en_US")

    assert days_typed("2/12/1931") == (THIRD, SECOND)
    assert days_typed("2.12.1931") == (SECOND,)


@given(day=st.dates(min_value=date(1000, 1, 1)), locale=st.sampled_from(LOCALES))
def test_what_is_written_for_typing_is_read_back_first(day: date, locale: str) -> None:
    use_locale(locale)

    assert days_typed(day_to_type(day))[0] == day
