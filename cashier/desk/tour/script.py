"""Scripts: generators that act, and yield what they wait for. Nothing sleeps, nothing runs a loop of its own."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

WAIT_SECONDS_MAX = 10.0

T = TypeVar("T")


@dataclass(frozen=True)
class Wait:
    """Go on once ``is_met`` returns True; give up after ``seconds``, saying that ``what`` did not come."""

    what: str
    is_met: Callable[[], bool]
    seconds: float = WAIT_SECONDS_MAX


Script = Generator[Wait, None, None]
"""Acts between its waits; may be put together from others by ``yield from``."""

Answering = Generator[Wait, None, T]
"""A script that comes back with a value."""


class ScriptFailed(Exception):  # noqa: N818 - named by what happened to the script
    """What was waited for did not come, or is not as it must be."""


def check(what: str, is_true: object) -> None:
    """Raise ``ScriptFailed`` unless ``is_true``."""
    if not is_true:
        raise ScriptFailed(f"not so: {what}")
