"""Ports for the processes that tests start."""

from __future__ import annotations

import contextlib
import random
import socket


def free_port() -> int:
    """Find a port that stays free until its process listens: none that outgoing connections are given."""
    while True:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
