"""Finding invoices by what was typed: those it means, then whole words, then beginnings; newest first in each.

The same search can be a thousand times slower the wrong way round: many invoices carry a word that begins with
“ma”, so that walking meets one at every few steps, while few carry a rare surname, so that walking meets none.
How many carry each word tells which way is the shorter: from the rarest word, from the patients that carry all, or
walking from the newest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.invoices.rows import newest_rows
from cashier.invoices.search.exact import meant_by
from cashier.invoices.search.word_conditions import (
    Asked,
    Counted,
    Wholeness,
    carries,
    count_words,
    fewest,
    is_among,
    is_of_names,
    patients_with,
)
from cashier.invoices.spelling import Term, readings
from cashier.invoices.views import InvoiceRow, Place

_INVOICE = Invoice.__table__.c
_FIRST_WALK = 2_000
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


async def find(
    session: AsyncSession,
    text: str,
    statuses: frozenset[InvoiceStatus],
    *,
    after: Place | None,
    skip: int,
    limit: int,
) -> list[tuple[Place, InvoiceRow]]:
    """Return up to ``limit`` invoices that ``text`` finds, after the place ``after``, each with its place.

    ``skip`` leaves out the first of them.
    """
    understood = await _understand(session, text)
    ranked: list[sa.Select[int] | None] = [_with_status(_INVOICE.status, statuses)]
    if understood.terms:
        ranked = await _ranked(session, understood, statuses, skip + limit)
    found: list[tuple[Place, InvoiceRow]] = []
    for rank, narrowed in enumerate(ranked):
        if narrowed is None or len(found) == limit or (after is not None and rank < after.rank):
            continue
        rest = narrowed if after is None or rank > after.rank else narrowed.where(_INVOICE.id < after.id)
        rows = await newest_rows(session, rest, skip=skip, limit=limit - len(found))
        found += [(Place(rank, row.id), row) for row in rows]
        if skip:
            skip = 0 if rows else skip - await _count(session, rest)
    return found


async def all_matching(session: AsyncSession, text: str) -> sa.Select[int] | None:
    """Select the keys of all invoices that ``text`` finds; None when there may be very many."""
    understood = await _understand(session, text, most=_LISTED_MAX)
    if not understood.terms:
        return sa.select(_INVOICE.id)
    beginnings = understood.ranks[-1]
    if min(fewest(asked, understood.counted) for asked in beginnings) >= _LISTED_MAX:
        return None
    matching = sa.and_(*_from_rarest(beginnings, understood.counted))
    return sa.select(_INVOICE.id).where(sa.or_(matching, _INVOICE.id.in_(understood.meant)))


async def _understand(session: AsyncSession, text: str, *, most: int = _COUNTED_MAX) -> _Understood:
    """Read ``text`` in the first way that finds anything at all, in whatever status."""
    possible = readings(text)
    meant: tuple[int, ...] | None = None
    understood = _Understood((), {}, ())
    for terms in possible:
        asked = _words_of(one for rank in _Understood(terms, {}, ()).ranks for one in rank)
        counted = await count_words(session, asked, most=most)
        if meant is None:
            meant = await meant_by(session, text) if _may_be_number(text, terms[0], counted) else ()
        understood = _Understood(terms, counted, meant)
        if terms == possible[-1] or meant or await _finds_any(session, understood):
            break
    return understood


def _may_be_number(text: str, first: Term, counted: Counted) -> bool:
    """Tell whether ``text`` has digits, or some number begins with its first word, as that of an invoice would."""
    return any(map(str.isdigit, text)) or any(counted[words[0], False].numbers for words in first.alternatives)


async def _finds_any(session: AsyncSession, understood: _Understood) -> bool:
    beginnings = understood.ranks[-1]
    least = min(fewest(asked, understood.counted) for asked in beginnings)
    if least == 0 or len(beginnings) == 1:
        return least > 0
    statement = sa.select(_INVOICE.id).where(*_from_rarest(beginnings, understood.counted)).limit(1)
    return (await session.execute(statement)).first() is not None


async def _ranked(
    session: AsyncSession, understood: _Understood, statuses: frozenset[InvoiceStatus], wanted: int
) -> list[sa.Select[int] | None]:
    """Select the invoices of each rank, none twice; None where a rank is empty."""
    candidates = _with_status(_INVOICE.status, statuses)
    # SQLite takes the index of statuses, and walks it, unless it cannot see that it could.
    gathered = _with_status(sa.func.coalesce(_INVOICE.status, _INVOICE.status), statuses)
    counted, meant = understood.counted, understood.meant
    others: list[sa.ColumnElement[bool]] = [_INVOICE.id.not_in(meant)] if meant else []
    ranked: list[sa.Select[int] | None] = [candidates.where(_INVOICE.id.in_(meant)) if meant else None]
    last: Sequence[Asked] = ()
    for asked in understood.ranks:
        least = min(fewest(each, counted) for each in asked)
        # Where one word is typed, it is the one still being typed: the same as the rank after it.
        is_next = asked[-1].whole is Wholeness.ALL_BUT_LAST and len(asked) == 1 and not _is_of_several(asked[0])
        if least == 0 or is_next or (last and _is_same(last, asked, counted)):
            ranked.append(None)
            continue
        carried = sa.and_(*(carries(each, counted) for each in asked))
        walked = candidates.where(*others, carried)
        if least >= _COUNTED_MAX and await _is_walk_shorter(session, walked, asked, wanted):
            ranked.append(walked)
        else:
            ranked.append(gathered.where(*others, *_from_rarest(asked, counted)))
        last = asked
        # Each rank is part of the next one.
        others = [*others[: 1 if meant else 0], ~carried]
    return ranked


def _is_same(before: Sequence[Asked], asked: Sequence[Asked], counted: Counted) -> bool:
    """Tell whether nobody is in a rank but those of the rank before: as many carry each word as carry it whole."""
    return all(
        one == other or (counted[one] == counted[other] and counted[one].is_certain)
        for before_each, each in zip(before, asked, strict=True)
        for some, others in zip(before_each.alternatives, each.alternatives, strict=True)
        for one, other in zip(some, others, strict=True)
    )


def _with_status(column: sa.ColumnElement[InvoiceStatus], statuses: frozenset[InvoiceStatus]) -> sa.Select[int]:
    return sa.select(_INVOICE.id).where(column.in_(statuses)) if statuses else sa.select(_INVOICE.id)


def _is_of_several(asked: Asked) -> bool:
    return any(len(words) > 1 for words in asked.alternatives)


async def _is_walk_shorter(
    session: AsyncSession, carriers: sa.Select[int], asked: Sequence[Asked], wanted: int
) -> bool:
    """Walk a little: that tells how far a walk would have to go, if it goes on as it began."""
    newest = sa.select(_INVOICE.id).order_by(_INVOICE.id.desc()).offset(_FIRST_WALK).limit(1).scalar_subquery()
    walked = carriers.where(_INVOICE.id > sa.func.coalesce(newest, 0)).limit(wanted)
    steps = min(wanted * _FIRST_WALK // (await _count(session, walked) + 1), _WALKED_MAX)
    if steps <= _COUNTED_MAX:
        return True
    counted = await count_words(session, _words_of(asked), most=steps)
    return min(fewest(each, counted) for each in asked) >= steps


def _words_of(asked: Iterable[Asked]) -> list[tuple[str, bool]]:
    return list(dict.fromkeys(each for one in asked for alternative in one.alternatives for each in alternative))


def _from_rarest(asked: Sequence[Asked], counted: Counted) -> list[sa.ColumnElement[bool]]:
    if is_of_names(asked, counted):
        return [_INVOICE.patient_id.in_(patients_with(asked, counted))]
    rarest = min(asked, key=lambda each: fewest(each, counted))
    # The other words of the rarest term's alternatives are tested as well.
    tested = [each for each in asked if each is not rarest or _is_of_several(rarest)]
    return [is_among(rarest, counted), *(carries(each, counted) for each in tested)]


async def _count(session: AsyncSession, narrowed: sa.Select[int]) -> int:
    return (await session.execute(sa.select(sa.func.count()).select_from(narrowed.subquery()))).scalar_one()
