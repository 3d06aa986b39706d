"""Asking at the terminal, or reading what was piped in."""

from __future__ import annotations

import getpass
import sys

from cashier.errors import Refused
from cashier.language import Message, m


def is_terminal() -> bool:
    """Tell whether somebody sits there who can be asked."""
    return sys.stdin.isatty()


def ask(question: Message, *, default: str = "") -> str:
    """Ask on the terminal until there is an answer; Enter alone takes the default where there is one."""
    while True:
        answer = input(f"{question}{f' [{default}]' if default else ''}: ").strip() or default
        if answer:
            return answer


def ask_secret(what: Message, *, repeat: bool) -> str:
    """Ask for a secret without showing it (twice with ``repeat``); without a terminal read one line of input.

    Raises ``Refused`` when there is none or both differ.
    """
    if not is_terminal():
        # What some programs pipe begins with a mark of its encoding.
        secret = sys.stdin.readline().lstrip("\ufeff").strip()
    else:
        secret = getpass.getpass(f"{what}: ").strip()
        once_more = m("{secret}, once more", secret=what)
        if repeat and secret != getpass.getpass(f"{once_more}: ").strip():
            raise Refused(
                m("The two entries of the {secret} differ.", secret=what), advice=m("Run the command again.")
            )
    if not secret:
        raise Refused(m("No {secret} was given.", secret=what), advice=m("Type it, or pipe it in on one line."))
    return secret
