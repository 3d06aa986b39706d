"""The clients of the API: adding and ending them, changing their keys, and telling who asks."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.api_client import CLIENT_NAME_LENGTH_MAX, ApiClient, ApiKey, ApiToken, Scope
from cashier.books.deeds.clients import ClientAdded, ClientEnded, ClientKeyEnded, ClientKeyMade
from cashier.books.deeds.deed import Subject
from cashier.books.deeds.records import DeskAdded
from cashier.books.deeds.staff import StaffAdded, mark_of
from cashier.books.hospital import Desk
from cashier.books.staff import Role, Staff
from cashier.clients.keys import KeyKind, MadeKey, ShownKey, make_key, read_key
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.errors import Refused
from cashier.language import m
from cashier.patients.records import current_of
from cashier.staff import pins
from cashier.staff.rights import Action, require

_USED_EVERY = timedelta(minutes=1)
_DESK_CODE_LENGTH_MAX = 12


@dataclass(frozen=True, kw_only=True)
class KeyView:
    """One key of a client, by its public part. One with ``ends_at`` holds until then."""

    public_id: str
    created_at: datetime
    last_used_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ClientView:
    """A client as administrators see it."""

    name: str
    desk: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    ended_at: datetime | None
    keys: tuple[KeyView, ...]


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """A key that was made just now: ``text`` is shown once and kept nowhere."""

    client: str
    public_id: str
    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks over the API, proved by a key. With ``patient_id``, it is about that patient's records alone, and with
    ``invoice_id`` about that invoice alone.
    """

    client_id: int
    name: str
    actor: journal.Actor
    scopes: frozenset[Scope]
    patient_id: int | None = None
    invoice_id: int | None = None


class ApiClients:
    """Other systems that may ask over the API. Changes raise ``Refused`` for anybody but an administrator."""

    def __init__(self, database: Database, *, mode: Literal["test", "live"]) -> None:
        """Work on ``database``; keys say by ``mode`` whether money moves by them."""
        self._database = database
        self._kind = KeyKind.LIVE if mode == "live" else KeyKind.TEST

    async def all(self, actor: journal.Actor) -> tuple[ClientView, ...]:
        """Return every client with its keys, those that ended last."""
        await require(self._database, actor, Action.MANAGE_CLIENTS)
        statement = (
            sa.select(ApiClient, Desk.code)
            .join(Desk, Desk.id == ApiClient.desk_id)
            .order_by(ApiClient.ended_at.is_not(None), ApiClient.name)
        )
        async with self._database.reading() as session:
            clients = (await session.execute(statement)).all()
            keys = (await session.execute(sa.select(ApiKey).order_by(ApiKey.created_at))).scalars().all()
        return tuple(
            _view_of(client, code, [key for key in keys if key.client_id == client.id]) for client, code in clients
        )

    async def add(self, name: str, desk_code: str, scopes: Collection[Scope], actor: journal.Actor) -> NewKey:
        """Add a client with its first key, and a desk of its own, whose code begins the numbers of its receipts.

        Raises ``Refused`` for a name or code that is taken or cannot be kept, and without any scope.
        """
        await require(self._database, actor, Action.MANAGE_CLIENTS)
        called, code = _checked(name, desk_code)
        if not scopes:
            raise Refused(m("A client without scopes may do nothing."), advice=m("Name what it is to do."))
        written = " ".join(scope for scope in Scope if scope in scopes)
        # Nobody knows it, and nobody can sign in with it.
        drawn = await asyncio.to_thread(pins.drawn_for, secrets.token_hex(16))
        try:
            async with self._database.transaction() as session:
                desk = Desk(code=code, name=called, is_active=True, is_counter=False)
                staff = Staff(
                    sign_in_name=f"api:{code}".lower(),
                    display_name=called,
                    role=Role.SERVICE,
                    is_active=True,
                )
                session.add_all([desk, staff])
                await session.flush()
                client = ApiClient(name=called, desk_id=desk.id, staff_id=staff.id, scopes=written, created_at=now())
                session.add(client)
                await session.flush()
                made = await self._make_key(session, client, actor)
                await journal.record(session, DeskAdded(desk=desk.id, code=code), actor)
                secret = pins.secret_of(staff.id, drawn)
                session.add(secret)
                added = StaffAdded(staff=staff.id, role=Role.SERVICE, pin=secret.mark)
                await journal.record(session, added, actor)
                await journal.record(session, ClientAdded(client=called, desk=code, scopes=written), actor)
        except IntegrityError:
            raise Refused(
                m("There is a client, or a desk, of that name already."), advice=m("Choose another name and code.")
            ) from None
        return NewKey(client=called, public_id=made.public_id, text=made.text)

    async def rotate(self, name: str, actor: journal.Actor, *, overlap: timedelta) -> NewKey:
        """Give a client another key; those that it has end after ``overlap``, so that nothing has to stand still."""
        await require(self._database, actor, Action.MANAGE_CLIENTS, subject=Subject.CLIENT, subject_id=name)
        async with self._database.transaction() as session:
            client = await _locked(session, name)
            await self._end_keys(session, client, now() + overlap, actor)
            made = await self._make_key(session, client, actor)
        return NewKey(client=name, public_id=made.public_id, text=made.text)

    async def end_key(self, public_id: str, actor: journal.Actor) -> None:
        """Let one key count no more, at once. Safe to repeat. Raises ``Refused`` where there is none."""
        await require(self._database, actor, Action.MANAGE_CLIENTS)
        async with self._database.transaction() as session:
            key = await session.get(ApiKey, public_id)
            if key is None:
                raise Refused(m("There is no key {key}.", key=public_id), advice=m("See: cashier keys list"))
            client = await session.get_one(ApiClient, key.client_id, with_for_update=ROW_LOCK)
            await self._end_keys(session, client, now(), actor, only=public_id)

    async def end(self, name: str, actor: journal.Actor) -> None:
        """Let a client and all its keys and tokens count no more, at once. Safe to repeat."""
        await require(self._database, actor, Action.MANAGE_CLIENTS, subject=Subject.CLIENT, subject_id=name)
        async with self._database.transaction() as session:
            client = await _locked(session, name, even_ended=True)
            if client.ended_at is not None:
                return
            client.ended_at = now()
            await self._end_keys(session, client, client.ended_at, actor)
            await journal.record(session, ClientEnded(client=client.name), actor)

    async def identify(self, text: str) -> Caller | None:
        """Tell who shows this key; None for one that does not count (any more)."""
        shown = read_key(text)
        if shown is None:
            return None
        async with self._database.reading() as session:
            if shown.kind is KeyKind.TOKEN:
                return await _caller_of_token(session, shown)
            row = (
                await session.execute(
                    sa.select(ApiKey, ApiClient)
                    .join(ApiClient, ApiClient.id == ApiKey.client_id)
                    .where(ApiKey.public_id == shown.public_id)
                )
            ).first()
        if row is None or shown.kind is not self._kind:
            return None
        key, client = row
        moment = now()
        if not _counts(key.digest, key.ends_at, client, shown, moment):
            return None
        if key.last_used_at is None or key.last_used_at < moment - _USED_EVERY:
            await self._note_use(shown.public_id, moment)
        return _caller(client, frozenset(Scope(scope) for scope in client.scopes.split()))

    async def _note_use(self, public_id: str, moment: datetime) -> None:
        async with self._database.transaction() as session:
            await session.execute(sa.update(ApiKey).where(ApiKey.public_id == public_id).values(last_used_at=moment))

    async def _make_key(self, session: AsyncSession, client: ApiClient, actor: journal.Actor) -> MadeKey:
        made = make_key(self._kind)
        session.add(ApiKey(public_id=made.public_id, client_id=client.id, digest=made.digest, created_at=now()))
        await session.flush()
        deed = ClientKeyMade(client=client.name, key=made.public_id, mark=mark_of(made.digest))
        await journal.record(session, deed, actor)
        return made

    async def _end_keys(
        self, session: AsyncSession, client: ApiClient, at: datetime, actor: journal.Actor, *, only: str | None = None
    ) -> None:
        still = sa.or_(ApiKey.ends_at.is_(None), ApiKey.ends_at > at)
        statement = sa.select(ApiKey).where(ApiKey.client_id == client.id, still).order_by(ApiKey.public_id)
        if only is not None:
            statement = statement.where(ApiKey.public_id == only)
        for key in (await session.execute(statement)).scalars().all():
            key.ends_at = at
            await session.flush()
            deed = ClientKeyEnded(client=client.name, key=key.public_id, ends_at=at.isoformat())
            await journal.record(session, deed, actor)


async def _caller_of_token(session: AsyncSession, shown: ShownKey) -> Caller | None:
    row = (
        await session.execute(
            sa.select(ApiToken, ApiClient)
            .join(ApiClient, ApiClient.id == ApiToken.client_id)
            .where(ApiToken.public_id == shown.public_id)
        )
    ).first()
    if row is None or not _counts(row[0].digest, row[0].ends_at, row[1], shown, now()):
        return None
    token, client = row
    scopes = frozenset(Scope(scope) for scope in token.scopes.split() if scope in client.scopes.split())
    patient_id = await current_of(session, token.patient_id)
    return _caller(client, scopes, patient_id=patient_id, invoice_id=token.invoice_id)


def _counts(digest: str, ends_at: datetime | None, client: ApiClient, shown: ShownKey, moment: datetime) -> bool:
    is_in_time = (ends_at is None or ends_at > moment) and client.ended_at is None
    return hmac.compare_digest(digest, shown.digest) and is_in_time


def _caller(
    client: ApiClient, scopes: frozenset[Scope], *, patient_id: int | None = None, invoice_id: int | None = None
) -> Caller:
    return Caller(
        client_id=client.id,
        name=client.name,
        actor=journal.client_of_api(client.name, staff_id=client.staff_id, desk_id=client.desk_id),
        scopes=scopes,
        patient_id=patient_id,
        invoice_id=invoice_id,
    )


def _view_of(client: ApiClient, desk: str, keys: Sequence[ApiKey]) -> ClientView:
    return ClientView(
        name=client.name,
        desk=desk,
        scopes=tuple(Scope(scope) for scope in client.scopes.split()),
        created_at=client.created_at,
        ended_at=client.ended_at,
        keys=tuple(
            KeyView(
                public_id=key.public_id,
                created_at=key.created_at,
                last_used_at=key.last_used_at,
                ends_at=key.ends_at,
            )
            for key in keys
        ),
    )


def _checked(name: str, desk_code: str) -> tuple[str, str]:
    called, code = " ".join(name.split()), desk_code.strip()
    if not called or len(called) > CLIENT_NAME_LENGTH_MAX or not called.isprintable():
        raise Refused(
            m("A client's name has 1 to {most} letters.", most=CLIENT_NAME_LENGTH_MAX),
            advice=m("Choose another name, such as “Patient portal”."),
        )
    if not code or len(code) > _DESK_CODE_LENGTH_MAX or not code.isascii() or not code.isalnum():
        raise Refused(
            m("The code begins the numbers of receipts: 1 to {most} letters and digits.", most=_DESK_CODE_LENGTH_MAX),
            advice=m("Choose another code, such as WEB."),
        )
    return called, code


async def _locked(session: AsyncSession, name: str, *, even_ended: bool = False) -> ApiClient:
    statement = sa.select(ApiClient).where(ApiClient.name == name).with_for_update(**ROW_LOCK)
    client = (await session.execute(statement)).scalar_one_or_none()
    if client is None or (client.ended_at is not None and not even_ended):
        raise Refused(m("There is no client “{client}”.", client=name), advice=m("See: cashier keys list"))
    return client
