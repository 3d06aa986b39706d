"""How long pages of the payment history take: the first and the last, by key and by OFFSET, in one run.

Only the ratios mean anything: the machine is shared. ``make benchmarks`` runs it; BENCHMARK_PAYMENTS sets the size.
"""

from __future__ import annotations

import os
import statistics
import time

import sqlalchemy as sa

from cashier.books.journal import staff_at
from cashier.books.payment import Payment
from cashier.database import Database
from cashier.history.service import PaymentHistory
from cashier.history.views import HistoryKey, OpenedPatient, PaymentQuery
from tests.benchmarks import many_payments

COUNT = int(os.environ.get("BENCHMARK_PAYMENTS", "300000"))
ROUNDS = 9
ACTOR = staff_at(staff_id=1, desk_id=1)


async def test_pages_by_key_against_pages_by_offset(tmp_path):
    file = tmp_path / "many.sqlite"
    many_payments.make(file, COUNT)
    database = Database(f"sqlite:///{file}")
    history = PaymentHistory(database)
    patient = OpenedPatient(patient_id=7, name="", record_number="")
    print(f"\n{COUNT:,} payments at {many_payments.DESKS} desks, medians in milliseconds:")
    print(f"  {'':12} {'first page':>11} {'last by key':>12} {'last by OFFSET':>15} {'sums':>9}")
    for name, query, condition in (
        ("one desk", PaymentQuery(desk_id=1), Payment.desk_id == 1),
        ("every desk", PaymentQuery(), sa.true()),
        ("a patient", PaymentQuery(patient=patient), Payment.patient_id == 7),
    ):
        last, skipped = await last_page(database, condition)
        times = [
            await median(lambda query=query: history.page(query, ACTOR)),
            await median(lambda query=query, last=last: history.page(query, ACTOR, after=last)),
            await median(lambda query=query, skipped=skipped: history.page(query, ACTOR, skip=skipped)),
            await median(lambda query=query: history.totals(query, ACTOR)),
        ]
        print(f"  {name:12} {times[0]:11.1f} {times[1]:12.1f} {times[2]:15.1f} {times[3]:9.1f}", end="")
        print(f"   last/first {times[1] / times[0]:.1f}, OFFSET/key {times[2] / times[1]:.1f}")
    await database.close()


async def last_page(database, condition):
    """Return the key before the last page, and how many payments come before it."""
    async with database.reading() as session:
        count = (await session.execute(sa.select(sa.func.count()).where(condition))).scalar_one()
        skipped = max(0, count - 201)
        newest_first = sa.select(Payment.created_at, Payment.id).where(condition)
        newest_first = newest_first.order_by(Payment.created_at.desc(), Payment.id.desc())
        row = (await session.execute(newest_first.offset(skipped).limit(1))).one()
    return HistoryKey(row.created_at, row.id), skipped + 1


async def median(look):
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        await look()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)
