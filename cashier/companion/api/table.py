"""Every operation of the API. A new one is a module, and a line here."""

from __future__ import annotations

from cashier.companion.api.operation import Operation
from cashier.companion.api.operations import (
    changes,
    customers,
    imports,
    incoming,
    invoices,
    patients,
    payment_intents,
    payment_links,
    readiness,
    receipts,
    refunds,
    tokens,
)

OPERATIONS: tuple[Operation, ...] = (
    *payment_intents.OPERATIONS,
    *refunds.OPERATIONS,
    *customers.OPERATIONS,
    *receipts.OPERATIONS,
    *invoices.OPERATIONS,
    *incoming.OPERATIONS,
    *imports.OPERATIONS,
    *payment_links.OPERATIONS,
    *patients.OPERATIONS,
    *changes.OPERATIONS,
    *tokens.OPERATIONS,
    *readiness.OPERATIONS,
)
"""In the order of the description."""
