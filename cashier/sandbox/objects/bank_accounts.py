"""Stripe's published test accounts of banks, and what becomes of a debit of each.

https://docs.stripe.com/payments/sepa-debit/accept-a-payment#test-your-integration
https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment#test-account-numbers

Stripe hurries: what takes a bank days takes its test accounts seconds or minutes. Here it takes days of the sandbox's
clock, which the control moves ahead. Only names are stored, never numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cashier.sandbox.engine.failures import Json, invalid
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.declines import Decline

_DAY = 24 * 60 * 60


@dataclass(frozen=True, kw_only=True)
class BankAccount:
    """One test account. The bank decides after ``seconds``; ``returned`` is why it takes the money back later."""

    name: str
    kind: str
    number: str
    seconds: int = 3 * _DAY
    failure: Decline | None = None
    returned: str | None = None

    @property
    def last4(self) -> str:
        """The last four digits."""
        return self.number[-4:]


def _failure(code: str, message: str) -> Decline:
    return Decline(code=code, decline_code=None, message=message, seller_message=message)


_NO_FUNDS = _failure("insufficient_funds", "The customer's account has insufficient funds to cover this payment.")
_NOT_AUTHORIZED = _failure(
    "debit_not_authorized", "The customer has notified their bank that this payment was unauthorized."
)
_CLOSED = _failure("account_closed", "The customer's bank account has been closed.")

ACCOUNTS = {
    account.name: account
    for account in (
        BankAccount(name="sepa_paid", kind="sepa_debit", number="DE89370400440532013000"),
        BankAccount(name="sepa_paid_late", kind="sepa_debit", number="DE08370400440532013003", seconds=6 * _DAY),
        BankAccount(name="sepa_failed", kind="sepa_debit", number="DE62370400440532013001", failure=_NOT_AUTHORIZED),
        BankAccount(
            name="sepa_failed_late", kind="sepa_debit", number="DE78370400440532013004", seconds=6 * _DAY,
            failure=_NOT_AUTHORIZED,
        ),
        BankAccount(name="sepa_no_funds", kind="sepa_debit", number="DE65370400440002222227", failure=_NO_FUNDS),
        BankAccount(
            name="sepa_returned", kind="sepa_debit", number="DE35370400440532013002", returned="debit_not_authorized"
        ),
        BankAccount(name="sepa_paid_at", kind="sepa_debit", number="AT611904300234573201"),
        BankAccount(name="sepa_paid_late_at", kind="sepa_debit", number="AT321904300235473204", seconds=6 * _DAY),
        BankAccount(name="sepa_failed_at", kind="sepa_debit", number="AT861904300235473202", failure=_NOT_AUTHORIZED),
        BankAccount(name="sepa_paid_it", kind="sepa_debit", number="IT40S0542811101000000123456"),
        BankAccount(
            name="sepa_failed_it", kind="sepa_debit", number="IT60X0542811101000000123456", failure=_NOT_AUTHORIZED
        ),
        BankAccount(name="ach_paid", kind="us_bank_account", number="000123456789"),
        BankAccount(name="ach_closed", kind="us_bank_account", number="000111111113", failure=_CLOSED),
        BankAccount(name="ach_no_funds", kind="us_bank_account", number="000222222227", failure=_NO_FUNDS),
        BankAccount(name="ach_refused", kind="us_bank_account", number="000333333335", failure=_NOT_AUTHORIZED),
    )
}  # fmt: skip


_BANK_CODES = {"AT": slice(4, 9), "DE": slice(4, 12), "IT": slice(5, 10)}
"""Where each country's IBAN has the number of the bank."""


def account_named(private: Json) -> BankAccount | None:
    """Return the account of a payment method from what is kept ``private`` about it; None for a card."""
    return ACCOUNTS.get(private.get("bank_account", ""))


def read_account(kind: str, fields: Json) -> BankAccount:
    """Read what was typed or posted of an account: ``iban``, or ``account_number`` and ``routing_number``.

    Raises Stripe's errors for a number that is no test account.
    """
    is_sepa = kind == "sepa_debit"
    name = "iban" if is_sepa else "account_number"
    number = re.sub(r"[\s-]", "", str(fields.get(name) or "")).upper()
    found = next((each for each in ACCOUNTS.values() if each.kind == kind and each.number == number), None)
    if found is None and is_sepa:
        raise invalid("The IBAN you provided is invalid.", param=f"{kind}[iban]", code="invalid_bank_account_iban")
    if found is None or (not is_sepa and fields.get("routing_number") != "110000000"):
        raise invalid("You must use a test bank account number in test mode.", param=f"{kind}[account_number]")
    return found


def account_part(account: BankAccount, fingerprint: str) -> Json:
    """Return what a payment method tells of an account."""
    if account.kind == "sepa_debit":
        return skeleton(
            "payment_method.PaymentMethod.SepaDebit",
            bank_code=account.number[_BANK_CODES[account.number[:2]]],
            branch_code="",
            country=account.number[:2],
            fingerprint=fingerprint,
            last4=account.last4,
        )
    return skeleton(
        "payment_method.PaymentMethod.UsBankAccount",
        account_holder_type="individual",
        account_type="checking",
        bank_name="STRIPE TEST BANK",
        fingerprint=fingerprint,
        last4=account.last4,
        networks={"preferred": "ach", "supported": ["ach"]},
        routing_number="110000000",
    )


def charged_part(account: BankAccount, public: Json) -> Json:
    """Return what a charge tells of an account: ``public`` is the method's part."""
    shown = ("bank_code", "branch_code", "country") if account.kind == "sepa_debit" else (
        "account_holder_type", "account_type", "bank_name", "routing_number",
    )  # fmt: skip
    part = "SepaDebit" if account.kind == "sepa_debit" else "UsBankAccount"
    return skeleton(
        f"charge.Charge.PaymentMethodDetails.{part}",
        fingerprint=public["fingerprint"],
        last4=account.last4,
        **{name: public[name] for name in shown},
    )
