"""Anchors at Stripe: each payment and refund there names its own first entry of the journal, by number and hash.

So does the notary, a customer that is nobody's, with the newest entry; what it said before stands in events, which
nobody takes back, for 30 days. Asked with a restricted key that may read charges, refunds, customers and events and
nothing else. What Stripe knows of ours and the books do not is said as well.
https://docs.stripe.com/api/payment_intents/list
"""

from __future__ import annotations

import json
import sqlite3
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cashier_verify.anchors import Anchor, typed
from cashier_verify.finding import Finding, Findings, Unreadable

STRIPE = "https://api.stripe.com"
_SECONDS = 30
_BYTES_MAX = 64 << 20
_NOTARY = "cashier_notary"


class AtStripe:
    """What Stripe has of the last ``days``."""

    def __init__(self, key: str, *, days: int, base: str = STRIPE) -> None:
        """Ask with ``key``; nothing is asked yet."""
        self._key, self._base = key, base
        self._since = int((datetime.now(UTC) - timedelta(days=days)).timestamp())
        self.anchors: list[Anchor] = []
        self._known: list[tuple[str, str, str]] = []

    def read(self) -> None:
        """Ask for all payments and refunds of that time. Raises ``Unreadable`` when Stripe does not answer."""
        for kind, path, name in (
            ("payment", "payment_intents", "cashier_payment"),
            ("refund", "refunds", "cashier_refund"),
        ):
            for each in self._list(path):
                metadata = each.get("metadata") or {}
                if name not in metadata:
                    continue
                if each.get("status") == "succeeded":
                    self._known.append((kind, metadata[name].replace("-", ""), each["id"]))
                if "cashier_entry" in metadata:
                    self.anchors.append(typed(metadata["cashier_entry"], f"Stripe ({each['id']})"))
        self._read_notaries()

    def _read_notaries(self) -> None:
        """Read what the notary says, and what it said before, also where it was deleted."""
        said: dict[str, str] = {}
        for customer in self._ask("customers/search", {"query": f"metadata['{_NOTARY}']:'journal'", "limit": "100"})[
            "data"
        ]:
            _take_notary(said, customer, customer["id"])
        for kind in ("customer.updated", "customer.deleted"):
            for event in self._list("events", type=kind):
                _take_notary(said, event["data"]["object"], event["id"])
        self.anchors += [typed(entry, f"the notary at Stripe ({name})") for entry, name in said.items()]

    def unknown(self, books: sqlite3.Connection) -> Findings:
        """Find what succeeded at Stripe under a name of ours that the books do not have."""
        for kind, name, at_stripe in self._known:
            if books.execute(f"SELECT 1 FROM {kind} WHERE id = ?", (name,)).fetchone() is None:
                yield Finding(kind, f"{name} succeeded at Stripe ({at_stripe}), and the books have no such {kind}")

    def _list(self, path: str, **more: str) -> Iterator[dict[str, Any]]:
        after = ""
        while True:
            page = self._ask(path, {"limit": "100", "created[gte]": str(self._since)} | more | after_of(after))
            yield from page["data"]
            if not page["has_more"]:
                return
            after = page["data"][-1]["id"]

    def _ask(self, path: str, parameters: dict[str, str]) -> dict[str, Any]:
        address = f"{self._base}/v1/{path}?{urllib.parse.urlencode(parameters)}"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {self._key}"})
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
                page = json.loads(answer.read(_BYTES_MAX))
        except urllib.error.HTTPError as error:
            raise Unreadable(
                f"Stripe refuses to list {path} ({error.code}): the key has to be allowed to read charges, "
                "refunds, customers and events."
            ) from error
        except (OSError, ValueError) as error:
            raise Unreadable(f"Stripe does not answer: {error}.") from error
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            raise Unreadable("What answered is not Stripe.")
        return page


def _take_notary(said: dict[str, str], customer: dict[str, Any], name: str) -> None:
    metadata = customer.get("metadata") or {}
    if metadata.get(_NOTARY) == "journal" and "cashier_entry" in metadata:
        said.setdefault(metadata["cashier_entry"], name)


def after_of(last: str) -> dict[str, str]:
    """Return the parameter that asks for what comes after ``last``; none for the first page."""
    return {"starting_after": last} if last else {}
