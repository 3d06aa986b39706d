"""Events: what happened, for 30 days. https://docs.stripe.com/api/events

They are recorded by ``Account.emit``; this room only shows them.
"""

from __future__ import annotations

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, invalid
from cashier.sandbox.engine.lists import answer_list, equal_where_given
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.store import Condition

_TYPES_MAX = 20
_KEPT_SECONDS = 30 * 24 * 60 * 60
_UNDELIVERED = "SELECT 1 FROM deliveries WHERE deliveries.event = objects.id AND deliveries.state != 'delivered'"


@operation("GET", "/v1/events")
def list_all(account: Account, params: Json) -> Json:
    """List events by type, time and whether every endpoint got them."""
    types = params.get("types")
    if types and params.get("type"):
        raise invalid("You may not specify both `type` and `types`.", param="types")
    if types is not None and not 1 <= len(types) <= _TYPES_MAX:
        raise invalid(f"You may specify between 1 and {_TYPES_MAX} types.", param="types")
    conditions = [_kept(account)]
    if "*" in params.get("type", ""):
        conditions.append(_like(params["type"]))
    else:
        conditions += equal_where_given(params, "type")
    if types:
        marks = ", ".join("?" * len(types))
        conditions.append(Condition(sql=f"json_extract(body, '$.type') IN ({marks})", values=tuple(types)))
    if "delivery_success" in params:
        negation = "NOT " if params["delivery_success"] else ""
        conditions.append(Condition(sql=f"{negation}EXISTS ({_UNDELIVERED})"))
    return answer_list(account, "event", params, "/v1/events", conditions)


@operation("GET", "/v1/events/{id}")
def retrieve(account: Account, _params: Json, event_id: str) -> Json:
    """Return an event."""
    return account.fetch("event", event_id)


def _kept(account: Account) -> Condition:
    return Condition(sql="created > ?", values=(account.now - _KEPT_SECONDS,))


def _like(kind: str) -> Condition:
    """Turn ``charge.*`` into a condition."""
    return Condition(sql="json_extract(body, '$.type') GLOB ?", values=(kind,))
