"""The least that storing events can cost here: a bare server that keeps what it is sent, a group in each commit.

It checks nothing, knows nothing and writes no log. As a process: ``python -m tests.benchmarks.grouped_commits URL``.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import psycopg

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Sink:
    """Keeps bodies in a table of its own; all that come during one commit go into the next."""

    def __init__(self, connection: psycopg.AsyncConnection) -> None:
        """Write on ``connection``, which commits each statement."""
        self._connection = connection
        self._waiting: list[tuple[str, asyncio.WriteTransport]] = []
        self._storing: asyncio.Task[None] | None = None

    def take(self, body: str, transport: asyncio.WriteTransport) -> None:
        """Store ``body`` and then answer on ``transport``."""
        self._waiting.append((body, transport))
        if self._storing is None:
            self._storing = asyncio.create_task(self._store())

    async def _store(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:200], self._waiting[200:]
            async with psycopg.AsyncRawCursor(self._connection) as cursor:
                bodies = [body for body, _transport in group]
                await cursor.execute("INSERT INTO floor (body) SELECT * FROM unnest($1::text[])", [bodies])
            for _body, transport in group:
                transport.write(_ANSWER)
        self._storing = None


class Connection(asyncio.Protocol):
    """One connection, which sends a request after the other."""

    def __init__(self, sink: Sink) -> None:
        """Hand bodies to ``sink``."""
        self._sink, self._got = sink, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        """Take in what came; a whole request is stored."""
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]):
            self._got = b""
            self._sink.take(body.decode(), self._transport)


async def main(url: str) -> None:
    """Serve until the process is ended; the first line of output is the port."""
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
    await connection.execute("CREATE TABLE IF NOT EXISTS floor (key bigserial PRIMARY KEY, body text NOT NULL)")
    sink = Sink(connection)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(sink), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
