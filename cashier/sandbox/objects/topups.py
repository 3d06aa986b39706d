"""Top-ups: the hospital adds money of its own to the balance. https://docs.stripe.com/api/topups

The description of the API that the sandbox has leaves them out, so their parameters are read here.
"""

from __future__ import annotations

import re

from cashier.sandbox.engine.account import Account, agenda_action
from cashier.sandbox.engine.failures import Json, invalid, missing_parameter
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.objects.amounts import checked_currency
from cashier.sandbox.objects.balance_transactions import add_movement

_ARRIVES_SECONDS = 24 * 60 * 60


@operation("POST", "/v1/topups")
def create(account: Account, params: Json) -> Json:
    """Begin a top-up; the money arrives a day later."""
    for name in ("amount", "currency"):
        if name not in params:
            raise missing_parameter(name)
    amount, currency = str(params["amount"]), checked_currency(params["currency"])
    if not re.fullmatch(r"[1-9]\d{0,11}", amount):
        raise invalid("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    topup: Json = {
        "id": new_id("tu"),
        "object": "topup",
        "amount": int(amount),
        "balance_transaction": None,
        "created": account.now,
        "currency": currency,
        "description": params.get("description"),
        "expected_availability_date": account.now + _ARRIVES_SECONDS,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": merged_metadata({}, params.get("metadata") or {}),
        "source": None,
        "statement_descriptor": params.get("statement_descriptor"),
        "status": "pending",
        "transfer_group": params.get("transfer_group"),
    }
    account.add(topup)
    account.emit("topup.created", topup)
    account.later(_ARRIVES_SECONDS, "top-up arrives", topup["id"])
    return topup


@operation("GET", "/v1/topups/{topup}")
def retrieve(account: Account, _params: Json, topup_id: str) -> Json:
    """Return a top-up."""
    return account.fetch("topup", topup_id)


@agenda_action("top-up arrives")
def _arrive(account: Account, topup_id: str) -> None:
    topup = account.fetch("topup", topup_id)
    movement = add_movement(
        account,
        kind="topup",
        source=topup_id,
        amount_minor=topup["amount"],
        currency=topup["currency"],
        description=topup["description"],
        at_once=True,
    )
    topup |= {"balance_transaction": movement["id"], "status": "succeeded"}
    account.save(topup)
    account.emit("topup.succeeded", topup)
