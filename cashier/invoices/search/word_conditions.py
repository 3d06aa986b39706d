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

# Tables, not classes: a statement of them is made, and read, in half the time, and there are some at every keystroke.
_INVOICE, _WORD, _KEY = (each.__table__.c for each in (Invoice, PatientWord, InvoiceKey))


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
    """How many patients and how many invoice numbers carry a word, counted up to ``most``."""

    patients: int
    numbers: int
    most: int

    @property
    def is_certain(self) -> bool:
        """Whether all were counted."""
        return self.patients < self.most and self.numbers < self.most

    @property
    def count(self) -> int:
        """About how many invoices that may be at least."""
        return self.patients + self.numbers


Counted = Mapping[tuple[str, bool], Carriers]


async def count_words(session: AsyncSession, words: Sequence[tuple[str, bool]], *, most: int) -> Counted:
    """Count who carries each word, whole or as a beginning, in one statement; up to ``most`` each."""
    counts = []
    for word, whole in words:
        for column in (_WORD.word, _KEY.key):
            some = sa.select(sa.literal_column("1")).where(*_fits(column, word, whole=whole)).limit(most).subquery()
            counts.append(sa.select(sa.func.count()).select_from(some).scalar_subquery())
    found = (await session.execute(sa.select(*counts))).one()
    return {key: Carriers(found[2 * index], found[2 * index + 1], most) for index, key in enumerate(words)}


def fewest(asked: Asked, counted: Counted) -> int:
    """Return how many carry the rarest words of a term, over its alternatives."""
    return sum(min(counted[each].count for each in alternative) for alternative in asked.alternatives)


def is_of_names(asked: Sequence[Asked], counted: Counted) -> bool:
    """Tell whether no invoice number carries any of the words, so that patients decide alone."""
    return not any(counted[each].numbers for one in asked for words in one.alternatives for each in words)


def carries(asked: Asked, counted: Counted) -> sa.ColumnElement[bool]:
    """Ask of one invoice, by looking its words up where anybody carries them."""

    def looked_up(word: str, whole: bool) -> sa.ColumnElement[bool]:
        places = []
        if counted[word, whole].patients:
            places.append(_is_carried(_INVOICE.patient_id, word, whole=whole))
        if counted[word, whole].numbers:
            key = InvoiceKey.__table__.alias().c
            at_number = key.invoice_id == _INVOICE.id, *_fits(key.key, word, whole=whole)
            places.append(_is_there(*at_number))
        return sa.or_(sa.false(), *places)

    return sa.or_(*(sa.and_(*(looked_up(*each) for each in alternative)) for alternative in asked.alternatives))


def is_among(asked: Asked, counted: Counted) -> sa.ColumnElement[bool]:
    """Ask whether an invoice is among those that carry the rarest word of each alternative: a list made first."""
    lists: list[sa.Select[Any]] = []
    for alternative in asked.alternatives:
        rarest, whole = min(alternative, key=lambda each: counted[each].count)
        patients = sa.select(_WORD.patient_id).where(*_fits(_WORD.word, rarest, whole=whole))
        if counted[rarest, whole].patients:
            lists.append(sa.select(_INVOICE.id).where(_INVOICE.patient_id.in_(patients)))
        if counted[rarest, whole].numbers:
            lists.append(sa.select(_KEY.invoice_id).where(*_fits(_KEY.key, rarest, whole=whole)))
    return _INVOICE.id.in_(sa.union_all(*lists)) if lists else sa.false()


def patients_with(asked: Sequence[Asked], counted: Counted | None = None) -> sa.CompoundSelect[Any]:
    """Select the keys of the patients who carry all words, where names decide alone; some may come twice.

    Those who carry the rarest word, or the first one where nothing is ``counted``, are each looked at for the others.
    """

    def count(each: tuple[str, bool]) -> int:
        return counted[each].patients if counted else 1

    rarest = min(asked, key=lambda each: sum(min(map(count, words)) for words in each.alternatives))
    lists = []
    for alternative in rarest.alternatives:
        (first, is_whole), *others = sorted(alternative, key=count)
        carrier = PatientWord.__table__.alias().c
        tested = [_carry_all(carrier.patient_id, others)]
        tested += [
            sa.or_(*(_carry_all(carrier.patient_id, words) for words in each.alternatives))
            for each in asked
            if each is not rarest
        ]
        lists.append(sa.select(carrier.patient_id).where(*_fits(carrier.word, first, whole=is_whole), *tested))
    return sa.union_all(*lists)


def _carry_all(patient_id: sa.ColumnElement[int], words: Sequence[tuple[str, bool]]) -> sa.ColumnElement[bool]:
    return sa.and_(sa.true(), *(_is_carried(patient_id, word, whole=whole) for word, whole in words))


def _is_carried(patient_id: sa.ColumnElement[int], word: str, *, whole: bool) -> sa.ColumnElement[bool]:
    """Ask whether a patient carries a word."""
    looked_up = PatientWord.__table__.alias().c
    at_patient = looked_up.patient_id == patient_id, *_fits(looked_up.word, word, whole=whole)
    return _is_there(*at_patient)


def _is_there(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Look for each row by itself: without the offset PostgreSQL joins all that carry the word beforehand."""
    return sa.exists(sa.select(sa.literal_column("1")).where(*conditions).offset(sa.literal_column("0")))


def _fits(column: Any, word: str, *, whole: bool) -> tuple[sa.ColumnElement[bool], ...]:
    return (column == word,) if whole else (column >= word, column < end_of_range(word))
