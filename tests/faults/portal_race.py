"""A portal and desks want the same invoice in the same moment, again and again: one charge each, and true words.

The portal asks over HTTP in several requests at once, two of them under one key, as an impatient client does. In some
rounds whoever won is disturbed while the payer pays: by the portal's own cancellation, and by a desk that takes over.
"""

from __future__ import annotations

import random
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias

import httpx

from cashier.books.payment import PaymentState
from cashier.payments.views import PaymentView
from cashier.tenders.tender import Tender
from tests.faults.desk import Told
from tests.faults.portal import PORTAL, pay_in_browser
from tests.faults.race import bring_invoices, check_one_payment_each, race_order, save_card
from tests.faults.station import Station

DESKS = ("R1", "R2", "R3", "R4")
_TENDERS = (Tender.CHECKOUT, Tender.SAVED_CARD, Tender.CASH)
_STEP_SECONDS, _STEP_SECONDS_MAX = 0.02, 1.0

Answers: TypeAlias = list[httpx.Response]


def portal_race(station: Station, rounds: int, *, seed: int = 2026) -> Counter[str]:
    """Run the race on invoices of its own; return who won how often. Fails where anything is not as it must be."""
    race = _Race(station, random.Random(seed))
    try:
        first, *invoice_ids = bring_invoices(station, rounds + 1)
        race.prepare(first)
        for number, invoice_id in enumerate(invoice_ids, start=1):
            if number % 4:
                race.want(number, invoice_id, _TENDERS[number % 3])
            else:
                race.disturb(number, invoice_id)
        check_one_payment_each(station, rounds + 1)
        wrong = list(race.portal.broken_words(station.sandbox))
        assert not wrong, "\n".join(wrong)
    finally:
        race.portal.close()
    return race.won


class _Wait:
    """How long who won waits the next time, so that nobody knows who is going to win, however busy the machine is.

    Whoever wins again and again waits longer and longer.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._change_seconds = 0.0

    def change(self, direction: int) -> None:
        is_same_again = self._change_seconds * direction > 0
        seconds = min(2 * abs(self._change_seconds), _STEP_SECONDS_MAX) if is_same_again else _STEP_SECONDS
        self._change_seconds = direction * seconds
        self.seconds = max(-_STEP_SECONDS, self.seconds + self._change_seconds)


class _Race:
    def __init__(self, station: Station, chance: random.Random) -> None:
        self.station, self.chance = station, chance
        self.won: Counter[str] = Counter()
        self.desks_wait = _Wait()
        self.payer_waits = _Wait()
        self.card_id = 0
        self.method = ""

    def prepare(self, invoice_id: int) -> None:
        """Start everybody, and keep a card of the patient's."""
        station = self.station
        for desk in DESKS:
            station.start_desk(desk)
        station.start_desk("D2")
        station.open_shift()
        self.portal = station.open_portal()
        station.start_companion()
        self.card_id = save_card(station, invoice_id)
        self.method = station.hospital.execute("SELECT stripe_id FROM saved_card")[0]["stripe_id"]

    def want(self, number: int, invoice_id: int, tender: Tender) -> None:
        """Have everybody want an invoice; the one who gets it has it paid."""
        keys = [f"race-{number}", f"race-{number}", f"race-{number}-b", f"race-{number}-c"]
        name = f"RACE-{number:06}"
        with ThreadPoolExecutor(len(keys)) as pool:
            asked = [pool.submit(self.portal.begin, key, invoice_id=name) for key in keys]
            _after(self._about(self.desks_wait.seconds), self._press_pay, invoice_id, tender)
            told = [self.station.hear(desk) for desk in DESKS]
            answers = _answers(asked)
            intents = _intents_of(answers)
            views = [each.view for each in told if each is not None and each.view is not None]
            assert len(views) + len(intents) == 1, (told, [each.text for each in answers])
            self._check_losers(told, answers)
            if intents:
                self.won["portal"] += 1
                self.desks_wait.change(-1)
                self._pay_at_the_portal(pool, intents.pop(), by_saved_card=tender is Tender.SAVED_CARD)
            else:
                self.won["desk"] += 1
                self.desks_wait.change(+1)
                self._pay_at_the_desk(views[0])

    def disturb(self, number: int, invoice_id: int) -> None:
        """Have the portal begin, and everything happen to it at once: paid, told, cancelled, taken over."""
        station, portal, colleague = self.station, self.portal, self.station.hospital.colleague
        begun = portal.begin(f"race-{number}", invoice_id=f"RACE-{number:06}")
        assert begun is not None
        assert begun.status_code == httpx.codes.CREATED, begun.text
        intent_id, payment_id = begun.json()["id"], begun.json()["payment_id"]
        with ThreadPoolExecutor(3) as pool:
            payer_waits = self._about(self.payer_waits.seconds)
            asked = [
                pool.submit(_after, payer_waits, pay_in_browser, station.sandbox, intent_id),
                pool.submit(_after, payer_waits, portal.confirm, intent_id),
                pool.submit(_after, self._about(_STEP_SECONDS), portal.cancel, intent_id),
            ]
            _after(self._about(_STEP_SECONDS), self._take_over, payment_id)
            told = station.hear("R1")
            for each in asked:
                each.result()
        assert told is not None
        assert told.view is not None, told
        view = station.must("payments", "refresh", told.view.id, desk="R2")
        assert view.state in (PaymentState.PAID, PaymentState.CANCELLED), view
        if view.state is PaymentState.PAID:
            self.won["payer"] += 1
            self.payer_waits.change(+1)
        else:
            self.won["cancellation"] += 1
            self.payer_waits.change(-1)
            order = race_order(invoice_id, Tender.CHECKOUT)
            self._pay_at_the_desk(station.must("payments", "begin", order, colleague, desk="R1"))

    def _about(self, seconds: float) -> float:
        return max(0.0, seconds + self.chance.uniform(-_STEP_SECONDS, _STEP_SECONDS))

    def _press_pay(self, invoice_id: int, tender: Tender) -> None:
        card_id = self.card_id if tender is Tender.SAVED_CARD else None
        for desk in DESKS:
            order = race_order(invoice_id, tender, card_id)
            self.station.send("payments", "begin", order, self.station.hospital.cashier, desk=desk)

    def _take_over(self, payment_id: str) -> None:
        self.station.send("payments", "take_over", uuid.UUID(payment_id), self.station.hospital.colleague, desk="R1")

    def _pay_at_the_portal(self, pool: ThreadPoolExecutor, intent_id: str, *, by_saved_card: bool) -> None:
        """Pay it, and have the portal say so several times at once."""
        if not by_saved_card:
            pay_in_browser(self.station.sandbox, intent_id)
        method = self.method if by_saved_card else None
        asked = [pool.submit(self.portal.confirm, intent_id, method=method) for _ in range(3)]
        statuses = {each.json().get("status") for each in _answers(asked)}
        assert "succeeded" in statuses, statuses

    def _pay_at_the_desk(self, view: PaymentView) -> None:
        if view.state is PaymentState.PAID:
            return
        self.station.pay(view)
        view = self.station.must("payments", "refresh", view.id, desk="R2")
        assert view.state is PaymentState.PAID, view

    def _check_losers(self, told: Sequence[Told | None], answers: Answers) -> None:
        """Whoever did not get it was told who has it, or that it is paid: in words, or over the API in fields."""
        for each in told:
            assert each is not None
            if each.view is None:
                is_held = each.error == "InvoiceHeld" and (
                    "online just now (Portal)" in each.words or "desk D1" in each.words
                )
                assert is_held or "is paid already" in each.words, each
        for answer in answers:
            if answer.status_code != httpx.codes.CREATED:
                problem = answer.json()
                is_held = problem["type"].endswith("/invoice-held") and problem["held_by"] in (PORTAL, "D1")
                assert (is_held and problem["held_since"]) or "is paid already" in problem["detail"], problem


def _after(seconds: float, work: Any, *given: Any, **named: Any) -> Any:
    time.sleep(seconds)
    return work(*given, **named)


def _answers(asked: Sequence[Future[httpx.Response | None]]) -> Answers:
    answers = [each.result() for each in asked]
    assert None not in answers, "the companion did not answer"
    return [each for each in answers if each is not None]


def _intents_of(answers: Answers) -> set[str]:
    return {each.json()["id"] for each in answers if each.status_code == httpx.codes.CREATED}
