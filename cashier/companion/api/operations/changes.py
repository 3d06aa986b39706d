"""What happened to money, for systems that would rather ask than be sent events."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from cashier.books.api_client import Scope
from cashier.companion.api.operation import Answer, Ask, Nothing, Operation
from cashier.companion.api.problems import ProblemKind
from cashier.language import m

_POSITION_MAX = 2**53


class AfterPosition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many events after a position: the `next` of the answer before, 0 to begin with."""

    after: Annotated[int, Meta(ge=0, le=_POSITION_MAX)] = 0
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class EventData(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What an event is about. `amount_minor` is in the currency's minor unit; of `invoice.balance_changed` it is what
    is left to be paid. `reason` is the code of a decline, or of a dispute.
    """

    invoices: tuple[str, ...]
    payment: str | None = None
    refund: str | None = None
    dispute: str | None = None
    amount_minor: int
    currency: str
    state: str
    tender: str | None = None
    reason: str | None = None


class EventResponse(msgspec.Struct, frozen=True):
    """One event, as it is sent to endpoints; `id` is its `webhook-id` there, `timestamp` when it happened (UTC)."""

    id: str
    position: int
    type: str
    timestamp: str
    data: EventData


class ChangesResponse(msgspec.Struct, frozen=True):
    """Events, the oldest first. `next` is where to go on; with `has_more`, there is more already."""

    data: tuple[EventResponse, ...]
    next: int
    has_more: bool


async def read(ask: Ask[Nothing, AfterPosition]) -> Answer:
    """Tell what happened after a position."""
    found = await ask.services.outbox.changes(after=ask.query.after, limit=ask.query.limit)
    told = tuple(
        EventResponse(
            id=str(event.id),
            position=event.position or 0,
            type=event.kind.value,
            timestamp=event.timestamp,
            data=msgspec.convert(event.data, EventData),
        )
        for event in found.events
    )
    answer = ChangesResponse(data=told, next=found.next, has_more=found.has_more)
    return Answer(value=answer, headers={"Cache-Control": "no-store"})


OPERATIONS = (
    Operation(
        name="listChanges",
        method="GET",
        path="/api/v1/changes",
        summary=m("What happened to money since"),
        about=m(
            "The same events as are sent to endpoints, of all desks and clients, in one order. Whoever reads on from "
            "the last `next` misses nothing, also of what was saved late, and gets nothing twice. A position that "
            "was never given is refused: the books were put back from a backup."
        ),
        group="Changes",
        scope=Scope.RESULTS_READ,
        handler=read,
        answer=ChangesResponse,
        query=AfterPosition,
        problems=(ProblemKind.REFUSED, ProblemKind.UNAVAILABLE),
    ),
)
