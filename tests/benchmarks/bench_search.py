"""How much processor time a keystroke in the search field takes, against the release before the index, in one run.

Only the ratio means anything: the machine is shared. On PostgreSQL the server's time counts as well. Each keystroke
is looked for in both ways, one after the other, so that what else the machine does meets both alike; each way reads
the page that its list shows first, which was of twice as many rows then. A search by LIKE shows what there would be
without an index. ``make benchmarks`` runs it; BENCHMARK_INVOICES sets the size.
"""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from cashier.books.invoice import Invoice, InvoiceStatus, Patient
from cashier.database import Database
from cashier.desk.tables.page_window import PAGE_ROWS
from cashier.invoices.service import Invoices
from cashier.invoices.views import OWED, InvoiceQuery
from tests.benchmarks import former_finding, many_invoices

COUNT = int(os.environ.get("BENCHMARK_INVOICES", "200000"))
SEARCHES = 30
EVERY: frozenset[InvoiceStatus] = frozenset()


@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
async def test_a_keystroke_against_the_release_before_the_index(tmp_path, kind, request):
    file = tmp_path / "many.sqlite"
    many_invoices.make(file, COUNT)
    url, server = f"sqlite:///{file}", None
    if kind == "PostgreSQL":
        server = request.getfixturevalue("postgres")
        url = server.create("many")
        many_invoices.copy(file, url)
    database = Database(url)
    invoices = Invoices(database)

    async def now(text, statuses):
        return len((await invoices.page(InvoiceQuery(text=text, statuses=statuses), limit=PAGE_ROWS)).rows)

    async def before(text, statuses):
        async with database.reading() as session:
            ids = await former_finding.find(session, text, statuses, after=None, skip=0, limit=201)
            return len(await former_finding.rows_of(session, ids[:200]))

    async def like(text, statuses):
        found = sa.select(Invoice.id).join(Patient).order_by(Invoice.id.desc())
        found = found.where(Invoice.status.in_(statuses)) if statuses else found
        for word in text.split():
            found = found.where(sa.or_(Patient.name.like(f"%{word}%"), Invoice.number.like(f"%{word}%")))
        async with database.reading() as session:
            ids = list((await session.execute(found.limit(200))).scalars())
            return len(await former_finding.rows_of(session, ids))

    for text in many_invoices.keystrokes(3):
        await now(text, OWED)
        await before(text, OWED)
    print(f"\n{kind}, {COUNT:,} invoices, milliseconds of the processor for a keystroke:")
    for name, statuses in (("owed only", OWED), ("all", EVERY)):
        ours, theirs = await measured_in_turn(server, statuses, now, before, searches=SEARCHES)
        (plain,) = await measured_in_turn(server, statuses, like, searches=3)
        for way, times in (("now", ours), ("before", theirs), ("by LIKE", plain)):
            figures = "  ".join(f"{figure} {of(times):7.2f}" for figure, of in FIGURES.items())
            ratios = "  ".join(f"{of(times) / of(ours):5.1f}" for of in FIGURES.values())
            print(f"  {name:9} {way:8} {figures}   times as long: {ratios}")
    await database.close()


FIGURES = {
    "mean": statistics.mean,
    "median": statistics.median,
    "p99": lambda times: sorted(times)[min(len(times) - 1, len(times) * 99 // 100)],
}


async def measured_in_turn(server, statuses, *ways, searches):
    """Try each keystroke in every way."""
    times: list[list[float]] = [[] for _ in ways]
    for text in many_invoices.keystrokes(searches):
        for way, taken in zip(ways, times, strict=True):
            begun = processor_milliseconds(server)
            await way(text, statuses)
            taken.append(processor_milliseconds(server) - begun)
    return times


def processor_milliseconds(server):
    """Return the processor time of this process, and of the ``server`` and what it started, where there is one."""
    spent = time.process_time_ns()
    if server is not None:
        parent = server.process_id
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
        for each in children:
            spent += int(Path(f"/proc/{each}/schedstat").read_text(encoding="ascii").split()[0])
    return spent / 1e6
