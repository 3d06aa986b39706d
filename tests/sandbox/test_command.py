"""The sandbox as a process of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import uuid

from tests.sandbox.conftest import Wire


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("sandbox ready on http://127.0.0.1:"), line
    return line.split()[-1]


async def test_what_was_answered_survives_the_death_of_the_process(start_process, session, tmp_path):
    state = str(tmp_path / "state.sqlite")
    key = uuid.uuid4().hex
    killed = start_process("--state", state)
    wire = Wire(session, _address(killed))
    intent = await wire.post("/v1/payment_intents", {"amount": "700", "currency": "eur"}, Idempotency_Key=key)

    killed.send_signal(signal.SIGKILL)
    killed.wait()
    wire = Wire(session, _address(start_process("--state", state)))

    assert (await wire.get(f"/v1/payment_intents/{intent.body['id']}")).body == intent.body
    again = await wire.post("/v1/payment_intents", {"amount": "700", "currency": "eur"}, Idempotency_Key=key)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert [event["type"] for event in (await wire.get("/v1/events")).body["data"]] == ["payment_intent.created"]


async def test_a_webhook_that_was_not_delivered_goes_out_after_the_restart(start_process, session, hook, tmp_path):
    state = str(tmp_path / "state.sqlite")
    hook.status = 500
    killed = start_process("--state", state, "--forward-to", hook.url, "--webhook-secret", "whsec_test")
    await Wire(session, _address(killed)).post("/v1/customers", {})
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    hook.received.clear()
    hook.status = 200

    restarted = start_process("--state", state, "--retry-scale", "0.01")
    wire = Wire(session, _address(restarted))
    await wire.control("clock", {"advance_seconds": 60})
    while not hook.received:
        assert restarted.poll() is None
        await wire.get("/v1/events")

    assert json.loads(hook.received[0].body)["type"] == "customer.created"


async def test_it_ends_cleanly_when_told_to(start_process):
    process = start_process()
    _address(process)

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=10) == 0
    assert process.stderr.read() == ""


async def test_a_port_in_use_is_a_clear_message(start_process):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start_process("--port", str(taken.getsockname()[1]))

        assert process.wait(timeout=10) == 2
    assert "choose another with --port" in process.stderr.read()


async def test_a_file_that_is_no_state_file_is_left_alone(start_process, tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear sandbox, this is not a database. " * 100)

    process = start_process("--state", str(file))

    assert process.wait(timeout=10) == 2
    assert "cannot be used" in process.stderr.read()
    assert file.read_text().startswith("Dear sandbox")


async def test_one_state_file_serves_one_sandbox(start_process, tmp_path):
    state = str(tmp_path / "state.sqlite")
    _address(start_process("--state", state))

    second = start_process("--state", state)

    assert second.wait(timeout=10) == 2
    assert "Close the other sandbox" in second.stderr.read()
