"""The command ``cashier secret``: keep secrets in the system's keyring; never show one."""

from __future__ import annotations

import argparse
import sys

from cashier import settings
from cashier.administration.prompts import ask_secret
from cashier.keychain import Keychain, Secret, checked_stripe_key, split_webhook_secrets
from cashier.settings import Settings

_NAMES = tuple(secret.value for secret in Secret)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``set NAME`` and ``list`` to ``parser``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="tell which secrets there are and where they come from")
    store = actions.add_parser(
        "set", help="keep a secret in the system's keyring; it is asked for, or read from input"
    )
    store.add_argument("name", choices=_NAMES, metavar="NAME", help=f"one of: {', '.join(_NAMES)}")


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for."""
    keychain = Keychain()
    if arguments.action == "list":
        for secret in Secret:
            source = keychain.source_of(secret)
            sys.stdout.write(f"{secret.value:18} {source or 'is not there'}\n")
        return 0
    secret = Secret(arguments.name)
    value = ask_secret(secret.value, repeat=False)
    _check(secret, value, settings.load(arguments.settings))
    keychain.store(secret, value)
    sys.stdout.write(f"The {secret.value} is in the system's keyring now.\n")
    return 0


def _check(secret: Secret, value: str, found: Settings) -> None:
    if secret is Secret.STRIPE_KEY:
        checked_stripe_key(value, found.stripe.mode)
    elif secret is Secret.WEBHOOK_SECRETS:
        split_webhook_secrets(value)
