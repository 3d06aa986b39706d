"""Balance transactions: what every movement of money leaves on the account's balance.

https://docs.stripe.com/api/balance_transactions
"""

from __future__ import annotations

from cashier.sandbox.engine.account import Account, agenda_action
from cashier.sandbox.engine.failures import Json
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.lists import answer_list, equal, equal_where_given
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.engine.store import Condition
from cashier.sandbox.objects.balance import retrieve as retrieve_balance

_SETTLING_SECONDS = 2 * 24 * 60 * 60
# No field of a balance transaction tells its payout, so that is kept in the private part.
_PAYOUT = "json_extract(private, '$.payout')"


@operation("GET", "/v1/balance_transactions")
def list_all(account: Account, params: Json) -> Json:
    """List balance transactions."""
    conditions = equal_where_given(params, "currency", "source", "type")
    if params.get("payout"):
        account.fetch("payout", params["payout"], param="payout")
        conditions.append(Condition(sql=f"{_PAYOUT} = ?", values=(params["payout"],)))
    return answer_list(account, "balance_transaction", params, "/v1/balance_transactions", conditions)


@operation("GET", "/v1/balance_transactions/{id}")
def retrieve(account: Account, _params: Json, transaction_id: str) -> Json:
    """Return a balance transaction."""
    return account.fetch("balance_transaction", transaction_id, label="balance transaction")


def charging_fee(amount_minor: int) -> int:
    """Return Stripe's fee for a captured card charge: 2.9 % and 30 of the minor unit."""
    return (amount_minor * 29 + 500) // 1000 + 30


def add_movement(
    account: Account,
    *,
    kind: str,
    source: str,
    amount_minor: int,
    currency: str,
    fee_minor: int = 0,
    description: str | None = None,
    at_once: bool = False,
    reporting_category: str | None = None,
) -> Json:
    """Record a movement of ``amount_minor`` (negative when money leaves) caused by the object ``source``.

    Money from a charge becomes available after two days, or at once for a test card that asks for it.
    """
    fees = [
        {"amount": fee_minor, "application": None, "currency": currency, "description": "Stripe processing fees",
         "type": "stripe_fee"}
    ]  # fmt: skip
    transaction = skeleton(
        "balance_transaction",
        id=new_id("txn"),
        amount=amount_minor,
        available_on=account.now + (0 if at_once else _SETTLING_SECONDS),
        balance_type="payments",
        created=account.now,
        currency=currency,
        description=description,
        fee=fee_minor,
        fee_details=fees if fee_minor else [],
        net=amount_minor - fee_minor,
        reporting_category=reporting_category or kind,
        source=source,
        status="available" if at_once else "pending",
        type=kind,
    )
    account.add(transaction)
    if not at_once:
        account.later(_SETTLING_SECONDS, "balance becomes available", transaction["id"])
    elif amount_minor > 0:
        _tell_balance(account)
    return transaction


def waiting_for_payout(account: Account) -> dict[str, list[Json]]:
    """Return what is available and in no automatic payout yet, by currency; a payout by hand counts against it."""
    by_currency: dict[str, list[Json]] = {}
    conditions = (equal("status", "available"), Condition(sql=f"{_PAYOUT} IS NULL"))
    for transaction in account.select("balance_transaction", *conditions):
        by_currency.setdefault(transaction["currency"], []).append(transaction)
    return by_currency


def put_into_payout(account: Account, transaction: Json, payout_id: str) -> None:
    """Note that an automatic payout carries this transaction."""
    account.save(transaction, {"payout": payout_id})


@agenda_action("balance becomes available")
def _make_available(account: Account, transaction_id: str) -> None:
    transaction = account.fetch("balance_transaction", transaction_id)
    account.save(transaction | {"status": "available"})
    _tell_balance(account)


def _tell_balance(account: Account) -> None:
    """Tell soon, once for everything that becomes available by then, that the balance has changed."""
    if not account.is_planned("balance is told"):
        account.later(0, "balance is told", account.id)


@agenda_action("balance is told")
def _balance_told(account: Account, _account_id: str) -> None:
    account.emit("balance.available", retrieve_balance(account, {}))
