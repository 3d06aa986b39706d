"""What the desk speaks: our own words, and Qt's in its dialogs, menus and dates.

What is on the screen already stays as it is; whoever changes the language builds it anew.
https://doc.qt.io/qt-6/internationalization.html
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from cashier.language import LANGUAGES, use_language

_NAME = "words_of_qt"


def speak(language: str) -> None:
    """Read all windows that are made from now on in ``language``. The application is there by now."""
    use_language(language)
    locale = locale_of(language)
    QLocale.setDefault(locale)
    application = QCoreApplication.instance()
    if application is None:
        return
    for earlier in application.findChildren(QTranslator, _NAME):
        application.removeTranslator(earlier)
        earlier.deleteLater()
    words = QTranslator(application)
    words.setObjectName(_NAME)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    # Qt's own words are English; where it has none of the language, they stay so.
    if locale.language() is not QLocale.Language.English and words.load(locale, "qtbase", "_", folder):
        application.installTranslator(words)


def locale_of(language: str) -> QLocale:
    """Return how Qt writes days in ``language``: day, month, year, and 24 hours, in English as well."""
    return QLocale(language if language in LANGUAGES and language != "en" else "en_GB")
