"""Where a request really comes from, and how, when a proxy that the settings name stands in front."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web


class Proxies:
    """Believes what the proxies at ``trusted`` addresses and networks say, and nobody else."""

    def __init__(self, trusted: Sequence[str]) -> None:
        """Believe these."""
        self._trusted: list[IPv4Network | IPv6Network] = [ip_network(each) for each in trusted]

    def address_of(self, request: web.BaseRequest) -> str:
        """Return from where the request comes.

        From the right, the first address of ``X-Forwarded-For`` that is no trusted proxy.
        """
        peer = request.remote or ""
        if not self._is_trusted(peer):
            return peer
        said = [each.strip() for each in ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")]
        for each in reversed(said):
            address = _address(each)
            if address is None:
                return peer
            if not self._is_trusted(str(address)):
                return str(address)
        return peer

    def is_secure(self, request: web.BaseRequest) -> bool:
        """Tell whether the caller's end speaks TLS: with ourselves, or with a trusted proxy that says so."""
        said = request.headers.get("X-Forwarded-Proto", "").strip().lower()
        return request.secure or (said == "https" and self._is_trusted(request.remote or ""))

    def _is_trusted(self, text: str) -> bool:
        address = _address(text)
        return address is not None and any(
            address.version == network.version and address in network for network in self._trusted
        )


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address, with or without a port and brackets; None for what is none."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return ip_address(bare)
    except ValueError:
        return None
