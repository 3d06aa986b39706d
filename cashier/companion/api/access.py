"""Who calls, from where, and how often: keys, limits, and addresses behind a proxy."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from aiohttp import web

from cashier.books.api_client import Scope
from cashier.clients.service import ApiClients, Caller
from cashier.companion.api.problems import Problem, ProblemKind
from cashier.companion.proxies import Proxies
from cashier.language import m

_REMEMBERED_MAX = 10_000


class RateLimit:
    """So many requests a minute for each caller, evenly, with a burst; per companion, in memory.

    The generic cell rate algorithm: one moment is kept for each caller, that at which its debt is paid.
    """

    def __init__(self, *, per_minute: int, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow ``per_minute`` requests, ``burst`` of them at once; 0 a minute allows everything."""
        self._seconds_each = 60 / per_minute if per_minute else 0.0
        self._tolerance = self._seconds_each * (burst - 1)
        self._clock = clock
        self._paid_at: OrderedDict[str, float] = OrderedDict()

    def take(self, who: str) -> None:
        """Count one request of ``who``. Raises ``Problem`` when it is one too many; that one is not counted."""
        if not self._seconds_each:
            return
        present = self._clock()
        paid_at = max(self._paid_at.pop(who, present), present)
        excess = paid_at - present - self._tolerance
        self._paid_at[who] = paid_at if excess > 0 else paid_at + self._seconds_each
        while len(self._paid_at) > _REMEMBERED_MAX:
            self._paid_at.popitem(last=False)
        if excess > 0:
            raise Problem(
                ProblemKind.TOO_MANY_REQUESTS,
                m("Too many requests; wait a moment."),
                headers={"Retry-After": str(math.ceil(excess))},
            )


class Access:
    """Lets in who shows a key that counts."""

    def __init__(self, clients: ApiClients, *, per_minute: int, proxies: Proxies) -> None:
        """Ask ``clients`` whose key it is; each client may call ``per_minute`` times."""
        self._clients = clients
        self._calls = RateLimit(per_minute=per_minute, burst=max(1, per_minute // 6))
        self._failures = RateLimit(per_minute=20 if per_minute else 0, burst=10)
        self._proxies = proxies

    async def caller_of(self, request: web.Request, scope: Scope | None) -> Caller:
        """Return who calls. Raises ``Problem`` without a key that counts, without ``scope``, and beyond limits."""
        presented = request.headers.get("Authorization", "")
        scheme, _, text = presented.partition(" ")
        caller = await self._clients.identify(text.strip()) if scheme.lower() == "bearer" else None
        if caller is None:
            self._failures.take(self._proxies.address_of(request))
            raise Problem(
                ProblemKind.UNAUTHENTICATED,
                m("Send a valid key, as “Authorization: Bearer cashier_…”."),
                headers={"WWW-Authenticate": 'Bearer realm="Cashier"'},
            )
        self._calls.take(caller.name)
        if scope is not None and scope not in caller.scopes:
            raise Problem(
                ProblemKind.FORBIDDEN,
                m("The key lacks the scope “{scope}”.", scope=scope.value),
                headers={"WWW-Authenticate": f'Bearer realm="Cashier", error="insufficient_scope", scope="{scope}"'},
            )
        return caller
