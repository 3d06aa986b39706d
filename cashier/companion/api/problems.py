"""What the API says when it does not do what was asked: problem details with stable types.

https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import msgspec

from cashier.asked_again.doubt import DoubtCode, Doubtful
from cashier.errors import CashierError, Misconfigured, Refused, Unreachable
from cashier.invoices.changes import FieldRefused
from cashier.invoices.versions import ChangedMeanwhile
from cashier.language import Message, m
from cashier.payments.views import InvoiceHeld

MEDIA_TYPE = "application/problem+json"
TYPE_BASE = "/api/v1/problems/"


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """The last part of a problem's address, its HTTP status and its title."""

    slug: str
    status: int
    title: Message


class ProblemKind(Enum):
    """Every kind of problem; the slugs are part of the contract and never change."""

    MALFORMED = _Kind(slug="malformed", status=400, title=m("The request cannot be read"))
    UNAUTHENTICATED = _Kind(slug="unauthenticated", status=401, title=m("A valid key is needed"))
    FORBIDDEN = _Kind(slug="forbidden", status=403, title=m("The key does not allow this"))
    NOT_FOUND = _Kind(slug="not-found", status=404, title=m("There is no such thing here"))
    METHOD_NOT_ALLOWED = _Kind(slug="method-not-allowed", status=405, title=m("This cannot be done with it"))
    NOT_ACCEPTABLE = _Kind(slug="not-acceptable", status=406, title=m("It does not exist in that form"))
    INVOICE_HELD = _Kind(slug="invoice-held", status=409, title=m("Another payment of this invoice is under way"))
    SAME_PAID_JUST_NOW = _Kind(slug="same-paid-just-now", status=409, title=m("The same was paid a moment ago"))
    HARDLY_MEANT = _Kind(slug="hardly-meant", status=409, title=m("So much is hardly ever meant"))
    REFUSED = _Kind(slug="refused", status=409, title=m("This cannot be done now"))
    CHANGED_MEANWHILE = _Kind(slug="changed-meanwhile", status=412, title=m("It is another version by now"))
    TOO_LARGE = _Kind(slug="too-large", status=413, title=m("The request is too large"))
    UNSUPPORTED_MEDIA_TYPE = _Kind(slug="unsupported-media-type", status=415, title=m("The request is not JSON"))
    INVALID = _Kind(slug="invalid", status=422, title=m("A field is not as it should be"))
    KEY_REUSED = _Kind(
        slug="idempotency-key-reused", status=422, title=m("This Idempotency-Key was used for something else")
    )
    TOO_MANY_REQUESTS = _Kind(slug="too-many-requests", status=429, title=m("Too many requests"))
    UNEXPECTED = _Kind(slug="unexpected", status=500, title=m("This should not have happened"))
    OUTCOME_UNKNOWN = _Kind(slug="outcome-unknown", status=503, title=m("The outcome is not known yet"))
    UNAVAILABLE = _Kind(slug="unavailable", status=503, title=m("Something that is needed does not answer"))

    @property
    def slug(self) -> str:
        """The last part of its address."""
        return self.value.slug

    @property
    def status(self) -> int:
        """Its HTTP status."""
        return self.value.status

    @property
    def title(self) -> Message:
        """What all problems of this kind have in common."""
        return self.value.title


class FieldError(msgspec.Struct, frozen=True, kw_only=True):
    """One field that is not as it should be, by its JSON pointer; “#/…” is in the body, “?…” in the address."""

    pointer: str
    detail: str


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem: its kind (`type`, an address that never changes), and what happened this time."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: tuple[FieldError, ...] = ()
    held_since: str | None = None
    held_by: str | None = None


class Problem(Exception):  # noqa: N818 - the name of the standard
    """Ends a request with a problem. ``fields`` are JSON pointers with what is wrong there."""

    def __init__(
        self,
        kind: ProblemKind,
        detail: Message,
        *,
        fields: Sequence[tuple[str, Message]] = (),
        held_since: str | None = None,
        held_by: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what is said."""
        self.kind, self.detail, self.fields = kind, detail, tuple(fields)
        self.held_since, self.held_by = held_since, held_by
        self.headers = dict(headers or {})
        super().__init__(f"{kind.slug}: {detail.english}")

    def body(self, language: str, *, instance: str) -> bytes:
        """Write it in ``language``; ``instance`` is the reference under which the log has it."""
        return msgspec.json.encode(self.details(language, instance=instance))

    def details(self, language: str, *, instance: str) -> ProblemDetails:
        """Return what is told of it in ``language``."""
        return ProblemDetails(
            type=f"{TYPE_BASE}{self.kind.slug}",
            title=self.kind.title.in_(language),
            status=self.kind.status,
            detail=self.detail.in_(language),
            instance=instance,
            errors=tuple(FieldError(pointer=at, detail=what.in_(language)) for at, what in self.fields),
            held_since=self.held_since,
            held_by=self.held_by,
        )


def problem_of(error: CashierError, *, names_desk: bool) -> Problem:
    """Say what one of our errors means to a caller. The desk that holds an invoice is named where ``names_desk``.

    People are never named: what is answered may end on a patient's screen.
    """
    match error:
        case InvoiceHeld():
            return Problem(
                ProblemKind.INVOICE_HELD,
                m("A payment of this invoice is under way elsewhere. Try again when it is finished."),
                held_since=error.since.isoformat(timespec="seconds"),
                held_by=error.desk if names_desk else None,
                headers={"Retry-After": "30"},
            )
        case Doubtful() if all(doubt.code is not DoubtCode.SAME_AGAIN for doubt in error.doubts):
            return Problem(ProblemKind.HARDLY_MEANT, error.message)
        case Doubtful():
            return Problem(
                ProblemKind.SAME_PAID_JUST_NOW,
                m("The patient paid the same amount a moment ago, or is paying it. To pay again, send pay_again."),
            )
        case ChangedMeanwhile():
            return Problem(ProblemKind.CHANGED_MEANWHILE, error.words)
        case FieldRefused():
            return Problem(
                ProblemKind.INVALID,
                error.words,
                fields=[(pointer_of(error.place, number_at="?number"), error.message)],
            )
        case Misconfigured():
            return Problem(ProblemKind.UNAVAILABLE, error.words, headers={"Retry-After": "60"})
        case Refused():
            return Problem(ProblemKind.REFUSED, error.words)
        case Unreachable():
            return Problem(ProblemKind.UNAVAILABLE, error.words, headers={"Retry-After": "5"})
        case _:
            return Problem(ProblemKind.REFUSED, error.words)


def pointer_of(place: str, *, number_at: str = "#/number") -> str:
    """Return the JSON pointer of ``lines[0].tax_minor``; an invoice's number may stand in its address."""
    if place == "number":
        return number_at
    return "#/" + place.replace("[", "/").replace("].", "/")


def new_instance() -> str:
    """Return a reference for one problem, to be found in the log."""
    return f"urn:uuid:{uuid.uuid4()}"
