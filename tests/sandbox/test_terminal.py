"""Terminal: locations, simulated readers, and what they do."""

from __future__ import annotations

import asyncio

import pytest

from cashier.sandbox.server import Options, running
from tests.sandbox.conftest import Wire

ADDRESS = {"address[country]": "US", "address[line1]": "1 Main Street", "address[city]": "Springfield"}


async def _location(wire):
    return (await wire.post("/v1/terminal/locations", {"display_name": "Main hall", **ADDRESS})).body["id"]


async def _reader(wire, code="simulated-wpe"):
    location = await _location(wire)
    return (await wire.post("/v1/terminal/readers", {"registration_code": code, "location": location})).body["id"]


async def _intent(wire, **form: str):
    form = {"amount": "2500", "currency": "usd", "allowed_payment_method_types[]": "card_present", **form}
    return (await wire.post("/v1/payment_intents", form)).body["id"]


async def _process(wire, reader, intent, **form: str):
    return await wire.post(
        f"/v1/terminal/readers/{reader}/process_payment_intent", {"payment_intent": intent, **form}
    )


async def _present(wire, reader, number=None):
    form = {"type": "card_present", "card_present[number]": number} if number else {}
    return await wire.post(f"/v1/test_helpers/terminal/readers/{reader}/present_payment_method", form)


async def _event_types(wire):
    return [event["type"] for event in (await wire.get("/v1/events?limit=100")).body["data"]]


async def test_a_reader_takes_a_payment(wire):
    reader, intent = await _reader(wire), await _intent(wire)

    begun = (await _process(wire, reader, intent)).body
    presented = (await _present(wire, reader)).body

    paid = (await wire.get(f"/v1/payment_intents/{intent}?expand[]=latest_charge")).body
    details = paid["latest_charge"]["payment_method_details"]
    assert (begun["action"]["status"], begun["action"]["type"]) == ("in_progress", "process_payment_intent")
    assert presented["action"]["status"] == "succeeded"
    assert presented["action"]["process_payment_intent"]["payment_intent"] == intent
    assert (paid["status"], paid["amount_received"]) == ("succeeded", 2500)
    assert (details["type"], details["card_present"]["reader"], details["card_present"]["last4"]) == (
        "card_present", reader, "4242",
    )  # fmt: skip
    assert details["card_present"]["receipt"]["authorization_code"].isdigit()
    assert "terminal.reader.action_succeeded" in await _event_types(wire)


async def test_a_reader_may_only_authorize(wire):
    reader, intent = await _reader(wire), await _intent(wire, capture_method="manual")
    await _process(wire, reader, intent)
    await _present(wire, reader)

    held = (await wire.get(f"/v1/payment_intents/{intent}")).body
    captured = (await wire.post(f"/v1/payment_intents/{intent}/capture")).body

    assert (held["status"], captured["status"]) == ("requires_capture", "succeeded")


async def test_a_declined_card_fails_the_action_and_another_card_may_be_tried(wire):
    reader, intent = await _reader(wire), await _intent(wire)
    await _process(wire, reader, intent)

    declined = (await _present(wire, reader, "4000000000009995")).body["action"]
    after = (await wire.get(f"/v1/payment_intents/{intent}")).body
    await _process(wire, reader, intent)
    await _present(wire, reader, "5555555555554444")

    assert (declined["status"], declined["failure_code"]) == ("failed", "card_declined")
    assert declined["api_error"]["decline_code"] == "insufficient_funds"
    assert after["status"] == "requires_payment_method"
    assert after["last_payment_error"]["decline_code"] == "insufficient_funds"
    assert (await wire.get(f"/v1/payment_intents/{intent}")).body["status"] == "succeeded"
    assert "terminal.reader.action_failed" in await _event_types(wire)


async def test_a_reader_does_one_thing_at_a_time(wire):
    reader, intent = await _reader(wire), await _intent(wire)
    await _process(wire, reader, intent)

    other = await _process(wire, reader, await _intent(wire))
    same = await _process(wire, reader, intent)
    reset = await wire.post(f"/v1/terminal/readers/{reader}/cancel_action")
    nothing = await _present(wire, reader)

    assert (other.status, other.error["code"]) == (400, "terminal_reader_busy")
    assert (same.status, reset.body["action"]) == (200, None)
    assert nothing.status == 400
    assert (await wire.get(f"/v1/payment_intents/{intent}")).body["status"] == "requires_payment_method"


async def test_a_reader_that_is_offline_refuses(wire):
    reader, intent = await _reader(wire), await _intent(wire)
    await wire.control("readers", {"reader": reader, "status": "offline"})

    refused = await _process(wire, reader, intent)
    await wire.control("readers", {"reader": reader, "status": "online"})

    assert (refused.status, refused.error["code"]) == (400, "terminal_reader_offline")
    assert (await _process(wire, reader, intent)).status == 200


@pytest.mark.parametrize(("fate", "arrived"), [("lost", False), ("received", True)])
async def test_a_command_that_timed_out_may_have_arrived(wire, fate, arrived):
    reader, intent = await _reader(wire), await _intent(wire)
    await wire.control("readers", {"reader": reader, "timeouts": [fate]})

    timed_out = await _process(wire, reader, intent)

    action = (await wire.get(f"/v1/terminal/readers/{reader}")).body["action"]
    assert (timed_out.status, timed_out.error["code"]) == (400, "terminal_reader_timeout")
    assert (action is not None) == arrived
    assert (await _process(wire, reader, intent)).status == 200


@pytest.mark.parametrize("code", ["connection_error", "card_declined"])
async def test_a_reader_may_report_failure_although_the_money_was_taken(wire, code):
    reader, intent = await _reader(wire), await _intent(wire)
    await wire.control("readers", {"reader": reader, "reports": code})
    await _process(wire, reader, intent)

    action = (await _present(wire, reader)).body["action"]

    assert (action["status"], action["failure_code"]) == ("failed", code)
    assert (await wire.get(f"/v1/payment_intents/{intent}")).body["status"] == "succeeded"


async def test_the_customer_may_cancel(wire):
    reader, intent = await _reader(wire), await _intent(wire)
    await _process(wire, reader, intent, **{"process_config[enable_customer_cancellation]": "true"})

    await wire.control("readers", {"reader": reader, "customer_cancels": True})

    action = (await wire.get(f"/v1/terminal/readers/{reader}")).body["action"]
    assert (action["status"], action["failure_code"]) == ("failed", "customer_canceled")


async def test_an_intent_that_is_over_or_not_for_readers_is_refused(wire):
    reader, cancelled = await _reader(wire), await _intent(wire)
    await wire.post(f"/v1/payment_intents/{cancelled}/cancel")
    online = await _intent(wire, **{"allowed_payment_method_types[]": "card"})

    over = await _process(wire, reader, cancelled)
    wrong = await _process(wire, reader, online)

    assert (over.status, over.error["code"]) == (400, "intent_invalid_state")
    assert (wrong.status, wrong.error["param"]) == (400, "payment_intent")


async def test_an_intent_cancelled_at_the_desk_is_not_charged_by_the_reader(wire):
    reader, intent = await _reader(wire), await _intent(wire)
    await _process(wire, reader, intent)
    await wire.post(f"/v1/payment_intents/{intent}/cancel")

    action = (await _present(wire, reader)).body["action"]

    assert (action["status"], action["failure_code"]) == ("failed", "intent_invalid_state")
    assert (await wire.get(f"/v1/charges?payment_intent={intent}")).body["data"] == []


async def test_a_card_can_be_collected_first_and_charged_later(wire):
    reader, intent = await _reader(wire), await _intent(wire)
    await wire.post(f"/v1/terminal/readers/{reader}/collect_payment_method", {"payment_intent": intent})

    collected = (await _present(wire, reader)).body["action"]
    between = (await wire.get(f"/v1/payment_intents/{intent}")).body["status"]
    await wire.post(f"/v1/terminal/readers/{reader}/confirm_payment_intent", {"payment_intent": intent})

    action = (await wire.get(f"/v1/terminal/readers/{reader}")).body["action"]
    assert collected["collect_payment_method"]["payment_method"]["card_present"]["brand"] == "visa"
    assert between == "requires_confirmation"
    assert (action["type"], action["status"]) == ("confirm_payment_intent", "succeeded")
    assert (await wire.get(f"/v1/payment_intents/{intent}")).body["status"] == "succeeded"


async def test_a_card_read_by_a_reader_can_be_saved(wire):
    customer = (await wire.post("/v1/customers", {})).body["id"]
    reader = await _reader(wire)
    form = {"customer": customer, "allowed_payment_method_types[]": "card_present"}
    setup = (await wire.post("/v1/setup_intents", form)).body["id"]
    path = f"/v1/terminal/readers/{reader}/process_setup_intent"
    await wire.post(path, {"setup_intent": setup, "allow_redisplay": "always"})

    action = (await _present(wire, reader)).body["action"]

    [card] = (await wire.get(f"/v1/customers/{customer}/payment_methods")).body["data"]
    assert action["process_setup_intent"]["generated_card"] == card["id"]
    assert (card["type"], card["allow_redisplay"]) == ("card", "always")
    assert (await wire.get(f"/v1/setup_intents/{setup}")).body["status"] == "succeeded"


async def test_a_payment_at_the_reader_can_save_the_card_too(wire):
    customer = (await wire.post("/v1/customers", {})).body["id"]
    reader = await _reader(wire)
    intent = await _intent(wire, customer=customer, setup_future_usage="off_session")
    await _process(wire, reader, intent)
    await _present(wire, reader)

    paid = (await wire.get(f"/v1/payment_intents/{intent}?expand[]=latest_charge")).body
    generated = paid["latest_charge"]["payment_method_details"]["card_present"]["generated_card"]
    form = {"amount": "500", "currency": "usd", "customer": customer, "payment_method": generated, "confirm": "true",
            "off_session": "true"}  # fmt: skip
    assert (await wire.post("/v1/payment_intents", form)).body["status"] == "succeeded"


async def test_a_refund_can_go_through_the_reader(wire):
    reader, intent = await _reader(wire), await _intent(wire)
    await _process(wire, reader, intent)
    await _present(wire, reader)
    path = f"/v1/terminal/readers/{reader}/refund_payment"

    await wire.post(path, {"payment_intent": intent, "amount": "1000"})
    action = (await _present(wire, reader)).body["action"]
    await wire.post(path, {"payment_intent": intent, "amount": "1501"})
    too_much = (await _present(wire, reader)).body["action"]

    refund = (await wire.get(f"/v1/refunds/{action['refund_payment']['refund']}")).body
    assert (refund["amount"], refund["payment_intent"]) == (1000, intent)
    assert too_much["status"] == "failed"


async def test_a_tip_raises_the_payment(wire):
    reader, intent = await _reader(wire), await _intent(wire)
    await _process(wire, reader, intent)

    await wire.post(f"/v1/test_helpers/terminal/readers/{reader}/present_payment_method", {"amount_tip": "300"})

    paid = (await wire.get(f"/v1/payment_intents/{intent}")).body
    assert (paid["amount_received"], paid["amount_details"]["tip"]["amount"]) == (2800, 300)


async def test_a_reader_collects_answers(client, wire):
    reader = await _reader(wire)
    text = {"title": "Your e-mail", "skip_button": "Skip"}
    inputs = [
        {"type": "email", "custom_text": text, "required": True},
        {"type": "text", "custom_text": text, "toggles": [{"title": "Keep", "default_value": "enabled"}]},
        {"type": "selection", "custom_text": text, "selection": {"choices": [{"id": "a", "text": "A"}]}},
    ]
    begun = await client.v1.terminal.readers.collect_inputs_async(reader, {"inputs": inputs})
    assert begun.action.status == "in_progress"

    done = await client.v1.test_helpers.terminal.readers.succeed_input_collection_async(
        reader, {"skip_non_required_inputs": "all"}
    )

    email, skipped, _ = done.action.collect_inputs.inputs
    assert (email.email.value, email.skipped, skipped.skipped) == ("customer@example.com", False, True)


async def test_answers_may_be_given_to_all_questions_or_to_none_in_time(client, wire):
    reader = await _reader(wire)
    selection = {"choices": [{"id": "a", "text": "A"}]}
    toggle = {"title": "Keep", "default_value": "enabled"}
    inputs = [{"type": "selection", "custom_text": {"title": "?"}, "selection": selection, "toggles": [toggle]}]
    await client.v1.terminal.readers.collect_inputs_async(reader, {"inputs": inputs})
    done = await client.v1.test_helpers.terminal.readers.succeed_input_collection_async(reader)
    await client.v1.terminal.readers.collect_inputs_async(reader, {"inputs": inputs})
    late = await client.v1.test_helpers.terminal.readers.timeout_input_collection_async(reader)

    [answer] = done.action.collect_inputs.inputs
    assert (answer.selection.id, answer.toggles[0].value) == ("a", "enabled")
    assert late.action.status == "failed"


async def test_a_cart_is_shown_without_anybody_at_the_reader(wire):
    reader = await _reader(wire)
    form = {"type": "cart", "cart[currency]": "usd", "cart[total]": "100",
            "cart[line_items][0][amount]": "100", "cart[line_items][0][description]": "Visit",
            "cart[line_items][0][quantity]": "1"}  # fmt: skip

    await wire.post(f"/v1/terminal/readers/{reader}/set_reader_display", form)

    action = (await wire.get(f"/v1/terminal/readers/{reader}")).body["action"]
    assert (action["type"], action["status"]) == ("set_reader_display", "succeeded")


async def test_readers_are_registered_found_changed_and_deleted(client, wire):
    location = await _location(wire)
    first = await client.v1.terminal.readers.create_async(
        {"registration_code": "simulated-wpe", "location": location, "label": "Desk 1"}
    )
    second = await client.v1.terminal.readers.create_async(
        {"registration_code": "simulated-s700", "location": await _location(wire)}
    )
    await client.v1.terminal.readers.update_async(second.id, {"label": "Desk 2", "metadata": {"desk": "2"}})

    here = await client.v1.terminal.readers.list_async({"location": location})
    s700 = await client.v1.terminal.readers.list_async({"device_type": "simulated_stripe_s700", "status": "online"})
    gone = await client.v1.terminal.readers.delete_async(first.id)
    after = await wire.post(f"/v1/terminal/readers/{first.id}", {"label": "x"})

    assert [r.id for r in here.data] == [first.id]
    assert [(r.id, r.label) for r in s700.data] == [(second.id, "Desk 2")]
    assert (gone.deleted, after.status) == (True, 404)


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"registration_code": "puppies-plug-could"}, "registration_code"),
        ({"registration_code": "simulated-wpe"}, "location"),
        ({"registration_code": "simulated-wpe", "location": "tml_none"}, "location"),
        ({}, "registration_code"),
    ],
)
async def test_a_reader_that_cannot_be_registered_is_refused(wire, form, param):
    answer = await wire.post("/v1/terminal/readers", form)

    assert (answer.status, answer.error["param"]) == (400, param)


async def test_locations_configurations_and_connection_tokens(client, wire):
    location = await _location(wire)
    configuration = await client.v1.terminal.configurations.create_async(
        {"name": "Hall", "tipping": {"usd": {"percentages": [10]}}}
    )
    await client.v1.terminal.configurations.update_async(configuration.id, {"tipping": ""})
    await client.v1.terminal.locations.update_async(
        location, {"display_name": "East hall", "configuration_overrides": configuration.id}
    )
    token = await client.v1.terminal.connection_tokens.create_async({"location": location})

    found = await client.v1.terminal.locations.retrieve_async(location)
    moved = await wire.post(f"/v1/terminal/locations/{location}", {"address[country]": "CA"})
    nameless = await wire.post("/v1/terminal/locations", ADDRESS)

    assert (found.display_name, found.address.line1) == ("East hall", "1 Main Street")
    assert token.secret.startswith("pst_test_")
    assert (moved.status, nameless.error["param"]) == (400, "display_name")
    listed = await client.v1.terminal.configurations.list_async()
    assert [(c.id, c.tipping) for c in listed.data] == [(configuration.id, None)]
    assert (await client.v1.terminal.configurations.delete_async(configuration.id)).deleted is True
    assert [entry.id for entry in (await client.v1.terminal.locations.list_async()).data] == [location]


async def test_a_location_with_readers_stays(wire):
    location = await _location(wire)
    form = {"registration_code": "simulated-wpe", "location": location}
    reader = (await wire.post("/v1/terminal/readers", form)).body["id"]

    refused = await wire.delete(f"/v1/terminal/locations/{location}")
    await wire.delete(f"/v1/terminal/readers/{reader}")
    gone = await wire.delete(f"/v1/terminal/locations/{location}")

    assert (refused.status, gone.body["deleted"]) == (400, True)


async def test_in_training_the_customer_comes_by_himself(exchange_log, session):
    async with running(Options(log_file=exchange_log, reader_answers_after=0.1)) as sandbox:
        wire = Wire(session, sandbox.url)
        reader, intent = await _reader(wire), await _intent(wire)
        await _process(wire, reader, intent)

        for _ in range(100):
            paid = (await wire.get(f"/v1/payment_intents/{intent}")).body["status"] == "succeeded"
            if paid:
                break
            await asyncio.sleep(0.05)

        assert paid
        assert (await wire.get(f"/v1/terminal/readers/{reader}")).body["action"]["status"] == "succeeded"
