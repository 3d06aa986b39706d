"""Deeds about people who work here: who came, who may do what, and what was refused to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from cashier.books.deeds.deed import Deed, DeedKind, Subject, digest_of

Presence: TypeAlias = Literal[
    DeedKind.SIGNED_IN,
    DeedKind.SIGNED_OUT,
    DeedKind.STEPPED_UP,
    DeedKind.DESK_LOCKED,
    DeedKind.DESK_UNLOCKED,
    DeedKind.PIN_CHANGE_ASKED_FOR,
]
NewPin: TypeAlias = Literal[
    DeedKind.STAFF_REACTIVATED, DeedKind.PIN_RESET, DeedKind.PIN_CHANGED, DeedKind.PIN_HASHED_ANEW
]
StaffChange: TypeAlias = Literal[
    DeedKind.STAFF_RENAMED, DeedKind.STAFF_DEACTIVATED, DeedKind.STAFF_UNLOCKED, DeedKind.BADGE_TAKEN_AWAY
]
SignInTrouble: TypeAlias = Literal["wrong name or PIN", "locked", "locked now"]


@dataclass(frozen=True, kw_only=True)
class StaffDeed(Deed):
    """Somebody came or went, or something about them changed that needs no more words."""

    SUBJECT: ClassVar = Subject.STAFF
    KEY: ClassVar = "staff"

    kind: Presence | StaffChange
    staff: int


_DIGITS = 16
"""So many digits of a digest are enough to tell one from another, and too few to guess anything by."""


def mark_of(kept: str) -> str:
    """Return by what an auditor recognises a PIN's hash or a badge's digest: a digest of it, never the thing."""
    return digest_of(kept)[:_DIGITS]


@dataclass(frozen=True, kw_only=True)
class PinSet(Deed):
    """Somebody's PIN is another one, or the same is hashed otherwise; ``pin`` is the ``mark_of`` what is kept."""

    SUBJECT: ClassVar = Subject.STAFF
    KEY: ClassVar = "staff"

    kind: NewPin
    staff: int
    pin: str


@dataclass(frozen=True, kw_only=True)
class BadgeGiven(Deed):
    """Somebody signs in with this badge from now on; ``badge`` is the ``mark_of`` what is kept of it."""

    SUBJECT: ClassVar = Subject.STAFF
    KEY: ClassVar = "staff"

    kind: Literal[DeedKind.BADGE_GIVEN] = DeedKind.BADGE_GIVEN
    staff: int
    badge: str


@dataclass(frozen=True, kw_only=True)
class StaffAdded(Deed):
    """Somebody new may sign in; ``pin`` is the ``mark_of`` what is kept of the first PIN."""

    SUBJECT: ClassVar = Subject.STAFF
    KEY: ClassVar = "staff"

    kind: Literal[DeedKind.STAFF_ADDED] = DeedKind.STAFF_ADDED
    staff: int
    role: str
    pin: str


@dataclass(frozen=True, kw_only=True)
class RoleChanged(Deed):
    """Somebody may do other things from now on."""

    SUBJECT: ClassVar = Subject.STAFF
    KEY: ClassVar = "staff"

    kind: Literal[DeedKind.ROLE_CHANGED] = DeedKind.ROLE_CHANGED
    staff: int
    before: str
    role: str


@dataclass(frozen=True, kw_only=True)
class LanguageChosen(Deed):
    """Somebody reads another language from now on; an empty one is the hospital's."""

    SUBJECT: ClassVar = Subject.STAFF
    KEY: ClassVar = "staff"

    kind: Literal[DeedKind.LANGUAGE_CHOSEN] = DeedKind.LANGUAGE_CHOSEN
    staff: int
    language: str


@dataclass(frozen=True, kw_only=True)
class SignInRefused(Deed):
    """Somebody could not sign in. ``staff`` is unknown where nobody has the name.

    What was typed for a name is never written down: it may be a PIN in the wrong field.
    """

    SUBJECT: ClassVar = Subject.STAFF
    KEY: ClassVar = "staff"

    kind: Literal[DeedKind.SIGN_IN_REFUSED] = DeedKind.SIGN_IN_REFUSED
    staff: int | Literal["unknown"]
    why: SignInTrouble


@dataclass(frozen=True, kw_only=True)
class Refusal(Deed):
    """Somebody wanted to do what they may not. ``about`` and ``about_id`` say to what; ``wanted`` is the right."""

    kind: Literal[DeedKind.REFUSED] = DeedKind.REFUSED
    about: Subject
    about_id: str
    wanted: str

    @property
    def subject(self) -> Subject:
        """What it was about."""
        return self.about

    @property
    def subject_id(self) -> str:
        """Which of them."""
        return self.about_id

    @property
    def facts(self) -> dict[str, object]:
        """Say what was wanted."""
        return {"wanted": self.wanted}
