"""Logs: facts, without secrets and card numbers."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime, timedelta

import pytest

from cashier import logs
from cashier.errors import Refused
from cashier.identifiers import redact
from cashier.language import m, use_language


@pytest.fixture
def seconds():
    """What the clock shows."""
    return [0.0]


@pytest.fixture
def log_file(tmp_path, seconds):
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.start("desk", folder=tmp_path, clock=lambda: seconds[0])
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


def lines_of(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_a_flood_of_one_event_hides_no_other_and_is_counted(log_file, seconds):
    log = logging.getLogger("cashier.companion")

    for number in range(1000):
        log.info("request not understood", extra={"number": number})
    log.info("payment moved")
    seconds[0] += 61
    log.info("request not understood", extra={"number": "next"})

    lines = lines_of(log_file)
    assert [line["number"] for line in lines[:120]] == list(range(120))
    assert [line["event"] for line in lines[120:]] == ["payment moved", "lines left out", "request not understood"]
    assert (lines[121]["of"], lines[121]["by"]) == ("request not understood", "cashier.companion")
    assert lines[121]["lines"] == 880


def test_a_full_day_still_has_a_line_a_minute_of_each_event(log_file, seconds, monkeypatch):
    log = logging.getLogger("cashier.companion")
    log.info("request not understood")
    monkeypatch.setattr(logs, "_DAY_BYTES_MAX", 10)

    for minute in range(3):
        seconds[0] += 61
        for _ in range(5):
            log.info("request not understood", extra={"minute": minute})
            log.info("payment moved", extra={"minute": minute})

    lines = lines_of(log_file)
    for event in ("request not understood", "payment moved"):
        assert [line["minute"] for line in lines if line["event"] == event and "minute" in line] == [0, 1, 2]


def test_each_day_has_a_file_of_its_own_whatever_their_size(tmp_path):
    yesterday = datetime.now(UTC).astimezone() - timedelta(days=1)
    before = tmp_path / "desk.log"
    before.write_text('{"event": "payment moved"}\n')
    os.utime(before, (yesterday.timestamp(), yesterday.timestamp()))
    handler = logs._DayFile(before)

    handler.emit(logging.makeLogRecord({"msg": "today"}))
    handler.close()

    assert (tmp_path / f"desk.log.{yesterday:%Y-%m-%d}").read_text() == '{"event": "payment moved"}\n'
    assert before.read_text() == "today\n"


def test_ordinary_numbers_stay_readable():
    assert redact("invoice INV-2026-000123, 1700000000000 ms, payment 42") == (
        "invoice INV-2026-000123, 1700000000000 ms, payment 42"
    )


def test_a_reference_has_no_letters_that_sound_or_look_alike():
    for _ in range(200):
        assert not set(logs.new_reference()) & set("0O1IB8S5G2Q")
