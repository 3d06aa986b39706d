"""Which language is read now: one for the process, and another where a block asks for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

ENGLISH = "en"


@dataclass
class _Process:
    language: str = ENGLISH
    locale: str = ""


_process = _Process()
_spoken: ContextVar[str] = ContextVar("spoken")


def current_language() -> str:
    """The language that messages are read in now, such as ``en``, ``es`` or ``es_419``."""
    return _spoken.get(_process.language)


def current_locale() -> str:
    """How amounts are written and read now: as this machine's settings have it, else as the language does."""
    return _process.locale or current_language()


def use_language(language: str) -> None:
    """Read all messages of this process in ``language`` from now on; what is on the screen has to be built anew."""
    _process.language = language


def keep_locale(locale: str) -> None:
    """Write and read amounts as in ``locale`` in every language; ``number_style.use_locale`` checks it first."""
    _process.locale = locale


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Read messages in ``language`` inside the block: for a paper, a page or a request of somebody else."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)
