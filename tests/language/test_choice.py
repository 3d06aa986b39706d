"""Which language is read: what an environment or a browser asks for, held against what there is."""

from __future__ import annotations

import pytest

from cashier.language import accepted_language, fixed_language, language_of_environment, offered_language


@pytest.mark.parametrize(
    ("code", "offered"),
    [
        ("es", "es"),
        ("es_ES.UTF-8", "es"),
        ("es-MX", "es_419"),
        ("es_419", "es_419"),
        ("es_Latn_AR@peso", "es_419"),
        ("EN-us", "en"),
        ("en_GB.UTF-8", "en"),
        ("de_DE", ""),
        ("C.UTF-8", ""),
        ("", ""),
        ("en_XA", "en"),
    ],
)
def test_a_country_is_served_by_the_file_that_is_nearest(code, offered):
    assert offered_language(code) == offered


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "es_ES.UTF-8"}, "es"),
        ({"LANG": "es_ES.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "es_ES.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "fi_FI.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "CASHIER_LANGUAGE": "es_419"}, "es_419"),
        ({"LANG": "es_ES.UTF-8", "CASHIER_LANGUAGE": "klingon"}, "es"),
        ({"CASHIER_LANGUAGE": "en_XA"}, "en_XA"),
    ],
)
def test_a_command_speaks_as_its_environment_does(environment, language):
    assert language_of_environment(environment) == language


def test_only_a_language_of_ours_is_fixed():
    assert fixed_language({"CASHIER_LANGUAGE": "es"}) == "es"
    assert not fixed_language({"CASHIER_LANGUAGE": "klingon"})
    assert not fixed_language({"LANG": "es"})


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("es-ES,es;q=0.9,en;q=0.8", "es"),
        ("de-DE,de;q=0.9,es-CO;q=0.5,en;q=0.3", "es_419"),
        ("en;q=0.3, es;q=0.7", "es"),
        ("es;q=0, en", "en"),
        ("fr", ""),
        ("*", ""),
        ("", ""),
        ("es;q=lots, en;q=0.1", "en"),
    ],
)
def test_a_browser_gets_what_it_likes_most_of_what_there_is(header, language):
    assert accepted_language(header) == language
