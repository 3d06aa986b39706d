"""What happens at a counter, what breaks, and when: every scenario ends with both sides agreeing, or it fails."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from cashier.database import now
from cashier.failpoints import FailPoint as At
from cashier.identifiers import new_id
from cashier.money import Money
from cashier.payments.model import PaymentState, Tender
from cashier.payments.views import PaymentOrder, PaymentShare, PaymentView
from cashier.refunds.model import RefundReason, RefundState
from cashier.refunds.views import RefundRequest
from tests import sample_hospital
from tests.faults.network import HttpFault, TcpFault
from tests.faults.station import LATE_SECONDS, Station
from tests.faults.webhook_post import PostFault


class Deed(StrEnum):
    """What is done at the counter."""

    CHECKOUT = "payment on the page"
    SAVED_CARD = "payment by saved card"
    CANCEL = "payment taken back"
    REFUND = "refund"


class Death(StrEnum):
    """Whose process is killed."""

    DESK = "desk killed"
    COMPANION = "companion killed"
    SANDBOX = "Stripe killed"
    DATABASE = "PostgreSQL killed"


Fault = Death | HttpFault | TcpFault | PostFault


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One fault at one moment of one deed."""

    deed: Deed
    fault: Fault
    at: At | None
    nth: int = 1
    in_companion: bool = False

    @property
    def moment(self) -> str:
        """Say when, in a word or two."""
        if self.at is None:
            return "always"
        again = f" ({self.nth})" if self.nth > 1 else ""
        return f"{self.at}{again}{', companion' if self.in_companion else ''}"

    @property
    def name(self) -> str:
        """Name it, for a table and for a test."""
        return f"{self.deed}: {self.fault} at {self.moment}"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a scenario ended: what became of the money, and how long recovery took."""

    outcome: str
    recovery_seconds: float
    differences: int


_STEPS: dict[Deed, tuple[tuple[At, int], ...]] = {
    Deed.CHECKOUT: (
        (At.PAYMENT_ASKED, 1), (At.PAYMENT_WRITTEN, 1), (At.PAYMENT_PREPARED, 1), (At.CUSTOMER_MADE, 1),
        (At.PAYMENT_OPENING, 1), (At.PAYMENT_OPENED, 1), (At.PAYMENT_LEARNED, 1), (At.PAYMENT_SAVED, 1),
        (At.PAYMENT_ASKING, 1), (At.PAYMENT_ANSWERED, 1), (At.PAYMENT_RECEIPTED, 1), (At.PAYMENT_LEARNED, 2),
        (At.PAYMENT_SAVED, 2),
    ),
    Deed.SAVED_CARD: (
        (At.PAYMENT_WRITTEN, 1), (At.PAYMENT_PREPARED, 1), (At.PAYMENT_OPENING, 1), (At.PAYMENT_OPENED, 1),
        (At.PAYMENT_RECEIPTED, 1), (At.PAYMENT_LEARNED, 1), (At.PAYMENT_SAVED, 1),
    ),
    Deed.CANCEL: (
        (At.PAYMENT_WITHDRAWING, 1), (At.PAYMENT_WITHDRAWN, 1), (At.PAYMENT_LEARNED, 2), (At.PAYMENT_SAVED, 2),
    ),
    Deed.REFUND: (
        (At.REFUND_WRITTEN, 1), (At.REFUND_REQUESTED, 1), (At.REFUND_DECIDED, 1), (At.REFUND_APPROVED, 1),
        (At.REFUND_SENDING, 1), (At.REFUND_SENT, 1), (At.REFUND_LEARNED, 1), (At.REFUND_SAVED, 1),
    ),
}  # fmt: skip
"""The steps that a desk goes through by itself, where it has no companion."""

_COMPANION_STEPS: dict[Deed, tuple[At, ...]] = {
    Deed.CHECKOUT: (
        At.EVENT_ARRIVED, At.EVENT_STORED, At.EVENT_TAKEN, At.PAYMENT_ASKING, At.PAYMENT_ANSWERED,
        At.PAYMENT_RECEIPTED, At.PAYMENT_LEARNED, At.PAYMENT_SAVED, At.EVENT_WORKED,
    ),
    Deed.REFUND: (At.EVENT_ARRIVED, At.EVENT_STORED, At.EVENT_TAKEN, At.REFUND_LEARNED, At.EVENT_WORKED),
}  # fmt: skip

_CALLS: dict[Deed, tuple[At, ...]] = {
    Deed.CHECKOUT: (At.PAYMENT_PREPARED, At.PAYMENT_OPENING, At.PAYMENT_ASKING),
    Deed.SAVED_CARD: (At.PAYMENT_OPENING,),
    Deed.CANCEL: (At.PAYMENT_WITHDRAWING,),
    Deed.REFUND: (At.REFUND_SENDING,),
}
"""The steps right before Stripe is called."""

_WRITING: dict[Deed, tuple[tuple[At, int], ...]] = {
    Deed.CHECKOUT: ((At.PAYMENT_WRITTEN, 1), (At.PAYMENT_LEARNED, 1), (At.PAYMENT_LEARNED, 2)),
    Deed.SAVED_CARD: ((At.PAYMENT_WRITTEN, 1), (At.PAYMENT_LEARNED, 1)),
    Deed.CANCEL: ((At.PAYMENT_LEARNED, 2),),
    Deed.REFUND: ((At.REFUND_WRITTEN, 1), (At.REFUND_DECIDED, 1), (At.REFUND_LEARNED, 1)),
}
"""The steps right before a commit."""


def all_scenarios(*, on_postgresql: bool) -> Iterator[Scenario]:
    """Give every fault at every moment of every deed that it can happen to."""
    killed = [Death.DESK, Death.SANDBOX, *([Death.DATABASE] if on_postgresql else [])]
    for deed, steps in _STEPS.items():
        yield from _each(deed, killed, steps)
    killed = [Death.COMPANION, *([Death.DATABASE] if on_postgresql else [])]
    for deed, moments in _COMPANION_STEPS.items():
        yield from _each(deed, killed, [(at, 1) for at in moments], in_companion=True)
    for deed, moments in _CALLS.items():
        yield from _each(deed, HttpFault, [(at, 1) for at in moments])
    for deed, steps in _WRITING.items() if on_postgresql else ():
        yield from _each(deed, TcpFault, steps)
    for deed in (Deed.CHECKOUT, Deed.SAVED_CARD, Deed.REFUND):
        yield from _each(deed, [*PostFault, Death.COMPANION], [(None, 1)])


def _each(
    deed: Deed, faults: Iterable[Fault], steps: Iterable[tuple[At | None, int]], *, in_companion: bool = False
) -> Iterator[Scenario]:
    for (at, nth), fault in itertools.product(steps, faults):
        yield Scenario(deed=deed, fault=fault, at=at, nth=nth, in_companion=in_companion)


def play(station: Station, scenario: Scenario) -> Outcome:
    """Do the deed with its fault, heal, recover, finish, and look whether everything agrees."""
    play = _Play(station, scenario)
    play.arrange()
    play.act()
    seconds = play.recover()
    play.finish()
    wrong = station.disagreements()
    assert not wrong, "\n".join([scenario.name, *wrong])
    return Outcome(outcome=play.outcome, recovery_seconds=seconds, differences=play.differences())


class _Play:
    def __init__(self, station: Station, scenario: Scenario) -> None:
        self.station, self.scenario = station, scenario
        self.hospital = station.hospital
        self.payment_id = new_id()
        self.refund_id = new_id()
        self.began_at = now()
        self.page: PaymentView | None = None
        self.struck = False
        self.outcome = ""
        self.saved_card_id: int | None = None
        self.number, self.amount_minor = sample_hospital.DUE, 12_000

    def arrange(self) -> None:
        """Bring about what was before: a saved card, or a payment that can be refunded."""
        station, deed = self.station, self.scenario.deed
        station.start_desk("D2")
        if deed is Deed.SAVED_CARD:
            self._pay_quietly(save=True)
            rows = self.hospital.execute("SELECT id FROM saved_card")
            self.saved_card_id = rows[0]["id"]
            self.payment_id = new_id()
            self.number, self.amount_minor = sample_hospital.DUE_OF_SAME_PATIENT, 4_500
        elif deed is Deed.REFUND:
            self._pay_quietly(save=False)
        if self.scenario.at is None or self.scenario.in_companion:
            station.start_companion(
                self.scenario.at, nth=self.scenario.nth, dies=self.scenario.fault is Death.COMPANION
            )
        if isinstance(self.scenario.fault, PostFault):
            station.post.fault = self.scenario.fault
        elif self.scenario.at is None:
            self._strike()
        at_desk = None if self.scenario.in_companion else self.scenario.at
        station.start_desk("D1", at_desk, nth=self.scenario.nth, dies=self.scenario.fault is Death.DESK)

    def act(self) -> None:
        """Do the deed; whatever breaks, the people at the counter try what they can."""
        deed = self.scenario.deed
        if deed is Deed.REFUND:
            self._act("refunds", "request", self._request(), self.hospital.cashier)
            self._act("refunds", "approve", self.refund_id, self.hospital.colleague)
        else:
            view = self._act("payments", "begin", self._order(), self.hospital.cashier)
            if isinstance(view, PaymentView) and view.page_url:
                self.page = view
        if deed is Deed.CANCEL:
            self._act("payments", "cancel", self.payment_id, self.hospital.cashier)
        elif deed is Deed.CHECKOUT:
            if self.page is not None:
                self.station.pay(self.page)
            if self.scenario.in_companion or isinstance(self.scenario.fault, PostFault):
                self._let_the_companion_work()
            else:
                self._act("payments", "refresh", self.payment_id)
        if self.scenario.in_companion and not self.struck:
            self._let_the_companion_work()
        if self.scenario.fault is Death.DESK:
            self.struck = self.station.desks["D1"].has_died(0.5)
        elif isinstance(self.scenario.fault, PostFault):
            deadline = time.monotonic() + 5
            while not self.station.post.struck and time.monotonic() < deadline:
                time.sleep(0.02)
            self.struck = self.station.post.struck > 0
        assert self.struck, f"{self.scenario.name}: it did not happen"

    def recover(self) -> float:
        """End the fault, start again what was killed, and let recovery do its work."""
        station = self.station
        station.stripe_line.heal()
        if station.database_line is not None:
            station.database_line.heal()
        if station.cluster is not None:
            station.cluster.start()
        if self.scenario.fault is HttpFault.LATE:
            # What was late arrives now, after everybody has given up on it.
            time.sleep(LATE_SECONDS)
        if station.stripe is not None and station.stripe.has_died(0):
            station.start_sandbox()
        if isinstance(self.scenario.fault, PostFault):
            station.post.fault = None
            station.deliver_held_webhooks()
        station.start_companion()
        station.start_desk("D1")
        return station.recover()

    def finish(self) -> None:
        """Let the people go on: pay the page that is open, or take the payment back and pay anew."""
        if self.scenario.deed is Deed.REFUND:
            self._finish_refund()
            return
        station = self.station
        state = station.state_of(self.payment_id)
        if state == PaymentState.OPEN and self.page is not None and self.scenario.deed is not Deed.CANCEL:
            self.station.pay(self.page)
            view = station.must("payments", "refresh", self.payment_id)
            assert view.state is PaymentState.PAID, view
        elif state is not None and state not in (PaymentState.PAID, PaymentState.CANCELLED):
            station.must("payments", "take_over", self.payment_id, self.hospital.colleague, desk="D2")
        state = station.state_of(self.payment_id)
        assert state in (None, PaymentState.PAID, PaymentState.CANCELLED), state
        self.outcome = {None: "never saved, paid anew", "cancelled": "cancelled, paid anew"}.get(state, "paid")
        if state != PaymentState.PAID:
            self.payment_id = new_id()
            self._pay_quietly(save=False)

    def differences(self) -> int:
        """Compare with Stripe's records, as the companion does; return how many differences there are."""
        station = self.station
        count: int = station.must(
            "reconciliation", "compare", self.began_at - timedelta(hours=1), now() + timedelta(hours=1), desk="D2"
        )
        assert count == 0, [
            f"{each.kind}: {each.detail}" for each in station.must("reconciliation", "open_differences")
        ]
        return count

    def _finish_refund(self) -> None:
        station = self.station
        view = station.must("refunds", "request", self._request(), self.hospital.cashier)
        if view.state is RefundState.REQUESTED:
            view = station.must("refunds", "approve", self.refund_id, self.hospital.colleague)
        if view.state is RefundState.APPROVED:
            # Stripe repeats its own failure for a day; after that its records decide.
            assert self.scenario.fault is HttpFault.BROKEN_FOR_A_DAY, view
            self._let_a_day_pass()
            station.must("refunds", "recover")
            view = station.must("refunds", "view", self.refund_id)
            assert view.state is RefundState.FAILED, view
            self.refund_id = new_id()
            station.must("refunds", "request", self._request(), self.hospital.cashier)
            view = station.must("refunds", "approve", self.refund_id, self.hospital.colleague)
            self.outcome = "failed, refunded anew"
        assert view.state is RefundState.SUCCEEDED, view
        self.outcome = self.outcome or "refunded"

    def _let_a_day_pass(self) -> None:
        moment = now() - timedelta(hours=25)
        stamp = moment.replace(tzinfo=None).isoformat(sep=" ") if self.hospital.url.startswith("sqlite") else moment
        self.hospital.execute("UPDATE refund SET decided_at = :moment", moment=stamp)

    def _act(self, room: str, verb: str, *arguments: object) -> object:
        """Do something at the desk; at its fail point the fault strikes."""
        station = self.station
        if self.scenario.fault is Death.DESK and station.desks["D1"].has_died(0):
            return None
        station.send(room, verb, *arguments)
        self._strike_when_reached("D1")
        told = station.hear()
        return None if told is None else told.view

    def _strike_when_reached(self, desk: str) -> None:
        if self.struck or self.scenario.at is None or self.scenario.in_companion or self.scenario.fault is Death.DESK:
            return
        child = self.station.desks[desk]
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if child.reached(0.005):
                self._strike()
                child.go_on()
                return
            if child.line.poll(0):
                return

    def _let_the_companion_work(self) -> None:
        companion = self.station.companion
        assert companion is not None
        if self.scenario.fault is Death.COMPANION:
            self.struck = companion.has_died(10)
        elif self.scenario.in_companion and companion.reached(10):
            self._strike()
            companion.go_on()
        elif isinstance(self.scenario.fault, PostFault):
            may_settle = self.scenario.fault in (PostFault.DOUBLED, PostFault.TWINS)
            settled = self.station.wait_for(self.payment_id, PaymentState.PAID, seconds=10 if may_settle else 0.3)
            assert settled or not may_settle, "the webhook did not settle it"

    def _strike(self) -> None:
        station, fault = self.station, self.scenario.fault
        self.struck = True
        if fault is Death.SANDBOX:
            assert station.stripe is not None
            station.stripe.kill()
            station.stripe.has_died(1)
        elif fault is Death.COMPANION:
            assert station.companion is not None
            station.companion.kill()
        elif fault is Death.DATABASE:
            assert station.cluster is not None
            station.cluster.kill()
        elif isinstance(fault, HttpFault):
            # Often enough for all attempts that the desk makes by itself.
            station.stripe_line.strike(fault, times=4 if fault is not HttpFault.BROKEN_FOR_A_DAY else 1)
        elif isinstance(fault, TcpFault):
            assert station.database_line is not None
            station.database_line.strike(fault)

    def _pay_quietly(self, *, save: bool) -> None:
        """Pay at the other desk, where nothing goes wrong."""
        station = self.station
        order = PaymentOrder(
            payment_id=self.payment_id,
            shares=(
                PaymentShare(
                    invoice_id=self.hospital.invoice_ids[self.number], amount=Money(self.amount_minor, "EUR")
                ),
            ),
            tender=Tender.CHECKOUT,
        )
        view = station.must("payments", "begin", order, self.hospital.colleague, desk="D2")
        station.sandbox.pay_on_page(view.page_url, save=save)
        view = station.must("payments", "refresh", self.payment_id, desk="D2")
        assert view.state is PaymentState.PAID, view

    def _order(self) -> PaymentOrder:
        return PaymentOrder(
            payment_id=self.payment_id,
            shares=(
                PaymentShare(
                    invoice_id=self.hospital.invoice_ids[self.number], amount=Money(self.amount_minor, "EUR")
                ),
            ),
            tender=Tender.SAVED_CARD if self.saved_card_id is not None else Tender.CHECKOUT,
            saved_card_id=self.saved_card_id,
        )

    def _request(self) -> RefundRequest:
        return RefundRequest(
            refund_id=self.refund_id,
            payment_id=self.payment_id,
            amount=Money(5_000, "EUR"),
            reason=RefundReason.REQUESTED_BY_CUSTOMER,
            note="Appointment was cancelled.",
            reopens=True,
        )
