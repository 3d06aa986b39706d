"""A day at the desk on which everything happens that an auditor compares, and a copy of its books to do harm to."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

from cashier.assembly import Services
from cashier.books.api_client import Scope
from cashier.books.shift import MovementKind
from cashier.books.staff import Role
from cashier.invoices.intake import take_in
from cashier.money import Money
from cashier.refunds.limits import RoleLimit
from cashier.setup.attesting import attest
from cashier.tenders.tender import Tender
from cashier_verify.chain import hash_of
from tests.invoices.arriving import a_line, an_invoice
from tests.payments.patient import pay_on_page
from tests.shifts.drawer import APPROVED, Drawer
from tests.surroundings.orders import order_for, refund_of
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT, SampleHospital


async def work_a_day(services: Services, hospital: SampleHospital) -> None:
    """Do a bit of everything; at the end the shift is closed and its Z report handed out."""
    await attest(services.database)
    await services.approval_limits.set(
        RoleLimit(role=Role.SUPERVISOR, currency="EUR", amount=Money(50_000, "EUR"), day_total=Money(90_000, "EUR")),
        hospital.administrator,
    )
    await _bring_people_and_clients(services, hospital)
    await take_in(services.database, [an_invoice("INV-9", lines=(a_line(7000),))])
    await take_in(services.database, [an_invoice("INV-9", lines=(a_line(6000),))])
    drawer = Drawer(services, hospital)
    shift = await drawer.open()
    await drawer.move(shift, MovementKind.IN, 5_000)
    await drawer.move(shift, MovementKind.OUT, 2_000)
    cash = await drawer.take(3_000)
    cheque = await drawer.take(1_500, tender=Tender.CHEQUE)
    await _give_back(services, hospital, cash.id, 1_000)
    by_card = await _by_card(services, hospital, DUE_OF_OTHER_PATIENT, 8_000)
    await _give_back(services, hospital, by_card, 2_500)
    given_up = await services.payments.begin(order_for(hospital, DUE, 500), hospital.cashier)
    await services.payments.cancel(given_up.id, hospital.cashier)
    for payment_id in (cash.id, cheque.id):
        receipt_id = (await services.payments.view(payment_id)).receipt_id
        assert receipt_id is not None
        await services.receipts.hand_out(receipt_id, hospital.cashier)
        await services.receipts.hand_out(receipt_id, hospital.cashier)
    await drawer.close(shift, 15_000, **APPROVED, reason="Counted twice.")
    await services.shifts.hand_out(shift.id, hospital.cashier)


async def _bring_people_and_clients(services: Services, hospital: SampleHospital) -> None:
    first = await services.administration.add("robin", "Robin Example", Role.CASHIER, hospital.administrator)
    await services.staff.change_pin("robin", first.pin, "480261", desk_id=hospital.desk_id)
    await services.administration.change_role(first.member.id, Role.AUDITOR, hospital.administrator)
    await services.administration.give_badge(first.member.id, "BADGE-77", hospital.administrator)
    other = await services.administration.add("kim", "Kim Example", Role.CASHIER, hospital.administrator)
    await services.administration.deactivate(other.member.id, hospital.administrator)
    scopes = [Scope.PAYMENTS_READ, Scope.REFUNDS_REQUEST, Scope.REFUNDS_APPROVE]
    await services.clients.add("Portal", "P1", scopes, hospital.administrator)
    await services.client_limits.set("Portal", "10.00 EUR", "50.00 EUR", hospital.administrator)


async def _by_card(services: Services, hospital: SampleHospital, number: str, amount_minor: int) -> uuid.UUID:
    begun = await services.payments.begin(order_for(hospital, number, amount_minor), hospital.cashier)
    await pay_on_page(begun.page_url)
    return (await services.payments.refresh(begun.id)).id


async def _give_back(services: Services, hospital: SampleHospital, payment_id: uuid.UUID, amount_minor: int) -> None:
    asked = refund_of(payment_id, amount_minor)
    await services.refunds.request(asked, hospital.cashier)
    await services.refunds.approve(asked.refund_id, hospital.colleague)


def copy_of(file: Path, to: Path) -> Path:
    """Copy an SQLite database whole, whatever is still beside it."""
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
    return to


def past_the_guards(file: Path, *statements: str) -> None:
    """Change a file as somebody does who takes its guards out and puts them back afterwards."""
    with closing(sqlite3.connect(file, isolation_level=None)) as books:
        guards = books.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            books.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            books.executescript(statement)
        for _, statement in guards:
            books.execute(statement)


def write_chain_anew(file: Path) -> None:
    """Hash all entries again, as somebody does who knows how."""
    columns = "number, at, staff_id, desk_id, action, subject, subject_id, facts, previous_hash, hash"
    with closing(sqlite3.connect(file)) as books:
        guards = ("journal_entry_unchanged", "journal_head_forward")
        made = [
            books.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0] for name in guards
        ]
        for name in guards:
            books.execute(f"DROP TRIGGER {name}")
        last = "0" * 64
        for entry in books.execute(f"SELECT {columns} FROM journal_entry ORDER BY number").fetchall():
            anew = hash_of((*entry[:8], last))
            books.execute(
                "UPDATE journal_entry SET previous_hash = ?, hash = ? WHERE number = ?", (last, anew, entry[0])
            )
            last = anew
        books.execute("UPDATE journal_head SET hash = ?", (last,))
        for statement in made:
            books.execute(statement)
        books.commit()
