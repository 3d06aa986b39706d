"""How a country writes amounts: its separators, its groups of digits, and where the currency's sign stands.

A style follows the language that is read, unless the machine's settings name a country's own (``use_locale``).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from cashier.language.current import current_locale, keep_locale
from cashier.language.pseudo import PSEUDO

DECIMALS = ".,"
"""What parts units from decimals in one country, and thousands in another."""
GAPS = " \u00a0\u202f'’"
"""What parts thousands, and is nowhere else in a number."""


@dataclass(frozen=True, kw_only=True)
class NumberStyle:
    """The amounts of one country."""

    decimal: str
    group: str
    group_sizes: tuple[int, int]
    """How many digits are in the last group, and in every one before it: 3 and 2 in India's 12,34,567."""
    sign_leads: bool
    """The currency's sign stands before the number."""
    gap: str
    """What is between the sign and the number."""
    signs: Mapping[str, str]
    """The signs of currencies (ISO 4217); those without one are written with their code."""

    def grouped(self, digits: str) -> str:
        """Write a whole number, given as its digits, in groups."""
        last, further = self.group_sizes
        groups = [digits[-last:]]
        rest = digits[:-last]
        while rest:
            groups.append(rest[-further:])
            rest = rest[:-further]
        return self.group.join(reversed(groups))

    def with_sign(self, number: str, currency: str) -> str:
        """Put the sign of ``currency`` where it belongs."""
        sign = self.signs.get(currency, currency)
        if not self.sign_leads:
            return f"{number}{self.gap}{sign}"
        # A code would run into its number: USD1.00.
        return f"{sign}{self.gap or ' ' * sign[-1].isalpha()}{number}"


ENGLISH = NumberStyle(
    decimal=".",
    group=",",
    group_sizes=(3, 3),
    sign_leads=False,
    gap=" ",
    signs={"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "CHF": "CHF", "MXN": "MX$"},
)
"""What the locale ``en`` stands for: 1,234.50 €, as the European Union writes it in English."""


class Count(int):
    """A number of things, written in groups of digits: 1,234. Small counts need none."""

    def __str__(self) -> str:
        """Write it as the language does."""
        return f"{'−' * (self < 0)}{current_style().grouped(repr(abs(self)))}"


@dataclass(frozen=True)
class Decimals:
    """A number with decimals, kept with a point: ``1.5``."""

    number: str

    def __str__(self) -> str:
        """Write it as the language does."""
        return self.number.replace(".", current_style().decimal)


def current_style() -> NumberStyle:
    """The style that amounts are written and read in now."""
    return style_of(current_locale())


def use_locale(locale: str) -> None:
    """Write and read amounts as in ``locale``, such as ``de_CH``, in every language; empty: as the language does.

    Raises ``ValueError`` when there is no such locale.
    """
    if locale:
        style_of(locale)
    keep_locale(locale)


@functools.cache
def style_of(locale: str) -> NumberStyle:
    """Return the style of ``locale``, such as ``es`` or ``de_CH``, from CLDR's data; always with Latin digits.

    Raises ``ValueError`` when there is no such locale.
    """
    if locale in ("en", PSEUDO):
        return ENGLISH
    # Babel takes a seventh of the time until the first paint, and most desks can do without it.
    from babel.core import Locale, UnknownLocaleError  # noqa: PLC0415

    try:
        found = Locale.parse(locale.replace("-", "_"))
    except UnknownLocaleError as error:
        raise ValueError(str(error)) from None
    decimal, group = (found.number_symbols["latn"][name] for name in ("decimal", "group"))
    if decimal not in DECIMALS or group not in DECIMALS + GAPS:
        # A few languages of Asia and Africa part even Latin digits by signs of their own script.
        decimal, group = ENGLISH.decimal, ENGLISH.group
    before, _, after = found.currency_formats["standard"].pattern.partition(";")[0].partition("¤")
    is_leading = "#" in after
    beside = after[:1] if is_leading else before[-1:]
    return NumberStyle(
        decimal=decimal,
        group=group,
        group_sizes=found.decimal_formats[None].grouping,
        sign_leads=is_leading,
        # A plain space, also where CLDR has one that does not break: what is shown is copied and searched for.
        gap=" " if beside.isspace() else "",
        signs={currency: sign for currency, sign in found.currency_symbols.items() if _is_drawable(sign)},
    )


def _is_drawable(sign: str) -> bool:
    """Tell whether every typeface of ours has ``sign``: Latin, Greek and Cyrillic letters, signs of currencies."""
    return all(character < "\u0530" or "\u20a0" <= character <= "\u20bf" for character in sign)
