"""The command ``cashier secret``: keep secrets in the system's keyring; never show one."""

from __future__ import annotations

import argparse
import sys

from cashier import settings
from cashier.errors import Refused
from cashier.keychain import Keychain, Secret, checked_stripe_key, split_webhook_secrets
from cashier.language import m, verbatim
from cashier.outbox.signing import read_secrets
from cashier.settings import Settings
from cashier.setup.placeholders import NAME
from cashier.setup.prompts import ask_secret

_NAMES = tuple(secret.value for secret in Secret)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``list`` and ``set NAME`` to ``parser``."""
    parser.usage = str(m("cashier secret [-h] [--settings FILE] list | set NAME"))
    parser.add_argument(
        "action", choices=("list", "set"), help=str(m("tell which there are and where from, or keep one"))
    )
    parser.add_argument(
        "name",
        nargs="?",
        choices=_NAMES,
        metavar=str(NAME),
        help=str(m("one of: {names}", names=", ".join(_NAMES))),
    )
    parser.epilog = str(m("The secret itself is asked for, or read as one line of input; it is never shown."))


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for.

    Raises ``Refused`` when no secret is named or it is none of that kind, ``Misconfigured`` when it cannot be kept.
    """
    keychain = Keychain()
    if arguments.action == "list":
        for secret in Secret:
            source = keychain.source_of(secret)
            place = source or m("is not there")
            sys.stdout.write(f"{secret.value:18} {place}\n")
        return 0
    if arguments.name is None:
        raise Refused(m("Which secret?"), advice=m("Name one of: {names}.", names=", ".join(_NAMES)))
    secret = Secret(arguments.name)
    value = ask_secret(verbatim(secret.value), repeat=False)
    _check(secret, value, settings.load(arguments.settings))
    keychain.store(secret, value)
    done = m("The {secret} is in the system's keyring now.", secret=secret.value)
    sys.stdout.write(f"{done}\n")
    return 0


def _check(secret: Secret, value: str, found: Settings) -> None:
    if secret is Secret.STRIPE_KEY:
        checked_stripe_key(value, found.stripe.mode)
    elif secret is Secret.WEBHOOK_SECRETS:
        split_webhook_secrets(value)
    elif secret is Secret.EVENT_SECRETS:
        read_secrets(value)
