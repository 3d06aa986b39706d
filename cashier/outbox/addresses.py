"""To which addresses events may be sent: encrypted, and nowhere where only this network is meant to reach.

What a name means is looked up before each message, every address of it is checked, and the message goes to the one
that was checked: a name that leads somewhere else a moment later leads nowhere.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from cashier.books.outgoing.endpoint import URL_LENGTH_MAX
from cashier.errors import Refused
from cashier.language import m

_TRANSLATED = IPv6Network("64:ff9b::/96")
"""Where IPv6 networks find IPv4: https://www.rfc-editor.org/rfc/rfc6052"""
_ON_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class NotAllowed(Exception):  # noqa: N818 - it is said of an address, and noted at the delivery
    """A name leads to an address to which nothing is sent."""


def check_url(url: str) -> str:
    """Return the address of an endpoint as it is kept. Raises ``Refused`` for one to which nothing is sent."""
    advice = m("Give it as https://host/path; http is for this machine only.")
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise Refused(m("“{address}” is no address for events.", address=url), advice=advice) from None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _ON_THIS_MACHINE)
    is_plain = parts.username is None and parts.password is None and not parts.fragment and port != 0
    if not is_safe or not is_plain or not parts.hostname or not url.isascii() or len(url) > URL_LENGTH_MAX:
        raise Refused(m("“{address}” is no address for events.", address=url), advice=advice)
    return url.strip()


async def resolve(url: str, allowed: Sequence[str]) -> str:
    """Return the address to which the host of ``url`` leads now.

    Raises ``NotAllowed`` where one of its addresses is private and in none of the ``allowed`` networks, and
    ``OSError`` where it has none.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = await _addresses_of(host, port)
    is_here = host in _ON_THIS_MACHINE
    for address in addresses:
        if not _may_be_asked(ip_address(address), allowed, is_here=is_here):
            raise NotAllowed(address)
    return addresses[0]


async def _addresses_of(host: str, port: int) -> list[str]:
    try:
        return [str(ip_address(host))]
    except ValueError:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [str(each[4][0]).partition("%")[0] for each in found]


def _may_be_asked(address: IPv4Address | IPv6Address, allowed: Sequence[str], *, is_here: bool) -> bool:
    plain = _meant(address)
    if is_here:
        return plain.is_loopback
    if any(plain in ip_network(network) for network in allowed):
        return True
    return plain.is_global and not plain.is_multicast


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that is meant by an IPv6 one, where it means one."""
    if isinstance(address, IPv6Address):
        if address in _TRANSLATED:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address
