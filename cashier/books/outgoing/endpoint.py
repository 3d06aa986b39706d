"""Where events are sent, and how far each is with its way there."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.books.outgoing.event import OutgoingEvent
from cashier.database import Base, BigId, UtcDateTime, enum_column

ENDPOINT_NAME_LENGTH_MAX = 40
URL_LENGTH_MAX = 300


class OutgoingEndpoint(Base):
    """An address of another system. What happens while it is off (``off_at``) is not sent to it.

    ``off_reason`` is why: an administrator's decision, or the answer of the system itself. Until ``rests_until``
    nothing is sent, as it asked for, or because it cannot be reached. Its secrets are in the keychain, by its name.
    """

    __tablename__ = "outgoing_endpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(ENDPOINT_NAME_LENGTH_MAX), unique=True)
    url: Mapped[str] = mapped_column(sa.String(URL_LENGTH_MAX))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    off_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    off_reason: Mapped[str] = mapped_column(sa.String(40), default="")
    rests_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeliveryState(StrEnum):
    """How far an event is on its way to an endpoint."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"
    """After the last attempt; it can be sent again by command."""


WAITING: sa.ColumnElement[DeliveryState] = sa.literal_column("'waiting'")
GIVEN_UP: sa.ColumnElement[DeliveryState] = sa.literal_column("'given_up'")
"""The states as they stand in the conditions of indexes, which a value that is bound does not meet."""


def _waiting(name: str, *columns: str) -> sa.Index:
    """Index only what is still to be sent: a few among millions."""
    where = sa.text("state = 'waiting'")
    return sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)


class OutgoingDelivery(Base):
    """One event on its way to one endpoint. ``due_at`` is its next turn.

    Whoever sends it puts that off first, so that nobody else does meanwhile, and somebody does when its sender dies.
    What is about the same thing (``about``) is sent in the order of the events' numbers, one after the other.
    """

    __tablename__ = "outgoing_delivery"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(sa.ForeignKey("outgoing_endpoint.id"))
    event_number: Mapped[int] = mapped_column(sa.ForeignKey(OutgoingEvent.number))
    about: Mapped[str] = mapped_column(sa.String(48))
    state: Mapped[DeliveryState] = mapped_column(enum_column(DeliveryState))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_status: Mapped[int | None]
    last_error: Mapped[str | None] = mapped_column(sa.String(200))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.UniqueConstraint("endpoint_id", "event_number"),
        _waiting("ix_outgoing_delivery_due", "endpoint_id", "due_at"),
        _waiting("ix_outgoing_delivery_about", "endpoint_id", "about", "event_number"),
        sa.Index(
            "ix_outgoing_delivery_given_up",
            "endpoint_id",
            sqlite_where=sa.text("state = 'given_up'"),
            postgresql_where=sa.text("state = 'given_up'"),
        ),
    )
