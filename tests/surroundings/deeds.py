"""Deeds that no program of today knows: what a newer one, or a test, writes into the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cashier.books.deeds.deed import Deed


@dataclass(frozen=True, kw_only=True)
class StrangeDeed(Deed):
    """A deed with any action, subject and facts."""

    kind: Any
    about: Any = "desk"
    about_id: object = 1
    told: Mapping[str, object] = field(default_factory=dict)

    @property
    def subject(self) -> Any:
        """What it is about."""
        return self.about

    @property
    def subject_id(self) -> str:
        """Which of them."""
        return str(self.about_id)

    @property
    def facts(self) -> dict[str, object]:
        """All that is told."""
        return dict(self.told)
