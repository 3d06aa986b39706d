"""The account itself, as its owner sees it. https://docs.stripe.com/api/accounts"""

from __future__ import annotations

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json
from cashier.sandbox.engine.operations import operation


@operation("GET", "/v1/account")
def retrieve(account: Account, _params: Json) -> Json:
    """Return the account that the API key belongs to."""
    return {
        "id": account.id,
        "object": "account",
        "business_profile": {"name": "Cashier sandbox", "mcc": "8062", "url": None},
        "business_type": "non_profit",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": "sandbox@example.com",
        "payouts_enabled": True,
        "settings": {
            "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
            "card_payments": {"statement_descriptor_prefix": None},
            "dashboard": {"display_name": "Cashier sandbox", "timezone": "Etc/UTC"},
            "payments": {"statement_descriptor": "CASHIER SANDBOX"},
            "payouts": {
                "debit_negative_balances": True,
                "schedule": {"delay_days": 2, "interval": "manual"},
                "statement_descriptor": None,
            },
        },
        "type": "standard",
    }
