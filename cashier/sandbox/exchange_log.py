"""The log of every API exchange and every delivered webhook: one JSON object a line, flushed at once.

Keys are masked, and what was typed of a card is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from cashier.errors import Misconfigured
from cashier.language import m
from cashier.sandbox.engine.api import Exchange, masked
from cashier.sandbox.engine.failures import Json

_CARD_FIELD = re.compile(r"((?:card(?:\[|%5B)(number|cvc)(?:\]|%5D)|^number|&number)=)([^&]*)", re.IGNORECASE)
_KEPT_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "Stripe-Version", "User-Agent")


class ExchangeLog:
    """Appends to a file; without one it does nothing."""

    def __init__(self, file: Path | None) -> None:
        """Open ``file`` for appending. Raises ``Misconfigured`` when that cannot be done."""
        try:
            self._out = file.open("a", encoding="utf-8") if file else None
        except OSError as error:
            raise Misconfigured(
                m("The log {file} cannot be written: {reason}.", file=file, reason=error.strerror)
            ) from error

    def exchange(self, exchange: Exchange) -> None:
        """Write down an API request and its answer."""
        self._write(
            {
                "method": exchange.method,
                "path": exchange.path + (f"?{_without_card(exchange.query)}" if exchange.query else ""),
                "request_headers": _shown(exchange.headers),
                "request_body": _without_card(exchange.body),
                "status": exchange.status,
                "response_headers": exchange.answer_headers,
                "response_body": json.loads(exchange.answer),
            }
        )

    def webhook(self, url: str, headers: Mapping[str, str], body: str, secret: str, status: int | None) -> None:
        """Write down a webhook that was sent, and the status it was answered with."""
        self._write(
            {
                "webhook": True,
                "path": urlsplit(url).path or "/",
                "request_headers": dict(headers),
                "request_body": body,
                "secret": secret,
                "status": status,
            }
        )

    def close(self) -> None:
        """Close the file."""
        if self._out:
            self._out.close()

    def _write(self, line: Json) -> None:
        if self._out:
            self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._out.flush()


def _shown(headers: Mapping[str, str]) -> dict[str, str]:
    shown = {name: headers[name] for name in _KEPT_HEADERS if name in headers}
    if "Authorization" in shown:
        scheme, _, key = shown["Authorization"].partition(" ")
        shown["Authorization"] = f"{scheme} {masked(key)}"
    return shown


def _without_card(form: str) -> str:
    """Leave the last four digits of a card number, and nothing of a security code."""
    return _CARD_FIELD.sub(
        lambda found: found[1] + ("***" if found[2] == "cvc" else f"************{found[3][-4:]}"), form
    )
