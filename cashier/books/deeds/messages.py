"""Deeds about messages of the hospital's other systems that could not be taken in by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from cashier.books.deeds.deed import Deed, DeedKind, Subject


@dataclass(frozen=True, kw_only=True)
class MessageTriedAgain(Deed):
    """Somebody had a message taken in after all; ``anyway``: although a newer one, or its double, was there."""

    SUBJECT: ClassVar = Subject.MESSAGE
    KEY: ClassVar = "message"

    kind: Literal[DeedKind.MESSAGE_TRIED_AGAIN] = DeedKind.MESSAGE_TRIED_AGAIN
    message: int
    control_id: str
    anyway: bool


@dataclass(frozen=True, kw_only=True)
class MessageSetAside(Deed):
    """Somebody decided that a message is not taken in, and said why."""

    SUBJECT: ClassVar = Subject.MESSAGE
    KEY: ClassVar = "message"

    kind: Literal[DeedKind.MESSAGE_SET_ASIDE] = DeedKind.MESSAGE_SET_ASIDE
    message: int
    control_id: str
    reason: str
