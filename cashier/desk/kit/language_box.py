"""A choice of language: each in its own words, so that everybody finds theirs in any other."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from cashier.language import LANGUAGES, Message, m, name_of_language


def language_box(name: str, *, default: Message | None = None) -> QComboBox:
    """Make a choice among all languages; with ``default`` also of none in particular, which stands for “”."""
    made = QComboBox()
    made.setObjectName(name)
    made.setAccessibleName(str(m("Language")))
    if default is not None:
        made.addItem(str(default), "")
    offer_languages(made)
    return made


def offer_languages(box: QComboBox) -> None:
    """Offer every language, each by what it calls itself: its file is read for that. Repeating it adds nothing."""
    for language in LANGUAGES:
        if box.findData(language) < 0:
            box.addItem(name_of_language(language), language)


def show_language(box: QComboBox, language: str) -> None:
    """Show ``language`` as the chosen one, also one that nobody is offered."""
    if box.findData(language) < 0:
        box.addItem(name_of_language(language), language)
    box.setCurrentIndex(box.findData(language))
