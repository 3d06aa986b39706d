"""Whatever is sent to the API, rightly or not: nothing of it stands in the companion's log, and nothing is a bug."""

from __future__ import annotations

import json
from typing import Any

import httpx
import msgspec
import pytest

from cashier.companion.api.operation import JSON, NDJSON, Lines, Nothing, Operation
from cashier.companion.api.table import OPERATIONS
from tests.companion.api.conftest import STRIPE, Caller
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT

MARK = "Zqxmark"
RECORD = "MRN-0000101"
PATIENT = ("Núñez", "Nunez", RECORD, DUE)
"""Whose invoice it is, as the books have it."""


def addresses(operation: Operation) -> list[str]:
    """Return an address of ours, and one with a stranger's words in it."""
    known, strange = operation.path, operation.path
    for part in operation.parts:
        known = known.replace(f"{{{part}}}", operation.examples.get(part, "pi_1"))
        strange = strange.replace(f"{{{part}}}", f"{MARK}%00%ff%2e%2e%2f{MARK}")
    return list(dict.fromkeys([known, strange]))


def queries(operation: Operation) -> list[str]:
    named = msgspec.structs.fields(operation.query) if operation.query is not Nothing else ()
    own = [f"?{field.encode_name}={MARK}" for field in named]
    return ["", f"?{MARK}={MARK}", f"?a={MARK}&a={MARK}", *own]


def bodies(operation: Operation) -> list[bytes]:
    """Return what is no JSON, what is not asked for, and the mark in every field and of every type."""
    anything: list[bytes] = [b"", MARK.encode(), b"\xff" + MARK.encode(), f'{{"{MARK}": 1}}'.encode()]
    anything += [b'"' + MARK.encode() * 20_000 + b'"', b"[" * 2000 + MARK.encode()]
    if not operation.takes_body:
        return anything[:4]
    fields = msgspec.structs.fields(operation.body)
    values: list[Any] = [MARK, [MARK], {MARK: MARK}, -1, 1e300, None, True, f"pm_{MARK}", f"pi_{MARK}"]
    values.append(f"https://{MARK}.example/?{MARK}")
    line = {"description": MARK, "quantity_milli": 1000, "tax_basis_points": 0, "tax_minor": 0}
    days = {"issued_on": "2026-11-23", "due_on": "2026-11-23"}
    whole: dict[str, Any] = {
        "number": MARK,
        "record_number": MARK,
        "patient_name": MARK,
        "department": MARK,
        "currency": "EUR",
        "lines": [{**line, "unit_price_minor": 5, "total_minor": 5}],
        **days,
    }
    whole |= {"invoice_id": DUE, "payment_intent_id": "pi_1", "note": MARK}
    known = {name: value for name, value in whole.items() if name in {field.encode_name for field in fields}}
    each = [{**known, field.encode_name: value} for field in fields for value in values]
    return anything + [json.dumps(body).encode() for body in each]


def requests(operation: Operation, key: str) -> list[tuple[str, dict[str, str], bytes]]:
    """Return address, headers and body of each request to try."""
    form = NDJSON if isinstance(operation.handler, Lines) else JSON
    sent = {"Authorization": f"Bearer {key}", "Content-Type": form}
    known = addresses(operation)[0]
    tried = [(address + query, sent, b"") for address in addresses(operation) for query in queries(operation)]
    tried += [(known, sent, body) for body in bodies(operation)]
    for name in ("Authorization", "Idempotency-Key", "Accept", "Accept-Language", "Origin", "If-Match", "User-Agent"):
        tried.append((known, {**sent, name: f'"{MARK}", {MARK};q=nan'}, b"{}" if operation.takes_body else b""))
    tried.append((known, {**sent, "Content-Encoding": "gzip", "Content-Type": MARK}, MARK.encode()))
    return tried


async def ask(http: httpx.AsyncClient, operation: Operation, key: str) -> set[int]:
    """Send everything to one operation; return the statuses of the answers."""
    found: set[int] = set()
    for address, headers, body in requests(operation, key):
        answer = await http.request(operation.method, address, headers=headers, content=body)
        assert answer.status_code != 500, (operation.name, address, body[:200], answer.text)
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json", (address, body[:200])
        found.add(answer.status_code)
    return found


@pytest.fixture
def log_of(tmp_path):
    """Read everything that the companion's process wrote down."""
    file = tmp_path / "data" / "logs" / "companion.log"
    return lambda companion: companion.errors + file.read_text(encoding="utf-8")


@pytest.mark.timeout(300)
async def test_nothing_that_is_sent_or_answered_stands_in_the_log(make_key, start_companion, sandbox, log_of):
    key = await make_key()
    with start_companion() as companion:
        async with httpx.AsyncClient(base_url=companion.url, trust_env=False, timeout=30) as http:
            statuses = [await ask(http, operation, key) for operation in OPERATIONS]
            caller = Caller(http=http, key=key)
            begun = (await caller.begin(invoice_id=DUE_OF_OTHER_PATIENT)).json()
            await caller("GET", f"{STRIPE}/payment-intents/{begun['id']}")
            await caller("GET", f"{STRIPE}/customers/patient/{RECORD}")
        companion.stop()
        written = log_of(companion)

    assert any(200 in each or 201 in each for each in statuses)
    assert "companion ready" in written
    for secret in (MARK, *PATIENT, key, str(begun["client_secret"])):
        assert secret not in written, [line for line in written.splitlines() if secret in line][:3]
    assert "Traceback" not in written
    assert '"level": "error"' not in written
