"""One scenario of a debit: its bank decides days later, and pays, refuses, or takes back what it has paid."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable, Mapping, Set

import httpx

from cashier.books.difference import DifferenceKind
from cashier.books.payment import PaymentState
from cashier.payments.views import PaymentView
from cashier.tenders.tender import Tender
from tests.faults.moments import Death, Deed
from tests.faults.scenarios import Play
from tests.faults.webhook_post import PostFault
from tests.payments.patient import debit_on_page
from tests.surroundings.orders import order_for

_ACCOUNTS: Mapping[Deed, str] = {
    Deed.DEBIT_PAID: "DE89370400440532013000",
    Deed.DEBIT_REFUSED: "DE65370400440002222227",
    Deed.DEBIT_RETURNED: "DE35370400440532013002",
}
_FINAL = (PaymentState.PAID, PaymentState.CANCELLED)
_COMPANION_SECONDS = 10.0


class DebitPlay(Play):
    """A scenario of a debit."""

    days_compared = 30

    def arrange(self) -> None:
        """Bring about what was before, and a drawer: who has no account that pays, pays in cash."""
        super().arrange()
        self.station.open_shift()

    def act(self) -> None:
        """Begin, have the account debited, and look twice: while the bank thinks, and when it has decided."""
        view = self._act("payments", "begin", self._order(), self.hospital.cashier)
        if isinstance(view, PaymentView) and view.page_url:
            self.page = view
            self._debit()
        self._look(lambda: self.station.state_of(self.payment_id) == PaymentState.PROCESSING)
        self.station.let_banks_decide()
        self._look(lambda: self.station.state_of(self.payment_id) in _FINAL)
        if self.scenario.fault is Death.DESK:
            self.struck = self.station.desks["D1"].has_died(0.5)
        elif self.scenario.fault is Death.COMPANION and self.station.companion is not None:
            self.struck = self.station.companion.has_died(0.5)
        self.wait_for_others()

    def finish(self) -> None:
        """Let the people go on: with the page that is open, or with what the bank has decided by then."""
        station = self.station
        state = station.state_of(self.payment_id)
        if state == PaymentState.OPEN and self.page is not None:
            self._debit()
            station.must("payments", "refresh", self.payment_id)
        elif state not in (None, PaymentState.PROCESSING, *_FINAL):
            station.must("payments", "take_over", self.payment_id, self.hospital.colleague, desk="D2")
        if station.state_of(self.payment_id) == PaymentState.PROCESSING:
            station.let_banks_decide()
            station.must("payments", "refresh", self.payment_id)
        state = station.state_of(self.payment_id)
        self.outcome = {None: "never saved, paid anew", "paid": "paid"}.get(state, "cancelled, paid anew")
        if state == PaymentState.PAID:
            assert self.scenario.deed is not Deed.DEBIT_REFUSED
            self._hear_of_the_return()
            return
        if state == PaymentState.CANCELLED and self.page is not None:
            assert self.scenario.deed is Deed.DEBIT_REFUSED
            assert station.must("payments", "view", self.payment_id).decline is not None
        self.pay_anew()

    def pay_quietly(self, *, save: bool) -> PaymentView:
        """Pay in cash: at Stripe it is days later than here by now, too late for a page."""
        order = order_for(
            self.hospital, self.number, self.amount_minor, payment_id=self.payment_id, tender=Tender.CASH
        )
        view: PaymentView = self.station.must("payments", "begin", order, self.hospital.cashier)
        assert view.state is PaymentState.PAID, view
        return view

    def expected_differences(self) -> Set[tuple[DifferenceKind, uuid.UUID]]:
        """Return the surplus, and what a bank took back: a supervisor has to be shown it."""
        expected = super().expected_differences()
        if self.scenario.deed is Deed.DEBIT_RETURNED and self.outcome == "paid, then returned":
            return {*expected, (DifferenceKind.MONEY_GONE, self.payment_id)}
        return expected

    def _hear_of_the_return(self) -> None:
        """Have everybody hear that the bank took it back, by whatever way."""
        if self.scenario.deed is not Deed.DEBIT_RETURNED:
            return
        self.station.let_banks_decide()
        deadline = time.monotonic() + _COMPANION_SECONDS
        while self._disputes() != ["lost"]:
            assert time.monotonic() < deadline, self._disputes()
            self.station.recover()
        self.outcome = "paid, then returned"

    def _disputes(self) -> list[str]:
        return [row["status"] for row in self.hospital.execute("SELECT status FROM dispute")]

    def _debit(self) -> None:
        assert self.page is not None
        with contextlib.suppress(httpx.TransportError):
            asyncio.run(debit_on_page(self.page.page_url, _ACCOUNTS[self.scenario.deed]))

    def _look(self, is_known: Callable[[], bool]) -> None:
        """Look at the desk how it stands; where the companion works, let that hear of it."""
        fault = self.scenario.fault
        if not self.scenario.in_companion and not isinstance(fault, PostFault):
            self._act("payments", "refresh", self.payment_id)
            return
        companion = self.station.companion
        assert companion is not None
        is_heard = self.scenario.in_companion or fault in (PostFault.DOUBLED, PostFault.TWINS)
        deadline = time.monotonic() + (_COMPANION_SECONDS if is_heard else 0.5)
        while time.monotonic() < deadline and not is_known():
            if isinstance(fault, PostFault):
                self.struck = self.station.post.struck > 0
                time.sleep(0.02)
            elif fault is Death.COMPANION:
                self.struck = companion.has_died(0.02)
            elif not self.struck and companion.reached(0.02):
                self.strike()
                companion.go_on()
            if self.struck and self.scenario.in_companion:
                return
