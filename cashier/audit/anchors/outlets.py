"""Where anchors go besides Stripe: the system's log, here or on another machine, and a file that is only added to.

Nothing here holds anything up: what does not take a line within seconds is left, and said.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import logging.handlers
import os
import socket
import stat
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cashier.errors import CashierError, Refused
from cashier.language import Message, m, verbatim

LOCAL = "local"
"""The system's log of this machine."""
PORT = 514
_LOCAL_SOCKETS = {"darwin": "/var/run/syslog"}
_SECONDS = 5.0
_ANSWER_WITHIN_SECONDS = 10.0
_MODE = 0o640


@dataclass(frozen=True, kw_only=True)
class Outlet:
    """One place. ``name`` is as the settings have it; ``put`` gives it a line, and ``probe`` only looks.

    Both raise ``OSError`` or ``Refused``, and may take long: see ``bounded``.
    """

    name: str
    put: Callable[[str], None]
    probe: Callable[[], None]


def outlets_of(syslog: str, file: str) -> tuple[Outlet, ...]:
    """Return the places that the settings name; none where both are empty."""
    found = []
    if syslog:
        found.append(Outlet(name=syslog, put=lambda line: _log(syslog, line), probe=lambda: _look_at_log(syslog)))
    if file:
        path = Path(file).expanduser()
        found.append(Outlet(name=file, put=lambda line: _add(path, line), probe=lambda: _look_at_file(path)))
    return tuple(found)


async def bounded(work: Callable[[], None]) -> Message | None:
    """Do ``work`` beside everything else; say what went wrong, or that it took too long, and return None for nothing.

    What never ends is left behind, and ends with the program.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Message | None] = loop.create_future()

    def settle(outcome: Message | None) -> None:
        if not ended.done():
            ended.set_result(outcome)

    def run() -> None:
        outcome: Message | None = m("it ended unexpectedly")
        try:
            work()
            outcome = None
        except OSError as error:
            outcome = verbatim(error.strerror or str(error))
        except CashierError as error:
            outcome = error.message
        except ValueError as error:
            outcome = verbatim(str(error))
        finally:
            with contextlib.suppress(RuntimeError):  # nobody waits any more
                loop.call_soon_threadsafe(settle, outcome)

    threading.Thread(target=run, name="anchor", daemon=True).start()
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_SECONDS):
            return await ended
    except TimeoutError:
        return m("it did not answer in {seconds} seconds", seconds=round(_ANSWER_WITHIN_SECONDS))


class _Handler(logging.handlers.SysLogHandler):
    """The standard library's, which raises what goes wrong instead of printing it."""

    ident = "cashier: "
    append_nul = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - as the library calls it
        error = sys.exc_info()[1]
        raise error if isinstance(error, OSError) else OSError(str(error))


def _log(place: str, line: str) -> None:
    kind, address = _address_of(place)
    # A host that does not answer is not waited for without end.
    if kind is socket.SOCK_STREAM:
        _connect(address)
    handler = _Handler(address, facility=logging.handlers.SysLogHandler.LOG_LOCAL0, socktype=kind)
    try:
        text = line + "\n" if kind is socket.SOCK_STREAM else line
        handler.emit(logging.LogRecord("cashier", logging.INFO, __file__, 0, text, None, None))
    finally:
        handler.close()


def _look_at_log(place: str) -> None:
    kind, address = _address_of(place)
    if isinstance(address, str):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
            connection.connect(address)
    elif kind is socket.SOCK_STREAM:
        _connect(address)
    else:
        # Nobody answers to a datagram: the name is all that can be looked at.
        socket.getaddrinfo(*address, type=socket.SOCK_DGRAM)


def _connect(address: str | tuple[str, int]) -> None:
    if not isinstance(address, str):
        socket.create_connection(address, timeout=_SECONDS).close()


def _address_of(place: str) -> tuple[socket.SocketKind, str | tuple[str, int]]:
    if place == LOCAL:
        return socket.SOCK_DGRAM, _LOCAL_SOCKETS.get(sys.platform, "/dev/log")
    parts = urlsplit(place)
    kind = socket.SOCK_STREAM if parts.scheme == "tcp" else socket.SOCK_DGRAM
    return kind, (parts.hostname or "", parts.port or PORT)


def _add(path: Path, line: str) -> None:
    """Add a line; half of one, as a full disk leaves it, is ended by the line that follows it."""
    # A pipe without a reader would be waited for without end.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
    file = os.open(path, flags, _MODE)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise Refused(m("it is no file"))
        written = f"{'' if _ends_whole(path) else chr(10)}{line}\n".encode()
        if os.write(file, written) != len(written):
            raise Refused(m("no room is left"))
        os.fsync(file)
    finally:
        os.close(file)


def _ends_whole(path: Path) -> bool:
    """Tell whether what is there ends with a line; what may not be read, as on a drop box, counts as whole."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            if file.tell() == 0:
                return True
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"
    except OSError:
        return True


def _look_at_file(path: Path) -> None:
    if path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NONBLOCK", 0)))
    elif not os.access(path.parent, os.W_OK | os.X_OK):
        raise Refused(m("the folder is not there, or may not be written"))
