"""Numbers as other systems write them, read exactly: digits and how many of them are decimals, never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"([+-]?)([0-9]{1,40})(?:\.([0-9]{1,40}))?(?:[eE]([+-]?[0-9]{1,3}))?", re.ASCII)
_EXPONENT_MAX = 12


@dataclass(frozen=True)
class Exact:
    """``digits`` divided by ten to the power of ``decimals``: 98.00 is 9800 with 2 of them."""

    digits: int
    decimals: int

    @classmethod
    def read(cls, text: str) -> Exact:
        """Read ``98``, ``-98.00`` or ``9.8e1``.

        Raises ``ValueError`` for anything else, for more than 40 digits, and for exponents beyond 12: a few letters
        must not become a number with a million digits.
        """
        found = _NUMBER.fullmatch(text)
        if found is None:
            raise ValueError("this is no number")
        sign, whole, decimals, power = found[1], found[2], found[3] or "", int(found[4] or 0)
        if abs(power) > _EXPONENT_MAX:
            raise ValueError("the exponent of this number is beyond 12")
        digits = int(f"{sign}{whole}{decimals}")
        places = len(decimals) - power
        return cls(digits, places) if places >= 0 else cls(digits * _power(-places), 0)

    def scaled(self, decimals: int) -> int:
        """Return it in units of ``decimals`` decimals: 98.00 with 2 is 9800, with 3 is 98000.

        Raises ``ValueError`` where it has more decimals than that, unless they are zeros.
        """
        if self.decimals <= decimals:
            return self.digits * _power(decimals - self.decimals)
        scaled, rest = divmod(self.digits, _power(self.decimals - decimals))
        if rest:
            raise ValueError("this number has too many decimals")
        return scaled

    def rounded(self, decimals: int) -> int:
        """Return it in units of ``decimals`` decimals, half a unit away from zero."""
        if self.decimals <= decimals:
            return self.scaled(decimals)
        return ratio(self.digits, _power(self.decimals - decimals))


def ratio(part: int, whole: int) -> int:
    """Return ``part`` divided by ``whole``, to the nearest number; half is away from zero. ``whole`` is not 0."""
    quotient = (2 * abs(part) + abs(whole)) // (2 * abs(whole))
    return quotient if (part < 0) == (whole < 0) else -quotient


def _power(places: int) -> int:
    return int(10**places)
