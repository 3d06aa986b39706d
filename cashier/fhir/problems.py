"""Why a resource of FHIR cannot be taken in: said by its element and kind, without what stood there."""

from __future__ import annotations

from enum import StrEnum

from cashier.errors import Refused
from cashier.language import NOTHING, Message, m


class Issue(StrEnum):
    """The kinds of problems that we tell, as FHIR's IssueType calls them."""

    STRUCTURE = "structure"
    REQUIRED = "required"
    VALUE = "value"
    BUSINESS_RULE = "business-rule"
    NOT_SUPPORTED = "not-supported"
    NOT_FOUND = "not-found"


class ResourceRefused(Refused):
    """This resource cannot be taken in. ``at`` is the element, such as ``Invoice.lineItem[0]``."""

    default = m("This resource cannot be taken in.")

    def __init__(self, message: Message | None = None, *, issue: Issue, at: str, advice: Message = NOTHING) -> None:
        """Keep what is wrong where."""
        super().__init__(message, advice=advice)
        self.issue = issue
        self.at = at


def missing(at: str) -> ResourceRefused:
    """Return the error for an element that has to be there."""
    return ResourceRefused(m("{field} is missing.", field=at), issue=Issue.REQUIRED, at=at)


def not_readable(at: str) -> ResourceRefused:
    """Return the error for an element that does not hold what belongs there."""
    return ResourceRefused(m("{field} does not hold what belongs there.", field=at), issue=Issue.VALUE, at=at)
