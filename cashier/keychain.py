"""Secrets: the Stripe key, webhook signing secrets and the database password.

Read from the environment, a credentials folder (such as systemd's ``LoadCredential=``) or the system's
keyring, in this order. Nothing here logs, prints or stores a secret anywhere else.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Literal

import keyring
import keyring.errors

from cashier.errors import Misconfigured, why_not
from cashier.language import Message, m

_SERVICE = "cashier"
_KEY_LENGTH_MAX = 500
"""Stripe's keys have about a hundred characters, and no request has room for a file."""


class Secret(StrEnum):
    """The secrets there are; the value is the name in the keyring and in the credentials folder."""

    STRIPE_KEY = "stripe-key"
    WEBHOOK_SECRETS = "webhook-secrets"
    EVENT_SECRETS = "event-secrets"
    METRICS_TOKEN = "metrics-token"  # noqa: S105 - a name, not a token
    DATABASE_PASSWORD = "database-password"  # noqa: S105 - a name, not a password

    @property
    def variable(self) -> str:
        """The environment variable that holds it on a server, such as ``CASHIER_STRIPE_KEY``."""
        return "CASHIER_" + self.value.replace("-", "_").upper()


class Keychain:
    """Finds secrets in the environment, the credentials folder and the system's keyring."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Look in ``environment`` first; ``CREDENTIALS_DIRECTORY`` there names the credentials folder."""
        self._environment = environment

    def find(self, secret: Secret) -> str | None:
        """Return the secret without surrounding blanks, or None where it is nowhere.

        Raises ``Misconfigured`` when the credentials folder can be read by everybody or the keyring refuses.
        """
        return self._look(secret)[0]

    def source_of(self, secret: Secret) -> Message | None:
        """Name the place where the secret is found, or None where it is nowhere."""
        return self._look(secret)[1]

    def _look(self, secret: Secret) -> tuple[str, Message] | tuple[None, None]:
        if value := self._environment.get(secret.variable, "").strip():
            return value, m("environment ({variable})", variable=secret.variable)
        if folder := self._environment.get("CREDENTIALS_DIRECTORY"):
            path = Path(folder) / secret.value
            if credential := _read_credential(path):
                return credential, m("credentials folder ({path})", path=path)
        try:
            with _failing_as_keyrings_do():
                kept = str(keyring.get_password(_SERVICE, secret.value) or "").strip()
        except keyring.errors.NoKeyringError:
            return None, None
        except keyring.errors.KeyringError as error:
            raise Misconfigured(
                m(
                    "The system's keyring did not give the {secret}: {reason}.",
                    secret=secret.value,
                    reason=str(error),
                ),
                advice=m("Unlock the keyring (sign in to the desktop again) and try once more."),
            ) from None
        return (kept, m("system's keyring")) if kept else (None, None)

    def store(self, secret: Secret, value: str) -> None:
        """Keep ``value`` in the system's keyring, replacing an earlier one, and read it back.

        Raises ``Misconfigured`` where there is no keyring, or one that does not take it or keeps nothing.
        """
        value = value.strip()
        try:
            with _failing_as_keyrings_do():
                keyring.set_password(_SERVICE, secret.value, value)
                kept = keyring.get_password(_SERVICE, secret.value)
        except keyring.errors.NoKeyringError:
            raise Misconfigured(
                m("This machine has no keyring."),
                advice=m("Set {variable} in the environment, or use a credentials folder.", variable=secret.variable),
            ) from None
        except keyring.errors.KeyringError as error:
            raise Misconfigured(
                m(
                    "The system's keyring did not take the {secret}: {reason}.",
                    secret=secret.value,
                    reason=str(error),
                ),
                advice=m(
                    "On a server without a keyring set {variable} or use a credentials folder.",
                    variable=secret.variable,
                ),
            ) from None
        if kept != value:
            # Such as the one that “keyring --disable” sets, which takes everything.
            raise Misconfigured(
                m(
                    "This machine's keyring keeps nothing ({backend}).",
                    backend=type(keyring.get_keyring()).__module__,
                ),
                advice=m(
                    "Choose another one for this account (keyring --list-backends), set {variable} in the "
                    "environment, or use a credentials folder.",
                    variable=secret.variable,
                ),
            )


@contextlib.contextmanager
def _failing_as_keyrings_do() -> Iterator[None]:
    """Raise ``KeyringError`` for whatever a keyring raises: some let through what their desktop's bus tells them."""
    try:
        yield
    except keyring.errors.KeyringError:
        raise
    except Exception as error:
        # Its kind alone, for nobody knows whether its words repeat the secret.
        raise keyring.errors.KeyringError(type(error).__name__) from None


def _read_credential(path: Path) -> str | None:
    try:
        mode = path.stat().st_mode
        if mode & 0o007:
            raise Misconfigured(
                m("The credential {path} can be read by everybody.", path=path),
                advice=m("Run: chmod o-rwx {path}", path=path),
            )
        # Some editors begin a file with a mark of its encoding, which is no part of the secret.
        text = path.read_text(encoding="utf-8-sig").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Misconfigured(
            m("The credential {path} cannot be read: {reason}.", path=path, reason=why_not(error)),
            advice=m("Give this account the right to read it."),
        ) from None
    except UnicodeDecodeError:
        raise _is_no_text(path) from None
    if "\0" in text:
        raise _is_no_text(path)
    return text


def _is_no_text(path: Path) -> Misconfigured:
    return Misconfigured(
        m("The credential {path} is not text in UTF-8.", path=path),
        advice=m("Write it anew as UTF-8; PowerShell's > writes UTF-16, Set-Content -Encoding ascii does not."),
    )


def checked_stripe_key(key: str | None, mode: Literal["test", "live"]) -> str:
    """Return ``key`` when it is a secret or restricted key of ``mode``; raise ``Misconfigured`` otherwise.

    https://docs.stripe.com/keys
    """
    if not key:
        raise Misconfigured(
            m("There is no Stripe key."),
            advice=m("Store one with: cashier secret set stripe-key (a restricted key is enough)."),
        )
    if key.startswith("pk_"):
        raise Misconfigured(
            m("The Stripe key is a publishable key (pk_…)."),
            advice=m("Store the restricted (rk_…) or secret key (sk_…) instead."),
        )
    if key.startswith("whsec_"):
        raise Misconfigured(
            m("The Stripe key is a webhook signing secret (whsec_…)."),
            advice=m("Store the restricted (rk_…) key instead."),
        )
    form = re.fullmatch(r"(?:sk|rk)_(test|live)_\w{3,}", key, flags=re.ASCII)
    if form is None or len(key) > _KEY_LENGTH_MAX:
        raise Misconfigured(
            m("The Stripe key is not in Stripe's form."), advice=m("Copy it again; it begins with rk_ or sk_.")
        )
    if form.group(1) != mode:
        raise _other_mode(mode)
    return key


def check_publishable_key(key: str, mode: Literal["test", "live"]) -> None:
    """Raise ``Misconfigured`` unless ``key`` is empty or a publishable one of ``mode``: payers' browsers get it.

    https://docs.stripe.com/keys
    """
    if key and not re.fullmatch(rf"pk_{mode}_\w{{3,}}", key, flags=re.ASCII):
        raise Misconfigured(
            m("stripe.publishable_key is no publishable key of {mode} mode.", mode=mode),
            advice=m(
                "Copy the key that begins with pk_{mode}_. If a secret key stood there, roll it at Stripe: payers' "
                "browsers may have it.",
                mode=mode,
            ),
        )


def _other_mode(mode: Literal["test", "live"]) -> Misconfigured:
    """Return the refusal of a key that is not of this installation's ``mode``."""
    if mode == "test":
        return Misconfigured(
            m("The Stripe key is a live key, but this installation runs in test mode."),
            advice=m("Store a test key, or set stripe.mode to live if that is what you want."),
        )
    return Misconfigured(
        m("The Stripe key is a test key, but this installation runs in live mode."),
        advice=m("Store a live key, or set stripe.mode to test if that is what you want."),
    )


def split_webhook_secrets(text: str | None) -> tuple[str, ...]:
    """Read one or several signing secrets (several while one is being rolled), separated by commas or spaces.

    Raises ``Misconfigured`` when there is none or one is not in Stripe's form.
    """
    found = tuple(re.split(r"[\s,]+", text.strip())) if text and text.strip() else ()
    if not found:
        raise Misconfigured(
            m("There is no webhook signing secret."),
            advice=m("Store it with: cashier secret set webhook-secrets (whsec_…)."),
        )
    if not all(re.fullmatch(r"whsec_\w+", each, flags=re.ASCII) for each in found):
        raise Misconfigured(
            m("A webhook signing secret is not in Stripe's form."),
            advice=m("Copy it again; it begins with whsec_."),
        )
    return found
