"""What stays of what was typed when the first step is shown once more."""

from __future__ import annotations

from enum import Enum, auto

from cashier.desk.paying.payment_actions import Action
from cashier.desk.paying.payment_faces import Face

_TO_BE_CORRECTED = (Face.DOUBTED, Face.REFUSED)


class Kept(Enum):
    """Less and less is left out."""

    NOTHING = auto()
    """A part is paid, and what was typed was for that."""
    TYPED = auto()
    """Another way is wanted for the same."""
    TYPED_AND_WAY = auto()
    """Something of it is to be corrected."""


def kept_after(face: Face, action: Action) -> Kept:
    """Return what stays when ``action`` leads back from ``face``."""
    if action is Action.TAKE_REST:
        return Kept.NOTHING
    return Kept.TYPED_AND_WAY if face in _TO_BE_CORRECTED else Kept.TYPED
