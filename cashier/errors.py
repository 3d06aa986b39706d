"""The errors that a cashier may see, named by what the cashier can do about them."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from enum import StrEnum

from cashier.language import NOTHING, Message, m, sentences, verbatim


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


_WHY_NOT: Mapping[int, Message] = {
    errno.ENOENT: m("there is no such file or folder"),
    errno.EACCES: m("this account does not have the right"),
    errno.EPERM: m("this account does not have the right"),
    errno.EROFS: m("it can only be read there"),
    errno.ENOSPC: m("the disk is full"),
    errno.EDQUOT: m("this account may not use more of the disk"),
    errno.EISDIR: m("it is a folder"),
    errno.ENOTDIR: m("part of its path is no folder"),
    errno.EEXIST: m("it is there already"),
    errno.ENAMETOOLONG: m("its name is too long"),
    errno.EIO: m("the disk cannot read or write it"),
    errno.EADDRINUSE: m("another program uses that port"),
    errno.EADDRNOTAVAIL: m("this machine does not have that address"),
}


def why_not(error: OSError) -> Message:
    """Say why the system refused something, as a part of a sentence; in its own words where those are rare."""
    known = _WHY_NOT.get(error.errno or 0)
    return known if known is not None else verbatim(error.strerror or str(error))
