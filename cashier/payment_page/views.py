"""What desks, other systems and the page itself get to see: immutable values."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cashier.errors import Refused
from cashier.language import Message, m
from cashier.money import Money


class LinkUnusable(Refused):
    """This link cannot be used."""

    default = m("This link cannot be used. It may have ended, or been copied without its last letters.")

    def __init__(self) -> None:
        """Say the same of every link that cannot be used, whatever the reason."""
        super().__init__(advice=m("Ask the hospital for a new link."))


class NoSuchLink(Refused):
    """There is no such link."""

    default = m("There is no such link.")

    def __init__(self) -> None:
        """Say where to look."""
        super().__init__(advice=m("Look at the invoice again."))


@dataclass(frozen=True, kw_only=True)
class NewLink:
    """A link that was made just now: its ``url`` is shown once and kept nowhere."""

    id: uuid.UUID
    expires_at: datetime
    url: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class LinkRow:
    """A link that still holds, as a desk sees it."""

    id: uuid.UUID
    made_by: str
    created_at: datetime
    expires_at: datetime
    opened_times: int


class PageState(StrEnum):
    """How the page stands; the values are part of what its script knows."""

    OPEN = "open"
    """It can be paid."""
    PROCESSING = "processing"
    """The bank is still confirming it."""
    PAID = "paid"
    DECLINED = "declined"
    """A card was declined; another one may be tried on the same payment."""
    CANCELED = "canceled"
    """The payment that was begun is given up: another one may be begun."""
    CHANGED = "changed"
    """Another amount is due than the page shows."""
    HELD = "held"
    """A payment of the invoice is under way elsewhere."""
    AGAIN = "again"
    """The patient paid the same a moment ago: it is done when they say so."""
    REFUSED = "refused"
    """It cannot be paid here."""
    UNKNOWN = "unknown"
    """It is not known how it stands."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the page stands after something was asked of it. ``due`` is what is to be paid now.

    ``client_secret`` is there where somebody can pay; it is never stored. ``has_receipt``: of a payment by this link.
    """

    state: PageState
    message: Message
    due: Money
    has_receipt: bool = False
    client_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class ShownPage:
    """What the page shows when it is opened. The patient is not named: links are forwarded."""

    hospital: str
    phone: str
    language: str
    invoice_number: str
    department: str
    standing: Standing
