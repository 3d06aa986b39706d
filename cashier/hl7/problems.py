"""Why a message cannot be taken in: said to its sender by code and place, without what stood there."""

from __future__ import annotations

from cashier.errors import Refused
from cashier.hl7.codes import ErrorCode
from cashier.language import NOTHING, Message, m


class MessageRefused(Refused):
    """This message cannot be taken in. ``at`` is the place in it, such as ``FT1[2]-11``, or empty.

    ``is_rejected``: whoever sent it, it is not for us (AR); otherwise what it says cannot be taken in (AE).
    """

    default = m("This message cannot be taken in.")

    def __init__(
        self,
        message: Message | None = None,
        *,
        code: ErrorCode,
        at: str = "",
        advice: Message = NOTHING,
        is_rejected: bool = False,
    ) -> None:
        """Keep what is wrong where."""
        super().__init__(message, advice=advice)
        self.code = code
        self.at = at
        self.is_rejected = is_rejected


class Unreadable(Refused):
    """This is no message of HL7: nobody can be answered."""

    default = m("This is no message of HL7 version 2.")


def missing(at: str) -> MessageRefused:
    """Return the error for a field that has to be there."""
    return MessageRefused(m("{field} is missing.", field=at), code=ErrorCode.REQUIRED_FIELD, at=at)


def not_readable(at: str) -> MessageRefused:
    """Return the error for a field that does not hold what belongs there."""
    return MessageRefused(m("{field} does not hold what belongs there.", field=at), code=ErrorCode.DATA_TYPE, at=at)
