"""Stripe's own command line, an outside judge, works against the sandbox as it does against Stripe."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import stripe

from cashier.sandbox.server import Options, Sandbox, running
from tests.sandbox.conftest import KEY
from tests.surroundings.fences import left_behind

_INSTALLED = Path(__file__).parents[2] / ".venv" / "bin" / "stripe"
_CLI = Path(os.environ.get("STRIPE_CLI", _INSTALLED))

pytestmark = pytest.mark.skipif(
    not _CLI.is_file(), reason=f"the Stripe CLI is not installed at {_CLI}; `make test` installs it"
)

# What is triggered, and the event that has to stand in the list afterwards. The CLI cannot trigger refund.* itself,
# but its refunds have to bring them about.
TRIGGERS = {
    "payment_intent.succeeded": ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"],
    "payment_intent.payment_failed": ["charge.failed", "payment_intent.payment_failed"],
    "payment_intent.canceled": ["payment_intent.canceled"],
    "payment_intent.created": ["payment_intent.created"],
    "payment_intent.requires_action": ["payment_intent.requires_action"],
    "payment_intent.amount_capturable_updated": ["payment_intent.amount_capturable_updated"],
    "charge.succeeded": ["charge.succeeded"],
    "charge.failed": ["charge.failed"],
    "charge.captured": ["charge.captured"],
    "charge.refunded": ["charge.refunded", "refund.created"],
    "charge.refund.updated": ["charge.refund.updated", "refund.updated"],
    "charge.dispute.created": ["charge.dispute.created"],
    "charge.dispute.updated": ["charge.dispute.updated"],
    "charge.dispute.closed": ["charge.dispute.closed"],
    "customer.created": ["customer.created"],
    "customer.updated": ["customer.updated"],
    "payment_method.attached": ["payment_method.attached"],
    "payment_method.detached": ["payment_method.detached"],
    "setup_intent.succeeded": ["setup_intent.succeeded"],
    "checkout.session.completed": ["checkout.session.completed", "payment_intent.succeeded"],
    "checkout.session.expired": ["checkout.session.expired"],
    "product.created": ["product.created"],
    "price.created": ["price.created"],
}


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox that does not write to the common log: the CLI pins no version and still sends older parameters."""
    async with running(Options()) as sandbox:
        yield sandbox


@pytest.mark.parametrize(("trigger", "expected"), TRIGGERS.items())
async def test_a_trigger_succeeds_and_its_events_are_listed(
    trigger: str, expected: list[str], client: stripe.StripeClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    process = await asyncio.create_subprocess_exec(
        str(_CLI),
        "trigger",
        trigger,
        "--api-base",
        sandbox.url,
        env=_environment(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), timeout=60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

    events = await client.v1.events.list_async({"limit": 100})
    assert process.returncode == 0, output.decode()
    assert set(expected) <= {event.type for event in events.data}


def _environment(home: Path) -> dict[str, str]:
    """Keep the CLI to this machine: its own home, no telemetry, a dead proxy for its look at newer versions.

    Without the address of a bus its keyring starts one, which then stays.
    """
    nowhere = "http://127.0.0.1:9"
    return {
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        "HOME": str(home),
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "NO_PROXY": "127.0.0.1",
        "PATH": os.environ.get("PATH", ""),
        "STRIPE_API_KEY": KEY,
        "STRIPE_CLI_TELEMETRY_OPTOUT": "true",
        left_behind.MARK: os.environ[left_behind.MARK],
    }
