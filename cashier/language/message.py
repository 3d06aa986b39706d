"""What a person reads: a text, its values, and how both become words in one language."""

from __future__ import annotations

import logging
import string
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from cashier.language.catalogues import translation
from cashier.language.current import ENGLISH, current_language, speaking
from cashier.language.pseudo import PSEUDO

log = logging.getLogger(__name__)


class Message(ABC):
    """Words for a person. Frozen; equal messages say the same in every language.

    ``str(message)`` is read when it is painted, never kept: the language may change.
    """

    __slots__ = ()

    @abstractmethod
    def in_(self, language: str) -> str:
        """Return the words in ``language``; English where there is no translation."""

    @property
    def english(self) -> str:
        """The words for logs and for whoever helps from afar."""
        return self.in_(ENGLISH)

    def __str__(self) -> str:
        """Return the words in the language that is read now."""
        return self.in_(current_language())

    def __format__(self, format_spec: str) -> str:
        """Stand inside another text."""
        return format(str(self), format_spec)

    def __bool__(self) -> bool:
        """Tell whether there is anything to read."""
        return True


@dataclass(frozen=True, slots=True)
class _Sentence(Message):
    """A text that is translated as a whole, with named values."""

    source: str
    values: tuple[tuple[str, Any], ...] = ()
    context: str = ""
    plural: str = ""
    count: int = 1

    def in_(self, language: str) -> str:
        with speaking(language):
            try:
                return _FILL.vformat(translation(language).find(self), (), dict(self.values))
            except (KeyError, ValueError, IndexError):
                # A translator's slip must not stand between a cashier and what happened.
                log.exception("translation cannot be filled", extra={"language": language, "source": self.source})
                return _FILL.vformat(self._english_source(), (), dict(self.values))

    def _english_source(self) -> str:
        return self.plural if self.plural and self.count != 1 else self.source


@dataclass(frozen=True, slots=True)
class _Verbatim(Message):
    """Data: a name, a number, an amount. Amounts follow the language, names do not."""

    value: Any

    def in_(self, language: str) -> str:
        with speaking(language):
            return str(self.value)

    def __bool__(self) -> bool:
        return bool(self.value != "")


@dataclass(frozen=True, slots=True)
class _Joined(Message):
    """Several messages in a row with the same sign between them."""

    separator: str
    parts: tuple[Message, ...]

    def in_(self, language: str) -> str:
        return self.separator.join(part.in_(language) for part in self.parts)

    def __bool__(self) -> bool:
        return bool(self.parts)


@dataclass(frozen=True, slots=True)
class _Listed(Message):
    """An enumeration as the language writes it: “a, b and c”."""

    parts: tuple[Message, ...]
    style: Literal["standard", "or"]

    def in_(self, language: str) -> str:
        from babel.lists import format_list  # noqa: PLC0415 - few messages need it, and Babel takes its time

        return format_list([part.in_(language) for part in self.parts], style=self.style, locale=_babel(language))

    def __bool__(self) -> bool:
        return bool(self.parts)


@dataclass(frozen=True, slots=True)
class _Inside(Message):
    """Words that stand alone elsewhere, inside a sentence: their first letter is small."""

    words: Message

    def in_(self, language: str) -> str:
        said = self.words.in_(language)
        return said[:1].lower() + said[1:] if said[1:2].islower() else said


class _Filler(string.Formatter):
    """Puts values into a text by their names, and does nothing else that ``str.format`` could be talked into."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        """Find a value by its plain name. Raises ``KeyError`` for any other."""
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        """Write ``value`` as it stands. Raises ``ValueError`` where a format is asked for."""
        if format_spec:
            raise ValueError("values have no formats")
        return str(value)

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        """Refuse ``!r`` and the like. Raises ``ValueError``."""
        if conversion is not None:
            raise ValueError("values have no conversions")
        return value


_FILL = _Filler()


def m(source: str, /, **values: object) -> Message:
    """A sentence or word; ``{name}`` stands for a value: a message, an amount, a number, a name."""
    return _Sentence(source, tuple(values.items()))


def mc(context: str, source: str, /, **values: object) -> Message:
    """A word that means different things in different places: ``mc("of a payment", "Open")``."""
    return _Sentence(source, tuple(values.items()), context=context)


def mn(one: str, many: str, /, *, count: int, **values: object) -> Message:
    """A sentence about ``count`` things: ``mn("{count} invoice", "{count} invoices", count=3)``."""
    return _Sentence(one, (("count", count), *values.items()), plural=many, count=count)


def verbatim(value: object) -> Message:
    """Data that no translator changes: a name, a number, an address, an amount."""
    return _Verbatim(value)


def joined(separator: str, parts: Iterable[Message]) -> Message:
    """Several messages with ``separator`` (a sign, never a word) between them; empty ones are left out."""
    return _Joined(separator, tuple(part for part in parts if part))


def sentences(*parts: Message) -> Message:
    """Whole sentences after one another; empty ones are left out."""
    return joined(" ", parts)


def listed(parts: Iterable[Message], style: Literal["standard", "or"] = "standard") -> Message:
    """An enumeration: “a, b and c”, or “a, b or c”."""
    return _Listed(tuple(parts), style)


def inside(words: Message) -> Message:
    """Words that begin with a capital by themselves, for the middle of a sentence; abbreviations stay."""
    return _Inside(words)


def hiding(words: Message, *, shown: Collection[str]) -> Message:
    """The same words for somebody who may not read their values: “…” stands for all but those called as in ``shown``.

    Data by itself (``verbatim``) is hidden as a whole.
    """
    match words:
        case _Sentence():
            values = tuple((name, value if name in shown else _hidden(value, shown)) for name, value in words.values)
            return replace(words, values=values)
        case _Joined():
            return replace(words, parts=tuple(hiding(part, shown=shown) for part in words.parts))
        case _Listed():
            return replace(words, parts=tuple(hiding(part, shown=shown) for part in words.parts))
        case _Inside():
            return replace(words, words=hiding(words.words, shown=shown))
        case _:
            return _HIDDEN if words else words


def _hidden(value: object, shown: Collection[str]) -> Message:
    return hiding(value, shown=shown) if isinstance(value, Message) else _HIDDEN


NOTHING = verbatim("")
"""Nothing to read."""

_HIDDEN = verbatim("…")


def _babel(language: str) -> str:
    return "en_GB" if language in (ENGLISH, PSEUDO) else language
