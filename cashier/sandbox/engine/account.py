"""The account: what every operation and every hosted page works on.

It belongs to one Stripe account in test mode. ``transaction()`` makes one unit of work of everything done inside:
objects, events and deliveries are saved together or not at all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cashier.sandbox.engine.api_description import description
from cashier.sandbox.engine.clock import Clock
from cashier.sandbox.engine.failures import Json, no_such
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.engine.store import Condition, Store


@dataclass(frozen=True, kw_only=True)
class Request:
    """Who caused a change: ids of the API request, or nothing when a customer did it on a page.

    One that is not ``is_pinned`` names no version, and gets what the account had before: cards, unless it says more.
    """

    id: str | None = None
    idempotency_key: str | None = None
    is_pinned: bool = True


_CALLED = {"setup_intent": "setupintent", "webhook_endpoint": "webhook endpoint"}
"""What Stripe's errors call a kind of objects, where that is not its name."""

Later = Callable[["Account", str], None]
_agenda_actions: dict[str, Later] = {}


def agenda_action(name: str) -> Callable[[Later], Later]:
    """Register ``function(account, object_id)`` for what ``account.later(name, …)`` puts on the agenda."""

    def register(action: Later) -> Later:
        _agenda_actions[name] = action
        return action

    return register


class Account:
    """Fetch, add, save and delete objects, and tell the world about it with events."""

    def __init__(self, store: Store, clock: Clock | None = None) -> None:
        """Take up the account in ``store``; the clock goes on from where it was."""
        self.store = store
        self.clock = clock or Clock(int(store.setting("clock_offset") or 0))
        self.id = store.setting("account") or new_id("acct")[:21]
        store.keep_setting("account", self.id)
        self.base_url = "http://127.0.0.1"
        self.business_name = "Sandbox Hospital"
        self.request = Request()
        self.after_commit: Callable[[], None] = lambda: None
        self.forced_declines: deque[str] = deque()
        self.forced_delays: deque[str] = deque()
        self.challenges_in_window = False
        self.challenges_redirect = False
        self.forced_refunds: deque[str] = deque()
        self.reader_answers_after: float | None = None
        self.restricted_keys: dict[str, dict[str, str]] = {}

    @property
    def now(self) -> int:
        """The time in whole seconds, on the sandbox's clock."""
        return self.clock.now()

    @contextmanager
    def transaction(self, request: Request | None = None) -> Iterator[None]:
        """Save all of what is done inside, or nothing; ``request`` is named in the events."""
        try:
            with self.store.transaction():
                self._do_what_is_due()
                self.request = request or Request()
                yield
        finally:
            self.request = Request()
        self.after_commit()

    def later(self, seconds: float, action: str, object_id: str) -> None:
        """Put ``action`` on the agenda: it is done about ``object_id`` once the clock has gone on that far."""
        self.store.connection.execute(
            "INSERT INTO agenda (due, action, object) VALUES (?, ?, ?)",
            (self.clock.precise() + seconds, action, object_id),
        )

    def is_planned(self, action: str) -> bool:
        """Tell whether ``action`` is on the agenda, about whatever."""
        planned = self.store.connection.execute("SELECT 1 FROM agenda WHERE action = ?", (action,))
        return planned.fetchone() is not None

    def catch_up(self) -> None:
        """Do what is due on the agenda, if anything is."""
        due = self.store.connection.execute("SELECT 1 FROM agenda WHERE due <= ?", (self.clock.precise(),))
        if due.fetchone():
            with self.transaction():
                pass

    def _do_what_is_due(self) -> None:
        rows = self.store.connection.execute(
            "DELETE FROM agenda WHERE due <= ? RETURNING due, action, object", (self.clock.precise(),)
        ).fetchall()
        for row in sorted(rows, key=lambda row: row["due"]):
            _agenda_actions[row["action"]](self, row["object"])

    def advance_clock(self, seconds: int) -> None:
        """Move the clock ahead, also for the next start with the same state file."""
        self.clock.advance(seconds)
        self.store.keep_setting("clock_offset", str(self.clock.offset_seconds))
        self.catch_up()

    def add(self, body: Json, private: Json | None = None) -> Json:
        """Add a new object and return it."""
        self.store.add(body, private, created=body.get("created", self.now))
        return body

    def save(self, body: Json, private: Json | None = None) -> Json:
        """Save a changed object and return it."""
        self.store.save(body, private)
        return body

    def private(self, object_id: str) -> Json:
        """Return the part of an object that is never answered."""
        return self.store.private(object_id)

    def fetch(self, kind: str, object_id: str, *, param: str | None = None, label: str | None = None) -> Json:
        """Return the object with this id.

        Otherwise raise ``resource_missing``: 404 for the id in the path, 400 for one in parameter ``param``.
        A deleted object is missing to a parameter; by its path the stub is returned, as Stripe does.
        """
        found = self.store.find(object_id, kind)
        if found is None or (found.get("deleted") and param is not None):
            label = label or _CALLED.get(kind, kind)
            raise no_such(label, object_id, param=param or "id", status=404 if param is None else 400)
        return found

    def fetch_existing(self, kind: str, object_id: str) -> Json:
        """Return the object named in the path, to change or to use it; a deleted one is missing: 404."""
        found = self.fetch(kind, object_id)
        if found.get("deleted"):
            raise no_such(_CALLED.get(kind, kind), object_id, param="id")
        return found

    def select(self, kind: str, *conditions: Condition, limit: int = -1) -> list[Json]:
        """Return the objects of a kind that meet all conditions, newest first."""
        return [body for _, body in self.store.select(kind, conditions, limit=limit)]

    def delete(self, kind: str, object_id: str) -> Json:
        """Delete an object and return the stub that takes its place."""
        stub = {"id": object_id, "object": kind, "deleted": True}
        self.store.delete(stub)
        return stub

    def emit(self, kind: str, body: Json, previous: Json | None = None) -> None:
        """Record the event ``kind`` about ``body`` as it is now, and line it up for every endpoint that wants it.

        ``previous`` are the old values of the changed fields, for the kinds of events that carry them.
        """
        data: Json = {"object": body} if previous is None else {"object": body, "previous_attributes": previous}
        event_id = new_id("evt")
        endpoints = [
            endpoint["id"]
            for endpoint in self.select("webhook_endpoint")
            if endpoint["status"] == "enabled" and {"*", kind} & set(endpoint["enabled_events"])
        ]
        event = skeleton(
            "event",
            id=event_id,
            api_version=description().version,
            created=self.now,
            data=data,
            livemode=False,
            pending_webhooks=len(endpoints),
            request={"id": self.request.id, "idempotency_key": self.request.idempotency_key},
            type=kind,
        )
        self.add(event)
        now = self.clock.precise()
        for endpoint_id in endpoints:
            self.store.connection.execute(
                "INSERT INTO deliveries (event, endpoint, state, attempts, due, since) "
                "VALUES (?, ?, 'pending', 0, ?, ?)",
                (event_id, endpoint_id, now, now),
            )


def changes(before: Json, after: Json) -> Json:
    """Return the old values of what differs, as ``previous_attributes`` has them: nested hashes by their parts."""
    previous: dict[str, Any] = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        nested = isinstance(old, dict) and isinstance(new, dict) and "object" not in old
        previous[key] = changes(old, new) if nested and isinstance(old, dict) and isinstance(new, dict) else old
    return previous
