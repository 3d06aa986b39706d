"""Where events may be sent: never into the hospital's own network unless the settings say so."""

from __future__ import annotations

import pytest

from cashier.outbox.addresses import NotAllowed, resolve


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3", "192.168.1.1", "172.16.0.9", "169.254.169.254", "127.0.0.2", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "[::ffff:10.1.2.3]", "[64:ff9b::10.1.2.3]", "[2002:a01:203::1]", "[fe80::1]", "[fd00::1]", "[::]",
    ],
)  # fmt: skip
async def test_what_only_this_network_reaches_is_refused(address):
    with pytest.raises(NotAllowed):
        await resolve(f"https://{address}/events", ())


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("10.1.2.3", ("10.1.2.0/24",)), ("[fd00::5]", ("fd00::/64",)), ("127.0.0.1", ()), ("localhost", ())],
)
async def test_what_the_settings_name_and_this_machine_is_allowed(address, allowed):
    assert await resolve(f"https://{address}/events", allowed)


async def test_another_network_that_the_settings_name_opens_no_other():
    with pytest.raises(NotAllowed):
        await resolve("https://10.2.2.3/events", ("10.1.2.0/24", "fd00::/8"))
