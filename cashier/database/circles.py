"""What PostgreSQL ended because several waited for each other in a circle is done again by itself.

Everybody locks in one order, so that this hardly ever happens; where it does, nobody at a counter can do anything
about it but the same again.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import random
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from cashier.database.troubles import EndedInCircle

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_TIMES = 4
_PAUSE_SECONDS = 0.05


def again_after_circle(verb: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Have ``verb``, which is safe to repeat, repeated where the database ended its transaction for others.

    Nothing of that transaction is there then. After some times it raises ``Unreachable``, as if it were not repeated.
    """

    @functools.wraps(verb)
    async def repeated(*args: P.args, **kwargs: P.kwargs) -> T:
        for time in range(1, _TIMES):
            try:
                return await verb(*args, **kwargs)
            except EndedInCircle:
                log.warning("done again after a circle", extra={"verb": verb.__qualname__, "time": time})
                # Not all at once again.
                await asyncio.sleep(random.uniform(0, _PAUSE_SECONDS * time))  # noqa: S311 - it keeps no secret
        return await verb(*args, **kwargs)

    return repeated
