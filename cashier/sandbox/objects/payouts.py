"""Payouts: the balance on its way to the hospital's bank. https://docs.stripe.com/api/payouts

The account pays out by hand. ``POST /_sandbox/payouts`` makes an automatic payout, as a daily schedule would: it
takes everything that is available and not paid out yet, and ``GET /v1/balance_transactions?payout=`` lists what it is
made of.
"""

from __future__ import annotations

import hashlib

from cashier.sandbox.engine.account import Account, agenda_action
from cashier.sandbox.engine.failures import Json, invalid
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.lists import answer_list, compared, equal_where_given
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.amounts import checked_currency
from cashier.sandbox.objects.balance import sums_by_currency
from cashier.sandbox.objects.balance_transactions import add_movement, put_into_payout, waiting_for_payout

_DAY = 24 * 60 * 60
_ARRIVAL_SECONDS = {"standard": 2 * _DAY, "instant": 30 * 60}
_LEAVING_SECONDS = 60 * 60


@operation("POST", "/v1/payouts")
def create(account: Account, params: Json) -> Json:
    """Pay a part of the available balance out to the bank account."""
    currency = checked_currency(params["currency"])
    amount = params["amount"]
    if amount < 1:
        raise invalid("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    if amount > sums_by_currency(account, "available").get(currency, 0):
        raise invalid(
            "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low. You "
            "can use the /v1/balance endpoint to view your Stripe balance (for more details, see "
            "stripe.com/docs/api#balance).",
            code="balance_insufficient",
        )
    if params.get("destination") not in (None, bank_account_id(account, currency)):
        raise invalid(f"No such external account: '{params['destination']}'", param="destination")
    return _add_payout(
        account,
        amount,
        currency,
        method=params.get("method") or "standard",
        description=params.get("description") or "STRIPE PAYOUT",
        metadata=merged_metadata({}, params.get("metadata") or {}),
        statement_descriptor=params.get("statement_descriptor"),
    )


@operation("GET", "/v1/payouts/{payout}")
def retrieve(account: Account, _params: Json, payout_id: str) -> Json:
    """Return a payout."""
    return account.fetch("payout", payout_id)


@operation("POST", "/v1/payouts/{payout}")
def update(account: Account, params: Json, payout_id: str) -> Json:
    """Change a payout's metadata."""
    payout = account.fetch("payout", payout_id)
    if "metadata" in params:
        before = payout["metadata"]
        payout["metadata"] = merged_metadata(before, params["metadata"])
        account.save(payout)
        account.emit("payout.updated", payout, {"metadata": before})
    return payout


@operation("GET", "/v1/payouts")
def list_all(account: Account, params: Json) -> Json:
    """List payouts by status, destination and day of arrival."""
    conditions = equal_where_given(params, "destination", "status")
    conditions += compared("json_extract(body, '$.arrival_date')", params.get("arrival_date"))
    return answer_list(account, "payout", params, "/v1/payouts", conditions)


@operation("POST", "/v1/payouts/{payout}/cancel")
def cancel(account: Account, _params: Json, payout_id: str) -> Json:
    """Cancel a payout that did not leave yet; its money is available again."""
    payout = account.fetch("payout", payout_id)
    if payout["status"] != "pending" or payout["automatic"]:
        raise invalid(
            f"Payouts can only be canceled while they are pending and when they were made by hand. This payout has a "
            f"status of {payout['status']}.",
            code="payouts_not_allowed",
        )
    movement = _move(account, payout, payout["amount"], "payout_cancel")
    payout |= {"failure_balance_transaction": movement["id"], "status": "canceled"}
    account.save(payout)
    account.emit("payout.canceled", payout)
    return payout


@operation("POST", "/v1/payouts/{payout}/reverse")
def reverse(account: Account, params: Json, payout_id: str) -> Json:
    """Fetch the money of a payout that arrived back from the bank."""
    payout = account.fetch("payout", payout_id)
    if payout["status"] != "paid" or payout["original_payout"]:
        raise invalid(f"Only a payout that is paid can be reversed. This payout has a status of {payout['status']}.")
    if payout["reversed_by"]:
        raise invalid(f"Payout {payout_id} has already been reversed.")
    back = _add_payout(
        account,
        -payout["amount"],
        payout["currency"],
        method="standard",
        description="STRIPE PAYOUT REVERSAL",
        metadata=merged_metadata({}, params.get("metadata") or {}),
        original_payout=payout_id,
    )
    account.save(payout | {"reversed_by": back["id"]})
    return back


def pay_out_automatically(account: Account) -> list[Json]:
    """Pay out what is available in each currency and not paid out yet, as an account's daily schedule does."""
    payouts = []
    for currency, transactions in waiting_for_payout(account).items():
        amount = sum(transaction["net"] for transaction in transactions)
        if amount <= 0:
            continue
        payout = _add_payout(
            account, amount, currency, method="standard", description="STRIPE PAYOUT", automatic=True
        )
        own = account.fetch("balance_transaction", payout["balance_transaction"])
        for transaction in (*transactions, own):
            put_into_payout(account, transaction, payout["id"])
        payouts.append(payout)
    return payouts


def bank_account_id(account: Account, currency: str) -> str:
    """Return the id of the bank account that takes payouts of a currency; it is the same one always."""
    return f"ba_{hashlib.sha256(f'{account.id}:{currency}'.encode()).hexdigest()[:24]}"


def _add_payout(account: Account, amount: int, currency: str, *, method: str, **facts: object) -> Json:
    automatic = bool(facts.pop("automatic", False))
    payout = skeleton(
        "payout",
        id=new_id("po"),
        amount=amount,
        arrival_date=(account.now + _ARRIVAL_SECONDS[method]) // _DAY * _DAY,
        automatic=automatic,
        created=account.now,
        currency=currency,
        destination=bank_account_id(account, currency),
        livemode=False,
        method=method,
        reconciliation_status="completed" if automatic else "not_applicable",
        source_type="card",
        status="pending",
        type="bank_account",
        **{"metadata": {}, **facts},
    )
    payout["balance_transaction"] = _move(account, payout, -amount, "payout")["id"]
    account.add(payout)
    account.emit("payout.created", payout)
    account.later(min(_LEAVING_SECONDS, _ARRIVAL_SECONDS[method] / 2), "payout leaves", payout["id"])
    account.later(_ARRIVAL_SECONDS[method], "payout arrives", payout["id"])
    return payout


def _move(account: Account, payout: Json, amount_minor: int, kind: str) -> Json:
    return add_movement(
        account,
        kind=kind,
        source=payout["id"],
        amount_minor=amount_minor,
        currency=payout["currency"],
        description=payout["description"],
        at_once=True,
    )


@agenda_action("payout leaves")
def _leave(account: Account, payout_id: str) -> None:
    payout = account.fetch("payout", payout_id)
    if payout["status"] == "pending":
        account.save(payout | {"status": "in_transit"})
        account.emit("payout.updated", payout | {"status": "in_transit"}, {"status": "pending"})


@agenda_action("payout arrives")
def _arrive(account: Account, payout_id: str) -> None:
    payout = account.fetch("payout", payout_id)
    if payout["status"] == "in_transit":
        account.save(payout | {"status": "paid"})
        account.emit("payout.paid", payout | {"status": "paid"})
