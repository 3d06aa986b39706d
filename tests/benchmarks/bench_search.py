"""How long a keystroke in the search field takes, against the same search by LIKE, in one run.

Only the ratio means anything: the machine is shared. ``make benchmarks`` runs it; BENCHMARK_INVOICES sets the size.
"""

from __future__ import annotations

import os
import statistics
import time

import sqlalchemy as sa

from cashier.books.invoice import Invoice, Patient
from cashier.database import Database
from cashier.invoices.service import Invoices
from cashier.invoices.views import OWED, InvoiceQuery
from tests.benchmarks import many_invoices

COUNT = int(os.environ.get("BENCHMARK_INVOICES", "200000"))


async def test_a_keystroke_against_a_plain_search(tmp_path):
    file = tmp_path / "many.sqlite"
    many_invoices.make(file, COUNT)
    database = Database(f"sqlite:///{file}")
    invoices = Invoices(database)

    async def words(text):
        return len((await invoices.page(InvoiceQuery(text=text, statuses=OWED))).rows)

    async def like(text):
        found = sa.select(Invoice.id).join(Patient).where(Invoice.status.in_(OWED)).order_by(Invoice.id.desc())
        for word in text.split():
            found = found.where(sa.or_(Patient.name.like(f"%{word}%"), Invoice.number.like(f"%{word}%")))
        async with database.reading() as session:
            ids = list((await session.execute(found.limit(200))).scalars())
            rows = sa.select(Invoice, Patient).join(Patient).where(Invoice.id.in_(ids)).order_by(Invoice.id.desc())
            return len((await session.execute(rows)).all())

    await words("")
    ours = await measured(words, 30)
    plain = await measured(like, 6)
    await database.close()

    print(f"\n{COUNT:,} invoices, {len(ours)} keystrokes, in milliseconds:")
    for name, times in (("by words", ours), ("by LIKE", plain)):
        print(f"  {name:9} median {statistics.median(times):7.1f}   p99 {percentile(times, 99):7.1f}")
    print(f"  ratio of the p99: {percentile(plain, 99) / percentile(ours, 99):.1f}")


async def measured(search, searches):
    times = []
    for text in many_invoices.keystrokes(searches):
        begun = time.perf_counter()
        await search(text)
        times.append((time.perf_counter() - begun) * 1000)
    return times


def percentile(times, percent):
    return sorted(times)[min(len(times) - 1, len(times) * percent // 100)]
