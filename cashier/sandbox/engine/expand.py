"""Expanding ids into objects. https://docs.stripe.com/api/expanding_objects"""

from __future__ import annotations

from typing import Any

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.api_description import description
from cashier.sandbox.engine.failures import Json, StripeFailure, invalid
from cashier.sandbox.engine.operations import include_for

_LEVELS_MAX = 4


def expanded(account: Account, body: Json, paths: list[str]) -> Json:
    """Replace the ids at ``paths`` of an answer by the objects they name; lists are entered with ``data``."""
    for path in paths:
        steps = path.split(".")
        if len(steps) - (steps[0] == "data") > _LEVELS_MAX:
            raise invalid(f"You cannot expand more than {_LEVELS_MAX} levels of a property: {path}", param="expand")
        _Walk(account, path).enter(body, body.get("object", ""), steps)
    return body


class _Walk:
    def __init__(self, account: Account, path: str) -> None:
        self.account = account
        self.path = path

    def enter(self, node: Json, kind: str, steps: list[str]) -> None:
        if not steps or node.get("deleted"):
            return
        name, rest = steps[0], steps[1:]
        if kind in ("list", "search_result"):
            if name == "total_count" and kind == "search_result":
                return
            if name != "data" or not rest:
                raise self._refusal()
            for item in node["data"]:
                self.enter(item, item.get("object", ""), rest)
            return
        include = include_for(kind, name)
        if include is not None and node.get(name) is None:
            node[name] = include(self.account, node)
        shape = description().shape(kind)
        field = shape.fields.get(name) if shape else None
        if field is None or (field.shape == "plain" and include is None):
            raise self._refusal()
        if field.shape == "expandable":
            node[name] = self._resolved(node.get(name), rest)
        elif not rest and include is None:
            raise self._refusal()
        elif rest:
            self._descend(node.get(name), field.target or "", rest)

    def _resolved(self, value: Any, rest: list[str]) -> Any:
        if isinstance(value, list):
            return [self._resolved(item, rest) for item in value]
        if isinstance(value, str):
            value = self.account.store.find(value) or value
        if isinstance(value, dict):
            self.enter(value, value.get("object", ""), rest)
        return value

    def _descend(self, value: Any, target: str, rest: list[str]) -> None:
        if isinstance(value, list):
            for item in value:
                self._descend(item, target, rest)
        elif isinstance(value, dict):
            self.enter(value, value.get("object", target), rest)

    def _refusal(self) -> StripeFailure:
        return invalid(f"This property cannot be expanded ({self.path}).", param="expand")
