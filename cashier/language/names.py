"""What languages call themselves."""

from __future__ import annotations

from cashier.language.catalogues import LANGUAGES
from cashier.language.current import ENGLISH
from cashier.language.message import mc

# NOTE: The name of the language of this file, in its own words: people choose it by that name.
_NAME = mc("the language of this file", "English")


def name_of_language(language: str) -> str:
    """Return what ``language`` calls itself; its code where it is not offered, or its file does not say."""
    name = _NAME.in_(language)
    return language if language not in LANGUAGES or (language != ENGLISH and name == _NAME.english) else name
