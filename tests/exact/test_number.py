"""Numbers of other systems, read to the digit."""

from __future__ import annotations

import pytest

from cashier.exact.number import Exact, ratio


@pytest.mark.parametrize(
    ("text", "hundredths"),
    [
        ("98.00", 9_800),
        ("98", 9_800),
        ("-0.5", -50),
        ("+1.2", 120),
        ("9.8e1", 9_800),
        ("980E-1", 9_800),
        ("0.000", 0),
    ],
)
def test_a_number_is_what_is_written(text, hundredths):
    assert Exact.read(text).scaled(2) == hundredths


@pytest.mark.parametrize(
    "text", ["", ".5", "5.", "1,5", "0x10", "1e13", "1E-13", "1e400000", "NaN", "٣", "9" * 41, "- 1"]
)
def test_anything_else_is_no_number(text):
    with pytest.raises(ValueError, match="number"):
        Exact.read(text)


def test_what_has_too_many_decimals_is_refused_and_never_rounded_in_silence():
    with pytest.raises(ValueError, match="decimals"):
        Exact.read("1.005").scaled(2)
    assert [Exact.read(text).rounded(2) for text in ("1.005", "-1.005", "1.004", "7")] == [101, -101, 100, 700]


def test_a_ratio_is_the_nearest_number_and_half_is_away_from_zero():
    assert [ratio(*each) for each in ((1, 2), (-1, 2), (1, -2), (1, 3), (-2, 3), (0, 5))] == [1, -1, -1, 0, -1, 0]
