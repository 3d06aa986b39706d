"""Whose word counts about where a request comes from, and how."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from cashier.companion.proxies import Proxies


def request_from(peer: str, **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items() if value}
    return make_mocked_request("GET", "/", headers=named).clone(remote=peer)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1", "198.51.100.1:8080", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.1"),
    ],
)
def test_only_a_trusted_proxy_says_from_where_a_request_comes(peer, forwarded, client):
    assert Proxies(["10.0.0.0/8"]).address_of(request_from(peer, X_Forwarded_For=forwarded)) == client


@pytest.mark.parametrize(
    ("peer", "said", "secure"),
    [
        ("10.0.0.1", "https", True),
        ("10.0.0.1", "HTTPS", True),
        ("10.0.0.1", "http", False),
        ("10.0.0.1", "", False),
        ("203.0.113.9", "https", False),
    ],
)
def test_only_a_trusted_proxy_says_that_a_request_came_by_tls(peer, said, secure):
    assert Proxies(["10.0.0.0/8"]).is_secure(request_from(peer, X_Forwarded_Proto=said)) is secure
