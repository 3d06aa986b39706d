"""Deeds about clients of the API: which came, by which keys they are known, and which may nothing any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from cashier.books.deeds.deed import Deed, DeedKind, Subject


@dataclass(frozen=True, kw_only=True)
class ClientAdded(Deed):
    """Another system may ask from now on; its payments are taken at ``desk``. ``scopes`` are separated by blanks."""

    SUBJECT: ClassVar = Subject.CLIENT
    KEY: ClassVar = "client"

    kind: Literal[DeedKind.CLIENT_ADDED] = DeedKind.CLIENT_ADDED
    client: str
    desk: str
    scopes: str


@dataclass(frozen=True, kw_only=True)
class ClientKeyMade(Deed):
    """A client got a key. ``key`` is its public part; ``mark`` is by what an auditor recognises the other one."""

    SUBJECT: ClassVar = Subject.CLIENT
    KEY: ClassVar = "client"

    kind: Literal[DeedKind.CLIENT_KEY_MADE] = DeedKind.CLIENT_KEY_MADE
    client: str
    key: str
    mark: str


@dataclass(frozen=True, kw_only=True)
class ClientKeyEnded(Deed):
    """A client's key, by its public part, ends at ``ends_at`` (UTC, ISO 8601)."""

    SUBJECT: ClassVar = Subject.CLIENT
    KEY: ClassVar = "client"

    kind: Literal[DeedKind.CLIENT_KEY_ENDED] = DeedKind.CLIENT_KEY_ENDED
    client: str
    key: str
    ends_at: str | None


@dataclass(frozen=True, kw_only=True)
class ClientEnded(Deed):
    """A client may nothing any more."""

    SUBJECT: ClassVar = Subject.CLIENT
    KEY: ClassVar = "client"

    kind: Literal[DeedKind.CLIENT_ENDED] = DeedKind.CLIENT_ENDED
    client: str


@dataclass(frozen=True, kw_only=True)
class ClientLimitSet(Deed):
    """An administrator says how much a client may refund by itself, in minor units of ``currency``, in one refund and
    in a day; ``before`` is None where nobody had said so yet.
    """

    SUBJECT: ClassVar = Subject.CLIENT
    KEY: ClassVar = "client"

    kind: Literal[DeedKind.CLIENT_LIMIT_SET] = DeedKind.CLIENT_LIMIT_SET
    client: str
    currency: str
    before: Mapping[str, int | str] | None
    after: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class EndpointAdded(Deed):
    """Events are sent to another system from now on, to ``url``."""

    SUBJECT: ClassVar = Subject.ENDPOINT
    KEY: ClassVar = "endpoint"

    kind: Literal[DeedKind.ENDPOINT_ADDED] = DeedKind.ENDPOINT_ADDED
    endpoint: str
    url: str


@dataclass(frozen=True, kw_only=True)
class EndpointSwitched(Deed):
    """Events are sent to an endpoint again (``is_on``), or no longer; ``reason`` is a code: who said so."""

    SUBJECT: ClassVar = Subject.ENDPOINT
    KEY: ClassVar = "endpoint"

    kind: Literal[DeedKind.ENDPOINT_SWITCHED] = DeedKind.ENDPOINT_SWITCHED
    endpoint: str
    is_on: bool
    reason: str
