"""Shapes as tables that people read: field, type, and what may stand in it."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any

from cashier.language import Message, joined, m, verbatim

Json = dict[str, Any]
_REF = "#/components/schemas/"
_PLAIN = {"string": '"…"', "integer": "1500", "boolean": "true", "array": "[]", "number": "1.5"}


def prose(text: str) -> str:
    """Write a text as HTML; what stands between backticks is code."""
    return re.sub(r"`+([^`]+)`+", r"<code>\1</code>", escape(text))


def shape_table(schema: Json, language: str) -> str:
    """Write the fields of a shape; an empty text for one without any."""
    fields = schema.get("properties", {})
    if not fields:
        return ""
    required = schema.get("required", ())
    rows = "".join(_row(name, of, name in required, language) for name, of in fields.items())
    return f"<table>{_head(language)}<tbody>{rows}</tbody></table>"


def parameter_table(parameters: list[tuple[str, str, bool, Json]], language: str) -> str:
    """Write parameters, each with its name, what it is about, whether it has to be there, and its schema."""
    rows = "".join(
        _row(name, {**schema, "description": about}, is_required, language)
        for name, about, is_required, schema in parameters
    )
    return f"<table>{_head(language)}<tbody>{rows}</tbody></table>"


def example_of(schema: Json, shapes: Json) -> str:
    """Return a small body that fits: what has to be there, and nothing else."""
    names = schema["oneOf"][0]["required"] if "oneOf" in schema else schema.get("required", ())
    parts = [f"{json.dumps(name)}: {_value(schema['properties'][name], shapes)}" for name in names]
    return "{" + ", ".join(parts) + "}"


def _head(language: str) -> str:
    heads = (m("Field"), m("Type"), m("What stands in it"))
    cells = "".join(f'<th scope="col">{escape(each.in_(language))}</th>' for each in heads)
    return f"<thead><tr>{cells}</tr></thead>"


def _row(name: str, schema: Json, is_required: bool, language: str) -> str:
    needed = "" if not is_required else f' <b title="{escape(_NEEDED.in_(language))}">*</b>'
    about = prose(schema.get("description") or _without_null(schema).get("description", ""))
    limits = escape(joined("; ", [*_limits_of(_without_null(schema)), *_default_of(schema)]).in_(language))
    said = "<br>".join(each for each in (about, f"<small>{limits}</small>" if limits else "") if each)
    return (
        f"<tr><td><code>{escape(name)}</code>{needed}</td><td>{_type_of(schema, language)}</td><td>{said}</td></tr>"
    )


_NEEDED = m("has to be there")


def _type_of(schema: Json, language: str) -> str:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REF)
        return f'<a href="#{escape(name)}">{escape(name)}</a>'
    if "anyOf" in schema:
        return " | ".join(_type_of(each, language) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f"<code>{escape(json.dumps(each))}</code>" for each in schema["enum"])
    if schema.get("type") == "array":
        items = schema.get("items") or {}
        return f"[{_type_of(items, language)}]"
    return f"<code>{escape(str(schema.get('type', 'any')))}</code>"


def _without_null(schema: Json) -> Json:
    others = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return others[0] if len(others) == 1 else schema


def _default_of(schema: Json) -> list[Message]:
    value = schema.get("default")
    return [] if value is None else [m("{value} if it is left out", value=json.dumps(value))]


def _limits_of(schema: Json) -> list[Message]:
    """Say what limits there are, as far as they help whoever writes a program."""
    said: list[Message] = []
    if "minimum" in schema and "maximum" in schema:
        said.append(m("from {least} to {most}", least=schema["minimum"], most=schema["maximum"]))
    if "maxLength" in schema:
        said.append(m("at most {most} characters", most=schema["maxLength"]))
    if "maxItems" in schema:
        said.append(m("at most {most} of them", most=schema["maxItems"]))
    if str(schema.get("pattern", "")).startswith(("^[A-Z]", "^pm_", "^pi_", "^https")):
        said.append(verbatim(schema["pattern"]))
    return said


def _value(schema: Json, shapes: Json) -> str:
    if "$ref" in schema:
        return example_of(shapes[schema["$ref"].removeprefix(_REF)], shapes)
    if "anyOf" in schema:
        return _value(_without_null(schema), shapes)
    if schema.get("examples"):
        return json.dumps(schema["examples"][0])
    if "enum" in schema:
        return json.dumps(schema["enum"][0])
    begin = re.match(r"\^(p[im]_)", str(schema.get("pattern", "")))
    return f'"{begin[1]}…"' if begin else _PLAIN.get(str(schema.get("type")), "null")
