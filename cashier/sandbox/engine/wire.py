"""Form encoding as Stripe reads it, and its answers as bytes."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from cashier.sandbox.engine.failures import Json, invalid

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_FIELDS_MAX = 5_000
_DEPTH_MAX = 32


def decode_form(text: str) -> Json:
    """Decode ``a[b][0]=c`` into nested dictionaries and lists of strings.

    ``a[]=1`` appends. ``a[][x]=1&a[][y]=2`` fills one element until a name repeats, as Rack does. Elements with
    an index stay a dictionary of digits here; ``parameters`` turns them into a list where a list is expected.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS_MAX, errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise invalid("Invalid form encoding in the request.") from None
    root: Json = {}
    for key, value in pairs:
        match = _KEY.match(key)
        steps = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])] if match else [key]
        if len(steps) > _DEPTH_MAX:
            raise invalid(f"A parameter may be nested {_DEPTH_MAX} levels deep: '{key[:60]}…'.")
        _put(root, steps, value, key)
    return root


def _put(node: Json, steps: list[str], value: str, key: str) -> None:
    name, rest = steps[0], steps[1:]
    if not rest:
        node[name] = value
    elif rest[0] == "":
        items = node.setdefault(name, [])
        if not isinstance(items, list):
            raise invalid(f"Invalid form encoding near '{key}'.", param=name)
        if len(rest) == 1:
            items.append(value)
        else:
            if not items or not isinstance(items[-1], dict) or rest[1] in items[-1]:
                items.append({})
            _put(items[-1], rest[1:], value, key)
    else:
        child = node.setdefault(name, {})
        if not isinstance(child, dict):
            raise invalid(f"Invalid form encoding near '{key}'.", param=name)
        _put(child, rest, value, key)


def encode(body: Any) -> bytes:
    """Write an answer as Stripe prints it: indented JSON in UTF-8."""
    return json.dumps(body, indent=2, ensure_ascii=False).encode()
