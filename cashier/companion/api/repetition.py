"""The same ``Idempotency-Key`` means the same record: who heard no answer asks again, and nothing is doubled.

https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from cashier.books.api_client import IDEMPOTENCY_KEY_LENGTH_MAX, ApiRequest
from cashier.clients.service import Caller
from cashier.clock import now
from cashier.companion.api.problems import Problem, ProblemKind
from cashier.database import Database
from cashier.identifiers import new_id
from cashier.language import m

KEPT_FOR = timedelta(hours=24)
HEADER = "Idempotency-Key"


class Repetitions:
    """What clients asked within a day, by their keys."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    async def resource_of(self, caller: Caller, key: str | None, operation: str, body: bytes) -> uuid.UUID:
        """Return the id of the record that is asked for: a new one, or that of the same key before.

        Without a key it is always new. It is saved before anything else is done, so that whoever repeats the request
        after a lost answer, a lost companion or a refusal goes on with the same record. Raises ``Problem`` for a key
        that cannot be one, or that was used for something else within a day.
        """
        if key is None:
            return new_id()
        bare = _checked(key)
        digest = hashlib.sha256(body).hexdigest()
        known = await self._find(caller, bare)
        if known is None:
            known = await self._save(caller, bare, operation, digest)
        if (known.operation, known.body_digest) != (operation, digest):
            raise Problem(
                ProblemKind.KEY_REUSED,
                m("This key was used within a day for another request. Use a new one for a new request."),
                fields=[(HEADER, m("It was used for another request."))],
            )
        return known.resource_id

    async def _find(self, caller: Caller, key: str) -> ApiRequest | None:
        async with self._database.reading() as session:
            found = await session.get(ApiRequest, (caller.client_id, key))
        return found if found is not None and found.at >= now() - KEPT_FOR else None

    async def _save(self, caller: Caller, key: str, operation: str, digest: str) -> ApiRequest:
        request = ApiRequest(
            client_id=caller.client_id,
            key=key,
            operation=operation,
            body_digest=digest,
            resource_id=new_id(),
            at=now(),
        )
        try:
            async with self._database.transaction() as session:
                # Of what is too old nothing is known any more.
                is_old = ApiRequest.at < now() - KEPT_FOR
                await session.execute(sa.delete(ApiRequest).where(ApiRequest.client_id == caller.client_id, is_old))
                session.add(request)
                await session.flush()
        except IntegrityError:
            # The same request at the same moment was faster.
            known = await self._find(caller, key)
            if known is None:
                raise
            return known
        return request


def _checked(key: str) -> str:
    """Read the key, quoted as the draft has it or bare."""
    bare = key[1:-1] if len(key) >= 2 and key[0] == key[-1] == '"' else key
    if not 1 <= len(bare) <= IDEMPOTENCY_KEY_LENGTH_MAX or not bare.isascii() or not bare.isprintable():
        raise Problem(
            ProblemKind.MALFORMED,
            m("The Idempotency-Key has 1 to {most} printable ASCII characters.", most=IDEMPOTENCY_KEY_LENGTH_MAX),
            fields=[(HEADER, m("It has 1 to {most} printable ASCII characters.", most=IDEMPOTENCY_KEY_LENGTH_MAX))],
        )
    return bare
