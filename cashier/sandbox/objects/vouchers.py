"""Vouchers: the customer is shown a number, and pays it in cash or at a bank, days later or never.

https://docs.stripe.com/payments/oxxo/accept-a-payment#test-integration
https://docs.stripe.com/payments/multibanco/accept-a-payment

What becomes of one is decided by the customer's e-mail address, as in Stripe's test mode, or by the buttons of its
page. Nobody is charged before it is paid. One that runs out has charged nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.skeletons import skeleton

_DAY = 24 * 60 * 60
_AT_ONCE_SECONDS = 3
_DELAY_SECONDS = 180


@dataclass(frozen=True, kw_only=True)
class VoucherKind:
    """One kind of vouchers: it may be paid for ``days``; Stripe calls the moment when it runs out ``runs_out``."""

    name: str
    days: int
    runs_out: str = "expires_at"
    can_be_refunded: bool = True


VOUCHERS = {
    "multibanco": VoucherKind(name="Multibanco", days=7),
    "oxxo": VoucherKind(name="OXXO", days=3, runs_out="expires_after", can_be_refunded=False),
}


@dataclass(frozen=True, kw_only=True)
class _Course:
    """It is paid, or runs out, after ``seconds``; None: when its days are over."""

    is_paid: bool
    seconds: int | None


_COURSES = {
    "succeed_immediately": _Course(is_paid=True, seconds=_AT_ONCE_SECONDS),
    "expire_immediately": _Course(is_paid=False, seconds=0),
    "expire_with_delay": _Course(is_paid=False, seconds=_DELAY_SECONDS),
    "fill_never": _Course(is_paid=False, seconds=None),
}
_USUAL = _Course(is_paid=True, seconds=_DELAY_SECONDS)


def issue_voucher(account: Account, intent: Json, method: Json) -> Json:
    """Issue a voucher for ``intent`` and return the ``next_action`` that shows it; its end is on the agenda."""
    kind = VOUCHERS[method["type"]]
    course = _course_of(method["billing_details"]["email"] or "")
    ends = account.now + kind.days * _DAY
    if not course.is_paid and course.seconds is not None:
        ends = account.now + course.seconds
    voucher: Json = {
        "id": new_id("voucher"),
        "object": "sandbox.voucher",
        "intent": intent["id"],
        "is_paid": course.is_paid,
        "runs_out": ends,
        "type": method["type"],
    }
    account.add(voucher)
    numbers = _numbers(method["type"])
    account.save(method, account.private(method["id"]) | {"voucher": numbers})
    seconds = course.seconds if course.seconds is not None else kind.days * _DAY
    account.later(max(seconds, _AT_ONCE_SECONDS), "voucher ends", voucher["id"])
    shown = f"{method['type']}_display_details"
    part = "".join(word.title() for word in shown.split("_"))
    facts = {kind.runs_out: ends, "hosted_voucher_url": account.base_url + voucher_path(voucher), **numbers}
    account.save(intent, account.private(intent["id"]) | {"voucher": voucher["id"]})
    return {shown: skeleton(f"payment_intent.PaymentIntent.NextAction.{part}", **facts), "type": shown}


def open_voucher(account: Account, intent: Json) -> Json | None:
    """Return the voucher that ``intent`` waits for, if it waits for one."""
    voucher = account.store.find(account.private(intent["id"]).get("voucher", ""), "sandbox.voucher")
    is_shown = (intent["next_action"] or {}).get("type", "").endswith("_display_details")
    return voucher if is_shown and intent["status"] == "requires_action" else None


def voucher_path(voucher: Json) -> str:
    """Return the path of the page that shows ``voucher``."""
    return f"/c/voucher/{voucher['id']}"


def voucher_charged(account: Account, method: Json) -> Json:
    """Return what a charge tells of the voucher by which it was paid."""
    part = f"charge.Charge.PaymentMethodDetails.{method['type'].title()}"
    return skeleton(part, **account.private(method["id"])["voucher"])


def _course_of(email: str) -> _Course:
    name = email.partition("@")[0]
    return next((course for end, course in _COURSES.items() if name.endswith(end)), _USUAL)


def _numbers(kind: str) -> Json:
    """Return what the customer is told to pay by."""
    digits = f"{secrets.randbelow(10**14):014d}"
    if kind == "multibanco":
        return {"entity": "12345", "reference": digits[:9]}
    return {"number": digits}
