"""Lists: newest first, paged by the id of an object. https://docs.stripe.com/api/pagination"""

from __future__ import annotations

from typing import Any

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, invalid, no_such
from cashier.sandbox.engine.store import Condition

_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def equal(path: str, value: object) -> Condition:
    """Keep the objects whose field at ``path`` (dotted, written by us) has this value."""
    return Condition(sql=f"json_extract(body, '$.{path}') = ?", values=(value,))


def one_of(path: str, values: list[str]) -> Condition:
    """Keep the objects whose field at ``path`` has one of these values."""
    return Condition(sql=f"json_extract(body, '$.{path}') IN ({', '.join('?' * len(values))})", values=tuple(values))


def equal_where_given(params: Json, *names: str) -> list[Condition]:
    """Turn those filters that the request has, named like the field, into conditions."""
    return [equal(name, params[name]) for name in names if params.get(name) is not None]


def compared(column: str, wanted: Any) -> list[Condition]:
    """Turn a filter of a time, one value or ``gt``, ``gte``, ``lt`` and ``lte``, into conditions on ``column``."""
    if wanted is None:
        return []
    if isinstance(wanted, int):
        return [Condition(sql=f"{column} = ?", values=(wanted,))]
    return [
        Condition(sql=f"{column} {_COMPARISONS[name]} ?", values=(value,))
        for name, value in wanted.items()
        if name in _COMPARISONS
    ]


def answer_list(
    account: Account,
    kind: str,
    params: Json,
    url: str,
    conditions: list[Condition] | None = None,
    *,
    has_created: bool = True,
) -> Json:
    """Answer one page of the objects that meet all ``conditions`` and the request's own paging and time."""
    conditions = list(conditions or [])
    if has_created:
        conditions += compared("created", params.get("created"))
    limit = params.get("limit", 10)
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        raise invalid("You can use only one of starting_after and ending_before.", param="ending_before")
    if after:
        conditions.append(Condition(sql="seq < ?", values=(_position(account, kind, after, "starting_after"),)))
    if before:
        conditions.append(Condition(sql="seq > ?", values=(_position(account, kind, before, "ending_before"),)))
    rows = account.store.select(kind, conditions, limit=limit + 1, oldest_first=bool(before))
    data = [body for _, body in rows[:limit]]
    if before:
        data.reverse()
    return {"object": "list", "data": data, "has_more": len(rows) > limit, "url": url}


def whole_list(data: list[Json], url: str) -> Json:
    """Wrap a few objects that belong to another one as the list that Stripe nests in it."""
    return {"object": "list", "data": data[:10], "has_more": len(data) > 10, "url": url}


def _position(account: Account, kind: str, object_id: str, param: str) -> int:
    position = account.store.position(object_id, kind)
    if position is None:
        raise no_such(kind.rsplit(".", 1)[-1], object_id, param=param, status=400)
    return position
