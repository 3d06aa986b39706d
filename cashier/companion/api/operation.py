"""One row an operation: its address, what goes in and comes out, who may call it, what can go wrong.

The table serves and describes: routes, checks and the OpenAPI document follow from the rows.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeAlias, TypeVar

import msgspec

from cashier.assembly import Services
from cashier.books.api_client import Scope
from cashier.clients.service import Caller
from cashier.companion.api.problems import ProblemKind
from cashier.companion.bodies import SentLine
from cashier.companion.health import Health
from cashier.language import Message, m, mc

Method = Literal["GET", "POST", "DELETE", "PUT"]
JSON = "application/json"
BODY_BYTES_MAX = 64 * 1024
PDF = "application/pdf"
NDJSON = "application/x-ndjson"


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No body, or no query."""


GROUPS: Mapping[str, tuple[Message, Message]] = {
    "Payments": (
        mc("of the API", "Payments"),
        m("An intent for the payer's browser, or a saved card that is charged."),
    ),
    "Refunds": (
        mc("of the API", "Refunds"),
        m("Made within what an administrator lets the client, or asked for and approved at a desk."),
    ),
    "Saved cards": (mc("of the API", "Saved cards"), m("What Stripe keeps for a patient: never a card's number.")),
    "Receipts": (mc("of the API", "Receipts"), m("What was paid, as facts or as the paper itself.")),
    "Invoices": (mc("of the API", "Invoices"), m("What is owed, and what became of it.")),
    "Payment links": (
        mc("of the API", "Payment links"),
        m("A page of the companion on which the patient pays one invoice, for an e-mail or a code."),
    ),
    "Patients": (mc("of the API", "Patients"), m("What a patient paid, and has on account.")),
    "Changes": (mc("of the API", "Changes"), m("What happened to money at every desk, in one order.")),
    "Tokens": (mc("of the API", "Tokens"), m("Short-lived keys for one patient or one invoice.")),
    "Readiness": (mc("of the API", "Readiness"), m("Whether everything that a payment needs is there.")),
    "Webhooks": (mc("of the API", "Webhooks"), m("What Stripe calls, and nobody else: it signs what it sends.")),
}
"""What stands together in the description, under which title, and what it is about."""

Body = TypeVar("Body")
Query = TypeVar("Query")


@dataclass(frozen=True, kw_only=True)
class Ask(Generic[Body, Query]):
    """One request, checked: who asks, for what. ``resource_id`` is the same for the same ``Idempotency-Key``."""

    services: Services
    caller: Caller
    path: Mapping[str, str]
    query: Query
    body: Body
    resource_id: uuid.UUID
    accepts: str
    language: str
    health: Health
    if_match: str | None = None
    """Which versions may be changed, as the header has it."""


AnyAsk: TypeAlias = Ask[Any, Any]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an operation answers: a value to be written as JSON, or the bytes of a document; None for no content."""

    value: Any = None
    status: int = 200
    document: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[AnyAsk], Awaitable[Answer]]
TakesLines = Callable[[AnyAsk, AsyncIterator[SentLine | None]], AsyncIterator[msgspec.Struct]]


@dataclass(frozen=True, kw_only=True)
class Lines:
    """In the place of a handler: what is sent and answered is one value a line, and neither is ever kept whole.

    ``take`` gets lines as they come (None: nothing more for a moment), and yields what is answered; the last line is
    of the type ``ends_with``.
    """

    take: TakesLines
    ends_with: type


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing that callers can do.

    ``answer`` is the type of what is answered with ``status``, None for no content. One that is ``repeatable`` takes
    an ``Idempotency-Key``; the others are safe to repeat by themselves. ``parts`` says what stands in the address.
    """

    name: str
    method: Method
    path: str
    summary: Message
    about: Message
    group: str
    scope: Scope | None
    handler: Handler | Lines
    answer: type | None
    status: int = 200
    or_status: int | None = None
    """With which status the same is answered where more was done than is sure."""
    body: type = Nothing
    query: type = Nothing
    parts: Mapping[str, Message] = field(default_factory=dict)
    problems: tuple[ProblemKind, ...] = ()
    repeatable: bool = False
    leads_to: Mapping[str, str] = field(default_factory=dict)
    """Which operations go on with the answer's id, and as what it stands in their addresses."""
    examples: Mapping[str, str] = field(default_factory=dict)
    """What may stand in the address, in the sample hospital."""
    has_version: bool = False
    """What is answered has a version (`ETag`); one with a body takes `If-Match`."""
    body_bytes_max: int = BODY_BYTES_MAX
    is_document: bool = False
    """It can be had as a PDF as well, by ``Accept``."""

    @property
    def takes_body(self) -> bool:
        """Tell whether a body is read."""
        return self.body is not Nothing
