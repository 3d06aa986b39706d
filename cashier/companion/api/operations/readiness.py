"""Whether payments can be taken now."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from cashier.books.api_client import Scope
from cashier.companion.api.operation import Answer, Ask, Nothing, Operation
from cashier.companion.api.problems import ProblemKind
from cashier.language import m


class PartReady(msgspec.Struct, frozen=True):
    """One thing that is needed; `problem` says in words what is wrong with it."""

    ok: bool
    problem: str | None


class ReadinessResponse(msgspec.Struct, frozen=True):
    """`ready`: a payment that is begun now can be taken. `mode` is the account's; with `test`, no money moves."""

    ready: bool
    mode: Literal["test", "live"]
    moves_money: bool
    database: PartReady
    stripe: PartReady
    publishable_key: bool


async def read(ask: Ask[Nothing, Nothing]) -> Answer:
    """Tell it; however often it is asked, Stripe is asked every ten seconds."""
    database, stripe = await ask.health.parts()
    settings = ask.services.settings
    has_key = bool(settings.stripe.publishable_key)
    return Answer(
        value=ReadinessResponse(
            ready=bool(database["ok"] and stripe["ok"] and has_key),
            mode=settings.stripe.mode,
            moves_money=settings.moves_money,
            database=_part(ask.language, database),
            stripe=_part(ask.language, stripe),
            publishable_key=has_key,
        )
    )


def _part(language: str, found: dict[str, Any]) -> PartReady:
    return PartReady(ok=found["ok"], problem=None if found["ok"] else found["problem"].in_(language))


OPERATIONS = (
    Operation(
        name="getReadiness",
        method="GET",
        path="/api/v1/ready",
        summary=m("Whether payments can be taken now"),
        about=m("Database, Stripe and its mode, and whether there is a publishable key for payers' browsers."),
        group="Readiness",
        scope=Scope.PAYMENTS_READ,
        handler=read,
        answer=ReadinessResponse,
        problems=(ProblemKind.UNAVAILABLE,),
    ),
)
