"""Charges: each attempt to take money from a card. https://docs.stripe.com/api/charges"""

from __future__ import annotations

from collections.abc import Callable

from cashier.sandbox.engine.account import Account, changes
from cashier.sandbox.engine.failures import Json, invalid, missing_parameter
from cashier.sandbox.engine.ids import new_id, random_text
from cashier.sandbox.engine.lists import answer_list, equal_where_given
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.search import Searchable, answer_search
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.amounts import check_amount, checked_currency
from cashier.sandbox.objects.balance_transactions import add_movement, charging_fee
from cashier.sandbox.objects.card_details import charged_details
from cashier.sandbox.objects.cards import card_from_private, card_of_token, legacy_card
from cashier.sandbox.objects.declines import DECLINES, Decline, card_failure, declined
from cashier.sandbox.objects.payment_methods import add_card, test_card_of
from cashier.sandbox.objects.test_cards import TestCard

_SEARCHABLE = Searchable(
    numbers=frozenset(
        {"amount", "created", "payment_method_details.card.exp_month", "payment_method_details.card.exp_year"}
    ),
    texts=frozenset(
        {
            "billing_details.address.postal_code",
            "currency",
            "customer",
            "disputed",
            "payment_method_details.card.brand",
            "payment_method_details.card.fingerprint",
            "payment_method_details.card.last4",
            "refunded",
            "status",
        }
    ),
)

WhenCharged = Callable[[Account, Json, TestCard], None]
_when_charged: list[WhenCharged] = []


def when_charged(listener: WhenCharged) -> WhenCharged:
    """Register ``function(account, charge, test_card)`` to be called after every successful charge."""
    _when_charged.append(listener)
    return listener


@operation("POST", "/v1/charges")
def create(account: Account, params: Json) -> Json:
    """Charge a token, or a card that a customer has as a source, the way that came before payment intents."""
    for name in ("amount", "currency"):
        if name not in params:
            raise missing_parameter(name)
    currency = checked_currency(params["currency"])
    check_amount(params["amount"], currency)
    method = _method_to_charge(account, params)
    card = card_from_private(account.private(method["id"]))
    decline = DECLINES[card.test_card.decline] if card.test_card.decline else None
    facts: Json = {
        name: params.get(name)
        for name in ("customer", "description", "receipt_email", "shipping", "statement_descriptor",
                     "statement_descriptor_suffix", "transfer_group")
    }  # fmt: skip
    charge = add_charge(
        account,
        method,
        amount_minor=params["amount"],
        currency=currency,
        captured=params.get("capture", True),
        decline=decline,
        source=legacy_card(account, card, method["id"]),
        metadata=merged_metadata({}, params.get("metadata") or {}),
        **facts,
    )
    if decline:
        raise declined(decline, charge_id=charge["id"], keeps_changes=True)
    return charge


def _method_to_charge(account: Account, params: Json) -> Json:
    """Return the card of a token as a new method, or the customer's own: the one that is named, or the default."""
    source_id, customer_id = params.get("source"), params.get("customer")
    if not source_id and not customer_id:
        raise invalid("Must provide source or customer.", code="parameter_missing", param="source")
    customer = account.fetch("customer", customer_id, param="customer") if customer_id else {}
    if source_id and not source_id.startswith("card_"):
        return add_card(account, card_of_token(account, source_id, param="source"), prefix="card")
    source_id = source_id or customer["default_source"]
    if not source_id:
        raise card_failure("missing", "Cannot charge a customer that has no active card", param="card")
    method = account.store.find(source_id, "payment_method")
    if method is None or not customer_id or method["customer"] != customer_id:
        whose = f"Customer {customer_id} does" if customer_id else "You do"
        raise invalid(f"{whose} not have a linked source with ID {source_id}.", code="missing", param="source")
    return method


@operation("GET", "/v1/charges/{charge}")
def retrieve(account: Account, _params: Json, charge_id: str) -> Json:
    """Return a charge."""
    return account.fetch("charge", charge_id)


@operation("POST", "/v1/charges/{charge}")
def update(account: Account, params: Json, charge_id: str) -> Json:
    """Change a charge's description, metadata, receipt address, shipping or fraud report."""
    charge = account.fetch("charge", charge_id)
    before = charge | {}
    for name in ("customer", "description", "receipt_email", "shipping", "transfer_group"):
        if name in params:
            charge[name] = params[name]
    if "fraud_details" in params:
        charge["fraud_details"] = params["fraud_details"]
    if "metadata" in params:
        charge["metadata"] = merged_metadata(charge["metadata"], params["metadata"])
    account.save(charge)
    account.emit("charge.updated", charge, changes(before, charge))
    return charge


@operation("GET", "/v1/charges")
def list_all(account: Account, params: Json) -> Json:
    """List charges."""
    conditions = equal_where_given(params, "customer", "payment_intent", "transfer_group")
    return answer_list(account, "charge", params, "/v1/charges", conditions)


@operation("GET", "/v1/charges/search")
def search(account: Account, params: Json) -> Json:
    """Search charges."""
    return answer_search(account, "charge", params, "/v1/charges/search", _SEARCHABLE)


@operation("POST", "/v1/charges/{charge}/capture")
def capture(account: Account, params: Json, charge_id: str) -> Json:
    """Take the money of a charge that was only authorized."""
    charge = account.fetch("charge", charge_id)
    if charge["payment_intent"]:
        raise invalid(
            "This charge was created by a PaymentIntent. Capture the PaymentIntent instead.",
            code="charge_invalid_parameter",
        )
    amount = params["amount"] if "amount" in params else charge["amount"]
    return capture_charge(account, charge, amount, param="amount")


def add_charge(
    account: Account,
    method: Json,
    *,
    amount_minor: int,
    currency: str,
    captured: bool,
    decline: Decline | None = None,
    authenticated: bool = False,
    is_pending: bool = False,
    **facts: object,
) -> Json:
    """Add a charge of a payment method, captured, authorized or declined, with its balance and its event.

    One that ``is_pending`` waits for ``end_pending``.
    """
    test_card = test_card_of(account, method["id"])
    charge = skeleton(
        "charge",
        id=new_id("ch"),
        amount=amount_minor,
        amount_captured=0,
        amount_refunded=0,
        billing_details=method["billing_details"],
        calculated_statement_descriptor="CASHIER SANDBOX",
        captured=False,
        created=account.now,
        currency=currency,
        disputed=False,
        failure_code=decline.code if decline else None,
        failure_message=decline.message if decline else None,
        fraud_details={},
        livemode=False,
        outcome=decline.outcome(test_card.risk_level) if decline else _approved(test_card),
        paid=decline is None,
        payment_method=method["id"],
        payment_method_details=charged_details(account, method, amount_minor, captured, authenticated),
        radar_options={},
        refunded=False,
        status="failed" if decline else "succeeded",
        **facts,
    )
    if is_pending:
        charge |= {"paid": False, "status": "pending"}
    account.add(charge)
    if decline or is_pending:
        account.emit(f"charge.{charge['status']}", charge)
        return charge
    return _succeeded(account, charge, amount_minor, captured=captured, test_card=test_card)


def end_pending(account: Account, charge: Json, decline: Decline | None) -> Json:
    """Let a bank decide about a charge that was pending: it is paid, or failed as ``decline`` says."""
    test_card = test_card_of(account, charge["payment_method"])
    if decline is None:
        charge |= {"paid": True, "status": "succeeded"}
        return _succeeded(account, charge, charge["amount"], captured=True, test_card=test_card)
    charge |= {
        "failure_code": decline.code,
        "failure_message": decline.message,
        "outcome": decline.outcome(test_card.risk_level),
        "status": "failed",
    }
    account.save(charge)
    account.emit("charge.failed", charge)
    return charge


def _succeeded(account: Account, charge: Json, amount_minor: int, *, captured: bool, test_card: TestCard) -> Json:
    charge["receipt_url"] = f"https://pay.stripe.com/receipts/payment/{random_text(40)}"
    if captured:
        _settle(account, charge, amount_minor, test_card)
    account.save(charge)
    account.emit("charge.succeeded", charge)
    for listener in _when_charged:
        listener(account, charge, test_card)
    return account.fetch("charge", charge["id"])


def capture_charge(account: Account, charge: Json, amount_minor: int, *, param: str) -> Json:
    """Capture an authorized charge, perhaps for less; the rest goes back to the card at once."""
    if charge["captured"]:
        raise invalid(f"Charge {charge['id']} has already been captured.", code="charge_already_captured")
    if charge["status"] != "succeeded" or charge["refunded"]:
        raise invalid(f"Charge {charge['id']} cannot be captured.", code="charge_already_refunded")
    if not 1 <= amount_minor <= charge["amount"]:
        raise invalid(
            f"The amount to capture must be between 1 and {charge['amount']}.",
            param=param,
            code="amount_too_large" if amount_minor > charge["amount"] else "parameter_invalid_integer",
        )
    before = charge | {}
    _settle(account, charge, amount_minor, test_card_of(account, charge["payment_method"]))
    charge["amount_refunded"] = charge["amount"] - amount_minor
    account.save(charge)
    account.emit("charge.captured", charge, changes(before, charge))
    return charge


def release_charge(account: Account, charge: Json) -> Json:
    """Give an authorized, uncaptured charge back in full, as cancelling its intent does."""
    before = charge | {}
    charge |= {"amount_refunded": charge["amount"], "refunded": True}
    account.save(charge)
    account.emit("charge.refunded", charge, changes(before, charge))
    return charge


def _settle(account: Account, charge: Json, amount_minor: int, test_card: TestCard) -> None:
    movement = add_movement(
        account,
        kind="charge",
        source=charge["id"],
        amount_minor=amount_minor,
        currency=charge["currency"],
        fee_minor=charging_fee(amount_minor),
        description=charge["description"],
        at_once=test_card.settles_at_once,
    )
    charge |= {"amount_captured": amount_minor, "balance_transaction": movement["id"], "captured": True}


def _approved(test_card: TestCard) -> Json:
    return skeleton(
        "charge.Charge.Outcome",
        network_status="approved_by_network",
        risk_level=test_card.risk_level,
        risk_score=68 if test_card.risk_level == "elevated" else 22,
        seller_message="Payment complete.",
        type="authorized",
    )
