"""The translators' files: one a language in ``resources/locale``, and a regional one above it where words differ."""

from __future__ import annotations

import functools
import gettext
import io
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cashier.language.current import ENGLISH
from cashier.language.pseudo import PSEUDO, lengthened
from cashier.resources import RESOURCES

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

log = logging.getLogger(__name__)

LOCALE_FOLDER = RESOURCES / "locale"

LANGUAGES = (ENGLISH, *sorted({file.stem for pattern in ("*.po", "*.mo") for file in LOCALE_FOLDER.glob(pattern)}))
"""What a person can choose: English, and every language that has a file."""


class Translatable(Protocol):
    """What is looked up: see ``message``."""

    @property
    def source(self) -> str:
        """The English text, which is the key."""

    @property
    def context(self) -> str:
        """What tells two meanings of one text apart; empty for most."""

    @property
    def plural(self) -> str:
        """The English text for several; empty where there is no number."""

    @property
    def count(self) -> int:
        """How many."""


class Translation:
    """The texts of one language; English where its files have none."""

    def __init__(self, texts: gettext.NullTranslations, *, is_pseudo: bool = False) -> None:
        """Look up in ``texts``, and lengthen what is found for the pseudo-language."""
        self._texts = texts
        self._is_pseudo = is_pseudo

    def find(self, message: Translatable) -> str:
        """Return the text of ``message``, its values not filled in."""
        texts, source, context = self._texts, message.source, message.context
        if message.plural:
            found = texts.ngettext(source, message.plural, message.count)
        else:
            found = texts.pgettext(context, source) if context else texts.gettext(source) if source else ""
        return lengthened(found) if self._is_pseudo else found


@functools.cache
def translation(language: str) -> Translation:
    """Return the texts of ``language``. One without a file, or with a damaged one, is read in English."""
    if language in (ENGLISH, PSEUDO):
        return Translation(gettext.NullTranslations(), is_pseudo=language == PSEUDO)
    texts = _texts_of(language)
    base = language.partition("_")[0]
    if base != language:
        texts.add_fallback(_texts_of(base))
    return Translation(texts)


def _texts_of(language: str) -> gettext.NullTranslations:
    try:
        return _read_texts(language)
    except Exception:
        # A damaged file breaks in many ways, and none of them may stand between a cashier and the desk.
        log.exception("language cannot be read", extra={"language": language})
        return gettext.NullTranslations()


def _read_texts(language: str) -> gettext.NullTranslations:
    compiled, written = LOCALE_FOLDER / f"{language}.mo", LOCALE_FOLDER / f"{language}.po"
    if compiled.is_file() and not (written.is_file() and written.stat().st_mtime > compiled.stat().st_mtime):
        with compiled.open("rb") as file:
            return gettext.GNUTranslations(file)
    if not written.is_file():
        return gettext.NullTranslations()
    return gettext.GNUTranslations(io.BytesIO(compiled_texts(read_catalogue(written))))


def read_catalogue(file: Path) -> Catalog:
    """Read a translator's file. Raises ``PoFileError`` where it is broken."""
    from babel.messages.pofile import read_po  # noqa: PLC0415 - a checkout reads them, an installed program does not

    with file.open("rb") as opened:
        return read_po(opened, locale=file.stem, abort_invalid=True)


def compiled_texts(catalogue: Catalog) -> bytes:
    """Return ``catalogue`` as gettext reads it."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415

    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()
