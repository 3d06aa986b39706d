"""What all requests have in common: keys, versions, parameters, errors."""

from __future__ import annotations

import io
import re
import uuid

import pytest

from cashier.sandbox.engine.api_description import description
from cashier.sandbox.server import Options, running
from tests.sandbox.conftest import KEY, Wire


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("", 401),
        ("Bearer nonsense", 401),
        ("Bearer sk_live_abcdefghijkl", 401),
        ("Basic !!!", 401),
        ("Bearer rk_test_abcdefghijkl", 200),
        ("Basic c2tfdGVzdF9hYmM6", 200),
    ],
)
async def test_only_secret_test_keys_are_let_in(wire, authorization, status):
    answer = await wire.get("/v1/customers", Authorization=authorization)

    assert answer.status == status


async def test_a_pinned_key_excludes_all_others(session, exchange_log):
    async with running(Options(log_file=exchange_log, only_key="sk_test_theonlyone")) as sandbox:
        wire = Wire(session, sandbox.url)

        assert (await wire.get("/v1/customers")).status == 401
        assert (await wire.get("/v1/customers", Authorization="Bearer sk_test_theonlyone")).status == 200


async def test_a_refused_key_is_not_repeated_in_full(wire):
    answer = await wire.get("/v1/customers", Authorization="Bearer sk_bogus_0123456789abcdef")

    assert "0123456789ab" not in answer.error["message"]


async def test_an_unknown_version_is_refused(wire):
    answer = await wire.get("/v1/customers", Stripe_Version="1999-01-01")

    assert answer.status == 400
    assert "1999-01-01" in answer.error["message"]


async def test_every_version_of_the_same_release_is_spoken_and_named(unlogged):
    answer = await unlogged.get("/v1/customers", Stripe_Version="2026-11-25.endive")
    other = await unlogged.get("/v1/customers", Stripe_Version="2026-09-30.dahlia")

    assert (answer.status, answer.headers["Stripe-Version"]) == (200, "2026-11-25.endive")
    assert other.status == 400


@pytest.mark.parametrize(
    ("path", "param", "named"),
    [
        ("/v1/customers/cus_0", "id", "customer"),
        ("/v1/charges/ch_0", "id", "charge"),
        ("/v1/payment_intents/pi_0", "intent", "payment_intent"),
        ("/v1/setup_intents/seti_0", "intent", "setupintent"),
        ("/v1/payment_methods/pm_0", "payment_method", "PaymentMethod"),
        ("/v1/checkout/sessions/cs_0", "session", "checkout.session"),
        ("/v1/disputes/du_0", "dispute", "dispute"),
        ("/v1/terminal/readers/tmr_0", "reader", "terminal.reader"),
    ],
)
async def test_what_is_missing_in_a_path_is_named_as_stripe_names_it(wire, path, param, named):
    answer = await wire.get(path)

    assert (answer.status, answer.error["code"], answer.error["param"]) == (404, "resource_missing", param)
    assert answer.error["message"].startswith(f"No such {named}: '")


async def test_every_answer_names_its_request_and_version(wire):
    answer = await wire.get("/v1/customers")

    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == "2026-10-28.endive"


async def test_an_unknown_url_is_404(wire):
    answer = await wire.get("/v1/nonsense")

    assert answer.status == 404
    assert answer.error["message"].startswith("Unrecognized request URL (GET: /v1/nonsense)")


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({"amount": "100", "currency": "usd", "colour": "red"}, "parameter_unknown", "colour"),
        ({"amount": "100"}, "parameter_missing", "currency"),
        ({"amount": "1.5", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": "-5", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": "", "currency": "usd"}, "parameter_invalid_empty", "amount"),
        ({"amount": "10", "currency": "usd"}, "amount_too_small", "amount"),
        ({"amount": "100000000", "currency": "usd"}, "amount_too_large", "amount"),
        ({"amount": "100", "currency": "xxx"}, None, "currency"),
        ({"amount": "100", "currency": "usd", "confirm": "perhaps"}, None, "confirm"),
        ({"amount": "100", "currency": "usd", "capture_method": "later"}, None, "capture_method"),
        ({"amount": "100", "currency": "usd", "metadata": "x"}, None, "metadata"),
        ({"amount": "100", "currency": "usd", "payment_method_options[card][x]": "1"}, "parameter_unknown", None),
        ({"amount": "100", "currency": "usd", "customer": "cus_none"}, "resource_missing", "customer"),
    ],
)
async def test_a_wrong_parameter_is_named(wire, form, code, param):
    answer = await wire.post("/v1/payment_intents", form)

    assert answer.status == 400
    assert answer.error["type"] == "invalid_request_error"
    assert answer.error.get("code") == code
    assert param is None or answer.error["param"] == param


async def test_the_old_name_of_payment_method_types_goes_without_a_version_only(unlogged):
    form = {"amount": "100", "currency": "usd", "payment_method_types[]": "card"}

    pinned = await unlogged.post("/v1/payment_intents", form)
    unpinned = await unlogged.post("/v1/payment_intents", form, Stripe_Version="")

    assert pinned.status == 400
    assert pinned.error["code"] == "payment_method_types_no_longer_supported"
    assert unpinned.body["payment_method_types"] == ["card"]


async def test_what_a_failed_request_did_is_undone(wire):
    form = {"amount": "100", "currency": "usd", "expand[]": "nonsense"}

    answer = await wire.post("/v1/payment_intents", form)

    assert answer.status == 400
    assert (await wire.get("/v1/payment_intents")).body["data"] == []
    assert (await wire.get("/v1/events")).body["data"] == []


async def test_metadata_has_limits(wire):
    too_many = {f"metadata[k{n}]": "v" for n in range(51)}

    assert (await wire.post("/v1/customers", too_many)).status == 400
    assert (await wire.post("/v1/customers", {f"metadata[{'k' * 41}]": "v"})).status == 400
    assert (await wire.post("/v1/customers", {"metadata[k]": "v" * 501})).status == 400
    assert (await wire.post("/v1/customers", {f"metadata[{'k' * 40}]": "v" * 500})).status == 200


async def test_metadata_is_merged_and_an_empty_value_unsets(unlogged):
    customer = (await unlogged.post("/v1/customers", {"metadata[a]": "1", "metadata[b]": "2"})).body

    merged = await unlogged.post(f"/v1/customers/{customer['id']}", {"metadata[a]": "", "metadata[c]": "3"})
    emptied = await unlogged.post(f"/v1/customers/{customer['id']}", {"metadata": ""})

    assert merged.body["metadata"] == {"b": "2", "c": "3"}
    assert emptied.body["metadata"] == {}


async def test_what_was_typed_of_a_card_and_the_key_stay_out_of_the_log(wire, exchange_log):
    form = "card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=40&card[cvc]=737"

    await wire.post("/v1/tokens", form)

    log = exchange_log.read_text()
    assert "4242424242424242" not in log
    assert "737&" not in log
    assert not log.endswith("cvc]=737")
    assert KEY not in log


@pytest.mark.parametrize("form", [{}, {"nonsense": "1"}, {"metadata[x]": "\x00\ud7ff"}, "a[]=1&a[b]=2&%FF=%00"])
async def test_no_operation_breaks_on_a_careless_request(unlogged, form):
    for method, path in sorted(description().operations):
        address = re.sub(r"\{\w+\}", "no such'\"id", path)

        answer = await unlogged.send(
            method, address, form if method == "POST" else None, Idempotency_Key=uuid.uuid4().hex
        )

        assert answer.status in (200, 400, 404), (method, path, answer.body)


async def test_a_request_that_is_too_large_is_refused_like_any_other(unlogged):
    headers = {"Authorization": f"Bearer {KEY}"}

    async with unlogged.session.post(
        f"{unlogged.url}/v1/customers", data=io.BytesIO(b"name=" + b"x" * 3_000_000), headers=headers
    ) as answer:
        body = await answer.json()

    assert answer.status == 413
    assert body["error"]["type"] == "api_error"
