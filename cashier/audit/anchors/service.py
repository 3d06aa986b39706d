"""All places that the journal's head is told to."""

from __future__ import annotations

from dataclasses import dataclass

from cashier.audit.anchors.elsewhere import Elsewhere
from cashier.audit.anchors.notary import Notary
from cashier.language import Message


@dataclass(frozen=True, kw_only=True)
class Anchors:
    """The notary at Stripe, and the places that the settings name."""

    notary: Notary
    elsewhere: Elsewhere

    @property
    def trouble(self) -> Message | None:
        """What is wrong with one of them, the notary first; None as far as is known."""
        return self.notary.trouble or self.elsewhere.trouble
