"""How words and keys are asked for: names and record numbers at the patient, invoice numbers at the invoice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice, InvoiceKey, PatientWord
from cashier.invoices.spelling import Term, end_of_range


class Wholeness(Enum):
    """Which words of a term have to be whole ones; the others may be beginnings."""

    ALL = auto()
    ALL_BUT_LAST = auto()
    NONE = auto()


@dataclass(frozen=True)
class Asked:
    """One term, and which of its words are asked for as whole ones."""

    term: Term
    whole: Wholeness

    @property
    def alternatives(self) -> tuple[tuple[tuple[str, bool], ...], ...]:
        """The words of each alternative, with whether each is a whole one."""
        begun = tuple(
            tuple(
                (word, self.whole is Wholeness.ALL or (self.whole is Wholeness.ALL_BUT_LAST and number < len(words)))
                for number, word in enumerate(words, start=1)
            )
            for words in self.term.alternatives
        )
        return (*begun, *(((word, True),) for word in self.term.wholes))


@dataclass(frozen=True)
class Carriers:
    """How many patients and how many invoice numbers carry a word; at most so many are counted."""

    patients: int
    numbers: int

    @property
    def count(self) -> int:
        """About how many invoices that may be at least."""
        return self.patients + self.numbers


Counted = Mapping[tuple[str, bool], Carriers]


async def count_words(session: AsyncSession, words: Sequence[tuple[str, bool]], *, most: int) -> Counted:
    """Count who carries each word, whole or as a beginning, in one statement; up to ``most`` each."""
    counts = []
    for word, whole in words:
        for column in (PatientWord.word, InvoiceKey.key):
            some = sa.select(sa.literal(1)).where(*_fits(column, word, whole=whole)).limit(most).subquery()
            counts.append(sa.select(sa.func.count()).select_from(some).scalar_subquery())
    found = (await session.execute(sa.select(*counts))).one()
    return {key: Carriers(found[2 * index], found[2 * index + 1]) for index, key in enumerate(words)}


def fewest(asked: Asked, counted: Counted) -> int:
    """Return how many carry the rarest words of a term, over its alternatives."""
    return sum(min(counted[each].count for each in alternative) for alternative in asked.alternatives)


def is_of_names(asked: Sequence[Asked], counted: Counted) -> bool:
    """Tell whether no invoice number carries any of the words, so that patients decide alone."""
    return not any(counted[each].numbers for one in asked for words in one.alternatives for each in words)


def carries(asked: Asked, counted: Counted) -> sa.ColumnElement[bool]:
    """Ask of one invoice, by looking its words up where anybody carries them."""

    def looked_up(word: str, whole: bool) -> sa.ColumnElement[bool]:
        of_patient, of_number = sa.orm.aliased(PatientWord), sa.orm.aliased(InvoiceKey)
        places = []
        if counted[word, whole].patients:
            at_patient = of_patient.patient_id == Invoice.patient_id, *_fits(of_patient.word, word, whole=whole)
            places.append(sa.exists(sa.select(sa.literal(1)).where(*at_patient)))
        if counted[word, whole].numbers:
            at_number = of_number.invoice_id == Invoice.id, *_fits(of_number.key, word, whole=whole)
            places.append(sa.exists(sa.select(sa.literal(1)).where(*at_number)))
        return sa.or_(sa.false(), *places)

    return sa.or_(*(sa.and_(*(looked_up(*each) for each in alternative)) for alternative in asked.alternatives))


def is_among(asked: Asked, counted: Counted) -> sa.ColumnElement[bool]:
    """Ask whether an invoice is among those that carry the rarest word of each alternative: a list made first."""
    lists: list[sa.Select[Any]] = []
    for alternative in asked.alternatives:
        rarest, whole = min(alternative, key=lambda each: counted[each].count)
        patients = sa.select(PatientWord.patient_id).where(*_fits(PatientWord.word, rarest, whole=whole))
        if counted[rarest, whole].patients:
            lists.append(sa.select(Invoice.id).where(Invoice.patient_id.in_(patients)))
        if counted[rarest, whole].numbers:
            lists.append(sa.select(InvoiceKey.invoice_id).where(*_fits(InvoiceKey.key, rarest, whole=whole)))
    return Invoice.id.in_(sa.union(*lists)) if lists else sa.false()


def is_of_patients(asked: Sequence[Asked]) -> sa.ColumnElement[bool]:
    """Ask whether an invoice's patient carries all words, where names decide alone."""
    return Invoice.patient_id.in_(patients_with(asked))


def patients_with(asked: Sequence[Asked]) -> sa.CompoundSelect[Any]:
    """Select the keys of the patients who carry all words."""
    of_each = [sa.union(*map(_patients, each.alternatives)) for each in asked]
    if len(of_each) == 1:
        return of_each[0]
    return sa.intersect(*(sa.select(each.subquery()) for each in of_each))


def _patients(words: Sequence[tuple[str, bool]]) -> Any:
    lists = [
        sa.select(PatientWord.patient_id).where(*_fits(PatientWord.word, word, whole=whole)) for word, whole in words
    ]
    return lists[0] if len(lists) == 1 else sa.select(sa.intersect(*lists).subquery())


def _fits(column: Any, word: str, *, whole: bool) -> tuple[sa.ColumnElement[bool], ...]:
    return (column == word,) if whole else (column >= word, column < end_of_range(word))
