"""Signatures in the form of Standard Webhooks 1.0, and the secrets for them.

Each endpoint has secrets of its own: whoever knows one cannot make up messages for another. While one is being rolled
there are two, and a message carries a signature by each.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from cashier.errors import Misconfigured
from cashier.keychain import Keychain, Secret
from cashier.language import m

_PREFIX = "whsec_"
_NEW_BYTES = 32
_BYTES = range(24, 65)
NAME_FORM = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""How an endpoint may be called, so that its secrets can be named in one line."""


def new_secret() -> str:
    """Make a secret, as it is kept and as the other system is given it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_NEW_BYTES)).decode()


def signature(secrets_of_endpoint: Sequence[str], event_id: str, at: datetime, body: bytes) -> str:
    """Sign a message that is sent at ``at``: ``v1,…`` for each secret, separated by blanks."""
    content = b".".join([event_id.encode(), str(int(at.timestamp())).encode(), body])
    return " ".join(
        "v1," + base64.b64encode(hmac.digest(_bytes_of(secret), content, hashlib.sha256)).decode()
        for secret in secrets_of_endpoint
    )


def secrets_in(keychain: Keychain) -> Mapping[str, tuple[str, ...]]:
    """Return the secrets of each endpoint, by its name. Raises as ``read_secrets``; empty where there are none."""
    found = keychain.find(Secret.EVENT_SECRETS)
    return {} if found is None else read_secrets(found)


def read_secrets(text: str) -> Mapping[str, tuple[str, ...]]:
    """Read secrets as they are kept: ``hmis=whsec_… lab=whsec_…,whsec_…``, with two while one is being rolled.

    Raises ``Misconfigured`` for whatever is not in that form, or of another length; it repeats no secret.
    """
    found: dict[str, tuple[str, ...]] = {}
    for each in text.split():
        name, _, listed = each.partition("=")
        given = tuple(filter(None, listed.split(",")))
        if not NAME_FORM.fullmatch(name) or not given or name in found:
            raise _not_in_form()
        for secret in given:
            _bytes_of(secret)
        found[name] = given
    if not found:
        raise _not_in_form()
    return found


def _bytes_of(secret: str) -> bytes:
    try:
        content = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise _not_in_form() from None
    if not secret.startswith(_PREFIX) or len(content) not in _BYTES:
        raise _not_in_form()
    return content


def _not_in_form() -> Misconfigured:
    return Misconfigured(
        m("The secrets for events are not in their form."),
        advice=m(
            "Write each endpoint's name, “=” and its secret (whsec_…), two with a comma while one is being rolled, "
            "and a blank between two endpoints: hmis=whsec_… lab=whsec_…"
        ),
    )
