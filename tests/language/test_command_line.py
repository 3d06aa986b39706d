"""The frame of every help speaks the language that is read."""

from __future__ import annotations

import argparse

import pytest

from cashier.language import speaking
from cashier.language.command_line import translate_argparse
from cashier.language.pseudo import PSEUDO


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    """A parser of Python's own, with one option and one argument."""
    translate_argparse()
    made = argparse.ArgumentParser(prog="cashier")
    made.add_argument("file")
    made.add_argument("--port", type=int)
    return made


def test_the_frame_of_a_help_is_english_as_ever_unless_another_language_is_read(parser):
    help_text = parser.format_help()

    assert help_text.startswith("usage: cashier [-h] [--port PORT] file\n")
    assert "show this help message and exit" in help_text


def test_the_frame_of_a_help_follows_the_language(parser):
    with speaking(PSEUDO):
        help_text = parser.format_help()

    assert help_text.startswith("[úšágé:")


def test_what_is_wrong_with_an_option_follows_the_language_and_names_it(parser, capsys):
    with speaking(PSEUDO), pytest.raises(SystemExit):
        parser.parse_args(["--port", "many", "here"])

    errors = capsys.readouterr().err
    assert "'many'" in errors
    assert "--port" in errors
    assert "invalid int value" not in errors
