"""What does not fit: one finding a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


class Unreadable(Exception):  # noqa: N818 - it says what the books are
    """The books, or anchors, cannot be read; the text says why and what to do."""


@dataclass(frozen=True)
class Finding:
    """Something that does not fit. ``rule`` is what is broken, as in the auditor's page of the documents."""

    rule: str
    text: str

    def __str__(self) -> str:
        """Write the line of a report."""
        return f"{self.rule}: {self.text}"


Findings: TypeAlias = Iterator[Finding]
