"""The settings of one machine: a TOML file, overridden by the environment; never a secret.

What all desks share (the hospital's name, staff, desks) is kept in the database; secrets are in the
keychain. A variable such as ``CASHIER_DATABASE_URL`` overrides ``url`` in ``[database]``.
"""

from __future__ import annotations

from cashier.settings.checks import is_on_this_machine
from cashier.settings.loading import default_path, load
from cashier.settings.shapes import (
    STRIPE_API,
    AnchorSettings,
    CompanionSettings,
    DatabaseSettings,
    DeskSettings,
    EventSettings,
    FhirSettings,
    Hl7Settings,
    InvoiceSettings,
    LookSettings,
    PaperSettings,
    PaperSize,
    PaymentPageSettings,
    ReceiptPaper,
    ScannerSettings,
    Settings,
    StripeSettings,
)

__all__ = [
    "STRIPE_API",
    "AnchorSettings",
    "CompanionSettings",
    "DatabaseSettings",
    "DeskSettings",
    "EventSettings",
    "FhirSettings",
    "Hl7Settings",
    "InvoiceSettings",
    "LookSettings",
    "PaperSettings",
    "PaperSize",
    "PaymentPageSettings",
    "ReceiptPaper",
    "ScannerSettings",
    "Settings",
    "StripeSettings",
    "default_path",
    "is_on_this_machine",
    "load",
]
