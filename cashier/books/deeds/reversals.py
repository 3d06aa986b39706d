"""Deeds about money that went away again: who decided what about it, and who was not let."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from cashier.books.deeds.deed import Deed, DeedKind, Subject

ReversalMove: TypeAlias = Literal[DeedKind.REVERSAL_OWED_AGAIN, DeedKind.REVERSAL_WRITTEN_OFF]


@dataclass(frozen=True, kw_only=True)
class ReversalDecided(Deed):
    """Somebody decided who bears money that a bank took (``dispute``), or a refund that did not arrive."""

    SUBJECT: ClassVar = Subject.PAYMENT
    KEY: ClassVar = "payment"

    kind: ReversalMove
    payment: uuid.UUID
    reversal: int
    dispute: str | None
    refund: uuid.UUID | None
    amount_minor: int
    currency: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReversalRefused(Deed):
    """Somebody wanted to decide so about a ``difference``, and was not let."""

    SUBJECT: ClassVar = Subject.PAYMENT
    KEY: ClassVar = "payment"

    kind: Literal[DeedKind.REVERSAL_REFUSED] = DeedKind.REVERSAL_REFUSED
    payment: uuid.UUID
    difference: int
    outcome: str
    why: str


@dataclass(frozen=True, kw_only=True)
class EvidenceSent(Deed):
    """Somebody had evidence about a ``dispute`` handed to the bank; ``fields`` are what Stripe calls its parts."""

    SUBJECT: ClassVar = Subject.PAYMENT
    KEY: ClassVar = "payment"

    kind: Literal[DeedKind.EVIDENCE_SENT] = DeedKind.EVIDENCE_SENT
    payment: uuid.UUID
    dispute: str
    fields: tuple[str, ...]
