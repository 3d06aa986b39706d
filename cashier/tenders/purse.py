"""Where money is once it came: what the ledger keeps an account of."""

from __future__ import annotations

from enum import StrEnum


class Purse(StrEnum):
    """The places in which the hospital's money can be; a tender brings it into one, a way back takes it from one."""

    STRIPE = "stripe"
    """At Stripe, until it pays it out."""
    DRAWER = "drawer"
    """In the drawer of a desk."""
    CHEQUES = "cheques"
    """Cheques that the bank has still to cash."""
    TERMINALS = "terminals"
    """What the bank's own terminals have taken, until the bank credits it."""
    BANK = "bank"
    """At the hospital's bank."""
    NOWHERE = "nowhere"
    """No money comes by it: it is credit that the hospital gave."""
