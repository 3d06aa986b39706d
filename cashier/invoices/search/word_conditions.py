"""How words and keys are asked for: names and record numbers at the patient, invoice numbers at the invoice.

Conditions are texts of SQL about a row of ``invoice``; whatever was typed is among the values of the question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from cashier.database.looking import Look, Question, Values, made_first
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

    @cached_property
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


def count_words(words: Sequence[tuple[str, bool]], *, most: int) -> Look[Counted]:
    """Count who carries each word, whole or as a beginning, in one question; up to ``most`` each."""
    values = Values()
    counts = [
        f"(SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {_fits(values, column, word, whole=whole)} "
        f"LIMIT {most}) AS counted)"
        for word, whole in words
        for table, column in (("patient_word", "word"), ("invoice_key", "key"))
    ]
    (found,) = yield Question(f"SELECT {', '.join(counts)}", values.all)
    return {key: Carriers(found[2 * index], found[2 * index + 1], most) for index, key in enumerate(words)}


def fewest(asked: Asked, counted: Counted) -> int:
    """Return how many carry the rarest words of a term, over its alternatives."""
    return sum(min(counted[each].count for each in alternative) for alternative in asked.alternatives)


def is_of_names(asked: Sequence[Asked], counted: Counted) -> bool:
    """Tell whether no invoice number carries any of the words, so that patients decide alone."""
    return not any(counted[each].numbers for one in asked for words in one.alternatives for each in words)


def carries(values: Values, asked: Asked, counted: Counted, *, of: str = "invoice") -> str:
    """Ask of one invoice, which the statement calls ``of``, by looking its words up where anybody carries them."""

    def looked_up(word: str, whole: bool) -> str:
        places = []
        if counted[word, whole].patients:
            places.append(_is_carried(values, f"{of}.patient_id", word, whole=whole))
        if counted[word, whole].numbers:
            at_number = f"invoice_id = {of}.id AND {_fits(values, 'key', word, whole=whole)}"
            places.append(_is_there("invoice_key", at_number))
        return either(places)

    return either(
        _all_of(looked_up(word, whole) for word, whole in alternative) for alternative in asked.alternatives
    )


def is_among(values: Values, asked: Asked, counted: Counted) -> str:
    """Ask whether an invoice is among those that carry the rarest word of each alternative: a list made first."""
    lists = []
    for alternative in asked.alternatives:
        rarest, whole = min(alternative, key=lambda each: counted[each].count)
        if counted[rarest, whole].patients:
            patients = f"SELECT patient_id FROM patient_word WHERE {_fits(values, 'word', rarest, whole=whole)}"
            lists.append(f"SELECT id FROM invoice WHERE patient_id {made_first(patients)}")
        if counted[rarest, whole].numbers:
            lists.append(f"SELECT invoice_id FROM invoice_key WHERE {_fits(values, 'key', rarest, whole=whole)}")
    return f"invoice.id IN ({' UNION ALL '.join(lists)})" if lists else NOBODY


def patients_with(values: Values, asked: Sequence[Asked], counted: Counted | None = None) -> str:
    """Select the keys of the patients who carry all words, where names decide alone; some may come twice.

    Those who carry the rarest word, or the first one where nothing is ``counted``, are each looked at for the others.
    """

    def count(each: tuple[str, bool]) -> int:
        return counted[each].patients if counted else 1

    rarest = min(asked, key=lambda each: sum(min(map(count, words)) for words in each.alternatives))
    lists = []
    for alternative in rarest.alternatives:
        (first, is_whole), *others = sorted(alternative, key=count)
        carried = [_fits(values, "carrier.word", first, whole=is_whole)]
        carried += [_is_carried(values, "carrier.patient_id", word, whole=whole) for word, whole in others]
        carried += [
            either(
                _all_of(_is_carried(values, "carrier.patient_id", word, whole=whole) for word, whole in words)
                for words in each.alternatives
            )
            for each in asked
            if each is not rarest
        ]
        lists.append(f"SELECT carrier.patient_id FROM patient_word AS carrier WHERE {' AND '.join(carried)}")
    return " UNION ALL ".join(lists)


NOBODY = "1 = 0"
"""A condition that nothing fulfils."""


def either(conditions: Iterable[str]) -> str:
    """Ask for one of ``conditions``; nothing fulfils none."""
    return f"({' OR '.join(conditions) or NOBODY})"


def _all_of(conditions: Iterable[str]) -> str:
    return f"({' AND '.join(conditions)})"


def _is_carried(values: Values, patient_id: str, word: str, *, whole: bool) -> str:
    """Ask whether a patient carries a word."""
    at_patient = f"patient_word.patient_id = {patient_id} AND {_fits(values, 'word', word, whole=whole)}"
    return _is_there("patient_word", at_patient)


def _is_there(table: str, condition: str) -> str:
    """Look for each row by itself: without the offset PostgreSQL joins all that carry the word beforehand."""
    return f"EXISTS (SELECT 1 FROM {table} WHERE {condition} LIMIT 1 OFFSET 0)"


def _fits(values: Values, column: str, word: str, *, whole: bool) -> str:
    if whole:
        return f"{column} = {values.place(word)}"
    return f"{column} >= {values.place(word)} AND {column} < {values.place(end_of_range(word))}"
