"""Changing the secrets of this machine from the desk: by an administrator, into the system's keyring, journalled."""

from __future__ import annotations

import asyncio

from cashier.books import journal
from cashier.books.deeds.records import SecretChanged
from cashier.database import Database
from cashier.keychain import Keychain, Secret, checked_stripe_key, split_webhook_secrets
from cashier.language import NOTHING, Message
from cashier.outbox.signing import read_secrets
from cashier.settings import Settings
from cashier.staff.rights import Action, require
from cashier.stripe_gateway.permissions import Permission, permissions_of


class MachineSecrets:
    """Says where secrets come from, checks new ones, and keeps them. A secret is never read back to a window."""

    def __init__(self, database: Database, keychain: Keychain, settings: Settings) -> None:
        """Work with the ``keychain`` and ``settings`` of this machine."""
        self._database = database
        self._keychain = keychain
        self._settings = settings

    async def sources(self, actor: journal.Actor) -> dict[Secret, Message]:
        """Name where each secret is found; empty where it is nowhere. Raises ``Refused`` but for administrators."""
        await require(self._database, actor, Action.CHANGE_SETTINGS)
        found = await asyncio.to_thread(lambda: [(secret, self._keychain.source_of(secret)) for secret in Secret])
        return {secret: source or NOTHING for secret, source in found}

    async def examine_stripe_key(self, key: str, actor: journal.Actor) -> tuple[Permission, ...]:
        """Check a Stripe key without keeping it: its form, its mode, and what it may do at Stripe.

        Raises ``Misconfigured`` for a key of another kind or mode or one that Stripe does not accept, and
        ``Unreachable`` when Stripe does not answer.
        """
        await require(self._database, actor, Action.CHANGE_SETTINGS)
        found = self._settings.stripe
        return await permissions_of(
            checked_stripe_key(key.strip(), found.mode),
            api_base=found.api_base,
            timeout_seconds=found.timeout_seconds,
        )

    async def store(self, secret: Secret, value: str, actor: journal.Actor) -> None:
        """Keep a secret in the system's keyring; desk and companion use it from their next start on.

        Raises ``Misconfigured`` when it is not in its form, or the machine has no keyring. The journal says who
        changed which secret, never what it is.
        """
        await require(self._database, actor, Action.CHANGE_SETTINGS)
        if secret is Secret.STRIPE_KEY:
            checked_stripe_key(value.strip(), self._settings.stripe.mode)
        elif secret is Secret.WEBHOOK_SECRETS:
            split_webhook_secrets(value)
        elif secret is Secret.EVENT_SECRETS:
            read_secrets(value)
        await asyncio.to_thread(self._keychain.store, secret, value)
        async with self._database.transaction() as session:
            await journal.record(session, SecretChanged(secret=secret.value), actor)
