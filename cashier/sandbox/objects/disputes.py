"""Disputes: a cardholder's bank takes a payment back, or asks about it. https://docs.stripe.com/api/disputes

They come from the dispute test cards, right after the charge. Evidence decides them as Stripe's testing page says:
``winning_evidence``, ``losing_evidence`` or ``escalate_inquiry_evidence`` as ``uncategorized_text``.
"""

from __future__ import annotations

from cashier.sandbox.engine.account import Account, agenda_action, changes
from cashier.sandbox.engine.failures import Json, invalid
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.lists import answer_list, equal_where_given
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.balance_transactions import add_movement
from cashier.sandbox.objects.bank_accounts import account_named
from cashier.sandbox.objects.charges import when_charged
from cashier.sandbox.objects.payment_methods import test_card_of
from cashier.sandbox.objects.test_cards import TestCard

_FEE_MINOR = 1500
_RESPONSE_SECONDS = 9 * 24 * 60 * 60
_RULING_SECONDS = 5
_NEEDS_RESPONSE = ("needs_response", "warning_needs_response")
_REASON_CODES = {"fraudulent": "10.4", "product_not_received": "13.1"}


@operation("GET", "/v1/disputes")
def list_all(account: Account, params: Json) -> Json:
    """List disputes, perhaps those of one charge or intent."""
    return answer_list(
        account, "dispute", params, "/v1/disputes", equal_where_given(params, "charge", "payment_intent")
    )


@operation("GET", "/v1/disputes/{dispute}")
def retrieve(account: Account, _params: Json, dispute_id: str) -> Json:
    """Return a dispute."""
    return account.fetch("dispute", dispute_id)


@operation("POST", "/v1/disputes/{dispute}")
def update(account: Account, params: Json, dispute_id: str) -> Json:
    """Stage evidence, and hand it to the bank unless ``submit`` is false; after that it cannot be changed."""
    dispute = account.fetch("dispute", dispute_id)
    before = dispute | {}
    if params.get("evidence") and dispute["status"] not in _NEEDS_RESPONSE:
        raise invalid(
            f"This dispute has a status of {dispute['status']}, so its evidence cannot be changed any more.",
            code="dispute_evidence_not_accepted",
        )
    if "metadata" in params:
        dispute["metadata"] = merged_metadata(dispute["metadata"], params["metadata"])
    if "intended_submission_method" in params:
        dispute["intended_submission_method"] = params["intended_submission_method"]
    evidence = {name: value for name, value in (params.get("evidence") or {}).items() if name in _TEXTS}
    if evidence:
        dispute["evidence"] = dispute["evidence"] | evidence
        dispute["evidence_details"] = dispute["evidence_details"] | {"has_evidence": True}
    has_evidence = dispute["evidence_details"]["has_evidence"]
    if has_evidence and params.get("submit", bool(evidence)) and dispute["status"] in _NEEDS_RESPONSE:
        details = dispute["evidence_details"]
        details |= {"submission_count": details["submission_count"] + 1, "submission_method": "manual"}
        dispute["status"] = "warning_under_review" if _is_inquiry(dispute) else "under_review"
        account.later(_RULING_SECONDS, "bank rules on dispute", dispute_id)
    return _changed(account, before, dispute)


@operation("POST", "/v1/disputes/{dispute}/close")
def close(account: Account, _params: Json, dispute_id: str) -> Json:
    """Accept a dispute: it is lost."""
    dispute = account.fetch("dispute", dispute_id)
    if dispute["status"] not in _NEEDS_RESPONSE:
        raise invalid(f"This dispute is already closed or under review: its status is {dispute['status']}.")
    return _conclude(account, dispute, "warning_closed" if _is_inquiry(dispute) else "lost")


@when_charged
def _see_what_the_card_does(account: Account, charge: Json, test_card: TestCard) -> None:
    """Let the customer complain once the payment is through, with the next request."""
    if test_card.dispute:
        account.later(0, "customer disputes charge", charge["id"])
    if test_card.fraud_warning:
        account.later(0, "bank warns of fraud", charge["id"])


@agenda_action("customer disputes charge")
def _dispute(account: Account, charge_id: str) -> None:
    charge = account.fetch("charge", charge_id)
    if not charge["captured"]:
        return
    test_card = test_card_of(account, charge["payment_method"])
    dispute = _new_dispute(account, charge, test_card)
    charge["disputed"] = True
    account.save(charge)
    account.add(dispute)
    account.emit("charge.dispute.created", dispute)
    account.emit("charge.updated", charge, {"disputed": False})
    if not test_card.inquiry:
        _withdraw(account, dispute)
    account.later(_RESPONSE_SECONDS, "dispute falls due", dispute["id"])


@agenda_action("bank takes debit back")
def _return_debit(account: Account, charge_id: str) -> None:
    """Take a debit's money back: such a dispute is lost from the start, and nobody can answer it.

    https://docs.stripe.com/payments/sepa-debit#disputed-payments
    """
    charge = account.fetch("charge", charge_id)
    bank_account = account_named(account.private(charge["payment_method"]))
    if bank_account is None or charge["disputed"]:
        return
    dispute = _dispute_of(account, charge, str(bank_account.returned)) | {"status": "lost"}
    charge["disputed"] = True
    account.save(charge)
    account.add(dispute)
    account.emit("charge.dispute.created", dispute)
    account.emit("charge.updated", charge, {"disputed": False})
    _withdraw(account, dispute)
    account.emit("charge.dispute.closed", dispute)


@agenda_action("bank warns of fraud")
def _warn(account: Account, charge_id: str) -> None:
    """Send Stripe's early fraud warning; its object is no part of the description, so it is written out here."""
    charge = account.fetch("charge", charge_id)
    warning = {
        "id": new_id("issfr"),
        "object": "radar.early_fraud_warning",
        "actionable": True,
        "charge": charge_id,
        "created": account.now,
        "fraud_type": "misc",
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
    account.emit("radar.early_fraud_warning.created", account.add(warning))


@agenda_action("bank rules on dispute")
def _rule(account: Account, dispute_id: str) -> None:
    """Decide what is under review by the word in its evidence; without one it stays under review."""
    dispute = account.fetch("dispute", dispute_id)
    word = dispute["evidence"]["uncategorized_text"]
    if dispute["status"] not in ("under_review", "warning_under_review"):
        return
    if _is_inquiry(dispute):
        charge = account.fetch("charge", dispute["charge"])
        if word in ("winning_evidence", "losing_evidence") or charge["refunded"]:
            _conclude(account, dispute, "warning_closed")
        elif word == "escalate_inquiry_evidence":
            _escalate(account, dispute | {"amount": charge["amount"] - charge["amount_refunded"]})
    elif word in ("winning_evidence", "losing_evidence"):
        _conclude(account, dispute, "won" if word == "winning_evidence" else "lost")


@agenda_action("dispute falls due")
def _fall_due(account: Account, dispute_id: str) -> None:
    """Close what nobody answered: a chargeback is lost, an inquiry comes to nothing."""
    dispute = account.fetch("dispute", dispute_id)
    if dispute["status"] in _NEEDS_RESPONSE:
        dispute["evidence_details"]["past_due"] = True
        _conclude(account, dispute, "warning_closed" if _is_inquiry(dispute) else "lost")


def _is_inquiry(dispute: Json) -> bool:
    return str(dispute["status"]).startswith("warning_")


def _new_dispute(account: Account, charge: Json, test_card: TestCard) -> Json:
    reason = str(test_card.dispute)
    brand = test_card.brand
    return _dispute_of(account, charge, reason) | {
        "is_charge_refundable": test_card.inquiry,
        "network_reason_code": _REASON_CODES[reason],
        "payment_method_details": {
            "card": {
                "brand": brand,
                "case_type": "inquiry" if test_card.inquiry else "chargeback",
                "network": brand,
                "network_reason_code": _REASON_CODES[reason],
            },
            "type": "card",
        },
        "status": "warning_needs_response" if test_card.inquiry else "needs_response",
    }


def _dispute_of(account: Account, charge: Json, reason: str) -> Json:
    """Build a dispute of ``charge``, without what depends on how it was paid."""
    return skeleton(
        "dispute",
        id=new_id("du"),
        amount=charge["amount_captured"],
        balance_transactions=[],
        charge=charge["id"],
        created=account.now,
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence=skeleton("dispute.Dispute.Evidence", enhanced_evidence={}),
        evidence_details={
            "due_by": account.now + _RESPONSE_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        is_charge_refundable=False,
        livemode=False,
        metadata={},
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
    )


def _withdraw(account: Account, dispute: Json) -> None:
    _move(account, dispute, back=False)
    account.emit("charge.dispute.funds_withdrawn", dispute)


def _escalate(account: Account, dispute: Json) -> None:
    """Turn an inquiry into a chargeback, which is answered anew."""
    before = dispute | {}
    card = dispute["payment_method_details"]["card"] | {"case_type": "chargeback"}
    due_by = account.now + _RESPONSE_SECONDS
    dispute |= {
        "evidence_details": dispute["evidence_details"] | {"due_by": due_by},
        "is_charge_refundable": False,
        "payment_method_details": dispute["payment_method_details"] | {"card": card},
        "status": "needs_response",
    }
    _changed(account, before, dispute)
    _withdraw(account, dispute)
    account.later(_RESPONSE_SECONDS, "dispute falls due", dispute["id"])


def _conclude(account: Account, dispute: Json, status: str) -> Json:
    before = dispute | {}
    dispute["status"] = status
    if status == "won":
        _move(account, dispute, back=True)
    _changed(account, before, dispute)
    if status == "won":
        account.emit("charge.dispute.funds_reinstated", dispute)
    account.emit("charge.dispute.closed", dispute)
    return dispute


def _move(account: Account, dispute: Json, *, back: bool) -> None:
    """Take the money and a fee for the dispute, or give both back when it is won."""
    direction = 1 if back else -1
    movement = add_movement(
        account,
        kind="adjustment",
        source=dispute["id"],
        amount_minor=direction * dispute["amount"],
        currency=dispute["currency"],
        fee_minor=-direction * _FEE_MINOR,
        description=f"Chargeback {'reversal' if back else 'withdrawal'} for {dispute['charge']}",
        at_once=True,
        reporting_category="dispute_reversal" if back else "dispute",
    )
    dispute["balance_transactions"] = [*dispute["balance_transactions"], movement]
    account.save(dispute)


def _changed(account: Account, before: Json, dispute: Json) -> Json:
    account.save(dispute)
    account.emit("charge.dispute.updated", dispute, changes(before, dispute))
    return dispute


_TEXTS = frozenset(
    {
        "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
        "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
        "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation",
        "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt", "refund_policy",
        "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
        "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation",
        "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
    }
)  # fmt: skip
