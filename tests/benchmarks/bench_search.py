"""How long a keystroke in the search field takes, against the release before and a search by LIKE, in one run.

Only the ratio means anything: the machine is shared. ``make benchmarks`` runs it; BENCHMARK_INVOICES sets the size.
"""

from __future__ import annotations

import os
import statistics
import time

import sqlalchemy as sa

from cashier.books.invoice import Invoice, Patient
from cashier.database import Database
from cashier.invoices.rows import rows_of
from cashier.invoices.service import Invoices
from cashier.invoices.views import OWED, InvoiceQuery
from tests.benchmarks import former_finding, many_invoices

COUNT = int(os.environ.get("BENCHMARK_INVOICES", "200000"))


async def test_a_keystroke_against_a_plain_search(tmp_path):
    file = tmp_path / "many.sqlite"
    many_invoices.make(file, COUNT)
    database = Database(f"sqlite:///{file}")
    invoices = Invoices(database)

    async def words(text):
        return len((await invoices.page(InvoiceQuery(text=text, statuses=OWED))).rows)

    async def former(text):
        async with database.reading() as session:
            ids = await former_finding.find(session, text, OWED, after=None, skip=0, limit=201)
            return len(await rows_of(session, ids[:200]))

    async def like(text):
        found = sa.select(Invoice.id).join(Patient).where(Invoice.status.in_(OWED)).order_by(Invoice.id.desc())
        for word in text.split():
            found = found.where(sa.or_(Patient.name.like(f"%{word}%"), Invoice.number.like(f"%{word}%")))
        async with database.reading() as session:
            ids = list((await session.execute(found.limit(200))).scalars())
            rows = sa.select(Invoice, Patient).join(Patient).where(Invoice.id.in_(ids)).order_by(Invoice.id.desc())
            return len((await session.execute(rows)).all())

    await words("")
    await former("")
    ours, before = await measured_in_turn(words, former, searches=30)
    (plain,) = await measured_in_turn(like, searches=6)
    await database.close()

    print(f"\n{COUNT:,} invoices, {len(ours)} keystrokes, in milliseconds:")
    for name, times in (("by words", ours), ("before", before), ("by LIKE", plain)):
        print(f"  {name:9} median {statistics.median(times):7.1f}   p99 {percentile(times, 99):7.1f}")
    for name, times in (("before", before), ("by LIKE", plain)):
        median = statistics.median(times) / statistics.median(ours)
        slowest = percentile(times, 99) / percentile(ours, 99)
        print(f"  {name} takes so many times as long: median {median:.1f}, p99 {slowest:.1f}")


async def measured_in_turn(*ways, searches):
    """Try each keystroke in every way, so that what else the machine does meets all alike."""
    times: list[list[float]] = [[] for _ in ways]
    for text in many_invoices.keystrokes(searches):
        for way, taken in zip(ways, times, strict=True):
            begun = time.perf_counter()
            await way(text)
            taken.append((time.perf_counter() - begun) * 1000)
    return times


def percentile(times, percent):
    return sorted(times)[min(len(times) - 1, len(times) * percent // 100)]
