"""The errors that a cashier may see, named by what the cashier can do about them."""

from __future__ import annotations

from enum import StrEnum

from cashier.language import NOTHING, Message, m, sentences


class Party(StrEnum):
    """Who has a part in a payment, and may fail to do it."""

    DATABASE = "database"
    STRIPE = "stripe"


class CashierError(Exception):
    """Something did not work.

    Keeps what happened and what to do as messages, so that a person reads them in the own language; the exception's
    text, which logs show, is English.
    """

    default: Message = m("Something did not work.")
    """What is said where nothing else is known."""

    def __init__(self, message: Message | None = None, *, advice: Message = NOTHING, by: Party | None = None) -> None:
        """Keep ``message`` (what happened), ``advice`` (what to do), and ``by`` whom it failed; None: by ourselves.

        Whoever says something about money looks at ``by``: what the database failed to do tells nothing about Stripe.
        """
        self.by = by
        self.message: Message = message if message is not None else self.default
        self.advice: Message = advice
        super().__init__(self.words.english)

    @property
    def words(self) -> Message:
        """What happened and what to do, one after the other."""
        return sentences(self.message, self.advice)


class Refused(CashierError):  # noqa: N818 - the error is named by what it means at the counter
    """This cannot be done."""

    default = m("This cannot be done.")


class Unreachable(CashierError):  # noqa: N818
    """The other side does not answer; it is not known whether it heard us."""

    default = m("The other side does not answer; it is not known whether it heard us.")


class Contradiction(CashierError):  # noqa: N818
    """Two sources disagree about money; a supervisor has to look."""

    default = m("Two sources disagree about money; a supervisor has to look.")


class Misconfigured(Refused):
    """The settings are wrong; nothing was started."""

    default = m("The settings are wrong; nothing was started.")
