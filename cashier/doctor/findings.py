"""What a check finds, and running checks so that none can stop another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cashier.errors import CashierError
from cashier.language import NOTHING, Message, m


class Level(StrEnum):
    """How good or bad it is."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check found; ``remedy`` says what to do unless all is well. Never a secret."""

    level: Level
    message: Message
    remedy: Message = NOTHING


@dataclass(frozen=True, kw_only=True)
class Check:
    """A thing to look at. It may raise ``CashierError``, or anything else, and may hang."""

    name: Message
    look: Callable[[], Awaitable[Finding]]
    limit_seconds: float = 10.0


async def examine(checks: Sequence[Check]) -> list[Finding]:
    """Look at everything at the same time; return the findings in the order of the checks."""
    return list(await asyncio.gather(*(_examine_one(check) for check in checks)))


async def _examine_one(check: Check) -> Finding:
    try:
        async with asyncio.timeout(check.limit_seconds):
            return await check.look()
    except CashierError as error:
        return Finding(level=Level.WRONG, message=error.message, remedy=error.advice)
    except TimeoutError:
        return Finding(
            level=Level.WRONG,
            message=m("No answer within {seconds} seconds.", seconds=round(check.limit_seconds)),
            remedy=m("Run cashier doctor again; if this stays, look at the log."),
        )
    except Exception as error:
        return Finding(
            level=Level.WRONG,
            message=m("The check itself failed: {kind}: {reason}", kind=type(error).__name__, reason=str(error)),
            remedy=m("Please report this."),
        )
