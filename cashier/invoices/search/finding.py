"""Finding patients by what was typed: those whose invoice it means, then whole words, then beginnings.

Each is found once, by one invoice: the newest of the best rank. Of each rank, whose invoice is newer comes first.

The same search can be a thousand times slower the wrong way round: many invoices carry a word that begins with
“ma”, so that walking meets one at every few steps, while few carry a rare surname, so that walking meets none.
How many carry each word tells which way is the shorter: from the rarest word, from the patients that carry all, or
walking from the newest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cashier.books.invoice import InvoiceStatus
from cashier.database.looking import Look, Question, Values, made_first, unindexed
from cashier.invoices.rows import newest_rows
from cashier.invoices.search.exact import meant_by
from cashier.invoices.search.word_conditions import (
    NOBODY,
    Asked,
    Counted,
    Wholeness,
    carries,
    count_words,
    either,
    fewest,
    is_among,
    is_of_names,
    patients_with,
)
from cashier.invoices.spelling import Term, readings
from cashier.invoices.views import InvoiceRow, Place

_FIRST_WALK = 2_000
_GATHERED_MAX = 4_000
"""So many carriers are gathered in about the time of a first walk."""
_COUNTED_MAX = 6_000
_WALKED_MAX = 300_000
_LISTED_MAX = 50_000
"""When even the rarest word has more carriers than this, how many invoices match in all is not counted."""


@dataclass(frozen=True)
class _Understood:
    """What was typed, as far as the database knows: a term and how it is asked for at each rank."""

    terms: tuple[Term, ...]
    counted: Counted
    meant: tuple[int, ...]

    @property
    def ranks(self) -> tuple[tuple[Asked, ...], ...]:
        """All words whole; all but the last, which is still being typed; beginnings."""
        *others, last = self.terms
        before = tuple(Asked(term, Wholeness.ALL) for term in others)
        still_typed = Asked(last, Wholeness.ALL_BUT_LAST)
        beginnings = tuple(Asked(term, Wholeness.NONE) for term in self.terms)
        return (*before, Asked(last, Wholeness.ALL)), (*before, still_typed), beginnings


@dataclass(frozen=True)
class _Rank:
    """Invoices of one rank: the ``meant``, or else what carries all words ``asked`` and not all those ``before``."""

    statuses: frozenset[InvoiceStatus]
    counted: Counted
    meant: tuple[int, ...] = ()
    asked: tuple[Asked, ...] = ()
    before: tuple[Asked, ...] = ()

    def conditions(self, values: Values, *, is_walked: bool, below: int | None) -> list[str]:
        """Ask whether an invoice is of this rank, with a key ``below`` one, and the first of its patient.

        Walking from the newest, or gathered from the rarest word. Where several conditions come, one has to hold:
        SQLite would collect and sort all invoices of several statuses, while those of each stand sorted in the index.
        """
        common = [*self._fits(values, is_walked=is_walked), self._is_first_of_patient(values)]
        if below is not None:
            common.append(f"invoice.id < {values.place(below)}")
        statuses = sorted(each.value for each in self.statuses)
        if self.asked and statuses:
            common.insert(0, f"{unindexed('invoice.status')} IN ({values.places(statuses)})")
            statuses = []
        return [
            " AND ".join(each)
            for each in ([[f"invoice.status = {values.place(one)}", *common] for one in statuses] or [common])
        ]

    def _is_first_of_patient(self, values: Values) -> str:
        """Ask whether the same patient is found by no other invoice of a better rank, or newer in this one."""
        among = "better.patient_id = invoice.patient_id"
        if self.statuses:
            among += f" AND better.status IN ({values.places(sorted(each.value for each in self.statuses))})"
        is_newer = "better.id > invoice.id"
        is_meant = f"better.id IN ({values.places(self.meant)})" if self.meant else NOBODY
        if not self.asked:
            among += f" AND {is_newer}" + (f" AND {is_meant}" if self.meant else "")
        elif is_of_names(self.asked, self.counted):
            # All invoices of a patient are alike then.
            among += f" AND {either([is_newer, is_meant])}" if self.meant else f" AND {is_newer}"
        else:
            fits = f"({is_newer} AND {_carry_all(values, self.asked, self.counted, of='better')})"
            fitted = _carry_all(values, self.before, self.counted, of="better") if self.before else NOBODY
            among += f" AND {either([fits, fitted, is_meant])}"
        # Looked at one by one: without the offset PostgreSQL reads the whole table beforehand.
        return f"NOT EXISTS (SELECT 1 FROM invoice AS better WHERE {among} LIMIT 1 OFFSET 0)"

    def _fits(self, values: Values, *, is_walked: bool) -> list[str]:
        is_gathered = bool(self.asked) and not is_walked
        conditions = []
        if self.meant:
            is_meant = "NOT IN" if self.asked else "IN"
            conditions.append(f"invoice.id {is_meant} ({values.places(self.meant)})")
        if self.before:
            conditions.append(f"NOT {_carry_all(values, self.before, self.counted)}")
        if is_gathered:
            conditions += _from_rarest(values, self.asked, self.counted)
        elif self.asked:
            conditions.append(_carry_all(values, self.asked, self.counted))
        return conditions


def find(
    text: str, statuses: frozenset[InvoiceStatus], *, after: Place | None, skip: int, limit: int
) -> Look[list[tuple[int, InvoiceRow]]]:
    """Return the invoices by which up to ``limit`` patients are found, after the place ``after``, each with its rank.

    ``skip`` leaves out the first of them. The rank 0 is of the invoices that ``text`` means as a whole number.
    """
    understood = yield from _understand(text)
    ranked = _ranked(understood, statuses) if understood.terms else [None, _Rank(statuses, {})]
    found: list[tuple[int, InvoiceRow]] = []
    for number, rank in enumerate(ranked):
        if rank is None or len(found) == limit or (after is not None and number < after.rank):
            continue
        below = after.id if after is not None and number == after.rank else None
        rows = yield from _newest(rank, below, skip, limit - len(found))
        found += [(number, row) for row in rows]
        if skip:
            skip = 0 if rows else skip - (yield from _count(rank, below))
    return found


def count_statuses(text: str) -> Look[dict[InvoiceStatus, int] | None]:
    """Count the invoices that ``text`` finds, by status; None where there may be very many."""
    values = Values()
    condition = yield from _matching(text, values)
    if condition is None:
        return None
    counting = f"SELECT status, count(*) FROM invoice WHERE {condition} GROUP BY status"
    counted = yield Question(counting, values.all)
    return {InvoiceStatus(status): count for status, count in counted}


def count_patients(text: str, statuses: frozenset[InvoiceStatus]) -> Look[int | None]:
    """Count the patients whom ``text`` finds by invoices in one of ``statuses`` (empty: all); see above."""
    values = Values()
    condition = yield from _matching(text, values)
    if condition is None:
        return None
    if statuses:
        condition += f" AND status IN ({values.places(sorted(each.value for each in statuses))})"
    patients = f"SELECT DISTINCT patient_id FROM invoice WHERE {condition}"
    ((count,),) = yield Question(f"SELECT count(*) FROM ({patients}) AS patients", values.all)
    return int(count)


def _matching(text: str, values: Values) -> Look[str | None]:
    """Ask for all that ``text`` finds, whatever the rank; None when there may be very many."""
    understood = yield from _understand(text, most=_LISTED_MAX)
    if not understood.terms:
        return "1 = 1"
    beginnings = understood.ranks[-1]
    if min(fewest(asked, understood.counted) for asked in beginnings) >= _LISTED_MAX:
        return None
    matching = " AND ".join(_from_rarest(values, beginnings, understood.counted))
    if not understood.meant:
        return matching
    meant = f"id IN ({values.places(understood.meant)})"
    return f"id IN (SELECT id FROM invoice WHERE {matching} UNION SELECT id FROM invoice WHERE {meant})"


def _understand(text: str, *, most: int = _COUNTED_MAX) -> Look[_Understood]:
    """Read ``text`` in the first way that finds anything at all, in whatever status."""
    possible = readings(text)
    meant: tuple[int, ...] | None = None
    understood = _Understood((), {}, ())
    for terms in possible:
        asked = _words_of(one for rank in _Understood(terms, {}, ()).ranks for one in rank)
        counted = yield from count_words(asked, most=most)
        if meant is None:
            meant = (yield from meant_by(text)) if _may_be_number(text, terms[0], counted) else ()
        understood = _Understood(terms, counted, meant)
        if terms == possible[-1] or meant or (yield from _finds_any(understood)):
            break
    return understood


def _may_be_number(text: str, first: Term, counted: Counted) -> bool:
    """Tell whether ``text`` has digits, or some number begins with its first word, as that of an invoice would."""
    return any(map(str.isdigit, text)) or any(counted[words[0], False].numbers for words in first.alternatives)


def _finds_any(understood: _Understood) -> Look[bool]:
    beginnings = understood.ranks[-1]
    least = min(fewest(asked, understood.counted) for asked in beginnings)
    if least == 0 or len(beginnings) == 1:
        return least > 0
    values = Values()
    condition = " AND ".join(_from_rarest(values, beginnings, understood.counted))
    return bool((yield Question(f"SELECT 1 FROM invoice WHERE {condition} LIMIT 1", values.all)))


def _ranked(understood: _Understood, statuses: frozenset[InvoiceStatus]) -> list[_Rank | None]:
    """Return the ranks, no invoice in two of them; None where one is empty."""
    counted, meant = understood.counted, understood.meant
    ranked: list[_Rank | None] = [_Rank(statuses, counted, meant) if meant else None]
    last: tuple[Asked, ...] = ()
    for asked in understood.ranks:
        # Where one word is typed, it is the one still being typed: the same as the rank after it.
        is_next = asked[-1].whole is Wholeness.ALL_BUT_LAST and len(asked) == 1 and not _is_of_several(asked[0])
        is_empty = min(fewest(each, counted) for each in asked) == 0
        if is_empty or is_next or (last and _is_same(last, asked, counted)):
            ranked.append(None)
        else:
            # Each rank is part of the next one, so that nobody is in one before but those of the last.
            ranked.append(_Rank(statuses, counted, meant, asked, before=last))
            last = asked
    return ranked


def _is_same(before: Sequence[Asked], asked: Sequence[Asked], counted: Counted) -> bool:
    """Tell whether nobody is in a rank but those of the rank before: as many carry each word as carry it whole."""
    return all(
        one == other or (counted[one] == counted[other] and counted[one].is_certain)
        for before_each, each in zip(before, asked, strict=True)
        for some, others in zip(before_each.alternatives, each.alternatives, strict=True)
        for one, other in zip(some, others, strict=True)
    )


def _is_of_several(asked: Asked) -> bool:
    return any(len(words) > 1 for words in asked.alternatives)


def _newest(rank: _Rank, below: int | None, skip: int, limit: int) -> Look[tuple[InvoiceRow, ...]]:
    """Read the newest invoices of a rank, with keys ``below`` one, in the way that seems to be the shorter."""
    if not rank.asked:
        return (yield from _read(rank, below, skip, limit, is_walked=True))
    carriers = min(fewest(each, rank.counted) for each in rank.asked)
    if carriers < _GATHERED_MAX:
        return (yield from _read(rank, below, skip, limit, is_walked=False))
    # Walk a little: often that is enough. Else it tells how far a walk would have to go, if it goes on as it began.
    walked_to = yield from _end_of_first_walk(below)
    rows = yield from _read(rank, below, skip, limit, is_walked=True, above=walked_to)
    if len(rows) == limit or walked_to == 0:
        return rows
    steps = min((skip + limit) * _FIRST_WALK // (len(rows) + 1), _WALKED_MAX)
    if carriers >= _COUNTED_MAX and steps > _COUNTED_MAX:
        counted = yield from count_words(_words_of(rank.asked), most=steps)
        carriers = min(fewest(each, counted) for each in rank.asked)
    if steps > carriers or skip:
        return (yield from _read(rank, below, skip, limit, is_walked=steps <= carriers))
    return (*rows, *(yield from _read(rank, walked_to + 1, 0, limit - len(rows), is_walked=True)))


def _end_of_first_walk(below: int | None) -> Look[int]:
    """Return the key above which a first walk looks; 0 where it looks at everything there is."""
    values = Values()
    from_here = "" if below is None else f" WHERE id < {values.place(below)}"
    last = f"SELECT id FROM invoice{from_here} ORDER BY id DESC LIMIT 1 OFFSET {_FIRST_WALK}"
    found = yield Question(last, values.all)
    return int(found[0][0]) if found else 0


def _read(
    rank: _Rank, below: int | None, skip: int, limit: int, *, is_walked: bool, above: int = 0
) -> Look[tuple[InvoiceRow, ...]]:
    values = Values()
    conditions = rank.conditions(values, is_walked=is_walked, below=below)
    if above:
        conditions = [f"{each} AND invoice.id > {values.place(above)}" for each in conditions]
    return (yield from newest_rows(conditions, values, skip=skip, limit=limit))


def _words_of(asked: Iterable[Asked]) -> list[tuple[str, bool]]:
    return list(dict.fromkeys(each for one in asked for alternative in one.alternatives for each in alternative))


def _carry_all(values: Values, asked: Iterable[Asked], counted: Counted, *, of: str = "invoice") -> str:
    return f"({' AND '.join(carries(values, each, counted, of=of) for each in asked)})"


def _from_rarest(values: Values, asked: Sequence[Asked], counted: Counted) -> list[str]:
    if is_of_names(asked, counted):
        return [f"invoice.patient_id {made_first(patients_with(values, asked, counted))}"]
    rarest = min(asked, key=lambda each: fewest(each, counted))
    # The other words of the rarest term's alternatives are tested as well.
    tested = [each for each in asked if each is not rarest or _is_of_several(rarest)]
    return [is_among(values, rarest, counted), *(carries(values, each, counted) for each in tested)]


def _count(rank: _Rank, below: int | None) -> Look[int]:
    values = Values()
    # No invoice is in two statuses.
    condition = " OR ".join(f"({each})" for each in rank.conditions(values, is_walked=False, below=below))
    ((count,),) = yield Question(f"SELECT count(*) FROM invoice WHERE {condition}", values.all)
    return int(count)
