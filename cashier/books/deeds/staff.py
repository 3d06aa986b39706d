"""Deeds about people who work here: who came, who may do what, and what was refused to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from cashier.books.deeds.deed import Deed, DeedKind, Subject

Presence: TypeAlias = Literal[
    DeedKind.SIGNED_IN,
    DeedKind.SIGNED_OUT,
    DeedKind.STEPPED_UP,
    DeedKind.DESK_LOCKED,
    DeedKind.DESK_UNLOCKED,
    DeedKind.PIN_CHANGE_ASKED_FOR,
    DeedKind.PIN_CHANGED,
]
NewPin: TypeAlias = Literal[DeedKind.STAFF_REACTIVATED, DeedKind.PIN_RESET]
StaffChange: TypeAlias = (
    NewPin
    | Literal[
        DeedKind.STAFF_RENAMED,
        DeedKind.STAFF_DEACTIVATED,
        DeedKind.STAFF_UNLOCKED,
        DeedKind.BADGE_GIVEN,
        DeedKind.BADGE_TAKEN_AWAY,
    ]
)
SignInTrouble: TypeAlias = Literal["wrong name or PIN", "locked", "locked now"]


@dataclass(frozen=True, kw_only=True)
class StaffDeed(Deed):
    """Somebody came or went, or something about them changed that needs no more words."""

    SUBJECT: ClassVar = Subject.STAFF
    KEY: ClassVar = "staff"

    kind: Presence | StaffChange
    staff: int


@dataclass(frozen=True, kw_only=True)
class StaffAdded(Deed):
    """Somebody new may sign in."""

    SUBJECT: ClassVar = Subject.STAFF
    KEY: ClassVar = "staff"

    kind: Literal[DeedKind.STAFF_ADDED] = DeedKind.STAFF_ADDED
    staff: int
    role: str


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
