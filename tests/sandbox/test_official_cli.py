"""Stripe's own command line, an outside judge, works against the sandbox as it does against Stripe."""

from __future__ import annotations

import asyncio
import os
import re
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

# What is triggered, and the events that have to stand in the list afterwards beside the one that is named. The CLI
# cannot trigger refund.* itself, but its refunds have to bring them about.
TRIGGERS: dict[str, list[str]] = {
    "balance.available": [],
    "cash_balance.funds_available": [],
    "charge.captured": [],
    "charge.dispute.closed": [],
    "charge.dispute.created": [],
    "charge.dispute.updated": [],
    "charge.failed": [],
    "charge.refund.updated": ["refund.updated"],
    "charge.refunded": ["refund.created"],
    "charge.succeeded": [],
    "checkout.session.async_payment_failed": ["payment_intent.payment_failed", "charge.failed"],
    "checkout.session.async_payment_succeeded": ["payment_intent.succeeded"],
    "checkout.session.completed": ["payment_intent.succeeded"],
    "checkout.session.expired": [],
    "customer.created": [],
    "customer.deleted": [],
    "customer.source.created": [],
    "customer.source.updated": [],
    "customer.updated": [],
    "customer_cash_balance_transaction.created": [],
    "payment_intent.amount_capturable_updated": [],
    "payment_intent.canceled": [],
    "payment_intent.created": [],
    "payment_intent.payment_failed": ["charge.failed"],
    "payment_intent.processing": [],
    "payment_intent.requires_action": [],
    "payment_intent.succeeded": ["payment_intent.created", "charge.succeeded"],
    "payment_link.created": [],
    "payment_link.updated": [],
    "payment_method.attached": [],
    "payment_method.detached": [],
    "payment_method.updated": [],
    "payout.created": [],
    "payout.updated": [],
    "price.created": [],
    "price.updated": [],
    "product.created": [],
    "product.deleted": [],
    "product.updated": [],
    "setup_intent.canceled": [],
    "setup_intent.created": [],
    "setup_intent.requires_action": [],
    "setup_intent.setup_failed": [],
    "setup_intent.succeeded": [],
    "topup.created": [],
}
_DAYS_LATER = ("checkout.session.async_payment_failed", "checkout.session.async_payment_succeeded")
_OF_A_DESK = re.compile(
    r"(balance|cash_balance|charge|checkout|customer|customer_cash_balance_transaction|payment_\w+|payout|price|product"
    r"|refund|setup_intent|terminal|topup)\."
)
_OF_OTHERS = re.compile(r"customer\.(discount|subscription)\.|payment_intent\.partially_funded")
"""What sells subscriptions, and what waits for a bank transfer: a desk has neither."""


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox that does not write to the common log: the CLI pins no version and still sends older parameters."""
    async with running(Options()) as sandbox:
        yield sandbox


@pytest.mark.parametrize(("trigger", "expected"), TRIGGERS.items())
async def test_a_trigger_succeeds_and_its_events_are_listed(
    trigger: str, expected: list[str], client: stripe.StripeClient, sandbox: Sandbox, tmp_path: Path
) -> None:
    status, output = await _run(tmp_path, "trigger", trigger, "--api-base", sandbox.url)
    if trigger in _DAYS_LATER:
        sandbox.account.advance_clock(4 * 24 * 60 * 60)

    events = await client.v1.events.list_async({"limit": 100})
    assert status == 0, output
    assert {trigger, *expected} <= {event.type for event in events.data}


async def test_every_event_is_tried_that_a_desk_has_to_do_with(tmp_path: Path) -> None:
    _, output = await _run(tmp_path, "trigger", "--help")

    known = set(re.findall(r"^  ([\w.]+)$", output, re.MULTILINE))
    of_a_desk = {name for name in known if _OF_A_DESK.match(name) and not _OF_OTHERS.match(name)}
    assert of_a_desk == set(TRIGGERS)


async def _run(home: Path, *arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        str(_CLI),
        *arguments,
        env=_environment(home),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), timeout=60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, output.decode()


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
