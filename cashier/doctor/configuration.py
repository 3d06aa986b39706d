"""Checks of what is written down: settings and secrets."""

from __future__ import annotations

import os
from pathlib import Path

from cashier import settings
from cashier.certificate import RENEW, ends_soon, read_certificate
from cashier.doctor.findings import Finding, Level
from cashier.errors import Misconfigured
from cashier.keychain import Keychain, Secret, check_publishable_key, checked_stripe_key, split_webhook_secrets
from cashier.language import NOTHING, m, mc, mn
from cashier.language.dates import day
from cashier.settings import Settings, is_on_this_machine


class Configuration:
    """The settings and secrets of this machine; what cannot be read raises where it is asked for."""

    def __init__(self, path: Path | None) -> None:
        """Read the settings from ``path``, or from where they are read from otherwise."""
        named = path or (Path(os.environ["CASHIER_SETTINGS"]) if os.environ.get("CASHIER_SETTINGS") else None)
        self._path = named or settings.default_path()
        self.keychain = Keychain()
        self._settings: Settings | Misconfigured
        try:
            self._settings = settings.load(path)
        except Misconfigured as error:
            self._settings = error

    @property
    def settings(self) -> Settings:
        """The settings. Raises ``Misconfigured`` when they cannot be read."""
        if isinstance(self._settings, Misconfigured):
            raise Misconfigured(m("Not looked at: the settings cannot be read."), advice=m("See Settings, above."))
        return self._settings

    @property
    def _is_desk_alone(self) -> bool:
        """Tell whether this machine is a desk's, and the companion runs on another one."""
        found = self.settings
        return bool(found.desk.code) and not is_on_this_machine(found.companion.url)

    async def look_at_settings(self) -> Finding:
        """Can the settings be read, and where from. Raises ``Misconfigured`` for a key that payers must not get."""
        if isinstance(self._settings, Misconfigured):
            return Finding(level=Level.WRONG, message=self._settings.message, remedy=self._settings.advice)
        check_publishable_key(self._settings.stripe.publishable_key, self._settings.stripe.mode)
        if not self._path.exists():
            return Finding(level=Level.OK, message=m("All defaults; there is no file {path}.", path=self._path))
        return Finding(level=Level.OK, message=m("Read from {path}.", path=self._path))

    async def look_at_stripe_key(self) -> Finding:
        """Is there a key of the right form and mode, and where from."""
        mode = self.settings.stripe.mode
        key = checked_stripe_key(self.keychain.find(Secret.STRIPE_KEY), mode)
        is_restricted = key.startswith("rk_")
        message = m(
            "A {kind} key of {mode} mode, from the {source}.",
            kind=mc("a Stripe key", "restricted") if is_restricted else mc("a Stripe key", "secret"),
            mode=mc("Stripe's mode", "live") if mode == "live" else mc("Stripe's mode", "test"),
            source=self.keychain.source_of(Secret.STRIPE_KEY) or NOTHING,
        )
        if not is_restricted and mode == "live":
            return Finding(
                level=Level.WARNING,
                message=message,
                remedy=m("A restricted key (rk_live_…) can do less harm when it is stolen: docs/OPERATIONS.md."),
            )
        return Finding(level=Level.OK, message=message)

    async def look_at_webhook_secrets(self) -> Finding:
        """Are the signing secrets there; only the companion's machine needs them."""
        found = self.keychain.find(Secret.WEBHOOK_SECRETS)
        if found is None and self._is_desk_alone:
            words = m("There are none on this machine, and a desk needs none: the companion is elsewhere.")
            return Finding(level=Level.OK, message=words)
        if found is None:
            return Finding(
                level=Level.WARNING,
                message=m("There is no webhook signing secret on this machine."),
                remedy=m(
                    "Where the companion runs, store it with: cashier secret set webhook-secrets. "
                    "Other desks do not need it."
                ),
            )
        message = mn(
            "A signing secret, from the {source}.",
            "{count} signing secrets, from the {source}.",
            count=len(split_webhook_secrets(found)),
            source=self.keychain.source_of(Secret.WEBHOOK_SECRETS) or NOTHING,
        )
        return Finding(level=Level.OK, message=message)

    async def look_at_certificate(self) -> Finding:
        """Is the companion's certificate good, where it is on this machine, or does nobody need one."""
        companion = self.settings.companion
        if companion.speaks_tls:
            found = read_certificate(*companion.tls_files)
            told = ends_soon(found.ends_at)
            if told is not None:
                return Finding(level=Level.WARNING, message=told, remedy=RENEW)
            return Finding(level=Level.OK, message=m("Good until {day}.", day=day(found.ends_at)))
        host = f"[{companion.host}]" if ":" in companion.host else companion.host
        if is_on_this_machine(f"http://{host}") or companion.trusted_proxies:
            words = m("The companion has none of its own: it listens on this machine alone, or behind a proxy.")
            return Finding(level=Level.OK, message=words)
        return Finding(
            level=Level.WARNING,
            message=m("The companion listens on {host} without TLS.", host=companion.host),
            remedy=m(
                "Keys of the API can be read on the way: name tls_certificate and tls_key in [companion], or the "
                "proxy that speaks TLS in trusted_proxies."
            ),
        )

    async def look_at_payment_page(self) -> Finding:
        """Can patients open the links that are made here, and pay there."""
        found, url = self.settings, self.settings.patients_url
        client = found.payment_page.client
        if not client:
            return Finding(level=Level.OK, message=m("Desks make no payment links: [payment_page] names no client."))
        message = m("“{client}” takes what comes by links to {address}.", client=client, address=url)
        if is_on_this_machine(url) and not found.training:
            return Finding(
                level=Level.WARNING,
                message=message,
                remedy=m(
                    "Patients cannot open that. Set public_url in [companion] of the settings, at the desks as well."
                ),
            )
        if found.moves_money and not url.startswith("https://"):
            return Finding(
                level=Level.WARNING,
                message=message,
                remedy=m("Stripe takes real payments on pages with TLS alone: give an https address as public_url."),
            )
        if not found.stripe.publishable_key and not self._is_desk_alone:
            return Finding(
                level=Level.WARNING,
                message=message,
                remedy=m(
                    "Where the companion runs, set publishable_key in [stripe] of the settings: without it, "
                    "nobody can pay there. Other desks do not need it."
                ),
            )
        return Finding(level=Level.OK, message=message)
