"""Who may do what: the whole table, tried through the services on a real database."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cashier.assembly import Services
from cashier.books.api_client import Scope
from cashier.books.deeds.deed import Subject
from cashier.books.dispute import ReversalOutcome
from cashier.books.journal import PROGRAM, Actor, staff_at
from cashier.books.shift import MovementKind
from cashier.books.staff import Role
from cashier.clients.service import ApiClients
from cashier.errors import CashierError, Refused
from cashier.history.views import PaymentQuery
from cashier.hl7.inbox import Hl7Inbox
from cashier.identifiers import new_id
from cashier.invoices.people.admission import Newcomer
from cashier.invoices.people.merging import PatientMerging
from cashier.keychain import Secret
from cashier.money import Money
from cashier.payments.deposits import DepositOrder
from cashier.payments.views import PaymentOrder, PaymentShare
from cashier.refunds.limits import RoleLimit
from cashier.reversals.views import ReversalOrder
from cashier.shifts.views import Closing, DrawerCount, Movement, Opening
from cashier.staff.rights import ALLOWED, SCOPE_FOR, Action, require
from cashier.tenders.tender import Tender
from tests.surroundings.orders import order_for, order_of, refund_of
from tests.surroundings.sample_hospital import CASHIER_NAME, CASHIER_PIN, SampleHospital

C, S, A, R = Role.CASHIER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR

TABLE: Mapping[Action, set[Role]] = {
    Action.TAKE_PAYMENT: {C, S, A},
    Action.TAKE_DEPOSIT: {C, S, A},
    Action.REGISTER_PATIENT: {C, S, A},
    Action.MERGE_PATIENTS: {S, A},
    Action.USE_DEPOSIT: {C, S, A},
    Action.END_PAYMENT: {C, S, A},
    Action.TAKE_OVER_PAYMENT: {C, S, A},
    Action.KEEP_CARDS: {C, S, A},
    Action.HAND_OUT_RECEIPT: {C, S, A},
    Action.SEE_PAYMENTS: {C, S, A, R},
    Action.SEE_EVERY_DESK: {S, A, R},
    Action.EXPORT_PAYMENTS: {C, S, A, R},
    Action.REQUEST_REFUND: {C, S, A},
    Action.APPROVE_REFUND: {S, A},
    Action.GIVE_CASH_FOR_CARD: {S, A},
    Action.SET_LIMITS: {A},
    Action.SEE_DIFFERENCES: {S, A, R},
    Action.SETTLE_DIFFERENCE: {S, A},
    Action.DECIDE_REVERSAL: {S, A},
    Action.SEND_EVIDENCE: {S, A},
    Action.RUN_SHIFT: {C, S, A},
    Action.MOVE_CASH: {C, S, A},
    Action.SEE_SHIFTS: {S, A, R},
    Action.CLOSE_OTHERS_SHIFT: {S, A},
    Action.APPROVE_CASH_DIFFERENCE: {S, A},
    Action.READ_AUDIT: {A, R},
    Action.SETTLE_MESSAGE: {S, A},
    Action.MANAGE_STAFF: {A},
    Action.MANAGE_CLIENTS: {A},
    Action.MANAGE_READERS: {A},
    Action.CHANGE_SETTINGS: {A},
}
"""Written down once more, by hand: a slip in the table of the program shows here."""

EURO = Money(100, "EUR")
NOBODYS = 4711
"""The key of nothing: what is allowed is refused then for that reason, or done to nothing."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A hospital in which a supervisor has opened a shift, taken cash, and asked for it to go back."""

    services: Services
    hospital: SampleHospital
    folder: Path
    shift_id: int
    refund_id: uuid.UUID

    @property
    def colleague(self) -> Actor:
        """The supervisor, at the desk where all of it happens."""
        return staff_at(staff_id=self.hospital.supervisor_id, desk_id=1)


Deed = Callable[[Stage, Actor], Awaitable[object]]


def order(**facts) -> PaymentOrder:
    return order_of(tender=Tender.CHEQUE, reference="1", **facts)


def share() -> PaymentShare:
    return PaymentShare(invoice_id=NOBODYS, amount=EURO)


def movement(shift_id: int) -> Movement:
    return Movement(id=new_id(), shift_id=shift_id, kind=MovementKind.IN, amount=EURO, reason="Change from the bank")


def approved_by_cashier(stage: Stage) -> Closing:
    count = DrawerCount(shift_id=stage.shift_id, pieces={})
    return Closing(count=count, reason="It is short.", approver_name=CASHIER_NAME, approver_pin=CASHIER_PIN)


async def give_cash(stage: Stage, actor: Actor) -> object:
    stage.hospital.remove_guards()
    stage.hospital.execute("UPDATE refund SET instead_of = id")
    return await stage.services.refunds.approve(stage.refund_id, actor)


DEEDS: Mapping[Action, Deed] = {
    Action.TAKE_PAYMENT: lambda on, who: on.services.payments.begin(order(shares=(share(),)), who),
    Action.TAKE_DEPOSIT: lambda on, who: on.services.payments.begin(
        order(shares=(), deposit=EURO, patient_id=NOBODYS), who
    ),
    Action.MERGE_PATIENTS: lambda on, who: PatientMerging(on.services.database).merge("MRN-8", "MRN-9", who),
    Action.REGISTER_PATIENT: lambda on, who: on.services.admissions.admit(Newcomer(record_number="MRN-9"), who),
    Action.USE_DEPOSIT: lambda on, who: on.services.deposits.use(
        [DepositOrder(use_id=new_id(), invoice_id=NOBODYS, amount=EURO)], who
    ),
    Action.END_PAYMENT: lambda on, who: on.services.payments.cancel(new_id(), who),
    Action.TAKE_OVER_PAYMENT: lambda on, who: on.services.payments.take_over(new_id(), who),
    Action.KEEP_CARDS: lambda on, who: on.services.cards.set_default(NOBODYS, who),
    Action.HAND_OUT_RECEIPT: lambda on, who: on.services.receipts.hand_out(NOBODYS, who),
    Action.SEE_PAYMENTS: lambda on, who: on.services.history.payment(new_id(), who),
    Action.SEE_EVERY_DESK: lambda on, who: on.services.history.page(PaymentQuery(), who),
    Action.EXPORT_PAYMENTS: lambda on, who: on.services.history.export(
        PaymentQuery(desk_id=1), on.folder / "payments.csv", who
    ),
    Action.REQUEST_REFUND: lambda on, who: on.services.refunds.request(refund_of(new_id(), 100), who),
    Action.APPROVE_REFUND: lambda on, who: on.services.refunds.approve(on.refund_id, who),
    Action.GIVE_CASH_FOR_CARD: give_cash,
    Action.SET_LIMITS: lambda on, who: on.services.approval_limits.set(
        RoleLimit(role=Role.SUPERVISOR, currency="EUR", amount=EURO), who
    ),
    Action.SEE_DIFFERENCES: lambda on, who: on.services.reconciliation.open_differences(who),
    Action.SETTLE_DIFFERENCE: lambda on, who: on.services.reconciliation.resolve(NOBODYS, "Done.", who),
    Action.DECIDE_REVERSAL: lambda on, who: on.services.reversals.decide(
        ReversalOrder(difference_id=NOBODYS, outcome=ReversalOutcome.WRITTEN_OFF, reason="It is little."), who
    ),
    Action.SEND_EVIDENCE: lambda on, who: on.services.disputes.evidence_draft("du_nobodys", who),
    Action.RUN_SHIFT: lambda on, who: on.services.shifts.open(Opening(number=1, float=EURO), replace(who, desk_id=2)),
    Action.MOVE_CASH: lambda on, who: on.services.shifts.move(movement(on.shift_id), who),
    Action.SEE_SHIFTS: lambda on, who: on.services.shifts.report(on.shift_id, who),
    Action.CLOSE_OTHERS_SHIFT: lambda on, who: on.services.shifts.close(
        Closing(count=DrawerCount(shift_id=on.shift_id, pieces={})), who
    ),
    Action.APPROVE_CASH_DIFFERENCE: lambda on, _who: on.services.shifts.close(approved_by_cashier(on), on.colleague),
    Action.READ_AUDIT: lambda on, who: on.services.journal.open(who),
    Action.SETTLE_MESSAGE: lambda on, who: Hl7Inbox(
        on.services.database, on.services.settings.hl7, moves_money=False
    ).set_aside(NOBODYS, "Sent by mistake.", who),
    Action.MANAGE_STAFF: lambda on, who: on.services.administration.members(who),
    Action.MANAGE_CLIENTS: lambda on, who: on.services.clients.all(who),
    Action.MANAGE_READERS: lambda on, who: on.services.readers.rename(NOBODYS, "Counter 1", who),
    Action.CHANGE_SETTINGS: lambda on, who: on.services.secrets.store(Secret.STRIPE_KEY, "no key", who),
}
"""What each right is needed for."""


@pytest.fixture
async def stage(services, hospital, tmp_path) -> Stage:
    """Everything that somebody else has to have done before."""
    colleague = staff_at(staff_id=hospital.supervisor_id, desk_id=1)
    shift = await services.shifts.open(Opening(number=1, float=Money(10_000, "EUR")), colleague)
    paid = await services.payments.begin(
        order_for(hospital, tender=Tender.CASH, tendered=Money(12_000, "EUR")),
        colleague,
    )  # fmt: skip
    refund = await services.refunds.request(refund_of(paid.id, 100, reopens=False), colleague)
    return Stage(services=services, hospital=hospital, folder=tmp_path, shift_id=shift.id, refund_id=refund.id)


def refusals(hospital: SampleHospital) -> list[tuple[int | None, str]]:
    rows = hospital.execute("SELECT staff_id, facts FROM journal_entry WHERE action = 'refused' ORDER BY number")
    return [(row["staff_id"], json.loads(row["facts"])["wanted"]) for row in rows]


def test_the_table_is_complete_and_as_it_was_meant():
    assert {action: set(roles) for action, roles in ALLOWED.items()} == TABLE
    assert set(TABLE) == set(DEEDS) == set(Action)


def test_the_auditor_reads_and_exports_and_changes_nothing():
    assert {action for action, roles in ALLOWED.items() if R in roles} == {
        Action.SEE_PAYMENTS, Action.SEE_EVERY_DESK, Action.EXPORT_PAYMENTS, Action.SEE_DIFFERENCES,
        Action.SEE_SHIFTS, Action.READ_AUDIT,
    }  # fmt: skip


@pytest.mark.parametrize("role", [role for role in Role if role.is_person])
@pytest.mark.parametrize("action", Action, ids=lambda action: action.name.lower())
async def test_a_deed_is_refused_exactly_where_the_table_says_so(stage, action, role):
    stage.hospital.execute("UPDATE staff SET role = :role WHERE id = 1", role=role.value)

    outcome: CashierError | None = None
    try:
        await DEEDS[action](stage, stage.hospital.cashier)
    except CashierError as error:
        outcome = error

    if role in TABLE[action]:
        assert refusals(stage.hospital) == []
    else:
        assert refusals(stage.hospital) == [(1, action.value)]
        assert isinstance(outcome, Refused)
        assert str(outcome.message).lower().startswith(f"{action.value} is for ".lower())


@pytest.mark.parametrize("action", Action, ids=lambda action: action.name.lower())
async def test_a_client_of_the_api_may_what_its_scopes_say_and_nothing_else(hospital_database, hospital, action):
    wanted = SCOPE_FOR.get(action)
    clients = ApiClients(hospital_database, mode="test")
    others = [scope for scope in Scope if scope is not wanted]
    await clients.add("Everything else", "ELSE", others, hospital.administrator)
    everything = await clients.add("Everything", "ALL", tuple(Scope), hospital.administrator)
    caller = await clients.identify(everything.text)
    assert caller is not None
    without = replace(caller.actor, client="Everything else")

    with pytest.raises(Refused):
        await require(hospital_database, without, action)
    if wanted is not None:
        await require(hospital_database, caller.actor, action)
        await clients.end("Everything", hospital.administrator)
    with pytest.raises(Refused):
        await require(hospital_database, caller.actor, action)


@pytest.mark.parametrize("action", [Action.TAKE_PAYMENT, Action.SEE_PAYMENTS, Action.MANAGE_STAFF])
async def test_who_has_left_may_nothing_whatever_their_window_shows(stage, action):
    stage.hospital.execute("UPDATE staff SET role = 'administrator', is_active = false WHERE id = 1")

    with pytest.raises(Refused):
        await DEEDS[action](stage, stage.hospital.cashier)

    assert refusals(stage.hospital) == [(1, action.value)]


async def test_nobody_at_all_has_to_sign_in_first(stage):
    with pytest.raises(Refused) as refused:
        await stage.services.history.page(PaymentQuery(), PROGRAM)

    assert str(refused.value.advice) == "Sign in first."
    assert refusals(stage.hospital) == [(None, Action.SEE_EVERY_DESK.value)]


@pytest.mark.both_databases
async def test_a_refusal_stays_in_the_journal_and_says_what_it_was_about(hospital_database, hospital):
    with contextlib.suppress(Refused):
        await require(
            hospital_database, hospital.cashier, Action.SETTLE_DIFFERENCE, subject=Subject.DIFFERENCE, subject_id=7
        )

    (entry,) = hospital.execute("SELECT * FROM journal_entry WHERE action = 'refused'")
    assert (entry["subject"], entry["subject_id"], entry["staff_id"], entry["desk_id"]) == ("difference", "7", 1, 1)
