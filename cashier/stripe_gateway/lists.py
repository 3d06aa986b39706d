"""Reading Stripe's lists, in which objects of other programs on the account stand beside ours."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

import stripe

from cashier.errors import Refused

log = logging.getLogger(__name__)

S = TypeVar("S", bound=stripe.StripeObject)
T = TypeVar("T")

_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError, Refused)


def read_or_set_aside(written: S, read: Callable[[S], T]) -> T | None:
    """Return what ``read`` makes of an object in a list; None, and a line in the log, where it makes nothing of it.

    An account has other programs, whose objects can be odd: none of them may hide those that follow.
    """
    try:
        return read(written)
    except _UNREADABLE as error:
        facts = {"kind": type(written).__name__, "stripe": str(getattr(written, "id", ""))[:64]}
        log.warning("set aside, not readable", extra={**facts, "error": type(error).__name__})
        return None
