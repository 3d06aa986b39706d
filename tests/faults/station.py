"""A hospital in real processes: sandbox, companion and desks, with bad networks between them."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import httpx

from cashier.books.api_client import Scope
from cashier.books.payment import PaymentState
from cashier.database import Database
from cashier.failpoints import FailPoint
from cashier.keychain import Secret
from cashier.money import Money
from cashier.payments.views import PaymentView
from cashier.readers.service import ReaderView
from cashier.shifts.views import Opening
from tests.faults.desk import Order, Told
from tests.faults.network import DatabaseLine, StripeLine, running
from tests.faults.portal import PORTAL, Portal
from tests.faults.process import Child
from tests.faults.truth import disagreements, everything_at
from tests.faults.webhook_post import WebhookPost
from tests.surroundings.ports import free_port
from tests.surroundings.postgres import Cluster
from tests.surroundings.running_sandbox import STRIPE_KEY, RunningSandbox
from tests.surroundings.sample_hospital import SampleHospital

TIMEOUT_SECONDS = 1.5
"""How long our processes wait for Stripe here."""
LATE_SECONDS = 3.5
_ANSWER_SECONDS = 60.0
_BANKS_DECIDE_SECONDS = 7 * 86_400
_RECOVERY = (("sweep", "run"), ("inbox", "process_waiting"), ("payments", "recover"), ("refunds", "recover"))
_SECRET = "whsec_faults"


@dataclass(kw_only=True)
class Station:
    """What runs, and what cashiers were told."""

    folder: Path
    hospital: SampleHospital
    sandbox: RunningSandbox
    stripe_line: StripeLine
    post: WebhookPost
    database_line: DatabaseLine | None
    cluster: Cluster | None
    settings_file: Path
    environment: dict[str, str]
    ports: tuple[int, int]
    companion: Child | None = None
    stripe: Child | None = None
    desks: dict[str, Child] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def start_sandbox(self) -> None:
        """Start Stripe's stand-in, or start it again where it was."""
        self.stripe = self._child(
            "sandbox", "sandbox", "--port", str(self.ports[0]), "--log", str(self.sandbox.log), "--state",
            str(self.folder / "sandbox.sqlite"), "--retry-scale", "0.02", "--forward-to", self.post.url,
            "--webhook-secret", _SECRET,
        )  # fmt: skip
        self.stripe.wait_until_ready()

    def start_companion(
        self, at: FailPoint | None = None, *, nth: int = 1, dies: bool = True, clock_off: timedelta = timedelta()
    ) -> None:
        """Start the companion, or start it again; its machine's clock is ``clock_off`` ahead."""
        if self.companion is not None:
            self.companion.kill()
        self.companion = self._child(
            "companion", "companion", "--settings", str(self.settings_file),
            at=at, nth=nth, dies=dies, clock_off=clock_off,
        )  # fmt: skip
        self.companion.wait_until_ready()

    def start_desk(
        self,
        name: str = "D1",
        at: FailPoint | None = None,
        *,
        nth: int = 1,
        dies: bool = True,
        clock_off: timedelta = timedelta(),
    ) -> None:
        """Start a desk; it is ready when it has opened everything. Its machine's clock is ``clock_off`` ahead."""
        self.end_desk(name)
        self.desks[name] = self._child(
            f"desk-{name}", "desk", str(self.settings_file), at=at, nth=nth, dies=dies, clock_off=clock_off
        )
        assert self._answer(self.desks[name]) is not None, self.desks[name].errors

    def end_desk(self, name: str = "D1") -> None:
        """End a desk as a power cut would."""
        if name in self.desks:
            self.desks.pop(name).kill()

    def open_portal(self, desk: str = "D2") -> Portal:
        """Make a client of the API with a key, whose payments are those of a desk of its own."""
        made = self.must("clients", "add", "Portal", PORTAL, tuple(Scope), self.hospital.administrator, desk=desk)
        return Portal(f"http://127.0.0.1:{self.ports[1]}", made.text)

    def send(self, room: str, verb: str, *arguments: Any, desk: str = "D1") -> None:
        """Give a desk something to do and go on."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.desks[desk].line.send(Order(room=room, verb=verb, arguments=arguments))

    def hear(self, desk: str = "D1") -> Told | None:
        """Wait for what the cashier is told; None when the desk died instead."""
        told = self._answer(self.desks[desk])
        if told is not None:
            self.told.append(told)
        return told

    def ask(self, room: str, verb: str, *arguments: Any, desk: str = "D1") -> Told | None:
        """Give a desk something to do and wait for what the cashier is told."""
        self.send(room, verb, *arguments, desk=desk)
        return self.hear(desk)

    def must(self, room: str, verb: str, *arguments: Any, desk: str = "D1") -> Any:
        """Ask, where nothing may go wrong; return the view."""
        told = self.ask(room, verb, *arguments, desk=desk)
        assert told is not None, f"the desk died: {self.desks[desk].last_words}"
        assert told.error is None, f"{room}.{verb}: {told.words}"
        return told.view

    def pay(self, view: PaymentView, card: str = "4242424242424242") -> None:
        """Let the patient pay on the page."""
        assert view.page_url is not None
        with contextlib.suppress(httpx.TransportError):
            self.sandbox.pay_on_page(view.page_url, card=card)

    def open_shift(self) -> None:
        """Give desk D1 a drawer that cash goes into."""
        self.must("shifts", "open", Opening(number=1, float=Money(10_000, "EUR")), self.hospital.cashier, desk="D2")

    def place_reader(self) -> ReaderView:
        """Put a card reader at desk D1."""
        self.sandbox.ask("/v1/terminal/locations", display_name="Hall", **{"address[country]": "ES"})
        reader: ReaderView = self.must(
            "readers", "register", 1, "simulated-wpe", "Counter", self.hospital.administrator, desk="D2"
        )
        return reader

    def present_card(self, reader: ReaderView) -> None:
        """Let the patient hold a card to the reader, if it asks for one."""
        path = f"/v1/test_helpers/terminal/readers/{reader.stripe_id}/present_payment_method"
        with contextlib.suppress(httpx.TransportError):
            action = self.sandbox.ask(f"/v1/terminal/readers/{reader.stripe_id}")["action"]
            if action is not None and action["status"] == "in_progress":
                self.sandbox.ask(path, type="card_present")

    def let_banks_decide(self) -> None:
        """Let the days pass at Stripe after which banks say what becomes of debits."""
        self.post.signs_anew = True
        with contextlib.suppress(httpx.TransportError):
            self.sandbox.order("clock", advance_seconds=_BANKS_DECIDE_SECONDS)

    def deliver_held_webhooks(self) -> None:
        """Let the post deliver what it held back."""
        httpx.post(self.post.url.replace("/stripe/webhook", "/deliver"), trust_env=False, timeout=30)

    def recover(self, desk: str = "D1") -> float:
        """Let a desk do what recovery does until nothing moves any more; return the seconds it took.

        As in operation, what does not work in one round is for the next.
        """
        began = time.monotonic()
        while time.monotonic() < began + 30:
            told = [self.ask(room, verb, desk=desk) for room, verb in _RECOVERY]
            assert None not in told, f"the desk died: {self.desks[desk].last_words}"
            # The sweep only brings events; what it brought is counted where it is worked on.
            if not any(each.error or (number and each.view) for number, each in enumerate(told) if each is not None):
                return time.monotonic() - began
        raise AssertionError("recovery does not come to an end")

    def state_of(self, payment_id: uuid.UUID) -> str | None:
        """Read a payment's state past all services."""
        rows = self.hospital.execute("SELECT state FROM payment WHERE id = :id", id=self._key(payment_id))
        return rows[0]["state"] if rows else None

    def wait_for(self, payment_id: uuid.UUID, state: PaymentState, *, seconds: float = 10) -> bool:
        """Wait until the database has this payment in ``state``."""
        deadline = time.monotonic() + seconds
        while self.state_of(payment_id) != state:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def disagreements(self) -> list[str]:
        """Return everything that is not as it must be, what the cashiers were told included."""

        async def look() -> list[str]:
            database = Database(self.hospital.url)
            try:
                return await disagreements(database, self.sandbox)
            finally:
                await database.close()

        return [*asyncio.run(look()), *self._broken_words()]

    def close(self) -> None:
        """End all processes."""
        for child in (*self.desks.values(), self.companion, self.stripe):
            if child is not None:
                child.kill()

    def _broken_words(self) -> Iterator[str]:
        """Look for words to a cashier that turned out wrong."""
        stripe = everything_at(self.sandbox)
        for told in self.told:
            view = told.view
            if isinstance(view, PaymentView):
                # What is in hand is there as soon as it is saved: Stripe has no part in it.
                charged = bool(stripe.charged_minor(view.id)) or (
                    view.tender.row.is_taken_here and self.state_of(view.id) == PaymentState.PAID
                )
                if view.state is PaymentState.PAID and not charged:
                    yield f"{view.id}: the cashier was told that it is paid, and nothing was charged"
                if view.state is PaymentState.CANCELLED and charged:
                    yield f"{view.id}: the cashier was told that it is cancelled, and the card was charged"
            elif told.error is not None and "nothing was charged" in told.words:
                yield f"“{told.words}” is more than an error can know"

    def _answer(self, child: Child) -> Told | None:
        if not wait([child.line], timeout=_ANSWER_SECONDS):
            raise AssertionError(f"the desk says nothing: {child.errors}")
        try:
            told: Told = child.line.recv()
        except (EOFError, ConnectionResetError):
            return None
        return told

    def _child(
        self,
        name: str,
        *arguments: str,
        at: FailPoint | None = None,
        nth: int = 1,
        dies: bool = True,
        clock_off: timedelta = timedelta(),
    ) -> Child:
        errors = self.folder / f"{name}.err"
        errors.unlink(missing_ok=True)
        return Child(
            arguments,
            errors=errors,
            environment=self.environment,
            at=at,
            nth=nth,
            dies=dies,
            clock_off=clock_off,
        )

    def _key(self, payment_id: uuid.UUID) -> object:
        return payment_id.hex if self.hospital.url.startswith("sqlite") else payment_id


@contextlib.contextmanager
def running_station(folder: Path, hospital: SampleHospital, cluster: Cluster | None) -> Iterator[Station]:
    """Run Stripe's stand-in and the lines inside the block; on PostgreSQL when there is a ``cluster``."""
    sandbox_port, companion_port = free_port(), free_port()
    companion_url = f"http://127.0.0.1:{companion_port}"
    sandbox = RunningSandbox(url=f"http://127.0.0.1:{sandbox_port}", log=folder / "stripe.jsonl")
    stripe_line = StripeLine(sandbox.url, late_seconds=LATE_SECONDS)
    post = WebhookPost(f"{companion_url}/stripe/webhook", _SECRET)
    database_line = None if cluster is None else DatabaseLine(cluster.port)
    with contextlib.ExitStack() as stack:
        for each in (stripe_line, post, database_line):
            if each is not None:
                stack.enter_context(running(each))
        url = hospital.url
        if cluster is not None and database_line is not None:
            url = url.replace(f":{cluster.port}/", f":{database_line.port}/")
        file = folder / "cashier.toml"
        file.write_text(_settings(folder, url, stripe_line.url, companion_port, hospital.desk_code), encoding="utf-8")
        station = Station(
            folder=folder,
            hospital=hospital,
            sandbox=sandbox,
            stripe_line=stripe_line,
            post=post,
            database_line=database_line,
            cluster=cluster,
            settings_file=file,
            environment={Secret.STRIPE_KEY.variable: STRIPE_KEY, Secret.WEBHOOK_SECRETS.variable: _SECRET},
            ports=(sandbox_port, companion_port),
        )
        stack.callback(station.close)
        station.start_sandbox()
        yield station


def _settings(folder: Path, database_url: str, stripe_url: str, companion_port: int, desk: str) -> str:
    return f"""\
data_folder = "{folder / "data"}"
[database]
url = "{database_url}"
[stripe]
api_base = "{stripe_url}"
timeout_seconds = {TIMEOUT_SECONDS}
publishable_key = "pk_test_faults"
payment_methods = ["card", "sepa_debit"]
[companion]
requests_per_minute = 0
port = {companion_port}
url = "http://127.0.0.1:{companion_port}"
[asked_again]
same_minutes = 0
reference_days = 0
[desk]
code = "{desk}"
"""
