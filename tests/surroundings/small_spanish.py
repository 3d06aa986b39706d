"""A Spanish of a few texts, so that tests of the machinery do not hang on what translators write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from cashier.language import catalogues

_HEAD = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Language: es\n"
"Plural-Forms: nplurals=2; plural=n != 1;\n"

msgctxt "the language of this file"
msgid "English"
msgstr "Español (España)"
"""


def spoken(folder: Path, texts: Mapping[str, str]) -> Iterator[None]:
    """Have the ``texts`` (English to Spanish), written to ``folder``, for all the Spanish there is."""
    entries = (
        f"\nmsgid {json.dumps(english, ensure_ascii=False)}\nmsgstr {json.dumps(spanish, ensure_ascii=False)}\n"
        for english, spanish in texts.items()
    )
    (folder / "es.po").write_text(_HEAD + "".join(entries), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogues, "LOCALE_FOLDER", folder)
        catalogues.translation.cache_clear()
        yield
    catalogues.translation.cache_clear()
