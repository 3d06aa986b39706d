"""What is there to be asked about: a payment that was made, its refund, its patient's card and customer at Stripe."""

from __future__ import annotations

from typing import Any

import httpx

from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import DUE

_STRIPE = "/api/v1/payments/stripe"
_RECORD = "MRN-0000101"


def make_known(address: str, key: str, sandbox: RunningSandbox) -> dict[str, str]:
    """Pay as a portal does, and return what stands for ``id`` below each part of an address."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=address + _STRIPE, headers=headers, trust_env=False, timeout=30) as portal:
        wanted = {"invoice_id": DUE, "save_payment_method": True}
        intent = _told(portal.post("/payment-intents", json=wanted))["id"]
        sandbox.ask(f"/v1/payment_intents/{intent}/confirm", payment_method="pm_card_visa")
        _told(portal.post(f"/payment-intents/{intent}/confirm", json={}))
        asked = {"payment_intent_id": intent, "amount": 100, "note": "Contract"}
        refund = _told(portal.post("/refunds", json=asked))["id"]
        customer = _told(portal.get(f"/customers/patient/{_RECORD}"))
    return {
        "/payment-intents/": intent,
        "/refunds/": refund,
        "/customers/": customer["id"],
        "/payment-methods/": customer["default_payment_method"]["id"],
    }


def name_known(described: dict[str, Any], known: dict[str, str]) -> None:
    """Give what is known as examples, wherever an address has an id without one."""
    for path, methods in described["paths"].items():
        found = next((value for part, value in known.items() if f"{part}{{id}}" in path), None)
        for operation in methods.values():
            for parameter in operation["parameters"]:
                if found is not None and parameter["in"] == "path":
                    parameter.setdefault("example", found)
    asked = described["components"]["schemas"]["StripeRefundCreate"]["properties"]
    asked["payment_intent_id"]["examples"] = [known["/payment-intents/"]]


def _told(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()
