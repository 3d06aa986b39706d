"""Webhooks: is this really from Stripe, and what is it about."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cashier.clock import machine_now, now
from cashier.errors import Refused
from cashier.language import m

TOLERANCE_SECONDS = 300
_MOMENT = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, kw_only=True)
class EventNotice:
    """What an event says about itself: where to look, never what to believe.

    ``payment_reference`` is our own payment's id where Stripe's object carries it. Of a dispute, ``object_id`` is
    the disputed charge. ``decline_code`` says why the bank declined: Stripe's objects only remember the last reason.
    """

    id: str
    type: str
    object_id: str
    payment_reference: str | None
    decline_code: str | None = None
    api_version: str
    livemode: bool
    created_at: datetime


def check_signature(body: bytes, header: str | None, secrets: Sequence[str]) -> None:
    """Raise ``Refused`` unless ``body`` was signed with one of ``secrets`` within five minutes of now.

    Stripe's own check lets a future moment pass; here both directions count, by this machine's clock or by the one
    that all share. The header is read once: it has one
    moment, which is what was signed, and schemes other than Stripe's first are passed over.
    https://docs.stripe.com/webhooks#verify-manually
    """
    if not header:
        raise Refused(m("The webhook is not signed."))
    parts = [part.partition("=") for part in header.split(",")]
    moments = [value for name, _, value in parts if name.strip() == "t"]
    if len(moments) > 1:
        raise Refused(m("The webhook's signature has more than one timestamp."))
    if not moments or not _MOMENT.fullmatch(moments[0]):
        raise Refused(m("The webhook's signature has no timestamp."))
    # One of the two may be wrong: a machine whose clock is off is not deaf for that.
    if all(abs(int(moments[0]) - clock.timestamp()) > TOLERANCE_SECONDS for clock in (now(), machine_now())):
        raise Refused(
            m("The webhook's timestamp is more than five minutes away."), advice=m("Check this machine's clock.")
        )
    marks = [value.encode() for name, _, value in parts if name.strip() == "v1"]
    signed = moments[0].encode() + b"." + body
    for secret in secrets:
        right = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
        if any(hmac.compare_digest(right, mark) for mark in marks):
            return
    raise Refused(m("The webhook's signature does not match."), advice=m("Check the webhook signing secret."))


def read_event(body: bytes) -> EventNotice:
    """Read a webhook's body after its signature was checked. Raises ``Refused`` when it is no event."""
    try:
        return notice_of(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError):
        raise Refused(m("The webhook's body is not a Stripe event.")) from None


def notice_of(event: dict[str, Any]) -> EventNotice:
    """Read an event as Stripe writes it, in a webhook or in a list. Raises what a malformed one leads to.

    Ids that other programs on the account choose can be of any length: what is longer than any of ours is shortened.
    """
    subject, kind = event["data"]["object"], _shortened(event["type"], 80)
    named = subject.get("id")
    if kind.startswith("charge.dispute."):
        # A dispute does not carry our reference; its charge leads to the payment.
        named = subject.get("charge")
    elif kind.startswith("terminal.reader.action_"):
        named = _intent_at(subject) or named
    return EventNotice(
        id=_text(event["id"], 64),
        type=kind,
        object_id=_shortened(named or "", 96),
        payment_reference=_reference_in(subject),
        decline_code=_decline_in(kind, subject),
        api_version=_shortened(event.get("api_version") or "", 40),
        livemode=bool(event["livemode"]),
        created_at=datetime.fromtimestamp(int(event["created"]), UTC),
    )


def _reference_in(subject: dict[str, Any]) -> str | None:
    found = (subject.get("metadata") or {}).get("cashier_payment") or subject.get("client_reference_id")
    return found if isinstance(found, str) and len(found) <= 64 and "\0" not in found else None


def _intent_at(reader: dict[str, Any]) -> str | None:
    """Find the payment intent that a reader's action is about: https://docs.stripe.com/api/terminal/readers/object."""
    action = reader.get("action") or {}
    found = (action.get(action.get("type")) or {}).get("payment_intent")
    return found.get("id") if isinstance(found, dict) else found


def _decline_in(kind: str, subject: dict[str, Any]) -> str | None:
    """Find why the bank declined: https://docs.stripe.com/declines/codes."""
    if kind == "payment_intent.payment_failed":
        error = subject.get("last_payment_error") or {}
        found = error.get("decline_code") or error.get("code")
    elif kind == "charge.failed":
        found = (subject.get("outcome") or {}).get("reason") or subject.get("failure_code")
    else:
        return None
    return found if isinstance(found, str) and len(found) <= 64 and "\0" not in found else None


def _text(value: object, length_max: int) -> str:
    # PostgreSQL cannot store the character 0.
    if not isinstance(value, str) or len(value) > length_max or "\0" in value:
        raise ValueError
    return value


def _shortened(value: object, length_max: int) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value.replace("\0", "")[:length_max]
