"""Traffic stays on loopback: Python refuses every other address, and tells the test that is running.

Python imports this by its name at the start of every process that has this folder on its path; the tests' own
process does it by hand. What other programs do by themselves (PostgreSQL's library, the browser's processes) is not
seen here; the browser has its own wall, and Stripe's CLI gets a dead proxy.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

TRAFFIC_FILE = "TESTS_TRAFFIC_FILE"
"""The variable that names the file in which refused addresses are written, one a line."""

_HERE = ("", "localhost", "::1", "::", "0.0.0.0", "None")
_EVENTS = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")


def keep_on_loopback() -> None:
    """Refuse other addresses from now on and for good, writing them into the file that the variable names then.

    Whoever asks for one gets an ``OSError``, as on a machine without a network.
    """

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event not in _EVENTS:
            return
        host = _host_of(event, arguments)
        if host in _HERE or host.startswith(("127.", "/", "::ffff:127.")):
            return
        with Path(os.environ[TRAFFIC_FILE]).open("a", encoding="utf-8") as lines:
            lines.write(f"{event} {host} by process {os.getpid()}\n")
        raise OSError(errno.ENETUNREACH, "tests stay on loopback", host)

    sys.addaudithook(refuse)


def _host_of(event: str, arguments: tuple[object, ...]) -> str:
    address = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[0]
    if not isinstance(address, tuple):
        # A name to look up, or the path of a socket of this machine.
        lookup = event not in ("socket.connect", "socket.sendto")
        return _text(address) if lookup else "/"
    return _text(address[0])


def _text(host: object) -> str:
    return host.decode(errors="replace") if isinstance(host, bytes) else str(host)


if __name__ == "sitecustomize" and TRAFFIC_FILE in os.environ:
    keep_on_loopback()
