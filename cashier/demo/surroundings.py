"""What the demo runs in: who runs it, and the environment that its processes get."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cashier.errors import Misconfigured
from cashier.keychain import Secret
from cashier.language import m
from cashier.language.choice import LANGUAGE_VARIABLE

_LIVE_KEY = re.compile(r"^\s*(?:sk|rk)_live_", flags=re.ASCII)
_LOOK_VARIABLES = "CASHIER_LOOK_"
_LOOPBACK = "127.0.0.1,localhost"
_SANDBOX_WEBHOOK_SECRET = "SANDBOX_WEBHOOK_SECRET"  # noqa: S105 - a name, not a secret


@dataclass(frozen=True, kw_only=True)
class ThrowawaySecrets:
    """Secrets that live as long as the demo."""

    stripe_key: str
    webhook_secret: str


def new_secrets() -> ThrowawaySecrets:
    """Make secrets at random, in Stripe's form."""
    return ThrowawaySecrets(
        stripe_key=f"sk_test_{secrets.token_hex(16)}", webhook_secret=f"whsec_{secrets.token_hex(16)}"
    )


def refuse_live_key(environment: Mapping[str, str]) -> None:
    """Raise ``Misconfigured`` when a variable holds a live key: a demo is no place for one."""
    for name, value in environment.items():
        if _LIVE_KEY.match(value):
            raise Misconfigured(
                m("The environment holds a live Stripe key ({variable}).", variable=name),
                advice=m("The demo works without any key; run it again after: unset {variable}", variable=name),
            )


def runs_as_root() -> bool:
    """Tell whether this is the superuser, as in containers; Chromium's own sandbox refuses to work then."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def environment_of_children(environment: Mapping[str, str], given: ThrowawaySecrets) -> dict[str, str]:
    """Return the environment for the demo's processes: nothing of a real installation, and ``given`` secrets.

    The language that is fixed for the demo is fixed for them, and so is the look of its windows.
    """
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith("CASHIER_") or name == LANGUAGE_VARIABLE or name.startswith(_LOOK_VARIABLES)
    }
    return {
        **kept,
        Secret.STRIPE_KEY.variable: given.stripe_key,
        Secret.WEBHOOK_SECRETS.variable: given.webhook_secret,
        _SANDBOX_WEBHOOK_SECRET: given.webhook_secret,
        # The demo's own addresses are on this machine; a proxy could not reach them.
        "NO_PROXY": _LOOPBACK,
        "no_proxy": _LOOPBACK,
    }
