"""Whole numbers as the language writes them, in digits or roughly in words."""

from __future__ import annotations

from dataclasses import dataclass

from cashier.language.current import ENGLISH, speaking
from cashier.language.message import Message
from cashier.language.number_style import current_style
from cashier.language.pseudo import PSEUDO


@dataclass(frozen=True, slots=True)
class _Number(Message):
    """A whole number in groups of digits."""

    value: int

    def in_(self, language: str) -> str:
        with speaking(language):
            digits = current_style().grouped(str(abs(self.value)))
        return f"−{digits}" if self.value < 0 else digits


@dataclass(frozen=True, slots=True)
class _Roughly(Message):
    """A whole number with its order of magnitude as a word."""

    value: int

    def in_(self, language: str) -> str:
        from babel.numbers import format_compact_decimal  # noqa: PLC0415 - rarely said, and Babel takes its time

        locale = "en_GB" if language in (ENGLISH, PSEUDO) else language
        return format_compact_decimal(self.value, format_type="long", locale=locale, fraction_digits=1)


def number(value: int) -> Message:
    """Write a whole number in groups: ``1,234``, in Spanish ``1.234``. Amounts are ``Money``'s to write."""
    return _Number(value)


def roughly(value: int) -> Message:
    """Write a whole number as one says it, for digits deceive: ``2 billion``, in Spanish ``2 mil millones``."""
    return _Roughly(value)
