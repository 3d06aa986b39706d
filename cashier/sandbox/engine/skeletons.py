"""Objects that cannot forget a key: each is built from the description of its kind."""

from __future__ import annotations

from typing import Any

from cashier.sandbox.engine.api_description import description
from cashier.sandbox.engine.failures import Json

# Keys that Stripe leaves out rather than answering null: they belong to other kinds of payment methods, to features
# an account has to be given, or arrive only with `expand`. The description does not tell optional from nullable.
_LEFT_OUT: dict[str, frozenset[str]] = {
    "customer": frozenset(
        {
            "business_name",
            "cash_balance",
            "customer_account",
            "individual_name",
            "invoice_credit_balance",
            "sources",
            "subscriptions",
            "tax",
            "tax_ids",
        }
    ),
    "charge": frozenset({"authorization_code", "level3", "presentment_details", "refunds"}),
    "payment_intent": frozenset(
        {"customer_account", "hooks", "managed_payments", "payment_details", "payment_record", "presentment_details"}
    ),
    "setup_intent": frozenset({"customer_account", "managed_payments"}),
    "card": frozenset(
        {
            "account",
            "allow_redisplay",
            "available_payout_methods",
            "currency",
            "default_for_currency",
            "description",
            "iin",
            "issuer",
            "networks",
            "status",
        }
    ),
    "payment_link": frozenset({"line_items"}),
    "price": frozenset({"currency_options", "tiers"}),
    "token": frozenset({"bank_account", "card"}),
    "refund": frozenset(
        {
            "description",
            "failure_balance_transaction",
            "failure_reason",
            "instructions_email",
            "next_action",
            "payment_method",
            "customer",
            "customer_account",
            "presentment_details",
        }
    ),
    "webhook_endpoint": frozenset({"secret"}),
    "event": frozenset({"account", "context"}),
}


def skeleton(name: str, /, **facts: Any) -> Json:
    """Build an object of kind ``name`` with every documented key, ``null`` where ``facts`` has none.

    Keys that Stripe leaves out are absent unless given. A required key without a value, or a fact that the
    description does not know, is a mistake of ours and raises at once.
    """
    shape = description().shape(name)
    if shape is None:
        raise KeyError(name)
    unknown = facts.keys() - shape.fields.keys()
    lacking = {key for key in shape.required if key != "object" and facts.get(key) is None}
    if unknown or lacking:
        raise TypeError(f"{name}: unknown {sorted(unknown)}, lacking {sorted(lacking)}")
    absent = _LEFT_OUT.get(name, frozenset()) | {"deleted"}
    built: Json = {}
    if "id" in shape.fields:
        built["id"] = facts["id"]
    if "object" in shape.fields:
        built["object"] = name
    for key in sorted(shape.fields):
        if key in facts:
            built[key] = facts[key]
        elif key not in built and key not in absent and not _of_another_type(name, key):
            built[key] = None
    return built


def _of_another_type(name: str, key: str) -> bool:
    """Tell whether ``key`` is the part of a payment method that only another type has, such as ``sepa_debit``."""
    shape = description().shape(name)
    if name != "payment_method" or shape is None or key == "billing_details":
        return False
    return shape.fields[key].shape == "object"
