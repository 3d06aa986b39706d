"""Which language is read: what an environment, a browser or a person asks for, held against what there is."""

from __future__ import annotations

import os
from collections.abc import Mapping

from cashier.language.catalogues import LANGUAGES
from cashier.language.current import ENGLISH
from cashier.language.pseudo import PSEUDO

LANGUAGE_VARIABLE = "CASHIER_LANGUAGE"
"""Fixes the language of one process, whatever hospital and person have chosen; the pseudo-language is had only so."""

_EUROPEAN_SPANISH = frozenset({"", "ES", "EA", "IC", "GQ"})
"""Where Spanish is read as in Spain; everywhere else as in Latin America (CLDR's parent locales have it so)."""


def offered_language(code: str) -> str:
    """Return which of our languages serves ``code``, such as ``es_MX.UTF-8`` or ``es-mx``; empty for none."""
    name = code.partition(".")[0].partition("@")[0].replace("-", "_")
    language, _, rest = name.partition("_")
    # A script may stand before the region, as in ``es_Latn_MX``.
    language, region = language.lower(), rest.rpartition("_")[2].upper()
    if language == "es":
        return "es" if region in _EUROPEAN_SPANISH else "es_419"
    return next((each for each in (f"{language}_{region}", language) if each in LANGUAGES), "")


def fixed_language(environment: Mapping[str, str] = os.environ) -> str:
    """Return the language that ``CASHIER_LANGUAGE`` fixes for this process; empty where it fixes none of ours."""
    wanted = environment.get(LANGUAGE_VARIABLE, "")
    return PSEUDO if wanted == PSEUDO else offered_language(wanted)


def language_of_environment(environment: Mapping[str, str] = os.environ) -> str:
    """Return the language of whoever types a command: the fixed one, else the system's, else English.

    https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html#tag_08_02
    """
    system = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return fixed_language(environment) or offered_language(system) or ENGLISH


def accepted_language(header: str) -> str:
    """Return which of our languages a browser likes most, by its ``Accept-Language``; empty for none of them.

    https://www.rfc-editor.org/rfc/rfc9110#field.accept-language
    """
    wishes = []
    for wish in header.split(","):
        code, _, parameters = wish.strip().partition(";")
        wishes.append((_weight_of(parameters), offered_language(code.strip())))
    # Sorting is stable: of two that are liked alike, the first one.
    liked = sorted((wish for wish in wishes if wish[0] > 0 and wish[1]), key=lambda wish: -wish[0])
    return liked[0][1] if liked else ""


def _weight_of(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
