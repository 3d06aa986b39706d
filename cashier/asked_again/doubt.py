"""A doubt about what is ordered: why, about what exactly, and how a decision about it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from cashier.errors import Refused
from cashier.language import NOTHING, Message, joined, m


class DoubtCode(StrEnum):
    """Why something is asked for again, in the words of the journal."""

    HANDED_OVER = "handed_over"
    """More cash than anybody hands over for what is to be paid."""
    TIMES_DUE = "times_due"
    DEPOSIT = "deposit"
    FLOAT = "float"
    CASH_MOVEMENT = "cash_movement"
    SAME_AGAIN = "same_again"
    """The patient paid the same amount a moment ago, or is paying it."""
    REFERENCE_AGAIN = "reference_again"
    """The number of the cheque, transfer or slip is that of another payment."""


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """One reason to ask again. ``about`` says what exactly: a decision counts for that and for nothing else."""

    code: DoubtCode
    about: str
    words: Message = field(compare=False, default=NOTHING)


class Doubtful(Refused):
    """This is hardly ever meant. Nothing was done."""

    default = m("This is hardly ever meant. Nothing was done.")

    def __init__(self, doubts: Iterable[Doubt]) -> None:
        """Keep what there is to decide about."""
        self.doubts = frozenset(doubts)
        said = sorted(self.doubts, key=lambda doubt: list(DoubtCode).index(doubt.code))
        super().__init__(joined("\n", [doubt.words for doubt in said]))


def refuse_undecided(doubts: Iterable[Doubt | None], decided: frozenset[Doubt]) -> dict[str, str]:
    """Return the ``doubts`` that were decided about, by their codes, as the journal keeps them; none: nothing.

    Raises ``Doubtful`` with all of them where one was not.
    """
    found = [doubt for doubt in doubts if doubt is not None]
    if not decided.issuperset(found):
        raise Doubtful(found)
    by_code: dict[str, str] = {}
    for doubt in found:
        by_code[doubt.code] = ", ".join(filter(None, (by_code.get(doubt.code), doubt.about)))
    return by_code
