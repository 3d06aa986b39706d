"""The register of what the sandbox can do: which function answers which method and path."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.api_description import Operation, description
from cashier.sandbox.engine.failures import Json

Action = Callable[..., Json]
Include = Callable[[Account, Json], Any]

_actions: dict[tuple[str, str], Action] = {}
_includes: dict[tuple[str, str], Include] = {}


@dataclass(frozen=True, kw_only=True)
class Match:
    """What a request's method and path lead to; ``operation`` is nothing for a path that only the CLI uses.

    ``names`` are those of the path's placeholders, and ``values`` what the request has in their places.
    """

    operation: Operation | None
    action: Action
    names: tuple[str, ...]
    values: tuple[str, ...]


def operation(method: str, path: str) -> Callable[[Action], Action]:
    """Register ``function(account, params, *path_values)`` for a method and a path such as ``/v1/refunds/{refund}``.

    The path is written as in the description. It may run inside a transaction only, and returns the object to
    answer, or raises ``StripeFailure``.
    """

    def register(action: Action) -> Action:
        if (method, path) in _actions:
            raise ValueError(f"{method} {path} is registered twice")
        _actions[method, path] = action
        _patterns.cache_clear()
        return action

    return register


def includable(kind: str, field: str) -> Callable[[Include], Include]:
    """Register ``function(account, object)`` that makes a field which is only answered with ``expand``."""

    def register(include: Include) -> Include:
        _includes[kind, field] = include
        return include

    return register


def include_for(kind: str, field: str) -> Include | None:
    """Return the function that makes ``field`` of objects of a kind, if it has to be asked for."""
    return _includes.get((kind, field))


def match(method: str, path: str) -> Match | None:
    """Find what answers; literal paths win over those with a placeholder. Nothing for an unknown URL."""
    for known_method, known_path, pattern in _patterns():
        found = pattern.fullmatch(path) if known_method == method else None
        if found:
            key = (method, known_path)
            names = tuple(re.findall(r"\{(\w+)\}", known_path))
            return Match(
                operation=description().operations.get(key), action=_actions[key], names=names, values=found.groups()
            )
    return None


def unanswered() -> list[str]:
    """List the described operations that nothing answers."""
    return sorted(f"{method} {path}" for method, path in description().operations.keys() - _actions.keys())


@cache
def _patterns() -> list[tuple[str, str, re.Pattern[str]]]:
    known = sorted(_actions, key=lambda key: (key[1].count("{"), key))
    return [(method, path, re.compile(re.sub(r"\{\w+\}", "([^/]+)", path))) for method, path in known]
