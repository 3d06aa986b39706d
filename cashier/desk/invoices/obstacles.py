"""What stands in the way of taking payments just now."""

from __future__ import annotations

from dataclasses import dataclass

from cashier.language import NOTHING, Message
from cashier.readiness import Readiness


@dataclass(frozen=True, kw_only=True)
class Obstacles:
    """Why something cannot be done just now, each in a sentence; empty where it can.

    ``to_all`` stands in the way of everything, ``to_stripe`` of whatever Stripe is needed for: cash is taken without.
    """

    to_all: Message = NOTHING
    to_stripe: Message = NOTHING


def obstacles_in(readiness: Readiness) -> Obstacles:
    """Return what is in the way just now."""
    if not readiness.database.ready:
        database = readiness.database.trouble
        return Obstacles(to_all=database, to_stripe=database)
    return Obstacles(to_stripe=NOTHING if readiness.stripe.ready else readiness.stripe.trouble)
