"""Shifts: a drawer is opened with a float, cash goes in and out, and it is counted blind and closed.

What should be in the drawer is told only to who has counted it. Every verb is safe to repeat.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.asked_again.doubt import refuse_undecided
from cashier.asked_again.sums import AskedAgain
from cashier.books import journal
from cashier.books.deeds.deed import DeedKind, Subject, digest_of
from cashier.books.deeds.drawer import (
    CashMoved,
    CashOutRefused,
    DrawerCounted,
    HandingOut,
    MovedAllTheSame,
    OfShift,
    OwnDifferenceRefused,
    ShiftDeed,
    ShiftOpened,
    ShiftReportHandedOut,
    XReportMade,
)
from cashier.books.shift import CashMovement, MovementKind, Shift
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.database.circles import again_after_circle
from cashier.errors import Refused
from cashier.language import m, speaking
from cashier.news import News
from cashier.paper.stamp import stamp_copy
from cashier.shifts.checks import check_amount, refuse_open_ends, tidy_reason
from cashier.shifts.closing import OwnDifference, approver_of, check_same, finish, judge
from cashier.shifts.custody import hidden_drawers
from cashier.shifts.drawer import check_same_world, open_shift_of
from cashier.shifts.facts import ReportKind, ShiftFacts, thaw
from cashier.shifts.report_pdf import render, report_name
from cashier.shifts.reporting import collect, hospital_of, no_such_shift, view_of
from cashier.shifts.takings import NotInDrawer, check_in_drawer
from cashier.shifts.views import (
    Closing,
    CountOutcome,
    DeskShifts,
    DrawerCount,
    Movement,
    Opening,
    ReportPdf,
    ShiftView,
)
from cashier.staff.rights import Action, require
from cashier.staff.service import StaffService


class Shifts:
    """The shifts of all desks."""

    def __init__(
        self,
        database: Database,
        news: News,
        staff: StaffService,
        *,
        asked_again: AskedAgain | None = None,
        is_training: bool = False,
    ) -> None:
        """Work on ``database``; ``staff`` tells who approves a difference, ``asked_again`` which sums are doubted.

        In training shifts are numbered apart.
        """
        self._is_training = is_training
        self._database = database
        self._news = news
        self._staff = staff
        self._asked_again = asked_again or AskedAgain()

    async def at_desk(self, desk_id: int) -> DeskShifts:
        """Return the open and the last closed shift of a desk."""
        statement = sa.select(Shift.id).where(Shift.desk_id == desk_id).order_by(Shift.id.desc()).limit(2)
        async with self._database.reading() as session:
            views = [await view_of(session, each) for each in (await session.execute(statement)).scalars().all()]
            number = await self._next_number(session, desk_id)
        return DeskShifts(
            open=next((view for view in views if view.closed_at is None), None),
            last_closed=next((view for view in views if view.closed_at is not None), None),
            next_number=abs(number),
        )

    async def open(self, opening: Opening, actor: journal.Actor) -> ShiftView:
        """Open the next shift of the desk where ``actor`` is.

        Raises ``Refused`` while another one is open, and ``Doubtful`` for a float that hardly anybody has.
        """
        await require(
            self._database, actor, Action.RUN_SHIFT, subject=Subject.DESK, subject_id=actor.desk_id or "none"
        )
        try:
            return await self._open(opening, actor)
        except IntegrityError:
            # Somebody opened one in the same moment: now it is seen.
            return await self._open(opening, actor)

    @again_after_circle
    async def _open(self, opening: Opening, actor: journal.Actor) -> ShiftView:
        if actor.desk_id is None or actor.staff_id is None:
            raise Refused(m("A shift needs a desk and a cashier."), advice=m("Sign in first."))
        async with self._database.transaction() as session:
            currency = (await hospital_of(session)).currency
            check_amount(opening.float, currency, least_minor=0)
            # First the numbers, then what is open: one that others open meanwhile is seen, or breaks a constraint.
            number = await self._next_number(session, actor.desk_id)
            there = await open_shift_of(session, actor.desk_id)
            if there is not None:
                if (abs(there.number), there.float_minor) == (opening.number, opening.float.amount_minor):
                    return await view_of(session, there.id)
                raise Refused(m("A shift is open at this desk already."), advice=m("Close it first."))
            if opening.number != abs(number):
                raise Refused(m("This shift was closed already."), advice=m("Open the next one."))
            doubts = refuse_undecided([self._asked_again.of_float(opening.float)], opening.decided)
            shift = Shift(
                desk_id=actor.desk_id,
                number=number,
                currency=currency,
                float_minor=opening.float.amount_minor,
                opened_at=now(),
                opened_by=actor.staff_id,
            )
            session.add(shift)
            await session.flush()
            await self._record(session, ShiftOpened(**_facts_of(shift), float_minor=shift.float_minor), actor)
            await self._record_decision(session, shift, doubts, actor)
            return await view_of(session, shift.id)

    @again_after_circle
    async def move(self, movement: Movement, actor: journal.Actor) -> ShiftView:
        """Put money into the drawer of an open shift, or take it out.

        Raises ``Refused`` for more than is there, which the journal keeps, and ``Doubtful`` for a sum that is hardly
        ever moved.
        """
        await require(self._database, actor, Action.MOVE_CASH, subject=Subject.SHIFT, subject_id=movement.shift_id)
        reason = tidy_reason(movement.reason, asked=m("For example: change from the bank, or cash to the safe."))
        try:
            async with self._database.transaction() as session:
                shift = await self._locked(session, movement.shift_id, actor)
                # Looked for under the lock: the same order may come twice at once.
                if await session.get(CashMovement, movement.id) is None:
                    await self._save_movement(session, shift, movement, reason, actor)
                return await view_of(session, shift.id)
        except NotInDrawer:
            async with self._database.transaction() as session:
                shift = await self._locked(session, movement.shift_id, actor)
                refused = CashOutRefused(**_facts_of(shift), amount_minor=movement.amount.amount_minor, reason=reason)
                await self._record(session, refused, actor)
            raise

    async def _save_movement(
        self, session: AsyncSession, shift: Shift, movement: Movement, reason: str, actor: journal.Actor
    ) -> None:
        _refuse_closed(shift)
        check_same_world(shift, is_training=self._is_training)
        check_amount(movement.amount, shift.currency, least_minor=1)
        # Before the drawer is looked at: the question must not tell what is in it.
        doubts = refuse_undecided([self._asked_again.of_cash_movement(movement.amount)], movement.decided)
        is_out = movement.kind is MovementKind.OUT
        if is_out:
            await check_in_drawer(session, shift, movement.amount, advice=m("Count it, then take out less."))
        session.add(
            CashMovement(
                id=movement.id,
                shift_id=shift.id,
                kind=movement.kind,
                amount_minor=movement.amount.amount_minor,
                reason=reason,
                staff_id=actor.staff_id,
                at=now(),
            )
        )
        await session.flush()
        deed = CashMoved(
            kind=DeedKind.CASH_MOVED_OUT if is_out else DeedKind.CASH_MOVED_IN,
            **_facts_of(shift),
            movement=movement.id,
            amount_minor=movement.amount.amount_minor,
            reason=reason,
        )
        await self._record(session, deed, actor)
        await self._record_decision(session, shift, doubts, actor)

    async def check_closing(self, shift_id: int, actor: journal.Actor) -> None:
        """Raise ``Refused`` when ``actor`` cannot close the shift now: better before counting than after."""
        await self._require_run(await self._read(shift_id), actor)
        async with self._database.reading() as session:
            shift = await session.get_one(Shift, shift_id)
            _refuse_closed(shift)
            await refuse_open_ends(session, shift)

    @again_after_circle
    async def count(self, count: DrawerCount, actor: journal.Actor) -> CountOutcome:
        """Say what should have been in the drawer. The journal keeps every count, so none can be tried on."""
        await self._require_run(await self._read(count.shift_id), actor)
        async with self._database.transaction() as session:
            shift = await self._locked(session, count.shift_id, actor)
            _refuse_closed(shift)
            judged = await judge(session, shift, count, actor)
            shift.counted_times += 1
            await session.flush()
            await self._record(session, DrawerCounted(**_facts_of(shift), **judged.facts), actor)
        return judged.outcome

    @again_after_circle
    async def close(self, closing: Closing, actor: journal.Actor) -> ShiftView:
        """Close a shift for good and freeze its Z report.

        Raises ``Refused`` while payments or refunds of the desk are open, and for a difference beyond the tolerance
        without a reason and the approval of somebody who did not work the shift: who closes it, or somebody else. The
        same closing again changes nothing.
        """
        shift = await self._read(closing.count.shift_id)
        await self._require_run(shift, actor)
        approver = await self._approver(closing, shift, actor) if closing.approver_name.strip() else None
        try:
            return await self._close(closing, shift.id, approver, actor)
        except OwnDifference:
            async with self._database.transaction() as session:
                await self._record(session, OwnDifferenceRefused(**_facts_of(shift)), approver or actor)
            raise

    @again_after_circle
    async def _close(
        self, closing: Closing, shift_id: int, approver: journal.Actor | None, actor: journal.Actor
    ) -> ShiftView:
        async with self._database.transaction() as session:
            shift = await self._locked(session, shift_id, actor)
            if shift.closed_at is not None:
                await check_same(session, shift, closing)
                return await view_of(session, shift.id)
            await refuse_open_ends(session, shift)
            judged = await judge(session, shift, closing.count, actor)
            reason = " ".join(closing.reason.split())
            if reason or judged.outcome.is_off:
                reason = tidy_reason(reason, asked=m("Say what you know about the difference."))
            approved_by = await approver_of(session, shift, judged, approver, actor)
            await self._news.announce(session, f"shift:{shift.id}")
            await finish(session, shift, judged, reason=reason, closed_at=now(), actor=actor, approved_by=approved_by)
            return await view_of(session, shift.id)

    @again_after_circle
    async def report(self, shift_id: int, actor: journal.Actor, language: str = "") -> ReportPdf:
        """Return the report for looking at: an X report while the shift is open, the Z report afterwards.

        The X report of who will count the drawer is silent about its cash. The Z report is always the same bytes in
        each ``language``; without one it is that of the hospital's papers.
        """
        shift = await self._read(shift_id)
        await self._require_look(shift, actor)
        language = language or await self._language_on_paper()
        if shift.facts is not None:
            return _document(thaw(shift.facts), language)
        async with self._database.transaction() as session:
            shift = await session.get_one(Shift, shift_id)
            sees_cash = shift.id not in await hidden_drawers(session, actor)
            facts = await collect(session, shift, made_at=now(), made_by=_signed_in(actor), shows_cash=sees_cash)
            deed = XReportMade(**_facts_of(shift), expected_minor=facts.expected_minor)
            await self._record(session, deed, actor)
        return _document(facts, language)

    @again_after_circle
    async def hand_out(self, shift_id: int, actor: journal.Actor, language: str = "") -> ReportPdf:
        """Return the Z report for printing or saving: the first one plain, each further one says COPY.

        What is returned may be sent to the printer again when the paper jams; calling this again makes a copy,
        whatever its ``language`` (see ``report``). Raises ``Refused`` while the shift is open, and for who may not
        look at it.
        """
        shift = await self._read(shift_id)
        await self._require_look(shift, actor)
        if shift.facts is None:
            raise Refused(m("This shift is not closed yet."), advice=m("Print its X report."))
        facts = thaw(shift.facts)
        original = _document(facts, language or await self._language_on_paper())
        async with self._database.transaction() as session:
            shift = await session.get_one(Shift, shift_id, with_for_update=ROW_LOCK, populate_existing=True)
            first: HandingOut = DeedKind.SHIFT_REPORT_PRINTED
            further: HandingOut = DeedKind.SHIFT_REPORT_REPRINTED
            copy = shift.handed_out_times
            shift.handed_out_times += 1
            await session.flush()
            deed = ShiftReportHandedOut(
                kind=further if copy else first,
                **_facts_of(shift),
                copy=copy,
                facts_sha256=digest_of(shift.facts or ""),
            )
            await self._record(session, deed, actor)
        if not copy:
            return original
        with speaking(original.language):
            stamped = stamp_copy(original.pdf, copy)
        return ReportPdf(
            title=m("Z report {shift}, copy {copy},", shift=facts.name, copy=copy),
            file_name=original.file_name.replace(".pdf", f"-copy-{copy}.pdf"),
            pdf=stamped,
            language=original.language,
            copy=copy,
        )

    async def _language_on_paper(self) -> str:
        async with self._database.reading() as session:
            return (await hospital_of(session)).language_on_paper

    async def _approver(self, closing: Closing, shift: Shift, actor: journal.Actor) -> journal.Actor:
        """Return who steps up to approve a difference; whether they worked the shift is asked under its lock."""
        who = await self._staff.step_up(closing.approver_name, closing.approver_pin, desk_id=actor.desk_id)
        approver = journal.staff_at(staff_id=who.staff_id, desk_id=actor.desk_id)
        await require(
            self._database, approver, Action.APPROVE_CASH_DIFFERENCE, subject=Subject.SHIFT, subject_id=shift.id
        )
        return approver

    async def _next_number(self, session: AsyncSession, desk_id: int) -> int:
        """Return the number of the desk's next shift; in training they count downwards."""
        at_desk = sa.select(sa.func.min(Shift.number), sa.func.max(Shift.number)).where(Shift.desk_id == desk_id)
        lowest, highest = (await session.execute(at_desk)).one()
        return min(lowest or 0, 0) - 1 if self._is_training else max(highest or 0, 0) + 1

    async def _require_run(self, shift: Shift, actor: journal.Actor) -> None:
        action = Action.RUN_SHIFT if shift.opened_by == actor.staff_id else Action.CLOSE_OTHERS_SHIFT
        await require(self._database, actor, action, subject=Subject.SHIFT, subject_id=shift.id)

    async def _require_look(self, shift: Shift, actor: journal.Actor) -> None:
        is_own = actor.staff_id is not None and actor.staff_id in (shift.opened_by, shift.closed_by)
        action = Action.RUN_SHIFT if is_own else Action.SEE_SHIFTS
        await require(self._database, actor, action, subject=Subject.SHIFT, subject_id=shift.id)

    async def _read(self, shift_id: int) -> Shift:
        async with self._database.reading() as session:
            shift = await session.get(Shift, shift_id)
        if shift is None:
            raise no_such_shift()
        return shift

    async def _locked(self, session: AsyncSession, shift_id: int, actor: journal.Actor) -> Shift:
        shift = await session.get(Shift, shift_id, with_for_update=ROW_LOCK, populate_existing=True)
        if shift is None:
            raise no_such_shift()
        if shift.desk_id != actor.desk_id:
            raise Refused(
                m("This drawer stands at another desk."), advice=m("Go there: only what is seen is counted.")
            )
        return shift

    async def _record_decision(
        self, session: AsyncSession, shift: Shift, doubts: Mapping[str, str], actor: journal.Actor
    ) -> None:
        if doubts:
            deed = MovedAllTheSame(shift=shift.id, number=shift.number, doubts=doubts)
            await self._record(session, deed, actor)

    async def _record(self, session: AsyncSession, deed: ShiftDeed, actor: journal.Actor) -> None:
        await self._news.announce(session, f"shift:{deed.shift}")
        await journal.record(session, deed, actor)


def _facts_of(shift: Shift) -> OfShift:
    return {"shift": shift.id, "number": shift.number, "currency": shift.currency}


def _signed_in(actor: journal.Actor) -> int:
    if actor.staff_id is None:
        raise Refused(m("Nobody is signed in."), advice=m("Sign in first."))
    return actor.staff_id


def _refuse_closed(shift: Shift) -> None:
    if shift.closed_at is not None:
        raise Refused(m("This shift is closed."), advice=m("Open the next one."))


def _document(facts: ShiftFacts, language: str) -> ReportPdf:
    letter = facts.kind.upper()
    moment = f"-{facts.made_at[:16].replace(':', '')}" if facts.kind is ReportKind.X else ""
    with speaking(language):
        pdf = render(facts)
    return ReportPdf(
        title=report_name(facts),
        file_name=f"shift-{facts.name}-{letter}{moment}.pdf",
        pdf=pdf,
        language=language,
    )
