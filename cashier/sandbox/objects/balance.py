"""The balance: what the account holds, summed up from its balance transactions. https://docs.stripe.com/api/balance"""

from __future__ import annotations

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.skeletons import skeleton

_DEFAULT_CURRENCY = "usd"


@operation("GET", "/v1/balance")
def retrieve(account: Account, _params: Json) -> Json:
    """Return what is available and what is still pending, by currency."""
    available, pending = sums_by_currency(account, "available"), sums_by_currency(account, "pending")
    currencies = sorted({*available, *pending}) or [_DEFAULT_CURRENCY]
    return skeleton(
        "balance",
        available=[_entry(currency, available.get(currency, 0)) for currency in currencies],
        livemode=False,
        pending=[_entry(currency, pending.get(currency, 0)) for currency in currencies],
    )


def sums_by_currency(account: Account, status: str) -> dict[str, int]:
    """Return the sums of what balance transactions with this status moved, in minor units."""
    rows = account.store.connection.execute(
        "SELECT json_extract(body, '$.currency') AS currency, sum(json_extract(body, '$.net')) AS net FROM objects "
        "WHERE object = 'balance_transaction' AND json_extract(body, '$.status') = ? GROUP BY 1",
        (status,),
    )
    return {row["currency"]: row["net"] for row in rows}


def _entry(currency: str, amount_minor: int) -> Json:
    return {"amount": amount_minor, "currency": currency, "source_types": {"card": amount_minor}}
