"""What the companion was asked and answered: counted by kind of address, never by what stands in it."""

from __future__ import annotations

from collections import Counter

from aiohttp import web

from cashier.companion.connections import address_pattern
from cashier.companion.metrics.exposition import Family

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})


class Traffic:
    """Counts answers since the companion's start."""

    def __init__(self) -> None:
        """Begin with none."""
        self._answers: Counter[tuple[str, str, str]] = Counter()

    async def count(self, request: web.Request, answer: web.StreamResponse) -> None:
        """Count an answer that is about to be sent; a method that nobody serves is “other”."""
        method = request.method if request.method in _METHODS else "other"
        self._answers[address_pattern(request), method, str(answer.status)] += 1

    def families(self) -> list[Family]:
        """Return what was counted."""
        return [
            Family(
                name="cashier_http_answers_total",
                help="Answers since the companion's start: webhooks, the API, pages.",
                kind="counter",
                series=[
                    ({"address": address, "method": method, "status": status}, count)
                    for (address, method, status), count in sorted(self._answers.items())
                ],
            )
        ]
