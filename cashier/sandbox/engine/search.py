"""Stripe's search query language, turned into conditions. https://docs.stripe.com/search#search-query-language"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, StripeFailure, invalid
from cashier.sandbox.engine.store import Condition

_CLAUSE = re.compile(
    r"""\s*(?P<negated>-)?(?P<field>[a-z_][a-z0-9_.]*)(?:\[(?P<key>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\])?"""
    r"""\s*(?P<operator>:|~|>=|<=|>|<|=)\s*"""
    r"""(?P<value>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|-?\d+(?:\.\d+)?|null|true|false)\s*""",
)
_JOIN = re.compile(r"(AND|OR)\b\s*", re.IGNORECASE)
_CLAUSES_MAX = 10


@dataclass(frozen=True, kw_only=True)
class Searchable:
    """What may be searched in one kind of object: numeric fields, and text fields; metadata always."""

    numbers: frozenset[str]
    texts: frozenset[str]


def answer_search(account: Account, kind: str, params: Json, url: str, fields: Searchable) -> Json:
    """Answer one page of what ``params["query"]`` finds, newest first."""
    conditions = [_parsed(params["query"], fields, url.split("/")[2])]
    limit = params.get("limit", 10)
    if params.get("page"):
        conditions.append(Condition(sql="seq < ?", values=(_position(params["page"]),)))
    rows = account.store.select(kind, conditions, limit=limit + 1)
    more = len(rows) > limit
    page = base64.urlsafe_b64encode(f"seq:{rows[limit - 1][0]}".encode()).decode() if more else None
    return {
        "object": "search_result",
        "data": [body for _, body in rows[:limit]],
        "has_more": more,
        "next_page": page,
        "url": url,
    }


def _position(page: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(page).decode().removeprefix("seq:"))
    except ValueError:
        raise invalid(f"Invalid page token: {page}", param="page") from None


def _parsed(query: str, fields: Searchable, resource: str) -> Condition:
    position, clauses, joins = 0, list[Condition](), set[str]()
    while True:
        found = _CLAUSE.match(query, position)
        if not found:
            raise _unreadable(f"near '{query[position : position + 20]}'")
        clauses.append(_condition(found, fields, resource))
        position = found.end()
        if position == len(query):
            break
        # Clauses without a word between them are joined by AND.
        join = _JOIN.match(query, position)
        joins.add(join[1].upper() if join else "AND")
        position = join.end() if join else position
    if len(joins) > 1:
        raise _unreadable("AND and OR cannot be combined")
    if len(clauses) > _CLAUSES_MAX:
        raise _unreadable(f"at most {_CLAUSES_MAX} clauses")
    glue = f" {joins.pop() if joins else 'AND'} "
    return Condition(
        sql=glue.join(f"({clause.sql})" for clause in clauses),
        values=tuple(value for clause in clauses for value in clause.values),
    )


def _condition(found: re.Match[str], fields: Searchable, resource: str) -> Condition:
    field, operator, text = found["field"], found["operator"], found["value"]
    if (field == "metadata") != (found["key"] is not None):
        raise _unreadable(f"'{field}' is written wrongly")
    if field not in fields.numbers | fields.texts | {"metadata"}:
        raise invalid(f"Field `{field}` is an unsupported search field for resource `{resource}`.", param="query")
    key = _unquoted(found["key"]) if found["key"] else None
    if key is not None and '"' in key:
        # SQLite's paths have no way to write it.
        raise _unreadable("a metadata key with a quotation mark cannot be searched")
    path = f"$.{field}" if key is None else f'$.metadata."{key}"'
    number = field in fields.numbers
    sql, values = "json_extract(body, ?)", (path,)
    if text == "null":
        return _negated(found, Condition(sql=f"{sql} IS NULL", values=values))
    if operator == "~":
        wanted = _unquoted(text)
        if number or len(wanted) < 3:
            raise _unreadable("~ needs a text field and at least three characters")
        return _negated(found, Condition(sql=f"instr(lower({sql}), lower(?)) > 0", values=(*values, wanted)))
    if operator not in (":", "=") and not number:
        raise _unreadable(f"'{operator}' needs a numeric field")
    if number:
        comparison = "=" if operator in (":", "=") else operator
        return _negated(
            found, Condition(sql=f"{sql} {comparison} CAST(? AS NUMERIC)", values=(*values, _unquoted(text)))
        )
    if _unquoted(text) in ("true", "false"):
        # A boolean field is written with or without quotes; metadata hold the word itself.
        word = _unquoted(text)
        return _negated(found, Condition(sql=f"{sql} IN (?, ?)", values=(*values, int(word == "true"), word)))
    return _negated(found, Condition(sql=f"lower(CAST({sql} AS TEXT)) = lower(?)", values=(*values, _unquoted(text))))


def _negated(found: re.Match[str], condition: Condition) -> Condition:
    if not found["negated"]:
        return condition
    return Condition(sql=f"NOT coalesce({condition.sql}, 0)", values=condition.values)


def _unquoted(text: str) -> str:
    if text[0] not in "\"'":
        return text
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _unreadable(reason: str) -> StripeFailure:
    return invalid(
        f"We were unable to parse your search query: {reason}. "
        'Try using the format `metadata["key"]:"value"` to query for metadata or key:"value" to query for other '
        "fields.",
        param="query",
    )
