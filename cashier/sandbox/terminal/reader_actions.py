"""What a simulated reader does: it is told to act, a card is held to it, and the action succeeds or fails.

A reader does one thing at a time. Each action has a token of its own, so that what was put on the agenda for an
action that is gone does nothing. https://docs.stripe.com/terminal/references/testing
"""

from __future__ import annotations

from collections.abc import Callable

from cashier.sandbox.engine.account import Account, agenda_action
from cashier.sandbox.engine.failures import Json, StripeFailure, invalid
from cashier.sandbox.engine.ids import random_text
from cashier.sandbox.objects.declines import Decline
from cashier.sandbox.objects.payment_attempts import attempt
from cashier.sandbox.objects.refunds import add_refund
from cashier.sandbox.objects.setup_intents import set_up
from cashier.sandbox.objects.test_cards import TestCard
from cashier.sandbox.terminal.present_cards import (
    add_generated_card,
    add_present_card,
    add_typed_card,
    presented_card,
)

_MILLISECONDS = 1000
_FAILURES = {
    "card_declined": "Your card was declined.",
    "connection_error": "The reader lost its connection while the payment was processed.",
    "customer_canceled": "The customer canceled the action on the reader.",
    "collect_inputs_timed_out": "Nobody answered on the reader in time.",
}


def begin(account: Account, reader: Json, kind: str, content: Json, *, by_itself: bool = False) -> Json:
    """Tell ``reader`` to act; ``by_itself`` is for actions that need nobody at the reader.

    Raises ``terminal_reader_offline``, ``terminal_reader_busy`` and, where ordered, ``terminal_reader_timeout``.
    """
    private = account.private(reader["id"])
    _check_reachable(reader, kind, content)
    timeout = _next_timeout(private)
    if timeout != "lost":
        token = random_text(12)
        private["token"] = token
        reader["action"] = {"status": "in_progress", "type": kind, kind: content}
        reader["action"] |= {"failure_code": None, "failure_message": None}
        reader["last_seen_at"] = account.now * _MILLISECONDS
        if by_itself:
            account.later(0, "reader finishes", f"{reader['id']} {token}")
        elif account.reader_answers_after is not None:
            account.later(account.reader_answers_after, "customer comes to reader", f"{reader['id']} {token}")
    account.save(reader, private)
    if timeout:
        raise _timed_out()
    return reader


def reset(account: Account, reader: Json) -> Json:
    """Put the reader back to rest; the intent it worked on stays as it is. Raises as ``begin`` does."""
    if reader["status"] != "online":
        raise invalid("Reader is currently offline, so it cannot be reset.", code="terminal_reader_offline")
    private = account.private(reader["id"])
    timeout = _next_timeout(private)
    if timeout != "lost":
        reader["action"] = None
    account.save(reader, private)
    if timeout:
        raise _timed_out()
    return reader


def current_action(reader: Json, *kinds: str) -> Json:
    """Return the reader's action under way if it is of one of these kinds; raise otherwise."""
    action: Json | None = reader["action"]
    if action is None or action["status"] != "in_progress" or action["type"] not in kinds:
        raise invalid("The reader has no action under way that this could answer.", code="invalid_reader_state")
    return action


def present(account: Account, reader: Json, test_card: TestCard, *, tip_minor: int = 0) -> Json:
    """Hold a card to the reader, or type it: the action under way is carried out with it, and ends."""
    action = current_action(reader, *_WITH_CARD)
    reports = account.private(reader["id"]).get("reports")
    content = action[action["type"]]
    add = add_typed_card if _is_typed(account, content) else add_present_card
    method = add(account, test_card, reader)
    try:
        decline = _WITH_CARD[action["type"]](account, content, method, tip_minor)
    except StripeFailure as failure:
        return fail(account, reader, str(failure.error.get("code", "invalid_request")), str(failure), failure.error)
    if reports:
        account.save(reader, account.private(reader["id"]) | {"reports": None})
        return fail(account, reader, reports)
    if decline:
        facts: Json = decline.error_facts(None) | {"payment_method": method}
        return fail(account, reader, decline.code, decline.message, facts)
    return succeed(account, reader)


def succeed(account: Account, reader: Json) -> Json:
    """End the reader's action well."""
    return _end(account, reader, {"status": "succeeded"}, "terminal.reader.action_succeeded")


def fail(
    account: Account, reader: Json, code: str, message: str | None = None, api_error: Json | None = None
) -> Json:
    """End the reader's action without success; ``api_error`` is what Stripe said to the reader."""
    facts: Json = {"failure_code": code, "failure_message": message or _FAILURES.get(code, code), "status": "failed"}
    if api_error:
        facts["api_error"] = api_error
    return _end(account, reader, facts, "terminal.reader.action_failed")


def customer_cancels(account: Account, reader: Json) -> Json:
    """Press the reader's cancel button, as the customer may."""
    current_action(reader, *_WITH_CARD, "collect_inputs")
    return fail(account, reader, "customer_canceled")


def fill_in(account: Account, reader: Json, *, skip_optional: bool) -> Json:
    """Answer all questions on the reader's screen, as Stripe's simulated readers do."""
    action = current_action(reader, "collect_inputs")
    for question in action["collect_inputs"]["inputs"]:
        question["skipped"] = skip_optional and not question["required"]
        if question["skipped"]:
            continue
        kind = question["type"]
        question[kind] = question[kind] | _ANSWERS.get(kind, {})
        if kind == "selection":
            first = question["selection"]["choices"][0]
            question["selection"] |= {"id": first["id"], "text": first["text"]}
        for toggle in question["toggles"]:
            toggle["value"] = toggle["default_value"] or "disabled"
    return succeed(account, reader)


def _next_timeout(private: Json) -> str | None:
    timeouts: list[str] = private.get("timeouts", [])
    return timeouts.pop(0) if timeouts else None


def _timed_out() -> StripeFailure:
    return StripeFailure(
        400,
        "The reader did not answer in time. It may have received the command all the same.",
        code="terminal_reader_timeout",
        keeps_changes=True,
    )


def _check_reachable(reader: Json, kind: str, content: Json) -> None:
    if reader["status"] != "online":
        raise invalid(
            "Reader is currently offline, please ensure the reader is powered on and connected to the internet "
            "before retrying your request.",
            code="terminal_reader_offline",
        )
    action = reader["action"]
    if action is None or action["status"] != "in_progress":
        return
    # The same payment may be sent again, for example after its amount was changed.
    intent = content.get("payment_intent")
    if not intent or action["type"] != kind or action[kind]["payment_intent"] != intent:
        raise invalid(
            "Reader is currently busy processing another request. Wait for it, or cancel it with cancel_action.",
            code="terminal_reader_busy",
        )


def _end(account: Account, reader: Json, facts: Json, event: str) -> Json:
    reader["action"] = reader["action"] | facts
    reader["last_seen_at"] = account.now * _MILLISECONDS
    account.save(reader)
    account.emit(event, reader)
    return reader


def _pay(account: Account, content: Json, method: Json, tip_minor: int) -> Decline | None:
    intent = account.fetch("payment_intent", content["payment_intent"])
    check_payable(intent, typed=_is_typed(account, content))
    if tip_minor:
        intent |= {"amount": intent["amount"] + tip_minor, "amount_details": {"tip": {"amount": tip_minor}}}
    decline = attempt(account, intent, method)
    if decline is None and intent["customer"] and intent["setup_future_usage"]:
        charge = account.fetch("charge", intent["latest_charge"])
        allow = (account.private(intent["id"]).get("allow_redisplay")) or "unspecified"
        card = add_generated_card(account, method, intent["customer"], allow_redisplay=allow, charge=charge["id"])
        charge["payment_method_details"]["card_present"]["generated_card"] = card["id"]
        account.save(charge)
    return decline


def _collect(account: Account, content: Json, method: Json, _tip_minor: int) -> None:
    intent = account.fetch("payment_intent", content["payment_intent"])
    check_payable(intent)
    intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    account.save(intent)
    content["payment_method"] = method


def _save_card(account: Account, content: Json, method: Json, _tip_minor: int) -> Decline | None:
    intent = account.fetch("setup_intent", content["setup_intent"])
    decline = set_up(account, intent, method)
    if decline is None and intent["customer"]:
        allow = account.private(intent["id"]).get("allow_redisplay") or "unspecified"
        card = add_generated_card(
            account, method, intent["customer"], allow_redisplay=allow, setup_attempt=intent["latest_attempt"]
        )
        content["generated_card"] = card["id"]
        made = account.fetch("setup_attempt", intent["latest_attempt"])
        made["payment_method_details"]["card_present"]["generated_card"] = card["id"]
        account.save(made)
    return decline


def _give_back(account: Account, content: Json, _method: Json, _tip_minor: int) -> None:
    charge_id = content["charge"] or account.fetch("payment_intent", content["payment_intent"])["latest_charge"]
    charge = account.fetch("charge", charge_id)
    refund = add_refund(
        account, charge, amount_minor=content["amount"], reason=content["reason"], metadata=content["metadata"]
    )
    content["refund"] = refund["id"]


def _is_typed(account: Account, content: Json) -> bool:
    """Tell whether the card for this action is typed into the reader: mail order or telephone order."""
    intent: str | None = content.get("payment_intent")
    return intent is not None and bool(account.private(intent).get("typed"))


def check_payable(intent: Json, *, typed: bool = False) -> None:
    """Raise ``intent_invalid_state`` unless a reader may take the money of ``intent``, from a card that is typed."""
    needed = "card" if typed else "card_present"
    if needed not in intent["payment_method_types"]:
        raise invalid(
            f"The PaymentIntent does not allow {needed}, which this needs. Name it in allowed_payment_method_types.",
            param="payment_intent",
            code="payment_intent_incompatible_payment_method",
        )
    if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
        raise invalid(
            f"The PaymentIntent has a status of {intent['status']}, so a reader cannot process it.",
            param="payment_intent",
            code="intent_invalid_state",
        )


@agenda_action("customer comes to reader")
def _come(account: Account, reader_and_token: str) -> None:
    """Do what the customer would, in the automatic mode for training."""
    reader = _still_busy(account, reader_and_token)
    if reader is None:
        return
    if reader["action"]["type"] == "collect_inputs":
        fill_in(account, reader, skip_optional=False)
    else:
        present(account, reader, presented_card({}, account.private(reader["id"]).get("card")))


@agenda_action("reader finishes")
def _finish(account: Account, reader_and_token: str) -> None:
    """Carry out an action that needs nobody: show a cart, or pay with the card collected before."""
    reader = _still_busy(account, reader_and_token)
    if reader is None:
        return
    action = reader["action"]
    if action["type"] != "confirm_payment_intent":
        succeed(account, reader)
        return
    intent = account.fetch("payment_intent", action["confirm_payment_intent"]["payment_intent"])
    decline = attempt(account, intent, account.fetch("payment_method", intent["payment_method"]))
    if decline:
        fail(account, reader, decline.code, decline.message, decline.error_facts(intent["latest_charge"]))
    else:
        succeed(account, reader)


def _still_busy(account: Account, reader_and_token: str) -> Json | None:
    reader_id, token = reader_and_token.split()
    reader = account.store.find(reader_id, "terminal.reader")
    current = reader and not reader.get("deleted") and account.private(reader_id).get("token") == token
    if not reader or not current or not reader["action"] or reader["action"]["status"] != "in_progress":
        return None
    return reader


_WITH_CARD: dict[str, Callable[[Account, Json, Json, int], Decline | None]] = {
    "process_payment_intent": _pay,
    "collect_payment_method": _collect,
    "process_setup_intent": _save_card,
    "refund_payment": _give_back,
}
_ANSWERS: Json = {
    "email": {"value": "customer@example.com"},
    "numeric": {"value": "1234567890"},
    "phone": {"value": "+12125550123"},
    "text": {"value": "An answer from the simulated reader"},
    "signature": {"value": "file_simulated_signature"},
}
