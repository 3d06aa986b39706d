"""Scans and typing are told apart by when their keys came, in milliseconds as they were recorded."""

from __future__ import annotations

import itertools

import pytest

from cashier.desk.scanning.rhythm import Burst, Rhythm

SCANNERS = {
    "by cable, without delay": [1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 1, 2, 1, 1, 1],
    "by cable, 8 ms polls": [8, 8, 8, 8, 16, 8, 8, 8, 8, 8, 8, 16, 8, 8, 8],
    "15 ms between keys": [15, 15, 16, 15, 15, 14, 15, 15, 16, 15],
    "by radio": [22, 25, 24, 26, 22, 25, 23, 27],
    "at a busy machine": [1, 1, 48, 1, 1, 2, 1, 55, 1, 1, 1, 1],
    "six digits": [2, 2, 2, 2, 2, 2],
    "five digits": [1, 2, 1, 1, 2],
    "three digits, 16 ms polls": [16, 15, 16],
    "a room of two digits": [8, 8],
}
TYPISTS = {
    "an amount on the keypad": [112, 96, 141, 88, 120, 165],
    "a practised hand on the keypad": [78, 64, 71, 60, 83, 66, 90],
    "a name at 120 words a minute": [96, 84, 71, 102, 90, 66, 88, 120],
    "rolling fingers": [35, 71, 38, 84, 36, 92, 41, 77, 35, 110],
    "nothing but rolls": [36, 38, 35, 41, 36, 39, 35, 37],
    "two keys at once, again and again": [3, 88, 6, 92, 4, 79, 8, 96],
    "quick digits, then Enter with the other hand": [34, 31, 36, 33, 35, 140],
    "a word at once, then Enter": [1, 1, 1, 1, 1, 1, 1, 1, 70],
    "one key with Enter": [1],
    "a key that bounces, then Enter": [4, 110],
    "double nought by two fingers, then Enter": [14, 62],
    "three keys that roll, Enter with the thumb": [34, 22, 18],
    "short, and late once": [1, 1, 17, 1],
}


def is_scan(gaps: list[int], rhythm: Rhythm | None = None) -> bool:
    """Whether keys with these gaps are one; the last gap is the one before Enter."""
    times = list(itertools.accumulate(gaps, initial=50_000))
    burst = Burst(rhythm=rhythm or Rhythm())
    for time in times[:-1]:
        if not burst.goes_on_at(time):
            burst = Burst(rhythm=burst.rhythm)
        burst.times.append(time)
    return burst.is_scan_ended_at(times[-1])


@pytest.mark.parametrize("gaps", SCANNERS.values(), ids=SCANNERS)
def test_scanners_are_known(gaps: list[int]) -> None:
    assert is_scan(gaps)


@pytest.mark.parametrize("gaps", TYPISTS.values(), ids=TYPISTS)
def test_hands_are_no_scanners(gaps: list[int]) -> None:
    assert not is_scan(gaps)


def test_what_was_typed_before_is_no_part_of_a_scan() -> None:
    assert is_scan([95, 110, 240, *SCANNERS["15 ms between keys"]])
    assert not is_scan([95, 110, 240, 31, 28, 30])


def test_a_slow_scanner_is_known_where_the_settings_allow_it() -> None:
    slow = [42, 40, 41, 43, 40, 44, 41]

    assert not is_scan(slow)
    assert is_scan(slow, Rhythm(key_gap_ms=45))


def test_a_short_code_is_never_longer_between_keys_than_the_settings_allow() -> None:
    assert is_scan([12, 12, 12])
    assert not is_scan([12, 12, 12], Rhythm(key_gap_ms=10))


def test_a_clock_that_goes_back_makes_no_scan() -> None:
    assert not is_scan([1, 1, 1, 1, 1, -40, 1])
