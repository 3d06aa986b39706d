"""What Stripe's API accepts and answers, read from ``api_description.json.gz`` next to this file.

The data is derived from the generated type stubs of stripe-python 16.1.0 (MIT licence), by way of an OpenAPI
description of them. ``python -m cashier.sandbox.engine.api_description SPEC`` writes it anew, where ``SPEC`` is that
OpenAPI description (``.json`` or ``.json.gz``). A known value of an enumeration is kept even where the stubs call
the enumeration open: Stripe refuses what it does not know.

Parameter nodes are hash-consed into one table: ``["string"]``, ``["integer"]``, ``["number"]``, ``["boolean"]``,
``["enum", values]``, ``["array", node]``, ``["map", node]``, ``["object", {name: node}, required]`` and
``["any", nodes]``, where a node is an index into the table.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cashier.sandbox.engine.failures import Json

_FILE = Path(__file__).with_name("api_description.json.gz")
_REFERENCE = "#/components/schemas/"
_DOCUMENTED_ELSEWHERE: Json = {
    # Typing a card that was told by telephone into the reader; Stripe enables this for an account when asked.
    # https://docs.stripe.com/terminal/features/mail-telephone-orders/payments
    "param.reader_process_payment_intent_params.ReaderProcessPaymentIntentParamsProcessConfig": {
        "moto": {"type": "boolean"}
    },
}
"""Parameters that Stripe's guides tell to send and that the stubs do not have, by the object that they belong to."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method on one path, with the node that describes its parameters."""

    method: str
    path: str
    parameters: int


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of an answer: ``shape`` is plain, expandable, object or list; ``target`` names what it holds."""

    shape: str
    target: str | None


@dataclass(frozen=True, kw_only=True)
class ObjectShape:
    """The fields of one kind of object, and those among them that are always there."""

    fields: dict[str, Field]
    required: frozenset[str]


class ApiDescription:
    """The loaded description: operations, parameter nodes and object shapes."""

    def __init__(self, data: Json) -> None:
        """Index ``data`` as ``_compact`` wrote it."""
        self.version: str = data["version"]
        self.nodes: list[list[Any]] = data["nodes"]
        self.operations = {
            (method, path): Operation(method=method, path=path, parameters=node)
            for method, path, node in data["operations"]
        }
        self._objects: Json = data["objects"]

    @cache  # noqa: B019 - there is one description, and it lives as long as the process
    def shape(self, name: str) -> ObjectShape | None:
        """Return the fields of object ``name``, or nothing when the description does not have it."""
        if name not in self._objects:
            return None
        fields, required = self._objects[name]
        return ObjectShape(
            fields={key: Field(shape=shape, target=target) for key, (shape, target) in fields.items()},
            required=frozenset(required),
        )


@cache
def description() -> ApiDescription:
    """Load the description once."""
    return ApiDescription(json.loads(gzip.decompress(_FILE.read_bytes())))


class _Compactor:
    def __init__(self, schemas: Json) -> None:
        self.schemas = schemas
        self.nodes: list[list[Any]] = []
        self._indexes: dict[str, int] = {}

    def node(self, schema: Json) -> int:
        """Return the index of the node for ``schema``, sharing equal ones."""
        written = self._written(schema)
        text = json.dumps(written, sort_keys=True)
        if text not in self._indexes:
            self._indexes[text] = len(self.nodes)
            self.nodes.append(written)
        return self._indexes[text]

    def _written(self, schema: Json) -> list[Any]:
        if "$ref" in schema:
            return self._written(self.schemas[schema["$ref"].removeprefix(_REFERENCE)])
        if "anyOf" in schema:
            return ["any", [self.node(option) for option in schema["anyOf"]]]
        values = schema.get("enum") or schema.get("x-knownValues")
        if values:
            return [
                "enum",
                [str(value).lower() if isinstance(value, bool) else str(value) for value in values],
            ]
        if schema.get("properties"):
            fields = {name: self.node(child) for name, child in sorted(schema["properties"].items())}
            return ["object", fields, sorted(schema.get("required", []))]
        if schema.get("type") == "array":
            return ["array", self.node(schema.get("items", {"type": "string"}))]
        if isinstance(schema.get("additionalProperties"), dict):
            return ["map", self.node(schema["additionalProperties"])]
        if schema.get("type") == "object":
            return ["object", {}, []]
        return [schema.get("type", "string")]

    def object(self, schema: Json) -> list[Any]:
        """Write the shape of one kind of object."""
        fields = {name: self._field(child) for name, child in sorted(schema["properties"].items())}
        return [fields, sorted(schema.get("required", []))]

    def _field(self, schema: Json) -> list[str | None]:
        if schema.get("x-expandable"):
            return ["expandable", None]
        if "$ref" in schema:
            return ["object", schema["$ref"].removeprefix(_REFERENCE)]
        data = schema.get("properties", {}).get("data")
        if data is not None or schema.get("type") == "array":
            items = (data or schema).get("items", {})
            if items.get("x-expandable"):
                return ["expandable", None]
            return ["list", items["$ref"].removeprefix(_REFERENCE) if "$ref" in items else None]
        return ["plain", None]


def _compact(document: Json) -> Json:
    schemas = document["components"]["schemas"]
    compactor = _Compactor(schemas)
    operations = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method not in ("get", "post", "delete"):
                continue
            schema = operation.get("x-querySchema")
            if schema is None:
                [content] = operation["requestBody"]["content"].values()
                schema = content["schema"]
            operations.append([method.upper(), path, compactor.node(schema)])
    objects = {
        name: compactor.object(schema)
        for name, schema in schemas.items()
        if not re.match(r"param\.|list_|error", name) and "properties" in schema
    }
    return {
        "source": "derived from the generated type stubs of stripe-python 16.1.0 (MIT licence)",
        "version": document["info"]["version"],
        "operations": operations,
        "nodes": compactor.nodes,
        "objects": objects,
    }


def read_document(source: Path) -> Json:
    """Read the OpenAPI description ``source`` and add what is documented elsewhere."""
    content = source.read_bytes()
    document: Json = json.loads(gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content)
    for name, parameters in _DOCUMENTED_ELSEWHERE.items():
        document["components"]["schemas"][name]["properties"] |= parameters
    return document


def _write(source: Path) -> None:
    text = json.dumps(_compact(read_document(source)), separators=(",", ":"), sort_keys=True)
    _FILE.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m cashier.sandbox.engine.api_description SPEC.json[.gz]")
    _write(Path(sys.argv[1]))
