"""What tenders are called on paper."""

from __future__ import annotations

from collections.abc import Mapping

TENDER_NAMES: Mapping[str, str] = {
    "bank_transfer": "Bank transfer",
    "cash": "Cash",
    "checkout": "Card, on the payment page",
    "cheque": "Cheque",
    "external_terminal": "Card, on the bank's terminal",
    "keyed": "Card, by telephone or letter",
    "phone": "Card, on the patient's phone",
    "reader": "Card, on the card reader",
    "saved_card": "Saved card",
}
