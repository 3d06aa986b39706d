"""How much of an answer of Stripe's is waited for and taken in: so many bytes, and so long from first to last."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import stripe

ANSWER_BYTES_MAX = 16 * 1024 * 1024
"""A page of a hundred objects, each with all that is expanded in it, has about one mebibyte."""
_LONGER_THAN_ONE_WAIT = 2
"""An answer that comes byte by byte never lets a single wait run out."""


class LimitedHttpClient(stripe.HTTPXClient):
    """The SDK's connection, with limits on the whole of each answer. What goes beyond them did not come."""

    def __init__(self, *, timeout_seconds: float) -> None:
        """Wait ``timeout_seconds`` for each step of an answer, and twice as long for all of it."""
        super().__init__(timeout=timeout_seconds)
        self._answer_seconds = timeout_seconds * _LONGER_THAN_ONE_WAIT

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Send a request and return body, status and headers.

        Raises ``stripe.APIConnectionError`` for a line that breaks, and for an answer that is too long or too slow:
        that one is not asked for again, as the next would be no better.
        """
        arguments, options = self._get_request_args_kwargs(method, url, headers, post_data)
        content = bytearray()
        try:
            async with (
                asyncio.timeout(self._answer_seconds),
                self._client_async.stream(*arguments, **options) as response,
            ):
                async for part in response.aiter_bytes():
                    content += part
                    if len(content) > ANSWER_BYTES_MAX:
                        break
        except TimeoutError as error:
            raise _given_up("too_slow") from error
        except Exception as error:
            self._handle_request_error(error)
        if len(content) > ANSWER_BYTES_MAX:
            raise _given_up("too_long")
        return bytes(content), response.status_code, response.headers


def _given_up(why: str) -> stripe.APIConnectionError:
    return stripe.APIConnectionError(why, should_retry=False)  # type: ignore[no-untyped-call]  # the SDK has no types
