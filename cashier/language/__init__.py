"""Words in the reader's language: the one door to gettext and Babel.

What a person reads is a ``Message``: a text that is its own key, and values that are formatted late. ``str(message)``
is it in the language of whoever reads now, ``message.english`` is it for the log, ``message.in_("es")`` for a paper::

    raise Refused(m("{amount} is too large.", amount=amount), advice=m("Charge at most {most} at a time.", most=most))

``m`` marks a text, ``mc`` one whose meaning depends on where it stands, ``mn`` one with a plural, ``verbatim`` data
that is the same in every language, ``number`` a whole number. Texts are literals, or the translators' files would
miss them; a test says so.
"""

from __future__ import annotations

from cashier.language.catalogues import LANGUAGES
from cashier.language.choice import accepted_language, fixed_language, language_of_environment, offered_language
from cashier.language.current import ENGLISH, current_language, speaking, use_language
from cashier.language.message import NOTHING, Message, hiding, inside, joined, listed, m, mc, mn, sentences, verbatim
from cashier.language.names import name_of_language
from cashier.language.number_style import use_locale
from cashier.language.numbers import number, roughly

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "NOTHING",
    "Message",
    "accepted_language",
    "current_language",
    "fixed_language",
    "hiding",
    "inside",
    "joined",
    "language_of_environment",
    "listed",
    "m",
    "mc",
    "mn",
    "name_of_language",
    "number",
    "offered_language",
    "roughly",
    "sentences",
    "speaking",
    "use_language",
    "use_locale",
    "verbatim",
]
