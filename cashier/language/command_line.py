"""The words of Python's own command-line parser: the frame of every ``--help``, and what it says of wrong options.

``argparse`` looks its texts up by the name ``_``, which is gettext's there and knows no files of ours.
https://docs.python.org/3/library/argparse.html
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from cashier.language.message import Message, m

_TEXTS: Mapping[str, Message] = {
    text.english: text
    for text in (
        m("usage: "),
        m("positional arguments"),
        m("options"),
        m("show this help message and exit"),
        m("%(prog)s: error: %(message)s\n"),
        m("argument %(argument_name)s: %(message)s"),
        m("the following arguments are required: %s"),
        m("unrecognized arguments: %s"),
        m("ambiguous option: %(option)s could match %(matches)s"),
        m("ignored explicit argument %r"),
        m("not allowed with argument %s"),
        m("expected one argument"),
        m("invalid %(type)s value: %(value)r"),
        m("invalid choice: %(value)r (choose from %(choices)s)"),
    )
}


def translate_argparse() -> None:
    """Let ``argparse`` speak the language that is read when it speaks. Safe to repeat."""
    argparse._ = _translated  # type: ignore[attr-defined]  # where it looks its texts up


def _translated(text: str) -> str:
    return str(_TEXTS.get(text, text))
