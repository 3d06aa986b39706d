"""Terminal readers, told what to do by the server. https://docs.stripe.com/api/terminal/readers

All are simulated. A card is held to one by ``/v1/test_helpers/…/present_payment_method``, or by itself after some
seconds where the sandbox was started so.
"""

from __future__ import annotations

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, invalid, missing_parameter
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.lists import answer_list, equal_where_given
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.amounts import checked_currency
from cashier.sandbox.objects.test_cards import card_named
from cashier.sandbox.terminal.present_cards import presented_card
from cashier.sandbox.terminal.reader_actions import (
    begin,
    check_payable,
    customer_cancels,
    fail,
    fill_in,
    present,
    reset,
)

_READER = "terminal.reader"
_DEVICES = {
    "simulated-wpe": "simulated_wisepos_e",
    "simulated-s700": "simulated_stripe_s700",
    "simulated-s710": "simulated_stripe_s710",
    "simulated-t600": "simulated_stripe_t600",
    "simulated-m425": "simulated_verifone_m425",
    "simulated-p630": "simulated_verifone_p630",
    "simulated-ux700": "simulated_verifone_ux700",
    "simulated-v660p": "simulated_verifone_v660p",
}
_CONFIG = ("enable_customer_cancellation", "return_url", "skip_tipping", "tipping")


@operation("POST", "/v1/terminal/readers")
def create(account: Account, params: Json) -> Json:
    """Register a simulated reader by its registration code, such as ``simulated-wpe``."""
    device = _DEVICES.get(params["registration_code"])
    if device is None:
        raise invalid(
            f"No reader found with the registration code '{params['registration_code']}'. The sandbox has simulated "
            f"readers only: {', '.join(_DEVICES)}.",
            param="registration_code",
            code="resource_missing",
        )
    if not params.get("location"):
        raise missing_parameter("location")
    account.fetch("terminal.location", params["location"], param="location")
    reader_id = new_id("tmr")
    serial = f"{device.removeprefix('simulated_')}-simulator-{reader_id[-8:].lower()}"
    reader = skeleton(
        _READER,
        id=reader_id,
        device_sw_version="",
        device_type=device,
        ip_address="0.0.0.0",  # noqa: S104 - what Stripe's simulated readers say, nothing listens there
        label=params.get("label") or serial,
        last_seen_at=account.now * 1000,
        livemode=False,
        location=params["location"],
        metadata=merged_metadata({}, params.get("metadata") or {}),
        serial_number=serial,
        status="online",
    )
    return account.add(reader)


@operation("GET", "/v1/terminal/readers/{reader}")
def retrieve(account: Account, _params: Json, reader_id: str) -> Json:
    """Return a reader with its action."""
    return account.fetch(_READER, reader_id)


@operation("POST", "/v1/terminal/readers/{reader}")
def update(account: Account, params: Json, reader_id: str) -> Json:
    """Change a reader's label or metadata."""
    reader = _reader(account, reader_id)
    if "label" in params:
        reader["label"] = params["label"] or reader["serial_number"]
    if "metadata" in params:
        reader["metadata"] = merged_metadata(reader["metadata"], params["metadata"])
    return account.save(reader)


@operation("DELETE", "/v1/terminal/readers/{reader}")
def delete(account: Account, _params: Json, reader_id: str) -> Json:
    """Take a reader out of the account."""
    _reader(account, reader_id)
    return account.delete(_READER, reader_id)


@operation("GET", "/v1/terminal/readers")
def list_all(account: Account, params: Json) -> Json:
    """List readers by kind, location, serial number and whether they are online."""
    conditions = equal_where_given(params, "device_type", "location", "serial_number", "status")
    return answer_list(account, _READER, params, "/v1/terminal/readers", conditions, has_created=False)


@operation("POST", "/v1/terminal/readers/{reader}/process_payment_intent")
def process_payment_intent(account: Account, params: Json, reader_id: str) -> Json:
    """Ask the customer for a card and charge it; with ``moto``, ask the cashier to type one.

    https://docs.stripe.com/terminal/features/mail-telephone-orders/payments
    """
    reader = _reader(account, reader_id)
    content = _payment_content(account, params, "process_config")
    if (params.get("process_config") or {}).get("moto"):
        _refuse_below_cart(reader)
    return begin(account, reader, "process_payment_intent", content)


@operation("POST", "/v1/terminal/readers/{reader}/collect_payment_method")
def collect_payment_method(account: Account, params: Json, reader_id: str) -> Json:
    """Ask the customer for a card, and charge it only when told to confirm."""
    content = _payment_content(account, params, "collect_config")
    return begin(account, _reader(account, reader_id), "collect_payment_method", content)


@operation("POST", "/v1/terminal/readers/{reader}/confirm_payment_intent")
def confirm_payment_intent(account: Account, params: Json, reader_id: str) -> Json:
    """Charge the card that was collected before."""
    content = _payment_content(account, params, "confirm_config")
    intent = account.fetch("payment_intent", content["payment_intent"])
    if not intent["payment_method"]:
        raise invalid(
            "The PaymentIntent has no payment method yet. Collect one with collect_payment_method first.",
            param="payment_intent",
            code="intent_invalid_state",
        )
    return begin(account, _reader(account, reader_id), "confirm_payment_intent", content, by_itself=True)


@operation("POST", "/v1/terminal/readers/{reader}/process_setup_intent")
def process_setup_intent(account: Account, params: Json, reader_id: str) -> Json:
    """Ask the customer for a card and save it."""
    intent = account.fetch("setup_intent", params["setup_intent"], param="setup_intent")
    if "card_present" not in intent["payment_method_types"] or intent["status"] != "requires_payment_method":
        raise invalid(
            "The SetupIntent has to allow card_present and to wait for a payment method.",
            param="setup_intent",
            code="intent_invalid_state",
        )
    content = {
        "generated_card": None,
        "process_config": _config(params, "process_config"),
        "setup_intent": intent["id"],
    }
    reader = begin(account, _reader(account, reader_id), "process_setup_intent", content)
    _remember_redisplay(account, intent, params["allow_redisplay"])
    return reader


@operation("POST", "/v1/terminal/readers/{reader}/refund_payment")
def refund_payment(account: Account, params: Json, reader_id: str) -> Json:
    """Ask the customer for the card again and give money back to it."""
    if ("charge" in params) == ("payment_intent" in params):
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
    kind = "charge" if "charge" in params else "payment_intent"
    account.fetch(kind, params[kind], param=kind)
    config = {name: value for name, value in (params.get("refund_payment_config") or {}).items() if name in _CONFIG}
    content = {
        "amount": params.get("amount"),
        "charge": params.get("charge"),
        "metadata": merged_metadata({}, params.get("metadata") or {}),
        "payment_intent": params.get("payment_intent"),
        "reason": None,
        "refund": None,
        "refund_application_fee": None,
        "refund_payment_config": config or None,
        "reverse_transfer": None,
    }
    return begin(account, _reader(account, reader_id), "refund_payment", content)


@operation("POST", "/v1/terminal/readers/{reader}/collect_inputs")
def collect_inputs(account: Account, params: Json, reader_id: str) -> Json:
    """Ask the customer questions on the reader's screen."""
    content = {
        "inputs": [_question(asked) for asked in params["inputs"]],
        "metadata": merged_metadata({}, params.get("metadata") or {}),
    }
    return begin(account, _reader(account, reader_id), "collect_inputs", content)


@operation("POST", "/v1/terminal/readers/{reader}/set_reader_display")
def set_reader_display(account: Account, params: Json, reader_id: str) -> Json:
    """Show a cart to the customer."""
    cart = params.get("cart")
    if not cart:
        raise missing_parameter("cart")
    cart = {"tax": None, **cart, "currency": checked_currency(cart["currency"])}
    content = {"cart": cart, "type": params["type"]}
    return begin(account, _reader(account, reader_id), "set_reader_display", content, by_itself=True)


@operation("POST", "/v1/terminal/readers/{reader}/cancel_action")
def cancel_action(account: Account, _params: Json, reader_id: str) -> Json:
    """Put the reader back to rest; the intent it worked on stays as it is."""
    return reset(account, _reader(account, reader_id))


@operation("POST", "/v1/test_helpers/terminal/readers/{reader}/present_payment_method")
def present_payment_method(account: Account, params: Json, reader_id: str) -> Json:
    """Hold a test card to the reader; without a number, one that works."""
    reader = _reader(account, reader_id)
    card = presented_card(params, account.private(reader_id).get("card"))
    return present(account, reader, card, tip_minor=params.get("amount_tip") or 0)


@operation("POST", "/v1/test_helpers/terminal/readers/{reader}/succeed_input_collection")
def succeed_input_collection(account: Account, params: Json, reader_id: str) -> Json:
    """Answer the questions on the reader's screen."""
    skip = params.get("skip_non_required_inputs") == "all"
    return fill_in(account, _reader(account, reader_id), skip_optional=skip)


@operation("POST", "/v1/test_helpers/terminal/readers/{reader}/timeout_input_collection")
def timeout_input_collection(account: Account, _params: Json, reader_id: str) -> Json:
    """Let the questions on the reader's screen run out of time."""
    reader = _reader(account, reader_id)
    if not reader["action"] or reader["action"]["type"] != "collect_inputs":
        raise invalid("The reader does not collect inputs now.", code="invalid_reader_state")
    return fail(account, reader, "collect_inputs_timed_out")


def order(account: Account, body: Json) -> Json:
    """Carry out what the control interface orders for a reader, and return the reader."""
    reader = _reader(account, body.pop("reader"))
    unknown = body.keys() - {"status", "card", "reports", "timeouts", "customer_cancels"}
    wrong_card = body.get("card") is not None and card_named(body["card"]) is None
    if unknown or wrong_card or body.get("status", "online") not in ("online", "offline"):
        raise ValueError(f"unknown: {sorted(unknown) or body}")
    kept = {name: body[name] for name in ("card", "reports", "timeouts") if name in body}
    account.save(reader | {"status": body.get("status", reader["status"])}, account.private(reader["id"]) | kept)
    if body.get("customer_cancels"):
        customer_cancels(account, reader)
    return account.fetch(_READER, reader["id"])


def _reader(account: Account, reader_id: str) -> Json:
    return account.fetch_existing(_READER, reader_id)


def _payment_content(account: Account, params: Json, config: str) -> Json:
    intent = account.fetch("payment_intent", params["payment_intent"], param="payment_intent")
    wishes = params.get(config) or {}
    typed = bool(wishes.get("moto"))
    check_payable(intent, typed=typed)
    kept = {"allow_redisplay": wishes.get("allow_redisplay"), "typed": typed}
    account.save(intent, account.private(intent["id"]) | kept)
    return {"payment_intent": intent["id"], config: _config(params, config)}


def _config(params: Json, name: str) -> Json | None:
    return {key: value for key, value in (params.get(name) or {}).items() if key in _CONFIG} or None


def _refuse_below_cart(reader: Json) -> None:
    """Want the cart cleared before a card is typed: Stripe's guide says so, but not what happens otherwise."""
    if reader["action"] and reader["action"]["type"] == "set_reader_display":
        raise invalid(
            "The reader shows a cart. Reset its display with cancel_action before collecting a MOTO payment.",
            code="invalid_reader_state",
        )


def _remember_redisplay(account: Account, intent: Json, allow_redisplay: str | None) -> None:
    account.save(intent, account.private(intent["id"]) | {"allow_redisplay": allow_redisplay})


def _question(asked: Json) -> Json:
    kind = asked["type"]
    if kind == "selection" and not asked.get("selection"):
        raise missing_parameter("inputs[selection]")
    texts = dict.fromkeys(("description", "skip_button", "submit_button", "title"))
    toggles = [
        dict.fromkeys(("default_value", "description", "title", "value")) | toggle
        for toggle in asked.get("toggles") or []
    ]
    answer = {"choices": asked["selection"]["choices"], "id": None, "text": None} if kind == "selection" else {}
    return {
        "custom_text": texts | asked["custom_text"],
        "required": asked.get("required", False),
        "skipped": False,
        "toggles": toggles,
        "type": kind,
        kind: answer or {"value": None},
    }
