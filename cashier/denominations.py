"""Notes and coins: what a drawer is counted by, and what a hand can give."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.money import Money, cash_step_of, exponent_of

# What the central banks give out today, largest first, in minor units. What is rare (a dollar coin, a new 20 roubles
# note) is counted with the note or coin of the same value.
_EURO = (50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1)
_IN_USE: Mapping[str, tuple[int, ...]] = {
    "AUD": (10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5),
    "BRL": (20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 25, 10, 5),
    "CAD": (10_000, 5_000, 2_000, 1_000, 500, 200, 100, 25, 10, 5),
    "CHF": (100_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5),
    "CZK": (500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100),
    "DKK": (100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50),
    "EUR": _EURO,
    "GBP": _EURO[3:],
    "INR": (50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100),
    "JPY": (10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 5, 1),
    "MXN": (100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5),
    "NOK": (100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 100),
    "PLN": _EURO,
    "SEK": (100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100),
    "USD": (10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 25, 10, 5, 1),
}
_STEPS_ELSEWHERE = 15
_PIECES_MAX = 50
_LIKELY_SUMS_MAX = 4


def denominations_of(currency: str, step_minor: int = 0) -> tuple[int, ...]:
    """Return the values of notes and coins of ``currency``, largest first, in minor units.

    What is smaller than ``step_minor``, the smallest coin that the hospital uses, is left out. Of a currency that is
    not listed here, the steps 1, 2, 5, 10 … from its smallest coin upwards serve.
    """
    smallest = cash_step_of(currency, step_minor)
    known = _IN_USE.get(currency)
    if known is not None:
        return tuple(value for value in known if value >= smallest)
    found: list[int] = []
    decade = 1
    while len(found) < _STEPS_ELSEWHERE:
        found += [value for value in (decade, 2 * decade, 5 * decade) if value >= smallest]
        decade *= 10
    return tuple(reversed(found))


def largest_note_of(currency: str) -> Money:
    """Return the note of ``currency`` that is worth most; of one that is not listed here, at least as much."""
    return Money(denominations_of(currency)[0], currency)


def likely_sums(to_take: Money) -> tuple[Money, ...]:
    """Return what a patient is likely to hand over for ``to_take`` in cash: more than that, the least first.

    Each is the next multiple of a note or coin. What is smaller than a fiftieth of the sum is passed by: nobody
    counts out so many.
    """
    owed = to_take.amount_minor
    if owed <= 0:
        return ()
    counted = [value for value in denominations_of(to_take.currency) if value * _PIECES_MAX >= owed]
    sums = {-(-owed // value) * value for value in counted} - {owed}
    return tuple(Money(each, to_take.currency) for each in sorted(sums)[:_LIKELY_SUMS_MAX])


def tolerance_of(currency: str, step_minor: int = 0) -> int:
    """Return how much, in minor units, a drawer may be over or short without anybody being asked.

    One unit of the currency (1.00 €), a hundred where it has no smaller one (100 ¥), and never less than its
    smallest coin.
    """
    return max(1000 if exponent_of(currency) == 3 else 100, cash_step_of(currency, step_minor))
