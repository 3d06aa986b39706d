"""A counter at which anything may happen: rules that hypothesis mixes at random, and what holds whenever it is quiet.

Desks, the companion's work and Stripe run in one process here, so that thousands of steps are affordable; a
process dies by an exception that nothing catches, at any fail point.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from cashier.asked_again.sums import AskedAgain
from cashier.assembly import Services, open_services
from cashier.books.difference import DifferenceKind
from cashier.books.payment import PaymentState
from cashier.clock import now
from cashier.errors import CashierError
from cashier.failpoints import FailPoint
from cashier.invoices.intake import take_in
from cashier.keychain import Keychain, Secret
from cashier.payments.views import PaymentOrder, PaymentView
from cashier.refunds.views import RefundRequest
from cashier.settings import CompanionSettings, DatabaseSettings, DeskSettings, Settings, StripeSettings
from cashier.stripe_gateway.webhooks import notice_of
from cashier.tenders.tender import BY_DIGIT, Tender
from tests.faults.hospital_changes import changed
from tests.faults.moved_clock import MovedClock
from tests.faults.network import HttpFault, StripeLine, running
from tests.faults.silence import Silence, silencing
from tests.faults.truth import disagreements, everything_at
from tests.payments.patient import debit_on_page
from tests.surroundings import sample_hospital
from tests.surroundings.card_reader import DeskReader, place_reader
from tests.surroundings.cut_off import CutOffError, cut
from tests.surroundings.orders import order_for, refund_of
from tests.surroundings.running_sandbox import STRIPE_KEY, running_sandbox
from tests.surroundings.sample_hospital import SampleHospital

_CONTESTED = "4000000000000259"
_CARDS = (
    "4242424242424242", "4000000000000002", "4000000000009995", "4000000000005126", "5555555555554444", _CONTESTED,
)  # fmt: skip
_READER_CARDS = ("visa", "visa", "mastercard", "visa_chargeDeclined", "visa_chargeDeclinedInsufficientFunds")
_ACCOUNTS = (
    "DE89370400440532013000", "DE65370400440002222227", "DE78370400440532013004", "DE35370400440532013002",
)  # fmt: skip
"""One that pays, two that refuse after days, and one that takes back what it has paid."""
_BANKS_DECIDE_IN_HOURS = 7 * 24
_TENDERS = st.sampled_from(
    [Tender.CHECKOUT, Tender.CHECKOUT, Tender.SAVED_CARD, Tender.PHONE, Tender.READER, Tender.READER, Tender.KEYED]
)
_EXPECTED = {
    DifferenceKind.OVERPAID,
    DifferenceKind.REFUNDED_ELSEWHERE,
    DifferenceKind.DISPUTED,
    DifferenceKind.MONEY_GONE,
    DifferenceKind.REFUND_CAME_BACK,
}
"""What the comparison has to find, because somebody outside the desks brought it about."""

Mishap = HttpFault | FailPoint | Silence | None
_LOST = [HttpFault.CUT_AFTER, HttpFault.TRUNCATED, HttpFault.CUT_BEFORE]
_SILENCES = [Silence(at=point) for point in FailPoint]
_MISHAPS = st.sampled_from([None] * 20 + list(HttpFault) + _LOST * 4 + list(FailPoint) + _SILENCES)
_PICKS = st.integers(0, 11)
"""Which of a few things; a number, because what there is depends on timing, and what is drawn must not."""

FreshHospital = Callable[[Path], contextlib.AbstractContextManager[SampleHospital]]
"""Gives a sample hospital of one's own inside a block, perhaps in this folder."""
T = TypeVar("T")


def _picked(among: Sequence[T], pick: int) -> T:
    return among[pick % len(among)]


class Counter(RuleBasedStateMachine):
    """Two desks, one Stripe, a handful of invoices."""

    fresh: ClassVar[FreshHospital]
    """Gives the database that a run begins with."""
    steps: ClassVar[int] = 0
    quiet_points: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.ends = contextlib.ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="cashier-counter-"))
        self.ends.callback(shutil.rmtree, self.folder)
        self.hospital = self.ends.enter_context(type(self).fresh(self.folder))
        self.is_on_server = not self.hospital.url.startswith("sqlite")
        self.sandbox = self.ends.enter_context(running_sandbox(self.folder))
        self.line = StripeLine(self.sandbox.url, late_seconds=0.05)
        self.ends.enter_context(running(self.line))
        self.runner = self.ends.enter_context(asyncio.Runner())
        self.clock = MovedClock(self.ends.enter_context(pytest.MonkeyPatch.context()))
        self.settings = Settings(
            database=DatabaseSettings(url=self.hospital.url),
            asked_again=AskedAgain(same_minutes=0, reference_days=0),
            stripe=StripeSettings(
                api_base=self.line.url, timeout_seconds=5.0, payment_methods=("card", "sepa_debit")
            ),
            companion=CompanionSettings(),
            desk=DeskSettings(code="D1", tenders=BY_DIGIT, shifts=False),
            data_folder=str(self.folder),
        )
        self.desks: list[tuple[Services, contextlib.AsyncExitStack]] = []
        self.orders: list[PaymentOrder] = []
        self.pages: dict[Any, str] = {}
        self.refunds: list[RefundRequest] = []
        self.told: list[PaymentView] = []
        self.delivered = 0
        self.readers: list[DeskReader] = []
        for number in (1, 2):
            self.desks.append(self.runner.run(self._open_desk()))
            placed = place_reader(self.desks[-1][0], self.hospital, self.sandbox, desk_id=number)
            self.readers.append(self.runner.run(placed))

    def teardown(self) -> None:
        """Become quiet once more, and end."""
        try:
            self.become_quiet()
        finally:
            for _services, ends in self.desks:
                self.runner.run(ends.aclose())
            self.ends.close()

    @rule(
        desk=st.integers(0, 1),
        invoice=st.sampled_from([sample_hospital.DUE, sample_hospital.DUE_OF_SAME_PATIENT, sample_hospital.IN_YEN]),
        share=st.sampled_from([1.0, 1.0, 0.5, 0.3]),
        tender=_TENDERS,
        mishap=_MISHAPS,
    )
    def begin(self, desk: int, invoice: str, share: float, tender: Tender, mishap: Mishap) -> None:
        """Begin a payment of an invoice by any tender that Stripe has a part in."""
        row = self.hospital.execute(
            "SELECT balance_minor, currency, patient_id FROM invoice WHERE number = :number", number=invoice
        )[0]
        amount_minor = max(1, int(row["balance_minor"] * share))
        cards = self.hospital.execute(
            "SELECT id FROM saved_card WHERE patient_id = :patient AND removed_at IS NULL", patient=row["patient_id"]
        )
        if tender is Tender.SAVED_CARD and not cards:
            tender = Tender.CHECKOUT
        order = order_for(
            self.hospital,
            invoice,
            amount_minor,
            currency=row["currency"],
            tender=tender,
            saved_card_id=cards[0]["id"] if tender is Tender.SAVED_CARD else None,
            reader_id=self.readers[desk].id if tender.row.is_on_reader else None,
        )
        self.orders.append(order)
        self._do(desk, self.desks[desk][0].payments.begin(order, self._actor(desk)), mishap)

    @precondition(lambda self: self.orders)
    @rule(
        desk=st.integers(0, 1),
        pick=_PICKS,
        verb=st.sampled_from(["begin", "refresh", "ask_reader", "cancel", "take_over"]),
        mishap=_MISHAPS,
    )
    def go_on(self, desk: int, pick: int, verb: str, mishap: Mishap) -> None:
        """Repeat, look after, cancel or take over a payment, at any desk."""
        self._do(desk, self._verb(desk, verb, _picked(self.orders[-4:], pick)), mishap)

    @precondition(lambda self: self.orders)
    @rule(pick=_PICKS, verbs=st.tuples(*[st.sampled_from(["begin", "refresh", "ask_reader", "cancel"])] * 2))
    def do_two_things_at_once(self, pick: int, verbs: tuple[str, str]) -> None:
        """Do something with one payment at both desks in the same moment."""
        order = _picked(self.orders[-2:], pick)

        async def both() -> None:
            await asyncio.gather(
                *(self._tell(self._verb(desk, verb, order)) for desk, verb in enumerate(verbs)),
            )

        self._do(0, both())

    @rule(pick=_PICKS, card=st.sampled_from(_CARDS), save=st.booleans())
    def pay(self, pick: int, card: str, *, save: bool) -> None:
        """Let a patient try a card on any page that a desk has shown; it may be gone."""
        if not self.pages:
            return
        Counter.steps += 1
        page = _picked(list(self.pages.values())[-3:], pick)
        with contextlib.suppress(httpx.TransportError, AssertionError):
            self.sandbox.pay_on_page(page, card=card, save=save)

    @rule(pick=_PICKS, iban=st.sampled_from(_ACCOUNTS))
    def debit(self, pick: int, iban: str) -> None:
        """Let a patient have an account debited on any page that a desk has shown; its bank decides days later."""
        if not self.pages:
            return
        Counter.steps += 1
        page = _picked(list(self.pages.values())[-3:], pick)
        with contextlib.suppress(httpx.TransportError):
            self.runner.run(debit_on_page(page, iban))

    @rule(desk=st.integers(0, 1), does=st.sampled_from([*_READER_CARDS, "cancel", "fails after the charge"]))
    def act_at_reader(self, desk: int, does: str) -> None:
        """Let a patient do something at a reader; it may not ask for anything."""
        Counter.steps += 1
        reader = self.readers[desk]
        with contextlib.suppress(AssertionError):
            if does == "cancel":
                reader.order(customer_cancels=True)
            elif does == "fails after the charge":
                reader.order(reports="connection_error")
                reader.present()
            else:
                reader.present(does)

    @rule(share=st.sampled_from([1.0, 0.5, 0.2]), pick=_PICKS, reopens=st.booleans())
    def ask_for_refund(self, share: float, pick: int, *, reopens: bool) -> None:
        """Ask for a refund of a paid payment."""
        paid = [view for view in self.told if view.state is PaymentState.PAID]
        if not paid:
            return
        view = _picked(paid[-4:], pick)
        request = refund_of(
            view.id,
            max(1, int(view.amount.amount_minor * share)),
            currency=view.amount.currency,
            note="Appointment was cancelled.",
            reopens=reopens,
        )
        self.refunds.append(request)
        self._do(0, self.desks[0][0].refunds.request(request, self._actor(0)))

    @rule(pick=_PICKS, desk=st.integers(0, 1), approved=st.sampled_from([True, True, True, False]), mishap=_MISHAPS)
    def decide_refund(self, pick: int, desk: int, mishap: Mishap, *, approved: bool) -> None:
        """Approve or reject a refund, perhaps again, perhaps one's own."""
        if not self.refunds:
            return
        refunds = self.desks[desk][0].refunds
        refund_id, actor = _picked(self.refunds[-3:], pick).refund_id, self._actor(desk)
        deciding = refunds.approve(refund_id, actor) if approved else refunds.reject(refund_id, actor, why="Not due.")
        self._do(desk, deciding, mishap)

    @rule(share=st.sampled_from([0.2, 0.5, 1.0]), pick=_PICKS)
    def refund_in_dashboard(self, share: float, pick: int) -> None:
        """Refund in Stripe's dashboard, past us."""
        Counter.steps += 1
        charges = [
            each
            for each in everything_at(self.sandbox).charges
            if each["amount"] > each["amount_refunded"] and not each["disputed"]
        ]
        if charges:
            charge = _picked(charges[-3:], pick)
            left = charge["amount"] - charge["amount_refunded"]
            self.sandbox.ask("/v1/refunds", charge=charge["id"], amount=str(max(1, int(left * share))))

    @rule(pick=_PICKS, word=st.sampled_from(["winning_evidence", "losing_evidence"]))
    def end_dispute(self, pick: int, word: str) -> None:
        """Let the bank decide about what a cardholder contests, for the hospital or against it."""
        Counter.steps += 1
        disputes = self.sandbox.ask("/v1/disputes?limit=100")["data"]
        waiting = [each["id"] for each in disputes if each["status"] == "needs_response"]
        if waiting:
            evidence = {"evidence[uncategorized_text]": word}
            self.sandbox.ask(f"/v1/disputes/{_picked(waiting[-3:], pick)}", **evidence)
            self.sandbox.order("clock", advance_seconds=60)
            self.clock.move(timedelta(seconds=60))

    @rule(desk=st.integers(0, 1), disorder=st.integers(0, 40_319), lost=st.booleans())
    def deliver_webhooks(self, desk: int, disorder: int, *, lost: bool) -> None:
        """Deliver new events in any order, some twice, or lose them."""
        events = self.sandbox.ask("/v1/events?limit=100")["data"]
        fresh, self.delivered = events[: max(0, len(events) - self.delivered)], len(events)
        if fresh and not lost:
            order = random.Random(disorder).sample(fresh[:8], k=min(8, len(fresh)))
            self._do(desk, self._take_in_events(desk, [notice_of(event) for event in [*order, *order[:2]]]))

    @rule(fault=st.sampled_from(list(HttpFault)), times=st.integers(1, 3))
    def break_the_line(self, fault: HttpFault, times: int) -> None:
        """Let something happen to the next requests to Stripe."""
        Counter.steps += 1
        self.line.strike(fault, times=times)

    @rule(hours=st.sampled_from([0.2, 0.6, 1.5, 12, 24, 80]))
    def let_time_pass(self, hours: float) -> None:
        """Move everybody's clock."""
        Counter.steps += 1
        self.sandbox.order("clock", advance_seconds=int(hours * 3600))
        self.clock.move(timedelta(hours=hours))

    @rule(
        invoice=st.sampled_from([sample_hospital.DUE, sample_hospital.IN_YEN]),
        total_minor=st.sampled_from([3_000, 12_000, 20_000]),
        cancelled=st.sampled_from([False, False, False, True]),
    )
    def change_invoice(self, invoice: str, total_minor: int, *, cancelled: bool) -> None:
        """Let the hospital's system change an invoice, perhaps while it is being paid."""
        self._do(0, self._brought(invoice, total_minor, cancelled=cancelled))

    @precondition(lambda self: self.orders)
    @rule(
        pick=_PICKS,
        verb=st.sampled_from(["begin", "refresh", "cancel"]),
        total_minor=st.sampled_from([3_000, 12_000, 20_000]),
        cancelled=st.booleans(),
    )
    def change_what_is_being_paid(self, pick: int, verb: str, total_minor: int, *, cancelled: bool) -> None:
        """Let the hospital's system change an invoice while a desk does something with its payment."""
        order = _picked(self.orders[-2:], pick)
        numbers = {key: number for number, key in self.hospital.invoice_ids.items()}
        number = numbers[order.shares[0].invoice_id]

        async def both() -> None:
            await asyncio.gather(
                self._tell(self._verb(1, verb, order)),
                self._tell(self._brought(number, total_minor, cancelled=cancelled)),
            )

        self._do(0, both())

    @rule(desk=st.integers(0, 1), mishap=_MISHAPS)
    def recover(self, desk: int, mishap: Mishap) -> None:
        """Let recovery run in the middle of everything."""
        self._do(desk, self._recover(desk), mishap)

    @rule(chance=st.integers(0, 3))
    def perhaps_become_quiet(self, chance: int) -> None:
        """Become quiet now and then: it is slow."""
        if not chance:
            self.become_quiet()

    def become_quiet(self) -> None:
        """Heal, recover, compare; then everything has to agree."""
        Counter.quiet_points += 1
        self.line.heal()
        if any(each["status"] == "processing" for each in everything_at(self.sandbox).intents):
            self.let_time_pass(_BANKS_DECIDE_IN_HOURS)
        self._do(0, self._settle_down())
        wrong = self.runner.run(disagreements(self.desks[0][0].database, self.sandbox))
        stripe = everything_at(self.sandbox)
        for view in self.told:
            charged = bool(stripe.charged_minor(view.id))
            if view.state is PaymentState.PAID and not charged:
                wrong.append(f"{view.id}: told paid, and nothing was charged")
            if view.state is PaymentState.CANCELLED and charged:
                wrong.append(f"{view.id}: told cancelled, and the card was charged")
        reconciliation = self.desks[0][0].reconciliation
        open_differences = self.runner.run(reconciliation.open_differences(self.hospital.colleague))
        wrong += [f"{each.kind}: {each.detail}" for each in open_differences if each.kind not in _EXPECTED]
        assert not wrong, "\n".join(wrong)

    async def _settle_down(self) -> None:
        services = self.desks[0][0]
        for _ in range(5):
            await services.sweep.run()
            if not await self._recover(0):
                break
        await services.reconciliation.compare(now() - timedelta(days=400), now() + timedelta(days=1))

    async def _recover(self, desk: int) -> int:
        services = self.desks[desk][0]
        done = await services.inbox.process_waiting()
        return done + await services.payments.recover() + await services.refunds.recover()

    def _brought(self, number: str, total_minor: int, *, cancelled: bool) -> Coroutine[Any, Any, Any]:
        return take_in(self.desks[0][0].database, [changed(self.hospital, number, total_minor, cancelled=cancelled)])

    async def _take_in_events(self, desk: int, notices: list[Any]) -> None:
        inbox = self.desks[desk][0].inbox
        for notice in notices:
            await inbox.store([notice])
        await inbox.process_waiting()

    def _verb(self, desk: int, verb: str, order: PaymentOrder) -> Coroutine[Any, Any, Any]:
        payments = self.desks[desk][0].payments
        if verb == "begin":
            return payments.begin(order, self._actor(desk))
        if verb == "refresh":
            return payments.refresh(order.payment_id)
        verbs = {"cancel": payments.cancel, "take_over": payments.take_over, "ask_reader": payments.ask_reader}
        return verbs[verb](order.payment_id, self._actor(desk))

    async def _tell(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do it as a desk would; remember what the cashier was told."""
        with contextlib.suppress(CashierError):
            view = await work
            if isinstance(view, PaymentView):
                self.told.append(view)
                if view.page_url is not None and view.tender.row.is_page:
                    self.pages[view.id] = view.page_url

    def _do(self, desk: int, work: Coroutine[Any, Any, Any], mishap: Mishap = None) -> None:
        """Do it in the process of ``desk``, which is started again if it dies; perhaps something happens to it."""
        Counter.steps += 1
        if isinstance(mishap, HttpFault):
            # Once more than the gateway repeats a request by itself.
            self.line.strike(mishap, times=2, only_posts=True)
        elif isinstance(mishap, Silence):
            silencing.url, silencing.point = self.hospital.url, mishap.at if self.is_on_server else None
        elif mishap is not None:
            cut.point = mishap
        try:
            self.runner.run(self._tell(work))
        except CutOffError:
            self.runner.run(self.desks[desk][1].aclose())
            self.desks[desk] = self.runner.run(self._open_desk())
        finally:
            cut.point = silencing.point = None
            if isinstance(mishap, HttpFault):
                self.line.heal()

    async def _open_desk(self) -> tuple[Services, contextlib.AsyncExitStack]:
        ends = contextlib.AsyncExitStack()
        keychain = Keychain({Secret.STRIPE_KEY.variable: STRIPE_KEY})
        return await ends.enter_async_context(open_services(self.settings, keychain)), ends

    def _actor(self, desk: int) -> Any:
        return (self.hospital.cashier, self.hospital.colleague)[desk]


def run_counter(fresh: FreshHospital, *, seed: int, runs: int, steps_each: int) -> None:
    """Let anything happen at ``runs`` counters that each begin with a ``fresh`` hospital; raises what did not hold.

    The same seed gives the same steps; a failure is not made smaller, as that would take hours.
    """
    Counter.fresh = staticmethod(fresh)
    seeded(seed)(Counter)
    run_state_machine_as_test(
        Counter,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps_each,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            print_blob=False,
        ),
    )
