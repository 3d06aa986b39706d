"""Repeats of a POST get the first answer. https://docs.stripe.com/api/idempotent_requests"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, StripeFailure, invalid

_KEPT_SECONDS = 24 * 60 * 60
_KEY_MAX = 255


@dataclass(frozen=True, kw_only=True)
class Keyed:
    """One use of an idempotency key: ``owner`` is the API key, in whose scope the key is unique."""

    key: str
    owner: str
    path: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The first answer, and the id of the request that got it."""

    status: int
    body: bytes
    request_id: str


def keyed(key: str | None, owner: str, path: str, form: Json) -> Keyed | None:
    """Describe a POST with a key; nothing for one without. Raises for a key that is too long."""
    if not key:
        return None
    if len(key) > _KEY_MAX:
        raise invalid(f"Idempotency keys can be at most {_KEY_MAX} characters; yours has {len(key)}.")
    text = json.dumps(form, sort_keys=True)
    return Keyed(key=key, owner=owner, path=path, fingerprint=hashlib.sha256(text.encode()).hexdigest())


def kept_answer(account: Account, use: Keyed) -> Kept | None:
    """Return the kept answer; raise when the key was first used for another path or other parameters."""
    connection = account.store.connection
    connection.execute("DELETE FROM idempotency WHERE created <= ?", (account.clock.precise() - _KEPT_SECONDS,))
    row = connection.execute("SELECT * FROM idempotency WHERE key = ? AND owner = ?", (use.key, use.owner)).fetchone()
    if row is None:
        return None
    if row["path"] != use.path:
        raise _mismatch(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{use.path}' vs '{row['path']}'). Try using a key other than '{use.key}' if you meant to execute a "
            "different request."
        )
    if row["fingerprint"] != use.fingerprint:
        raise _mismatch(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{use.key}' if you meant to execute a different request."
        )
    return Kept(status=row["status"], body=row["body"], request_id=row["request"])


def keep_answer(account: Account, use: Keyed, kept: Kept) -> None:
    """Keep the first answer for the next 24 hours."""
    account.store.connection.execute(
        "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            use.key, use.owner, use.path, use.fingerprint, kept.request_id, kept.status, kept.body,
            account.clock.precise(),
        ),
    )  # fmt: skip


def in_progress(key: str) -> StripeFailure:
    """Refuse a second request that comes while the first with its key is still under way."""
    return StripeFailure(
        409,
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later.",
        kind="idempotency_error",
        code="idempotency_key_in_use",
    )


def _mismatch(message: str) -> StripeFailure:
    return StripeFailure(400, message, kind="idempotency_error")
