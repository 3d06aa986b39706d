"""One scenario at a desk: what is done, what breaks in it, and what the people there do then."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Set
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta

from cashier.books.difference import DifferenceKind
from cashier.books.payment import PaymentState
from cashier.books.refund import RefundState
from cashier.clock import now
from cashier.identifiers import new_id
from cashier.payments.views import PaymentOrder, PaymentView
from cashier.readers.service import ReaderView
from cashier.refunds.views import RefundRequest
from cashier.tenders.tender import Tender
from tests.faults.hospital_changes import bring, changed
from tests.faults.moments import Death, Deed, Freeze, Meanwhile, Scenario, WrongClock
from tests.faults.network import HttpFault, TcpFault
from tests.faults.station import LATE_SECONDS, Station
from tests.faults.webhook_post import PostFault
from tests.surroundings import sample_hospital
from tests.surroundings.orders import order_for, refund_of


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a scenario ended: what became of the money, and how long recovery took."""

    outcome: str
    recovery_seconds: float
    differences: int


_OTHERS_WAIT_SECONDS_MAX = 15.0
"""For how long others may have to wait for somebody who freezes."""

_TENDERS = {
    Deed.CASH: Tender.CASH,
    Deed.SAVED_CARD: Tender.SAVED_CARD,
    Deed.PHONE: Tender.PHONE,
    Deed.READER: Tender.READER,
    Deed.READER_CANCEL: Tender.READER,
}


class Play:
    """A scenario at a desk: what is done, what breaks, and what people do then."""

    days_compared = 1
    """How far ahead of ours Stripe's clock may be in the end."""

    def __init__(self, station: Station, scenario: Scenario) -> None:
        """Begin with nothing done."""
        self.station, self.scenario = station, scenario
        self.hospital = station.hospital
        self.payment_id = new_id()
        self.refund_id = new_id()
        self.began_at = now()
        self.page: PaymentView | None = None
        self.struck = False
        self.outcome = ""
        self.pool = ThreadPoolExecutor(2)
        self.beside: Future[object] | None = None
        self.saved_card_id: int | None = None
        self.reader: ReaderView | None = None
        self.number, self.amount_minor = sample_hospital.DUE, 12_000

    def arrange(self) -> None:
        """Bring about what was before: a saved card, or a payment that can be refunded."""
        station, deed = self.station, self.scenario.deed
        station.start_desk("D2")
        if deed is Deed.SAVED_CARD:
            self.pay_quietly(save=True)
            rows = self.hospital.execute("SELECT id FROM saved_card")
            self.saved_card_id = rows[0]["id"]
            self.payment_id = new_id()
            self.number, self.amount_minor = sample_hospital.DUE_OF_SAME_PATIENT, 4_500
        elif deed is Deed.REFUND:
            self.pay_quietly(save=False)
        elif deed.is_on_reader:
            self.reader = station.place_reader()
        elif deed is Deed.CASH:
            station.open_shift()
        clock = self.scenario.fault if isinstance(self.scenario.fault, WrongClock) else None
        if self.scenario.at is None or self.scenario.in_companion:
            station.start_companion(
                self.scenario.at,
                nth=self.scenario.nth,
                dies=self.scenario.fault is Death.COMPANION,
                clock_off=timedelta() if clock is None else clock.companion_off,
            )
        if isinstance(self.scenario.fault, PostFault):
            station.post.fault = self.scenario.fault
        elif self.scenario.at is None:
            self.strike()
        at_desk = None if self.scenario.in_companion else self.scenario.at
        station.start_desk(
            "D1",
            at_desk,
            nth=self.scenario.nth,
            dies=self.scenario.fault is Death.DESK,
            clock_off=timedelta() if clock is None else clock.desk_off,
        )

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
        if deed.takes_back:
            self._act("payments", "cancel", self.payment_id, self.hospital.cashier)
        elif deed in (Deed.CHECKOUT, Deed.PHONE, Deed.READER):
            self._let_the_patient_pay()
            if self.scenario.in_companion or isinstance(self.scenario.fault, (PostFault, WrongClock)):
                self._let_the_companion_work()
            else:
                self._act("payments", "refresh", self.payment_id)
        if self.scenario.in_companion and not self.struck:
            self._let_the_companion_work()
        if self.scenario.fault is Death.DESK:
            self.struck = self.station.desks["D1"].has_died(10)
        elif isinstance(self.scenario.fault, PostFault):
            deadline = time.monotonic() + 5
            while not self.station.post.struck and time.monotonic() < deadline:
                time.sleep(0.02)
            self.struck = self.station.post.struck > 0
        self.wait_for_others()

    def wait_for_others(self) -> None:
        """Return when whatever goes on beside the deed has come to its end; fails when nothing has happened."""
        assert self.struck, f"{self.scenario.name}: it did not happen"
        if self.beside is not None:
            self.beside.result(30)

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
        if self.scenario.deed is Deed.CASH:
            self._save_again()
            return
        station = self.station
        state = station.state_of(self.payment_id)
        can_go_on = self.page is not None or self.reader is not None
        if state == PaymentState.OPEN and can_go_on and not self.scenario.deed.takes_back:
            if self.reader is not None:
                station.must("payments", "ask_reader", self.payment_id, self.hospital.cashier)
            self._let_the_patient_pay()
            view = station.must("payments", "refresh", self.payment_id)
            assert view.state is PaymentState.PAID, view
        elif state is not None and state not in (PaymentState.PAID, PaymentState.CANCELLED):
            station.must("payments", "take_over", self.payment_id, self.hospital.colleague, desk="D2")
        state = station.state_of(self.payment_id)
        assert state in (None, PaymentState.PAID, PaymentState.CANCELLED), state
        self.outcome = {None: "never saved, paid anew", "cancelled": "cancelled, paid anew"}.get(state, "paid")
        if state != PaymentState.PAID:
            self.pay_anew()

    def pay_anew(self) -> None:
        """Pay what is due by another payment; nothing is, when the hospital has cancelled the invoice."""
        self.payment_id = new_id()
        if self.scenario.fault is Meanwhile.LOWERED:
            self.amount_minor //= 2
        if self.scenario.fault is not Meanwhile.CANCELLED:
            self.pay_quietly(save=False)
            return
        told = self.station.ask("payments", "begin", self._order(), self.hospital.colleague, desk="D2")
        assert told is not None
        assert told.error == "Refused", told
        self.outcome = "nothing due any more"

    def differences(self) -> int:
        """Compare with Stripe's records and return how many differences there are, whoever has found them.

        The companion compares as well, whenever it starts: what it has listed by then is not new any more.
        """
        station = self.station
        until = now() + timedelta(days=self.days_compared)
        station.must("reconciliation", "compare", self.began_at - timedelta(hours=1), until, desk="D2")
        listed = station.must("reconciliation", "open_differences", self.hospital.colleague, desk="D2")
        found = {(each.kind, each.payment_id): f"{each.kind}: {each.detail}" for each in listed}
        expected = self.expected_differences()
        wrong = [words for what, words in found.items() if what not in expected]
        wrong += [f"{kind} of {payment_id} is not listed" for kind, payment_id in expected - found.keys()]
        assert not wrong, "\n".join([self.scenario.name, *wrong])
        return len(wrong)

    def expected_differences(self) -> Set[tuple[DifferenceKind, uuid.UUID]]:
        """Return what a supervisor has to be shown: a surplus where the hospital did not want that much any more."""
        if not (isinstance(self.scenario.fault, Meanwhile) and self.scenario.fault.is_of_the_hospital):
            return frozenset()
        rows = self.hospital.execute(
            "SELECT id FROM payment WHERE state = 'paid' AND unallocated_minor > deposit_minor"
        )
        return {(DifferenceKind.OVERPAID, uuid.UUID(str(row["id"]))) for row in rows}

    def _let_the_patient_pay(self) -> None:
        """Pay on the page, or on the reader where it asks for a card."""
        if self.reader is not None:
            self.station.present_card(self.reader)
        elif self.page is not None:
            self.station.pay(self.page)

    def _save_again(self) -> None:
        """Save what is in the drawer once more: it is there once."""
        before = self.station.state_of(self.payment_id)
        assert before in (None, PaymentState.PAID), before
        if before is None and isinstance(self.scenario.fault, Meanwhile):
            self.outcome = "never saved, paid anew"
            self.pay_anew()
            return
        view = self.station.must("payments", "begin", self._order(), self.hospital.cashier)
        assert view.state is PaymentState.PAID, view
        self.outcome = "paid" if before is not None else "never saved, saved again"

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

    def disagreements(self) -> list[str]:
        """Return everything that is not as it must be."""
        return self.station.disagreements()

    def _strike_when_reached(self, desk: str) -> None:
        if self.struck or self.scenario.at is None or self.scenario.in_companion or self.scenario.fault is Death.DESK:
            return
        child = self.station.desks[desk]
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if child.reached(0.005):
                self.strike()
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
            self.strike()
            companion.go_on()
        elif isinstance(self.scenario.fault, PostFault):
            may_settle = self.scenario.fault in (PostFault.DOUBLED, PostFault.TWINS)
            settled = self.station.wait_for(self.payment_id, PaymentState.PAID, seconds=10 if may_settle else 0.3)
            assert settled or not may_settle, "the webhook did not settle it"
        elif isinstance(self.scenario.fault, WrongClock):
            assert self.station.wait_for(self.payment_id, PaymentState.PAID), "nobody settled it"

    def strike(self) -> None:
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
        elif isinstance(fault, Freeze):
            self._freeze()
        elif isinstance(fault, Meanwhile):
            # What others do may have to wait until the deed goes on.
            self.beside = self.pool.submit(self.others()[fault])
            wait([self.beside], timeout=0.5)

    def others(self) -> Mapping[Meanwhile, Callable[[], object]]:
        """Return what others may do in the middle of it."""
        return {
            Meanwhile.LOWERED: lambda: self._hear_from_hospital(self.amount_minor // 2, cancelled=False),
            Meanwhile.CANCELLED: lambda: self._hear_from_hospital(self.amount_minor, cancelled=True),
        }

    def _freeze(self) -> None:
        """Let a process stand still while another desk works: that one waits, is not refused, and gets it done."""
        station = self.station
        frozen = station.companion if self.scenario.fault is Freeze.COMPANION else station.desks["D1"]
        assert frozen is not None
        frozen.freeze()
        began = time.monotonic()
        # When banks have decided, it is days later at Stripe than here, too late for a page.
        in_cash = self.scenario.deed.is_debit
        tender, who = (Tender.CASH, self.hospital.cashier) if in_cash else (Tender.CHECKOUT, self.hospital.colleague)
        order = order_for(self.hospital, sample_hospital.DUE_OF_OTHER_PATIENT, 3_000, tender=tender)
        view = station.must("payments", "begin", order, who, desk="D2")
        waited_seconds = time.monotonic() - began
        if view.state is not PaymentState.PAID:
            station.must("payments", "cancel", view.id, self.hospital.colleague, desk="D2")
        frozen.thaw()
        assert waited_seconds <= _OTHERS_WAIT_SECONDS_MAX, f"another desk waited for {waited_seconds:.0f} s"

    def _hear_from_hospital(self, total_minor: int, *, cancelled: bool) -> None:
        """Let the hospital's system send the invoice anew."""
        bring(self.hospital, changed(self.hospital, self.number, total_minor, cancelled=cancelled))

    def pay_quietly(self, *, save: bool) -> PaymentView:
        """Pay at the other desk, where nothing goes wrong."""
        station = self.station
        order = order_for(self.hospital, self.number, self.amount_minor, payment_id=self.payment_id)
        begun = station.must("payments", "begin", order, self.hospital.colleague, desk="D2")
        station.sandbox.pay_on_page(begun.page_url, save=save)
        view: PaymentView = station.must("payments", "refresh", self.payment_id, desk="D2")
        assert view.state is PaymentState.PAID, view
        return view

    def _order(self) -> PaymentOrder:
        return order_for(
            self.hospital,
            self.number,
            self.amount_minor,
            payment_id=self.payment_id,
            tender=_TENDERS.get(self.scenario.deed, Tender.CHECKOUT),
            saved_card_id=self.saved_card_id,
            reader_id=None if self.reader is None else self.reader.id,
        )

    def _request(self) -> RefundRequest:
        return refund_of(self.payment_id, 5_000, refund_id=self.refund_id, note="Appointment was cancelled.")
