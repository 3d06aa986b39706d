"""One scenario over the API: what a client asks, what breaks in the companion or goes on beside it, and what is then.

The client does what clients do: whatever got no answer is asked again, with the same Idempotency-Key.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from cashier.books.payment import PaymentState
from cashier.books.refund import RefundState
from tests.faults.moments import Death, Deed, Meanwhile, Scenario
from tests.faults.network import HttpFault
from tests.faults.portal import PORTAL, pay_in_browser
from tests.faults.scenarios import Play
from tests.faults.station import Station
from tests.faults.webhook_post import PostFault
from tests.surroundings import sample_hospital
from tests.surroundings.orders import refund_of

_REFUNDS = (Deed.REFUND_BY_API, Deed.REFUND_BY_RULE)
_PAYABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


class ApiPlay(Play):
    """A scenario over the API."""

    def __init__(self, station: Station, scenario: Scenario) -> None:
        """Begin with nothing done."""
        super().__init__(station, scenario)
        self.key = "order-4711"
        self.method: str | None = None
        self.refunded_intent = ""

    def arrange(self) -> None:
        """Make a client with a key; a card that is saved, or a payment that can be refunded."""
        station, deed = self.station, self.scenario.deed
        station.start_desk("D2")
        self.portal = station.open_portal()
        if deed in (Deed.CARD_BY_API, Deed.REFUND_BY_API):
            self.refunded_intent = self.pay_quietly(save=deed is Deed.CARD_BY_API).stripe_intent_id or ""
        if deed is Deed.CARD_BY_API:
            self.method = self.hospital.execute("SELECT stripe_id FROM saved_card")[0]["stripe_id"]
            self.number, self.amount_minor = sample_hospital.DUE_OF_SAME_PATIENT, 4_500
        if deed is Deed.REFUND_BY_RULE:
            self._take_payment_of_its_own()
        if isinstance(self.scenario.fault, PostFault):
            station.post.fault = self.scenario.fault
        station.start_companion(self.scenario.at, nth=self.scenario.nth, dies=self.scenario.fault is Death.COMPANION)
        station.start_desk("D1")

    def act(self) -> None:
        """Do the deed; the client goes on as far as it gets answers."""
        deed = self.scenario.deed
        if deed in _REFUNDS:
            self._call(self._ask_for_refund)
        else:
            begun = self._call(self._begin)
            if begun is not None and begun.status_code == httpx.codes.CREATED:
                self.payment_id = uuid.UUID(begun.json()["payment_id"])
                self._pay_or_cancel(begun.json()["id"])
        self._wait_until_struck()
        self.wait_for_others()

    def finish(self) -> None:
        """Let the client ask again with its key, and go on with what is there, or begin anew."""
        if self.scenario.deed is Deed.REFUND_BY_RULE:
            self._finish_refund_by_rule()
        elif self.scenario.deed is Deed.REFUND_BY_API:
            self._finish_refund()
        else:
            self._finish_payment()
        self.portal.close()

    def disagreements(self) -> list[str]:
        """Return everything that is not as it must be, what the client was told included."""
        return [*super().disagreements(), *self.portal.broken_words(self.station.sandbox)]

    def others(self) -> Mapping[Meanwhile, Callable[[], object]]:
        """Return what others may do in the middle of it."""
        return {
            **super().others(),
            Meanwhile.TAKEN_OVER: self._take_over,
            Meanwhile.REFUNDED: self._refund_at_desk,
            Meanwhile.RULE_ENDED: lambda: self._limit_refunds("0"),
        }

    def _take_payment_of_its_own(self) -> None:
        """Have the client take a payment and an administrator let it refund 50.00 a day of such by itself."""
        self.station.start_companion()
        begun = self._must(self.portal.begin("order-4700", invoice_id=self.number)).json()
        self.payment_id = uuid.UUID(begun["payment_id"])
        self.refunded_intent = begun["id"]
        pay_in_browser(self.station.sandbox, self.refunded_intent)
        told = self._must(self.portal.confirm(self.refunded_intent))
        assert told.json()["status"] == "succeeded", told.text
        self._limit_refunds("50")

    def _limit_refunds(self, day: str) -> None:
        self.station.must("client_limits", "set", "Portal", day, day, self.hospital.administrator, desk="D2")

    def _refund_at_desk(self) -> None:
        """Ask at the desk for more than is left beside what the client has asked for: it is refused."""
        request = refund_of(self.payment_id, 8_000, refund_id=self.refund_id, note="Appointment was cancelled.")
        told = self.station.ask("refunds", "request", request, self.hospital.cashier, desk="D2")
        assert told is not None
        assert told.error == "Refused", told

    def _pay_or_cancel(self, intent_id: str) -> None:
        match self.scenario.deed:
            case Deed.CANCEL_BY_API:
                self._call(lambda: self.portal.cancel(intent_id))
            case Deed.CARD_BY_API:
                self._call(lambda: self.portal.confirm(intent_id, method=self.method))
            case _:
                pay_in_browser(self.station.sandbox, intent_id)
                self._call(lambda: self.portal.confirm(intent_id))

    def _call(self, work: Callable[[], httpx.Response | None]) -> httpx.Response | None:
        """Send a request, and strike when the companion comes to the moment."""
        answer = self.pool.submit(work)
        while not answer.done():
            self._strike_if_reached(0.005)
        return answer.result()

    def _strike_if_reached(self, seconds: float) -> None:
        companion = self.station.companion
        assert companion is not None
        is_stopping = not self.struck and self.scenario.at is not None and self.scenario.fault is not Death.COMPANION
        if is_stopping and companion.reached(seconds):
            self.strike()
            companion.go_on()
        elif not is_stopping:
            time.sleep(seconds)

    def _wait_until_struck(self) -> None:
        """Webhooks may come to the moment that the requests did not come to."""
        companion = self.station.companion
        assert companion is not None
        deadline = time.monotonic() + 10
        while not self.struck and time.monotonic() < deadline:
            if self.scenario.fault is Death.COMPANION:
                self.struck = companion.has_died(0.05)
            elif isinstance(self.scenario.fault, PostFault):
                self.struck = self.station.post.struck > 0
                time.sleep(0.02)
            else:
                self._strike_if_reached(0.05)

    def _finish_payment(self) -> None:
        again = self._must(self._begin())
        if self.scenario.fault is HttpFault.BROKEN_FOR_A_DAY and again.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            # Stripe repeats its failure for a day; nobody waits that long.
            self._take_over()
            again = self._must(self._begin())
            assert again.status_code == httpx.codes.CONFLICT, again.text
        if again.status_code == httpx.codes.CREATED:
            self._go_on(again.json())
        is_paid = self._states_of_portal()[:1] == [PaymentState.PAID]
        self.outcome = "paid" if is_paid else "cancelled, paid anew"
        if not is_paid:
            self.key = "order-4712"
            anew = self._must(self._begin())
            if self.scenario.fault is Meanwhile.CANCELLED:
                assert anew.status_code == httpx.codes.CONFLICT, anew.text
                self.outcome = "cancelled, nothing due any more"
                return
            assert anew.status_code == httpx.codes.CREATED, anew.text
            self._pay(anew.json()["id"])
        assert self._states_of_portal().count(PaymentState.PAID) == 1, self._states_of_portal()

    def _go_on(self, told: dict[str, Any]) -> None:
        """Finish what the client asked for, as far as its payment can still be paid or taken back."""
        if told["status"] not in _PAYABLE:
            return
        if self.scenario.deed is Deed.CANCEL_BY_API:
            answer = self._must(self.portal.cancel(told["id"]))
            assert answer.json()["status"] == "canceled", answer.text
        else:
            self._pay(told["id"])

    def _pay(self, intent_id: str) -> None:
        if self.method is None:
            pay_in_browser(self.station.sandbox, intent_id)
        answer = self._must(self.portal.confirm(intent_id, method=self.method))
        assert answer.json()["status"] == "succeeded", answer.text

    def _finish_refund(self) -> None:
        again = self._must(self._ask_for_refund())
        assert again.status_code == httpx.codes.ACCEPTED, again.text
        rows = self.hospital.execute("SELECT id FROM refund")
        assert [uuid.UUID(str(row["id"])) for row in rows] == [uuid.UUID(again.json()["id"])], rows
        refund_id = uuid.UUID(again.json()["id"])
        view = self.station.must("refunds", "approve", refund_id, self.hospital.colleague, desk="D2")
        assert view.state is RefundState.SUCCEEDED, view
        self.outcome = "refunded"

    def _finish_refund_by_rule(self) -> None:
        """Ask again: it is the same refund, approved by the rule of then, and nothing more goes by the rule."""
        again = self._must(self._ask_for_refund())
        self.outcome = "refunded"
        if self.scenario.fault is HttpFault.BROKEN_FOR_A_DAY:
            # Stripe repeats its own failure for a day; after that its records decide.
            assert again.json()["status"] == "approved", again.text
            self._let_a_day_pass()
            self.station.must("refunds", "recover")
            assert self._must(self._ask_for_refund()).json()["status"] == "failed"
            self.key, self.outcome = "order-4712", "failed, refunded anew"
            again = self._must(self._ask_for_refund())
        assert (again.status_code, again.json()["status"]) == (httpx.codes.CREATED, "succeeded"), again.text
        self.key = "order-4713"
        more = self._must(self._ask_for_refund())
        assert (more.status_code, more.json()["status"]) == (httpx.codes.ACCEPTED, "pending_approval"), more.text

    def _begin(self) -> httpx.Response | None:
        return self.portal.begin(self.key, invoice_id=self.number)

    def _ask_for_refund(self) -> httpx.Response | None:
        return self.portal.ask_for_refund(
            self.key, payment_intent_id=self.refunded_intent, amount=5_000, note="Appointment was cancelled."
        )

    def _must(self, answer: httpx.Response | None) -> httpx.Response:
        assert answer is not None, "the companion does not answer"
        return answer

    def _take_over(self) -> None:
        """Have desk D2 take over what the portal has begun."""
        rows = self.hospital.execute(
            "SELECT p.id FROM payment p JOIN desk d ON d.id = p.desk_id WHERE d.code = :code", code=PORTAL
        )
        payment_id = uuid.UUID(str(rows[0]["id"]))
        told = self.station.ask("payments", "take_over", payment_id, self.hospital.colleague, desk="D2")
        assert told is not None
        assert told.error is None or self.scenario.at is not None, told

    def _states_of_portal(self) -> list[str]:
        rows = self.hospital.execute(
            "SELECT p.state FROM payment p JOIN desk d ON d.id = p.desk_id WHERE d.code = :code ORDER BY created_at",
            code=PORTAL,
        )
        return [row["state"] for row in rows]
