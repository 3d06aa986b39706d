"""Check a request's decoded form against the description and give its values their types.

Integers become ``int``, booleans ``bool``, indexed hashes lists. An empty string where the description allows it
unsets, and arrives as ``None``; inside a map such as ``metadata`` it stays "" because it unsets one key.
"""

from __future__ import annotations

import re
from typing import Any

from cashier.sandbox.engine.api_description import Operation, description
from cashier.sandbox.engine.failures import Json, StripeFailure, invalid, missing_parameter

_TEXT_MAX = 5_000
_LEGACY_TYPES = "payment_method_types"
_ALLOWED_TYPES = "allowed_payment_method_types"


def check(operation: Operation, form: Json, *, version_pinned: bool) -> Json:
    """Return the typed parameters of ``operation``; raise what Stripe would answer to wrong ones."""
    node = description().nodes[operation.parameters]
    form = _with_current_name_for_types(node, form, version_pinned=version_pinned)
    params: Json = _value(operation.parameters, form, "")
    limit = params.get("limit")
    if limit is not None and not 1 <= limit <= 100:
        bound = "greater than or equal to 1" if limit < 1 else "less than or equal to 100"
        raise invalid(f"This value must be {bound}.", param="limit", code="parameter_invalid_integer")
    if params.get("metadata"):
        check_metadata(params["metadata"], "metadata")
    return params


def _with_current_name_for_types(node: list[Any], form: Json, *, version_pinned: bool) -> Json:
    """Refuse ``payment_method_types`` where this version dropped it; an unpinned request may still send it."""
    if node[0] != "object" or _LEGACY_TYPES not in form or _LEGACY_TYPES in node[1] or _ALLOWED_TYPES not in node[1]:
        return form
    if version_pinned:
        raise invalid(
            f"The parameter '{_LEGACY_TYPES}' is no longer supported in API version {description().version}. "
            f"Leave it out, or use '{_ALLOWED_TYPES}' instead.",
            param=_LEGACY_TYPES,
            code="payment_method_types_no_longer_supported",
        )
    renamed = {name: value for name, value in form.items() if name != _LEGACY_TYPES}
    renamed.setdefault(_ALLOWED_TYPES, form[_LEGACY_TYPES])
    return renamed


def check_metadata(metadata: Json, path: str) -> None:
    """Refuse more than 50 keys, a key over 40 or a value over 500 characters, and brackets in a key."""
    if len(metadata) > 50:
        raise invalid("You can have up to 50 metadata keys.", param=path)
    for key, value in metadata.items():
        if len(key) > 40:
            raise invalid(
                f"Metadata keys must be less than or equal to 40 characters: '{key}' has {len(key)}.",
                param=path,
            )
        if len(value) > 500:
            raise invalid(
                f"Metadata values can have up to 500 characters, but you passed in a value that is {len(value)} "
                f"characters. Invalid value: {value[:40]}…",
                param=f"{path}[{key}]",
            )


def merged_metadata(current: Json, change: Json | None) -> Json:
    """Merge as Stripe does: keys are added or replaced, an empty value unsets one, ``None`` unsets all."""
    if change is None:
        return {}
    merged = {key: value for key, value in {**current, **change}.items() if value != ""}
    check_metadata(merged, "metadata")
    return merged


def _value(index: int, value: Any, path: str) -> Any:
    node = description().nodes[index]
    if node[0] == "object":
        return _object(node[1], node[2], value, path)
    if node[0] == "map":
        if not isinstance(value, dict):
            raise invalid(f"Invalid {path}: must be a hash.", param=path)
        return {key: _map_value(node[1], item, f"{path}[{key}]") for key, item in value.items()}
    if node[0] == "array":
        return [_value(node[1], item, f"{path}[{n}]") for n, item in enumerate(_items(value, path))]
    if node[0] == "any":
        return _any(node[1], value, path)
    if isinstance(value, dict | list):
        raise invalid(f"Invalid {node[0] if node[0] != 'enum' else 'string'}: {path}", param=path)
    return _scalar(node, value, path)


def _object(fields: dict[str, int], required: list[str], value: Any, path: str) -> Json:
    if not isinstance(value, dict):
        raise invalid(f"Invalid object: '{path}' must be a hash.", param=path)
    named = {name: f"{path}[{name}]" if path else name for name in {*value, *required}}
    unknown = [named[name] for name in value if name not in fields]
    if unknown:
        several = "s" if len(unknown) > 1 else ""
        raise invalid(
            f"Received unknown parameter{several}: {', '.join(unknown)}",
            param=unknown[0],
            code="parameter_unknown",
        )
    for name in required:
        if name not in value:
            raise missing_parameter(named[name])
    return {name: _value(fields[name], item, named[name]) for name, item in value.items()}


def _map_value(index: int, value: Any, path: str) -> Any:
    return "" if value == "" else _value(index, value, path)


def _items(value: Any, path: str) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and all(key.isdigit() for key in value):
        return [value[key] for key in sorted(value, key=int)]
    raise invalid(f"Invalid array: '{path}' must be a list.", param=path)


def _any(options: list[int], value: Any, path: str) -> Any:
    failures: list[tuple[bool, StripeFailure]] = []
    for option in options:
        try:
            return _value(option, value, path)
        except StripeFailure as failure:
            compound = description().nodes[option][0] in ("object", "map", "array")
            failures.append((compound == isinstance(value, dict | list), failure))
    # The complaint that helps is the one about the option of the same kind as the value.
    raise max(failures, key=lambda pair: pair[0])[1]


def _scalar(node: list[Any], text: str, path: str) -> Any:
    kind = node[0]
    if kind == "enum":
        return _choice(node[1], text, path)
    if text == "":
        raise invalid(
            f"You passed an empty string for '{path}'. We assumed empty values are an attempt to unset a parameter; "
            f"however '{path}' cannot be unset. You should remove '{path}' from your request or supply a non-empty "
            "value.",
            param=path,
            code="parameter_invalid_empty",
        )
    if kind == "integer":
        if not re.fullmatch(r"-?\d{1,18}", text):
            raise invalid(f"Invalid integer: {text}", param=path, code="parameter_invalid_integer")
        return int(text)
    if kind == "number":
        if not re.fullmatch(r"-?\d{1,18}(\.\d+)?", text):
            raise invalid(f"Invalid decimal: {text}", param=path)
        return float(text)
    if kind == "boolean":
        if text not in ("true", "false"):
            raise invalid(f"Invalid boolean: {text}", param=path)
        return text == "true"
    if len(text) > _TEXT_MAX:
        raise invalid(f"Invalid string: {text[:20]}…; must be at most {_TEXT_MAX} characters", param=path)
    return text


def _choice(values: list[str], text: str, path: str) -> str | None:
    if text not in values:
        known = [value for value in values if value]
        if not known:
            raise invalid(f"Invalid string: {text}", param=path)
        listed = known[0] if len(known) == 1 else ", ".join(known[:-1]) + f", or {known[-1]}"
        raise invalid(f"Invalid {path}: must be one of {listed}", param=path)
    return text or None
