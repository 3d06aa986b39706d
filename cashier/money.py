"""Money: an exact amount in the smallest unit of one currency; what coins make of it, and what Stripe charges.

Exponents follow ISO 4217 as Stripe puts amounts on the wire:
https://docs.stripe.com/currencies#zero-decimal and https://docs.stripe.com/currencies#special-cases
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from cashier.errors import Refused
from cashier.language import m
from cashier.language.number_style import DECIMALS, GAPS, NumberStyle, current_style

CURRENCIES = frozenset({
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD",
    "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY",
    "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP",
    "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR",
    "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT",
    "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR",
    "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK",
    "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD",
    "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD",
    "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VES", "VND", "VUV", "WST", "XAF", "XCD", "XCG", "XOF",
    "XPF", "YER", "ZAR", "ZMW", "ZWG",
})  # fmt: skip
"""What is legal tender somewhere (ISO 4217): an invoice in anything else is a slip of the pen."""

_NO_MINOR_UNIT = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"],
)
_THREE_DECIMALS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
_WHOLE_UNITS_ON_THE_WIRE = frozenset({"ISK", "UGX"})

# What Stripe charges at least, by settlement currency, and at most, whatever the way of paying (single cards may take
# more): https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
_MINIMUM_CHARGE_MINOR = {
    "AED": 200, "ARS": 50, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "COP": 50, "CZK": 1500, "DKK": 250, "EUR": 50,
    "GBP": 30, "HKD": 400, "HUF": 17500, "IDR": 50, "ILS": 50, "INR": 50, "JPY": 50, "KRW": 50, "MXN": 1000,
    "MYR": 200, "NOK": 300, "NZD": 50, "PHP": 50, "PLN": 200, "RON": 200, "RUB": 50, "SEK": 300, "SGD": 50,
    "THB": 1000, "USD": 50, "ZAR": 50,
}  # fmt: skip
_MAXIMUM_CHARGE_MINOR = {"COP": 9_999_999_999, "IDR": 999_999_999_999, "INR": 999_999_999}
_MAXIMUM_CHARGE_ELSEWHERE_MINOR = 99_999_999

# The smallest coin in use, where that is more than the currency's smallest step: cash is rounded to it.
# From CLDR's cash rounding, coarser where a central bank has withdrawn its small coins since:
# https://www.unicode.org/reports/tr35/tr35-numbers.html#Supplemental_Currency_Data
_CASH_STEP_MINOR = {
    "AFN": 100, "ALL": 100, "AMD": 100, "AUD": 5, "BBD": 5, "BHD": 5, "BSD": 5, "CAD": 5, "CHF": 5, "CLP": 10,
    "COP": 5000, "CRC": 500, "CZK": 100, "DKK": 50, "GYD": 100, "HKD": 10, "HUF": 500, "IDR": 10_000, "ILS": 10,
    "JMD": 100, "KRW": 10, "KWD": 5, "LAK": 100, "LBP": 100, "MMK": 100, "MNT": 100, "MUR": 100, "MYR": 5,
    "NOK": 100, "NZD": 10, "OMR": 5, "PKR": 100, "RSD": 100, "SEK": 100, "SGD": 5, "SOS": 100, "TTD": 5,
    "TWD": 100, "TZS": 100, "UZS": 100, "XCD": 5, "YER": 100, "ZAR": 10,
}  # fmt: skip
# Elsewhere half a step is rounded up. In Chile by law (Ley 20.956), in New Zealand by most shops' custom, it is not:
# https://en.wikipedia.org/wiki/Cash_rounding
_HALF_GOES_DOWN = frozenset({"CLP", "NZD"})

_DIGITS_MAX = 15


def exponent_of(currency: str) -> int:
    """How many decimals an amount in ``currency`` (ISO 4217, upper case) has: 0, 2 or 3."""
    if currency in _NO_MINOR_UNIT:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def smallest_step_of(currency: str) -> int:
    """The smallest difference between two chargeable amounts, in minor units.

    Stripe keeps two decimals of UGX and ISK that must be 00, and a last digit 0 where there are three.
    """
    if currency in _WHOLE_UNITS_ON_THE_WIRE:
        return 100
    return 10 if currency in _THREE_DECIMALS else 1


def cash_step_of(currency: str, of_hospital_minor: int = 0) -> int:
    """The smallest amount that can be paid in coins of ``currency``, in minor units.

    A country may use less than its currency offers (Finland has no use for 1 and 2 cent): the hospital's own
    smallest coin, ``of_hospital_minor``, comes first; 0 where it has none.
    """
    if of_hospital_minor < 0:
        raise ValueError("a coin is worth something")
    return of_hospital_minor or _CASH_STEP_MINOR.get(currency, smallest_step_of(currency))


@dataclass(frozen=True, order=False)
class Money:
    """``amount_minor`` in the minor unit of ``currency`` (ISO 4217, upper case): 1234 EUR is 12.34 €."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        """Refuse what cannot be money: a currency that is no three letters, an amount that is no integer."""
        if not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise Refused(
                m("“{currency}” is not a currency.", currency=self.currency),
                advice=m("Use three capitals, such as EUR."),
            )
        if type(self.amount_minor) is not int:
            raise TypeError("amount_minor must be an int")

    def __add__(self, other: Money) -> Money:
        """Add an amount of the same currency."""
        return Money(self.amount_minor + self._minor_of(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract an amount of the same currency; the result may be negative."""
        return Money(self.amount_minor - self._minor_of(other), self.currency)

    def __neg__(self) -> Money:
        """Turn the sign."""
        return Money(-self.amount_minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        """Compare with an amount of the same currency."""
        return self.amount_minor < self._minor_of(other)

    def __le__(self, other: Money) -> bool:
        """Compare with an amount of the same currency."""
        return self.amount_minor <= self._minor_of(other)

    def __bool__(self) -> bool:
        """Tell whether there is any: zero is false."""
        return self.amount_minor != 0

    def __str__(self) -> str:
        """Write the amount for a person, as the desk's locale has it: ``1,234.50 €``."""
        amount = current_style().with_sign(Money(abs(self.amount_minor), self.currency).digits(), self.currency)
        return f"−{amount}" if self.amount_minor < 0 else amount

    @property
    def symbol(self) -> str:
        """The currency's sign, or its code where the desk's locale has none for it."""
        return current_style().signs.get(self.currency, self.currency)

    def digits(self) -> str:
        """Write the number alone, as the desk's locale has it: ``1,234.50``. Files for machines want another form."""
        exponent, style = exponent_of(self.currency), current_style()
        minus = "−" if self.amount_minor < 0 else ""
        whole, fraction = divmod(abs(self.amount_minor), 10**exponent)
        return f"{minus}{style.grouped(str(whole))}" + (f"{style.decimal}{fraction:0{exponent}d}" if exponent else "")

    def plain(self) -> str:
        """Write the number for other programs: ``1234.50``, ``-0.30``; a point, no grouping, all decimals."""
        exponent = exponent_of(self.currency)
        whole, fraction = divmod(abs(self.amount_minor), 10**exponent)
        sign = "-" if self.amount_minor < 0 else ""
        return f"{sign}{whole}" + (f".{fraction:0{exponent}d}" if exponent else "")

    def _minor_of(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be mixed")
        return other.amount_minor


def parse_amount(text: str, currency: str) -> Money:
    """Read what a cashier typed: ``12``, ``12.5``, ``12,50``, ``1,234.50``, ``1.234,50`` or ``1 234,50``.

    The sign or code of ``currency`` may stand beside it, as it is written on screens; digits are of any script.
    Both decimal separators are understood, because keyboards differ. One that could as well part thousands (1.234) is
    refused; where currencies have three decimals, the locale's own is read. Raises ``Refused`` with the reason; never
    rounds.
    """
    shown = text.strip()
    style, exponent = current_style(), exponent_of(currency)
    number = _without_currency(_in_plain_digits(shown), currency, style)
    if not re.fullmatch(rf"[0-9]+([{DECIMALS}{GAPS}][0-9]+)*", number):
        example = Money(1250, currency).digits()
        raise Refused(
            m("“{typed}” is not an amount.", typed=shown),
            advice=m("Type digits, for example {example}.", example=example),
        )
    separators, parts = re.findall(r"[^0-9]", number), re.split(r"[^0-9]", number)
    has_fraction = _ends_in_fraction(separators, parts, style, exponent)
    groups, fraction = (parts[:-1], parts[-1].rstrip("0")) if has_fraction else (parts, "")
    group_signs = separators[: len(groups) - 1]
    if has_fraction is None or len(set(group_signs)) > 1 or not (len(groups) == 1 or _are_groups(groups, style)):
        raise Refused(
            m("“{typed}” can be read in two ways.", typed=shown), advice=m("Leave out the thousands separator.")
        )
    if len(fraction) > exponent:
        raise Refused(
            m("{currency} has {count} decimal places.", currency=currency, count=exponent)
            if exponent
            else m("{currency} has no decimal places.", currency=currency),
            advice=m("Type the amount without further digits."),
        )
    digits = "".join(groups) + fraction.ljust(exponent, "0")
    if len(digits) > _DIGITS_MAX:
        raise Refused(
            m("“{typed}” is too large for an amount.", typed=shown), advice=m("Type how much the patient pays now.")
        )
    return Money(int(digits), currency)


def _in_plain_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)


def _without_currency(text: str, currency: str, style: NumberStyle) -> str:
    """Take the sign or the code of ``currency`` off one end; what else stands there makes it no amount."""
    for mark in (style.signs.get(currency, currency), currency):
        for bare in (text.removeprefix(mark), text.removesuffix(mark)):
            if bare != text:
                return bare.strip()
    return text


def _ends_in_fraction(separators: list[str], parts: list[str], style: NumberStyle, exponent: int) -> bool | None:
    """Tell whether the last separator is the decimal one; ``None`` where it may be and may not be."""
    if not separators or separators[-1] in GAPS or separators.count(separators[-1]) > 1:
        return False
    if len(separators) > 1 or not _are_groups(parts, style):
        return True
    if exponent == 0:
        return False
    # Three digits follow. With two decimals this is thousands, or a decimal too many: number pads have a point or a
    # comma whatever the country, so the locale does not tell, and a guess may charge a thousand times too much.
    return True if exponent == 3 and separators[0] == style.decimal else None


def _are_groups(parts: list[str], style: NumberStyle) -> bool:
    """Tell whether ``parts`` are the groups of a whole number: threes, or as the locale has them."""
    return any(
        not parts[0].startswith("0")
        and len(parts[0]) <= further
        and all(len(part) == further for part in parts[1:-1])
        and len(parts[-1]) == last
        for last, further in {(3, 3), style.group_sizes}
    )


def round_to_cash(amount: Money, of_hospital_minor: int = 0) -> Money:
    """Return what is paid in cash for ``amount``: the nearest multiple of the smallest coin (see ``cash_step_of``).

    Half a step goes the way of the currency's country; what is paid out is rounded like what is taken in.
    """
    step_minor = cash_step_of(amount.currency, of_hospital_minor)
    steps, rest = divmod(abs(amount.amount_minor), step_minor)
    is_half_down = amount.currency in _HALF_GOES_DOWN and 2 * rest == step_minor
    nearest = (steps + (2 * rest >= step_minor and not is_half_down)) * step_minor
    return Money(nearest if amount.amount_minor >= 0 else -nearest, amount.currency)


def minimum_charge(currency: str) -> Money:
    """Return the least that Stripe charges in ``currency``: one minor unit where it publishes no minimum."""
    return Money(_MINIMUM_CHARGE_MINOR.get(currency, 1), currency)


def maximum_charge(currency: str) -> Money:
    """Return the most that Stripe charges in ``currency`` at a time."""
    return Money(_MAXIMUM_CHARGE_MINOR.get(currency, _MAXIMUM_CHARGE_ELSEWHERE_MINOR), currency)


def check_chargeable(amount: Money) -> None:
    """Raise ``Refused`` when Stripe would not charge ``amount``: too small, too large, or not a whole step.

    Currencies without a published minimum are left to Stripe's own check.
    """
    if amount.amount_minor <= 0:
        raise Refused(m("The amount must be above zero."), advice=m("Type how much the patient pays now."))
    minimum = minimum_charge(amount.currency)
    if amount < minimum:
        raise Refused(
            m("{amount} is too small for a card.", amount=amount),
            advice=m("Cards can be charged from {minimum}; take it in cash.", minimum=minimum),
        )
    maximum = maximum_charge(amount.currency)
    if maximum < amount:
        raise Refused(
            m("{amount} is too large for one card payment.", amount=amount),
            advice=m("Charge at most {maximum} at a time.", maximum=maximum),
        )
    step = smallest_step_of(amount.currency)
    if amount.amount_minor % step:
        raise Refused(
            m("{amount} cannot be charged to a card.", amount=amount),
            advice=m(
                "In {currency} amounts go in steps of {step}.",
                currency=amount.currency,
                step=Money(step, amount.currency),
            ),
        )
