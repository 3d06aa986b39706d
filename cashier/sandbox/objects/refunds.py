"""Refunds: money that goes back to the card it came from. https://docs.stripe.com/api/refunds

A refund counts against its charge from the moment it is made. When it fails or is cancelled later, the money comes
back to the account's balance and the charge may be refunded again.
"""

from __future__ import annotations

from cashier.money import Money
from cashier.sandbox.engine.account import Account, agenda_action, changes
from cashier.sandbox.engine.failures import Json, StripeFailure, invalid
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.lists import answer_list, equal, equal_where_given, whole_list
from cashier.sandbox.engine.operations import includable, operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.balance_transactions import add_movement
from cashier.sandbox.objects.bank_redirects import REDIRECTS
from cashier.sandbox.objects.charges import release_charge
from cashier.sandbox.objects.payment_methods import test_card_of
from cashier.sandbox.objects.test_cards import RefundFate
from cashier.sandbox.objects.vouchers import VOUCHERS

# Stripe says "some time later" of its asynchronous test cards; the bank's reference takes days in real life.
_FATE_SECONDS = 30
_REFERENCE_SECONDS = 3 * 24 * 60 * 60
_INSTRUCTIONS_SECONDS = 45 * 24 * 60 * 60
_ACCOUNT_NAMED_SECONDS = 24 * 60 * 60
_NOT_OFFERED = ("currency", "customer", "origin", "refund_application_fee", "reverse_transfer")


@operation("POST", "/v1/refunds")
def create(account: Account, params: Json) -> Json:
    """Refund a charge, named by itself or by its payment intent: all that is left of it, or a part."""
    for name in _NOT_OFFERED:
        if params.get(name):
            raise invalid(f"The sandbox does not offer `{name}` for refunds.", param=name)
    charge = _charge_to_refund(account, params)
    return add_refund(
        account,
        charge,
        amount_minor=params.get("amount"),
        reason=params.get("reason"),
        metadata=merged_metadata({}, params.get("metadata") or {}),
        instructions_email=params.get("instructions_email"),
    )


@operation("GET", "/v1/refunds/{refund}")
def retrieve(account: Account, _params: Json, refund_id: str) -> Json:
    """Return a refund."""
    return account.fetch("refund", refund_id)


@operation("POST", "/v1/refunds/{refund}")
def update(account: Account, params: Json, refund_id: str) -> Json:
    """Change a refund's metadata; nothing else of it can be changed."""
    refund = account.fetch("refund", refund_id)
    before = refund | {}
    if "metadata" in params:
        refund["metadata"] = merged_metadata(refund["metadata"], params["metadata"])
    return _changed(account, before, refund)


@operation("GET", "/v1/refunds")
def list_all(account: Account, params: Json) -> Json:
    """List refunds, perhaps those of one charge or intent."""
    return answer_list(
        account, "refund", params, "/v1/refunds", equal_where_given(params, "charge", "payment_intent")
    )


@operation("POST", "/v1/refunds/{refund}/cancel")
def cancel(account: Account, _params: Json, refund_id: str) -> Json:
    """Cancel a refund that waits for the customer's bank details; any other is on its way and cannot be stopped."""
    refund = _waiting(account, refund_id, "canceled")
    return _take_back(account, refund, status="canceled")


@operation("POST", "/v1/test_helpers/refunds/{refund}/expire")
def expire(account: Account, _params: Json, refund_id: str) -> Json:
    """Let a refund that waits for the customer's bank details run out of time."""
    refund = _waiting(account, refund_id, "expired")
    return _take_back(account, refund, status="failed", failure_reason="unknown")


@includable("charge", "refunds")
def _refunds_of(account: Account, charge: Json) -> Json:
    return whole_list(account.select("refund", equal("charge", charge["id"])), f"/v1/charges/{charge['id']}/refunds")


def add_refund(
    account: Account,
    charge: Json,
    *,
    amount_minor: int | None = None,
    reason: str | None = None,
    metadata: Json | None = None,
    instructions_email: str | None = None,
) -> Json:
    """Refund ``amount_minor`` of a charge, or all that is left; used by the API and by the readers.

    Raises Stripe's errors for a charge that cannot be refunded or has less than that left.
    """
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if amount_minor is None else amount_minor
    _check_refundable(account, charge, amount, left)
    refund = skeleton(
        "refund",
        id=new_id("re"),
        amount=amount,
        charge=charge["id"],
        created=account.now,
        currency=charge["currency"],
        destination_details=_destination(charge),
        metadata=metadata or {},
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="succeeded",
    )
    fate = _fate_of(account, charge)
    if charge["captured"]:
        _send_out(account, charge, refund, fate, instructions_email)
        before = charge | {}
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        account.save(charge)
        account.emit("charge.refunded", charge, changes(before, charge))
    else:
        release_charge(account, charge)
        refund["destination_details"]["card"]["type"] = "reversal"
    account.add(refund)
    account.emit("refund.created", refund)
    if charge["captured"] and fate is RefundFate.FAILS_AT_ONCE:
        return _take_back(account, refund, status="failed", failure_reason="declined")
    return refund


def _charge_to_refund(account: Account, params: Json) -> Json:
    if ("charge" in params) == ("payment_intent" in params):
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
    intent_id = params.get("payment_intent")
    charge = account.fetch("charge", params["charge"], param="charge") if "charge" in params else None
    if charge and (charge["captured"] or not charge["payment_intent"]):
        return charge
    intent = account.fetch("payment_intent", intent_id or (charge or {})["payment_intent"], param="payment_intent")
    if intent["status"] == "requires_capture":
        raise invalid(
            f"This PaymentIntent ({intent['id']}) is not captured yet, so there is nothing to refund. Cancel it "
            "instead.",
            param="payment_intent",
        )
    if intent["status"] != "succeeded":
        raise invalid(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return account.fetch("charge", intent["latest_charge"])


def _check_refundable(account: Account, charge: Json, amount: int, left: int) -> None:
    kind = charge["payment_method_details"]["type"]
    if kind in VOUCHERS and not VOUCHERS[kind].can_be_refunded:
        raise invalid(f"Charge {charge['id']} was paid by {kind}, which cannot be refunded.", param="charge")
    if charge["status"] != "succeeded":
        raise invalid(f"Charge {charge['id']} was not successful, so there is nothing to refund.", param="charge")
    if charge["refunded"]:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if any(
        not dispute["is_charge_refundable"] for dispute in account.select("dispute", equal("charge", charge["id"]))
    ):
        raise invalid(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if amount < 1:
        raise invalid("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    if amount > left:
        bound = "unrefunded amount on charge" if charge["amount_refunded"] else "charge amount"
        asked, rest = (Money(minor, charge["currency"].upper()) for minor in (amount, left))
        raise invalid(f"Refund amount ({asked}) is greater than {bound} ({rest})", param="amount")
    if not charge["captured"] and amount != left:
        raise invalid(
            f"Charge {charge['id']} is not captured, so it can only be refunded in full. To keep a part of it, "
            "capture that part.",
            param="amount",
        )


def _fate_of(account: Account, charge: Json) -> RefundFate:
    """Tell how a refund of ``charge`` goes: as ordered, as its method has it, or as its test card does."""
    if account.forced_refunds:
        return RefundFate(account.forced_refunds.popleft())
    kind = charge["payment_method_details"]["type"]
    if kind in VOUCHERS:
        return RefundFate.ASKS_FOR_ACCOUNT
    return RefundFate.PENDING_FIRST if kind in REDIRECTS else test_card_of(account, charge["payment_method"]).refund


def _send_out(account: Account, charge: Json, refund: Json, fate: RefundFate, instructions_email: str | None) -> None:
    """Take the money from the balance, and put on the agenda what becomes of the refund later."""
    movement = _move(account, refund, kind="refund", amount_minor=-refund["amount"])
    refund["balance_transaction"] = movement["id"]
    if fate in (RefundFate.REQUIRES_ACTION, RefundFate.ASKS_FOR_ACCOUNT):
        email = instructions_email or charge["billing_details"]["email"] or "customer@example.com"
        refund["status"] = "requires_action"
        refund["instructions_email"] = instructions_email
        refund["next_action"] = {
            "display_details": {
                "email_sent": {"email_sent_at": account.now, "email_sent_to": email},
                "expires_at": account.now + _INSTRUCTIONS_SECONDS,
            },
            "type": "display_details",
        }
        account.later(_INSTRUCTIONS_SECONDS, "refund expires", refund["id"])
    if fate == RefundFate.ASKS_FOR_ACCOUNT:
        account.later(_ACCOUNT_NAMED_SECONDS, "refund learns its account", refund["id"])
    if fate == RefundFate.PENDING_FIRST:
        refund |= {"pending_reason": "processing", "status": "pending"}
        account.later(_FATE_SECONDS, "refund succeeds", refund["id"])
    if fate == RefundFate.FAILS_LATER:
        account.later(_FATE_SECONDS, "refund fails", refund["id"])
    if fate in (RefundFate.SUCCEEDS, RefundFate.PENDING_FIRST):
        account.later(_REFERENCE_SECONDS, "refund gets its reference", refund["id"])


def _move(account: Account, refund: Json, *, kind: str, amount_minor: int) -> Json:
    what = "REFUND FOR CHARGE" if kind == "refund" else "REFUND FAILURE FOR CHARGE"
    return add_movement(
        account,
        kind=kind,
        source=refund["id"],
        amount_minor=amount_minor,
        currency=refund["currency"],
        description=f"{what} ({refund['charge']})",
        at_once=True,
    )


@agenda_action("refund succeeds")
def _succeed(account: Account, refund_id: str) -> None:
    refund = account.fetch("refund", refund_id)
    if refund["status"] == "pending":
        _changed(account, refund, refund | {"pending_reason": None, "status": "succeeded"})


@agenda_action("refund learns its account")
def _go_out(account: Account, refund_id: str) -> None:
    """Send the money to the account that the customer named; nothing when the refund is over by then."""
    refund = account.fetch("refund", refund_id)
    if refund["status"] == "requires_action":
        _changed(account, refund, refund | {"next_action": None, "status": "succeeded"})


@agenda_action("refund fails")
def _fail(account: Account, refund_id: str) -> None:
    refund = account.fetch("refund", refund_id)
    if refund["status"] in ("pending", "succeeded"):
        _take_back(account, refund, status="failed", failure_reason="expired_or_canceled_card")


@agenda_action("refund expires")
def _run_out(account: Account, refund_id: str) -> None:
    if account.fetch("refund", refund_id)["status"] == "requires_action":
        expire(account, {}, refund_id)


@agenda_action("refund gets its reference")
def _refer(account: Account, refund_id: str) -> None:
    """Tell the bank's reference, by which the customer can find the refund on a statement."""
    refund = account.fetch("refund", refund_id)
    if refund["status"] == "succeeded":
        reference = f"{int.from_bytes(refund_id[-5:].encode()) % 10**12:012d}"
        charge = account.fetch("charge", refund["charge"])
        _changed(account, refund, refund | {"destination_details": _destination(charge, reference)})


def _take_back(account: Account, refund: Json, *, status: str, failure_reason: str | None = None) -> Json:
    """End a refund without success: the money is on the balance again, and the charge is not refunded any more."""
    before = refund | {}
    movement = _move(account, refund, kind="refund_failure", amount_minor=refund["amount"])
    refund = refund | {"failure_balance_transaction": movement["id"], "next_action": None, "status": status}
    if failure_reason:
        refund["failure_reason"] = failure_reason
    account.save(refund)
    charge = account.fetch("charge", refund["charge"])
    old = charge | {}
    charge |= {"amount_refunded": charge["amount_refunded"] - refund["amount"], "refunded": False}
    account.save(charge)
    account.emit("charge.updated", charge, changes(old, charge))
    if status == "failed":
        account.emit("refund.failed", refund, changes(before, refund))
        account.emit("charge.refund.updated", refund, changes(before, refund))
        return refund
    return _changed(account, before, refund)


def _changed(account: Account, before: Json, refund: Json) -> Json:
    account.save(refund)
    account.emit("refund.updated", refund, changes(before, refund))
    account.emit("charge.refund.updated", refund, changes(before, refund))
    return refund


def _waiting(account: Account, refund_id: str, verb: str) -> Json:
    refund = account.fetch("refund", refund_id)
    if refund["status"] != "requires_action":
        raise StripeFailure(
            400,
            f"This refund cannot be {verb} because it has a status of {refund['status']}. Only a refund with a "
            f"status of requires_action may be {verb}.",
        )
    return refund


def _destination(charge: Json, reference: str | None = None) -> Json | None:
    """Return where a refund goes, where Stripe says so."""
    kind = charge["payment_method_details"]["type"]
    if kind in ("multibanco", "p24"):
        status = "available" if reference else "pending"
        return {kind: {"reference": reference, "reference_status": status}, "type": kind}
    if kind not in ("card", "card_present"):
        return None
    card = {
        "reference": reference,
        "reference_status": "available" if reference else "pending",
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    }
    return {"card": {name: value for name, value in card.items() if value is not None}, "type": "card"}
