"""Whole numbers as the language writes them."""

from __future__ import annotations

from dataclasses import dataclass

from cashier.language.current import speaking
from cashier.language.message import Message
from cashier.language.number_style import current_style


@dataclass(frozen=True, slots=True)
class _Number(Message):
    """A whole number in groups of digits."""

    value: int

    def in_(self, language: str) -> str:
        with speaking(language):
            digits = current_style().grouped(str(abs(self.value)))
        return f"−{digits}" if self.value < 0 else digits


def number(value: int) -> Message:
    """Write a whole number in groups: ``1,234``, in Spanish ``1.234``. Amounts are ``Money``'s to write."""
    return _Number(value)
