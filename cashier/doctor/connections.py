"""Checks of what is on the other end of a line: database, Stripe, the clock, the companion."""

from __future__ import annotations

import contextlib
import email.utils
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import sqlalchemy as sa

from cashier.books.hospital import Hospital
from cashier.books.schema.revision import SCHEMA_REVISION, check_schema
from cashier.books.staff import Role, Staff
from cashier.certificate import RENEW, ends_soon, moment_of_certificate
from cashier.clock import check_zone
from cashier.database import Database, driver_url
from cashier.database.soundness import check_encoding, check_file, free_megabytes, readable_by_others, room_left
from cashier.doctor.configuration import Configuration
from cashier.doctor.findings import Finding, Level
from cashier.errors import Misconfigured, Refused, Unreachable
from cashier.hospital.service import Desks
from cashier.keychain import Secret, checked_stripe_key
from cashier.language import Message, joined, m, mc, sentences, verbatim
from cashier.readers.service import CONDITION_WORDS, ReaderCondition, Readers
from cashier.readiness import client_of_companion, is_disbelieved
from cashier.stripe_gateway.gateway import StripeGateway
from cashier.stripe_gateway.permissions import permissions_of
from cashier.stripe_gateway.webhooks import TOLERANCE_SECONDS

_CLOCK_SECONDS_MAX = 60
_TIMEOUT_SECONDS = 6.0
_FILE_SECONDS = 20.0
_STATUS_WORDS: Mapping[str, Message] = {
    "down": mc("of the companion", "down"),
    "degraded": mc("of the companion", "degraded"),
}
"""What the companion's ``/health`` calls its troubles, in words."""


class Connections:
    """Looks along the lines that the configuration names."""

    def __init__(self, configuration: Configuration) -> None:
        """Look where ``configuration`` says."""
        self._configuration = configuration

    async def look_at_database(self) -> Finding:
        """Does the database answer, is its schema ours, and can it be written."""
        async with self.open_database() as database:
            await check_schema(database)
            await database.check_writable()
            shared = await _shared_accounts(database)
            if shared:
                return Finding(
                    level=Level.WARNING,
                    message=m("Several desks share an account of the database: {accounts}.", accounts=shared),
                    remedy=m("Give each desk an account of its own: repeat --grant-desk (docs/POSTGRESQL.md)."),
                )
            return Finding(level=Level.OK, message=_description_of(database))

    async def look_at_storage(self) -> Finding:
        """Is there room on the disk, is the file whole, and are all letters kept."""
        async with self.open_database() as database:
            await check_encoding(database)
            wanted = self._configuration.settings.database.free_megabytes_min
            nearly_full = room_left(database, wanted_megabytes=wanted)
            is_whole = await check_file(database, seconds=_FILE_SECONDS)
            free = free_megabytes(database)
            others = readable_by_others(database)
        if nearly_full is not None:
            return Finding(
                level=Level.WARNING,
                message=nearly_full,
                remedy=m(
                    "Free some space, or move the database to a larger disk, before payments cannot be written."
                ),
            )
        if others is not None:
            return Finding(
                level=Level.WARNING,
                message=others,
                remedy=m("Let the account that runs Cashier own it alone: chmod 600. docs/SECURITY.md says why."),
            )
        if free is None:
            return Finding(level=Level.OK, message=m("Text is kept as UTF-8; the server looks after its disk."))
        if not is_whole:
            return Finding(
                level=Level.OK,
                message=m(
                    "{free} MB are free. In {seconds} seconds no damage was found; the file is too large to look "
                    "through all of it.",
                    free=free,
                    seconds=round(_FILE_SECONDS),
                ),
            )
        return Finding(level=Level.OK, message=m("{free} MB are free, and the file is whole.", free=free))

    async def look_at_hospital(self) -> Finding:
        """Is the hospital set up, is this desk known, and can anybody sign in.

        Raises ``Misconfigured`` where one of them is not so.
        """
        async with self.open_database() as database:
            await check_schema(database)
            await _check_time_zone(database)
            code = self._configuration.settings.desk.code
            if not code:
                return Finding(
                    level=Level.WARNING,
                    message=m("The settings do not say which desk this machine is."),
                    remedy=m(
                        "Set code in [desk] of the settings. A machine that only runs the companion needs none."
                    ),
                )
            station = await Desks(database).station(code)
            async with database.reading() as session:
                statement = (
                    sa.select(sa.func.count()).select_from(Staff).where(Staff.is_active, Staff.role != Role.SERVICE)
                )
                people = (await session.execute(statement)).scalar_one()
        if people == 0:
            raise Misconfigured(m("Nobody can sign in."), advice=m("Add somebody with: cashier setup --add-staff"))
        return Finding(
            level=Level.OK,
            message=m(
                "{hospital}, desk {desk} ({place}).", hospital=station.hospital, desk=station.code, place=station.name
            ),
        )

    async def look_at_stripe(self) -> Finding:
        """Does Stripe answer and accept our key. Raises ``Unreachable`` or ``Misconfigured`` if not."""
        found = self._configuration.settings.stripe
        async with self._open_gateway() as gateway:
            try:
                await gateway.check()
            except Unreachable:
                raise Unreachable(
                    m("Stripe does not answer at {address}.", address=found.api_base),
                    advice=m(
                        "Check this machine's network and firewall; https://status.stripe.com tells about Stripe."
                    ),
                ) from None
        if self._configuration.settings.training:
            message = m("The sandbox at {address} answers and accepts our key.", address=found.api_base)
        else:
            message = m("Stripe answers and accepts our key.")
        return Finding(level=Level.OK, message=message)

    async def look_at_rights(self) -> Finding:
        """Has our key every right that it needs. Raises ``Misconfigured`` if not, ``Unreachable`` in silence."""
        found = self._configuration.settings.stripe
        key = checked_stripe_key(self._configuration.keychain.find(Secret.STRIPE_KEY), found.mode)
        rights = await permissions_of(key, api_base=found.api_base, timeout_seconds=_TIMEOUT_SECONDS)
        missing = [f"{each.resource} ({each.level})" for each in rights if not each.is_granted and each.is_needed]
        if missing:
            raise Misconfigured(
                m("Our key may not do everything at Stripe: {rights}.", rights=", ".join(missing)),
                advice=m("Give it these rights in Stripe's dashboard; docs/STRIPE.md has all of them."),
            )
        if not all(each.is_granted for each in rights):
            return Finding(
                level=Level.WARNING,
                message=m("Our key has every right but that to card readers (Terminal)."),
                remedy=m("Give it that right before a card reader is registered."),
            )
        return Finding(level=Level.OK, message=m("Our key has every right that it needs."))

    async def look_at_readers(self) -> Finding:
        """Does each card reader of this desk answer. Raises ``Misconfigured`` for one that Stripe does not know."""
        async with self.open_database() as database, self._open_gateway() as gateway:
            await check_schema(database)
            code = self._configuration.settings.desk.code
            readers = Readers(database, gateway.terminal)
            here = [reader for reader in await readers.everywhere() if reader.desk == code]
            found = [(reader.label, await readers.readiness(reader.id)) for reader in here]
        if not found:
            return Finding(level=Level.OK, message=m("This desk has no card reader."))
        each = (joined(": ", (verbatim(label), CONDITION_WORDS[condition])) for label, condition in found)
        said = joined("", (joined("; ", each), verbatim(".")))
        conditions = {condition for _, condition in found}
        if ReaderCondition.GONE in conditions:
            raise Misconfigured(
                said, advice=m("Remove it and register it again: cashier reader (docs/OPERATIONS.md).")
            )
        if ReaderCondition.OFFLINE in conditions:
            return Finding(level=Level.WARNING, message=said, remedy=m("Check the reader's power and its network."))
        return Finding(level=Level.OK, message=said)

    async def look_at_clock(self) -> Finding:
        """Is this machine's clock right, compared with Stripe's: webhooks of another time are refused.

        Raises ``Misconfigured`` when it is not.
        """
        base = self._configuration.settings.stripe.api_base
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
                before = time.time()
                answer = await client.get(f"{base}/v1/")
                here = (before + time.time()) / 2
        except httpx.TransportError:
            return Finding(
                level=Level.WARNING,
                message=m("Not compared: Stripe does not answer."),
                remedy=m("See Stripe, above."),
            )
        # The header has whole seconds, cut off.
        there = email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp() + 0.5
        off = here - there
        if abs(off) > _CLOCK_SECONDS_MAX:
            seconds = round(abs(off))
            raise Misconfigured(
                m("This machine's clock is {seconds} seconds ahead.", seconds=seconds)
                if off > 0
                else m("This machine's clock is {seconds} seconds behind.", seconds=seconds),
                advice=m(
                    "Turn on time synchronisation (NTP): from {seconds} seconds on, webhooks are refused.",
                    seconds=TOLERANCE_SECONDS,
                ),
            )
        return Finding(
            level=Level.OK, message=m("Within {seconds} seconds of Stripe's.", seconds=max(1, round(abs(off))))
        )

    async def look_at_companion(self) -> Finding:
        """Does the companion answer, and is it well. Raises ``Unreachable`` or ``Misconfigured`` if not."""
        url = self._configuration.settings.companion.url.rstrip("/")
        answer = await _ask_companion(url)
        try:
            health = answer.json()
            status, events = health["status"], health["events"] or {}
            problem = health["database"]["problem"] or health["stripe"]["problem"]
        except (ValueError, KeyError, TypeError):
            raise Misconfigured(
                m("What answers at {address} is not the companion.", address=url),
                advice=m("Correct url in [companion] of the settings."),
            ) from None
        # The companion of the release before tells nothing of its certificate.
        certificate = health.get("certificate") or {}
        if status == "down" or (status != "ok" and (problem or not certificate.get("problem"))):
            raise Misconfigured(
                m(
                    "The companion at {address} is {status}: {problem}",
                    address=url,
                    status=_STATUS_WORDS.get(status, verbatim(status)),
                    problem=problem,
                ),
                advice=m("Look at its log."),
            )
        message = m(
            "Answers at {address}; last event: {moment}, waiting: {count}.",
            address=url,
            moment=verbatim(events["last_received_at"] or "") or mc("events", "none yet"),
            count=events["waiting"],
        )
        shown = _about_certificate(answer) or verbatim(certificate.get("problem") or "")
        if shown:
            return Finding(level=Level.WARNING, message=sentences(message, shown), remedy=RENEW)
        return Finding(level=Level.OK, message=message)

    @contextlib.asynccontextmanager
    async def _open_gateway(self) -> AsyncIterator[StripeGateway]:
        found = self._configuration.settings.stripe
        key = checked_stripe_key(self._configuration.keychain.find(Secret.STRIPE_KEY), found.mode)
        gateway = StripeGateway(key, api_base=found.api_base, timeout_seconds=_TIMEOUT_SECONDS)
        try:
            yield gateway
        finally:
            await gateway.close()

    @contextlib.asynccontextmanager
    async def open_database(self) -> AsyncIterator[Database]:
        """Open the database for a look; a file that is not there is not made."""
        address = self._configuration.settings.database_url
        _refuse_missing_file(address)
        database = Database(address, password=self._configuration.keychain.find(Secret.DATABASE_PASSWORD))
        try:
            yield database
        finally:
            await database.close()


async def _ask_companion(url: str) -> httpx.Response:
    try:
        async with client_of_companion(url, timeout_seconds=_TIMEOUT_SECONDS) as client:
            return await client.get(f"{url}/health")
    except httpx.TransportError as error:
        if is_disbelieved(error):
            raise Misconfigured(
                m(
                    "The certificate at {address} is not believed: {reason}.",
                    address=url,
                    reason=verbatim(str(error)),
                ),
                advice=m(
                    "Name in companion.url the host that the certificate is for. Where the hospital has an authority "
                    "of its own, add it to those that this machine's system believes (docs/OPERATIONS.md)."
                ),
            ) from None
        raise Unreachable(
            m("The companion does not answer at {address}.", address=url),
            advice=m(
                "Start it with: cashier companion (docs/OPERATIONS.md). Until then desks ask Stripe "
                "themselves, more slowly."
            ),
        ) from None


def _about_certificate(answer: httpx.Response) -> Message | None:
    """Say when the certificate ends that was shown for ``answer``, the companion's or a proxy's, if that is soon."""
    line = answer.extensions["network_stream"].get_extra_info("ssl_object")
    shown = None if line is None else line.getpeercert()
    return ends_soon(moment_of_certificate(str(shown["notAfter"]))) if shown else None


async def _check_time_zone(database: Database) -> None:
    async with database.reading() as session:
        time_zone = (await session.execute(sa.select(Hospital.time_zone))).scalar()
    if time_zone is None:
        return  # not set up yet, which is told by what follows
    try:
        check_zone(time_zone)
    except Refused as wrong:
        raise Misconfigured(
            sentences(wrong.message, m("Times are shown and printed in UTC.")),
            advice=m("Run: cashier setup --change-time-zone Region/City, such as Europe/Madrid."),
        ) from wrong


async def _shared_accounts(database: Database) -> str:
    """Return the accounts of PostgreSQL by which people signed in at several desks lately."""
    if database.is_sqlite:
        return ""
    async with database.reading() as session:
        return ", ".join(await session.scalars(sa.text("SELECT account FROM cashier_shared_accounts()")))


def _refuse_missing_file(address: str) -> None:
    url = driver_url(address)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise Misconfigured(
            m("There is no database {path} yet.", path=url.database), advice=m("Run: cashier migrate")
        )


def _description_of(database: Database) -> Message:
    url = database.url
    if database.is_sqlite:
        return m("The file {path}, schema {revision}.", path=url.database, revision=SCHEMA_REVISION)
    return m(
        "PostgreSQL, {database} at {host}, schema {revision}.",
        database=url.database,
        host=url.host,
        revision=SCHEMA_REVISION,
    )
