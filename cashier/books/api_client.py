"""Other systems that ask over the API: what each may do, by which keys it is known, and what it asked lately."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.database import Base, UtcDateTime

CLIENT_NAME_LENGTH_MAX = 40
PUBLIC_ID_LENGTH = 9
IDEMPOTENCY_KEY_LENGTH_MAX = 255


class Scope(StrEnum):
    """What a client may do. The values stand in keys, documents and problems, and never change."""

    INVOICES_READ = "invoices:read"
    INVOICES_WRITE = "invoices:write"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_WRITE = "payments:write"
    CARDS_READ = "cards:read"
    CARDS_WRITE = "cards:write"
    REFUNDS_REQUEST = "refunds:request"
    REFUNDS_APPROVE = "refunds:approve"
    RECEIPTS_READ = "receipts:read"
    TOKENS_WRITE = "tokens:write"
    RESULTS_READ = "results:read"

    @property
    def is_for_tokens(self) -> bool:
        """Tell whether it can be given away with a token: nobody refunds to themselves, hands tokens on, brings
        invoices in or reads what everybody paid.
        """
        return self not in (Scope.REFUNDS_APPROVE, Scope.TOKENS_WRITE, Scope.INVOICES_WRITE, Scope.RESULTS_READ)


class ApiClient(Base):
    """Another system. Its payments are taken at ``desk_id`` by ``staff_id``: a desk without a counter, and an account
    that nobody signs in with, so that everything that is told of payments holds for its own as well.

    ``scopes`` are separated by blanks. One with ``ended_at`` may nothing any more.
    """

    __tablename__ = "api_client"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(CLIENT_NAME_LENGTH_MAX), unique=True)
    desk_id: Mapped[int] = mapped_column(sa.ForeignKey("desk.id"), unique=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), unique=True)
    scopes: Mapped[str] = mapped_column(sa.String(400))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def may(self, scope: Scope) -> bool:
        """Tell whether it may do what ``scope`` says."""
        return self.ended_at is None and scope in self.scopes.split()


class ApiKey(Base):
    """One key of a client, by its public part; of the secret part only a digest is kept (SHA-256, hexadecimal).

    Several may hold at one time, so that a key is changed without an outage.
    """

    __tablename__ = "api_key"

    public_id: Mapped[str] = mapped_column(sa.String(PUBLIC_ID_LENGTH), primary_key=True)
    client_id: Mapped[int] = mapped_column(sa.ForeignKey("api_client.id"), index=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiToken(Base):
    """A short-lived key for one patient's records, which a portal's back end asks for; kept as ``ApiKey`` is.

    It may do what both its client and its own ``scopes`` may. With ``invoice_id``, it is for that invoice alone.
    """

    __tablename__ = "api_token"

    public_id: Mapped[str] = mapped_column(sa.String(PUBLIC_ID_LENGTH), primary_key=True)
    client_id: Mapped[int] = mapped_column(sa.ForeignKey("api_client.id"), index=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"))
    invoice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invoice.id"))
    scopes: Mapped[str] = mapped_column(sa.String(400))
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ClientRefundLimit(Base):
    """How much a client may refund of its own payments without anybody's decision: the rule that the administrator
    ``set_by`` made. In minor units, in one refund and in a day of the hospital; zero: every refund is decided about.
    """

    __tablename__ = "client_refund_limit"

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("api_client.id"), primary_key=True, autoincrement=False)
    currency: Mapped[str] = mapped_column(sa.String(3))
    amount_minor_max: Mapped[int] = mapped_column(sa.BigInteger)
    day_total_minor_max: Mapped[int] = mapped_column(sa.BigInteger)
    set_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.CheckConstraint("amount_minor_max >= 0", name="amount_not_negative"),
        sa.CheckConstraint("day_total_minor_max >= amount_minor_max", name="day_holds_one"),
    )


class ApiRequest(Base):
    """What a client asked under an ``Idempotency-Key``: the same key again means the same record, ``resource_id``.

    Not the answer is kept, which may hold a client secret, but what it was about and its ``status``; None while it is
    not known. ``body_digest`` is of what was asked (SHA-256, hexadecimal). Forgotten after a day.
    """

    __tablename__ = "api_request"

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("api_client.id"), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(IDEMPOTENCY_KEY_LENGTH_MAX), primary_key=True)
    operation: Mapped[str] = mapped_column(sa.String(120))
    body_digest: Mapped[str] = mapped_column(sa.String(64))
    resource_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    status: Mapped[int | None] = mapped_column(sa.SmallInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
