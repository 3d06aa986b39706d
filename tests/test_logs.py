"""Logs: facts, without secrets and card numbers."""

from __future__ import annotations

import json
import logging

import pytest

from cashier import logs
from cashier.errors import Refused
from cashier.identifiers import redact
from cashier.language import m, use_language


@pytest.fixture
def log_file(tmp_path):
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.start("desk", folder=tmp_path)
    yield tmp_path / "desk.log"
    for handler in root.handlers[:]:
        handler.close()
        root.removeHandler(handler)
    for handler in before:
        root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def test_an_event_is_one_line_with_its_facts(log_file):
    logging.getLogger("cashier.payments").info("payment moved", extra={"payment": "abc", "state": "paid"})

    line = json.loads(log_file.read_text())

    assert line["event"] == "payment moved"
    assert (line["payment"], line["state"], line["level"]) == ("abc", "paid", "info")


@pytest.mark.logs("refused")
def test_a_message_is_logged_in_english_whatever_the_desk_speaks(log_file):
    use_language("en_XA")
    error = Refused(m("This cannot be done."))

    logging.getLogger("cashier.desk").error("refused", exc_info=error, extra={"reason": error.message})

    line = json.loads(log_file.read_text())
    assert str(error.message) != "This cannot be done."
    assert line["reason"] == "This cannot be done."
    assert "This cannot be done." in line["trace"]


@pytest.mark.parametrize(
    "secret",
    [
        "sk_test_51Habc",
        "rk_live_51Habc",
        "whsec_9f8e7d",
        "cashier_live_Ab3_Xyz9",
        "cashier_token_Ab3Xyz9",
        "pi_3Abc_secret_Xyz",
        "cs_test_a1B2_secret_q",
        "4242 4242 4242 4242",
        "4000-0027-6000-3184",
        "378282246310005",
    ],
)
def test_secrets_and_card_numbers_never_reach_the_file(log_file, secret):
    logging.getLogger("cashier").warning("odd: %s", secret, extra={"detail": f"got {secret} from there"})

    assert secret not in log_file.read_text()
    assert "[…]" in log_file.read_text()


@pytest.mark.logs("failed")
def test_secrets_in_a_traceback_are_struck_out(log_file):
    try:
        raise RuntimeError("connecting to postgresql://cashier:hunter2@db/cashier with sk_test_51Habc")
    except RuntimeError:
        logging.getLogger("cashier").exception("failed")

    text = log_file.read_text()
    assert "hunter2" not in text
    assert "sk_test_51Habc" not in text


def test_ordinary_numbers_stay_readable():
    assert redact("invoice INV-2026-000123, 1700000000000 ms, payment 42") == (
        "invoice INV-2026-000123, 1700000000000 ms, payment 42"
    )


def test_a_reference_has_no_letters_that_sound_or_look_alike():
    for _ in range(200):
        assert not set(logs.new_reference()) & set("0O1IB8S5G2Q")
