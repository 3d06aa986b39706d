"""What httpx gets where nothing is encrypted: it would read all authorities' certificates for each client."""

from __future__ import annotations

import ssl

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Believes nobody, and is never asked: ``verify=PLAIN`` spares each client some 15 ms of processor time."""
