"""Whatever is done in whatever order, the sandbox's money adds up and its states stay legal."""

from __future__ import annotations

import asyncio
import math
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from cashier.sandbox.server import Options, Sandbox, running
from tests.sandbox.conftest import Answer, Wire

CARDS = st.sampled_from(
    [
        "visa", "bypassPending", "refundFail", "pendingRefund", "createDispute", "createDisputeInquiry",
        "chargeDeclined", "authenticationRequired",
    ]
)  # fmt: skip
AMOUNTS = st.integers(min_value=50, max_value=2000)
PARTS = st.sampled_from([0.1, 0.5, 1.0, 1.01])
WORDS = st.sampled_from(["winning_evidence", "losing_evidence", "escalate_inquiry_evidence", "a letter"])
WAITS = st.sampled_from([1, 60, 24 * 60 * 60, 10 * 24 * 60 * 60])
METHODS = {"automatic_payment_methods[enabled]": "true", "automatic_payment_methods[allow_redirects]": "never"}
PAYABLE = {"requires_payment_method", "requires_confirmation", "requires_action"}
RETURNED = {"failed", "canceled"}
FEE = 1500


class MoneyMachine(RuleBasedStateMachine):
    """Does what a desk, a customer and a bank may do, in any order, over HTTP."""

    log_file: Path
    intents = Bundle("intents")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.sandbox, self.wire = self.runner.run(self._start())

    async def _start(self) -> tuple[Sandbox, Wire]:
        sandbox = await self.stack.enter_async_context(running(Options(log_file=self.log_file)))
        session = await self.stack.enter_async_context(aiohttp.ClientSession())
        return sandbox, Wire(session, sandbox.url)

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()

    def post(self, path: str, **form: object) -> Answer:
        return self.runner.run(self.wire.post(path, {name: str(value) for name, value in form.items()}))

    def intent(self, intent_id: str) -> dict:
        return self.sandbox.account.fetch("payment_intent", intent_id)

    def charge_of(self, intent: dict) -> dict:
        return self.sandbox.account.fetch("charge", intent["latest_charge"])

    @rule(target=intents, amount=AMOUNTS, card=CARDS, manual=st.sampled_from([False, False, True]))
    def pay(self, amount, card, manual):
        method = "manual" if manual else "automatic"
        form = {"amount": amount, "currency": "usd", "capture_method": method, **METHODS}
        intent = self.post("/v1/payment_intents", **form)
        assert intent.status == 200
        self.confirm(intent.body["id"], card)
        return intent.body["id"]

    @rule(intent_id=intents, card=CARDS)
    def confirm(self, intent_id, card):
        before = self.intent(intent_id)["status"]

        answer = self.post(f"/v1/payment_intents/{intent_id}/confirm", payment_method=f"pm_card_{card}")

        assert answer.status in ((200, 402) if before in PAYABLE else (400,)), answer.body

    @rule(intent_id=intents, part=PARTS)
    def capture(self, intent_id, part):
        before = self.intent(intent_id)
        amount = max(1, round(before["amount"] * part))
        allowed = before["status"] == "requires_capture" and amount <= before["amount_capturable"]

        answer = self.post(f"/v1/payment_intents/{intent_id}/capture", amount_to_capture=amount)

        assert (answer.status == 200) == allowed, answer.body

    @rule(intent_id=consumes(intents))
    def cancel(self, intent_id):
        before = self.intent(intent_id)["status"]

        answer = self.post(f"/v1/payment_intents/{intent_id}/cancel")

        assert (answer.status == 200) == (before not in ("succeeded", "canceled")), answer.body

    @rule(intent_id=intents, part=st.none() | PARTS)
    def refund(self, intent_id, part):
        # What is due in the sandbox, such as a dispute, happens when the next request arrives.
        self.sandbox.account.catch_up()
        intent = self.intent(intent_id)
        form, allowed = {}, intent["status"] == "succeeded"
        if allowed:
            charge = self.charge_of(intent)
            left = charge["amount"] - charge["amount_refunded"]
            amount = left if part is None else max(1, math.ceil(left * part))
            form = {} if part is None else {"amount": amount}
            disputes = [d for d in self.sandbox.account.select("dispute") if d["charge"] == charge["id"]]
            allowed = 0 < amount <= left and all(d["is_charge_refundable"] for d in disputes)

        answer = self.post("/v1/refunds", payment_intent=intent_id, **form)

        assert (answer.status == 200) == allowed, answer.body

    @rule(word=st.none() | WORDS)
    def answer_disputes(self, word):
        for dispute in self.sandbox.account.select("dispute"):
            form = {} if word is None else {"evidence[uncategorized_text]": word}
            self.post(f"/v1/disputes/{dispute['id']}{'/close' if word is None else ''}", **form)

    @rule(seconds=WAITS)
    def wait(self, seconds):
        self.runner.run(self.wire.control("clock", {"advance_seconds": seconds}))

    @invariant()
    def every_charge_gives_back_what_its_refunds_say(self):
        account = self.sandbox.account
        for charge in account.select("charge"):
            refunds = [r["amount"] for r in account.select("refund")
                       if r["charge"] == charge["id"] and r["status"] not in RETURNED]  # fmt: skip
            released = charge["amount"] - charge["amount_captured"] if charge["captured"] or charge["refunded"] else 0
            assert sum(refunds) <= charge["amount_captured"]
            assert charge["amount_refunded"] == sum(refunds) + released

    @invariant()
    def the_balance_is_what_was_taken_less_what_went_back(self):
        account = self.sandbox.account
        movements = account.select("balance_transaction")
        taken = sum(charge["amount_captured"] for charge in account.select("charge"))
        refunded = sum(r["amount"] for r in account.select("refund") if r["status"] not in RETURNED)
        withdrawn = [d["amount"] for d in account.select("dispute")
                     if d["status"] in ("needs_response", "under_review", "lost")]  # fmt: skip
        assert sum(m["amount"] for m in movements) == taken - refunded - sum(withdrawn)
        assert all(m["net"] == m["amount"] - m["fee"] for m in movements)
        fees = sum(m["fee"] for m in movements if m["type"] == "adjustment")
        assert fees == FEE * len(withdrawn)

    @invariant()
    def an_intent_is_paid_exactly_when_its_charge_is(self):
        for intent in self.sandbox.account.select("payment_intent"):
            charge = self.charge_of(intent) if intent["latest_charge"] else {"amount_captured": 0, "captured": False}
            assert (intent["status"] == "succeeded") == charge["captured"]
            assert intent["amount_received"] == charge["amount_captured"]
            assert (intent["amount_capturable"] > 0) == (intent["status"] == "requires_capture")


def test_money_adds_up_in_any_order_of_events(exchange_log):
    MoneyMachine.log_file = exchange_log
    run_state_machine_as_test(
        MoneyMachine, settings=settings(max_examples=50, stateful_step_count=25, deadline=None, database=None)
    )
