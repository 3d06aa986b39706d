"""``cashier doctor`` finds what is wrong, says what to do, and is itself never in the way."""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import json
import os
import re
import socket
import sqlite3
import time
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from cashier.companion.server import running
from cashier.doctor.command import checks_of
from cashier.doctor.configuration import Configuration
from cashier.doctor.findings import Check, Finding, Level, examine
from cashier.doctor.report import as_json, as_text, worst_of
from cashier.errors import Refused
from cashier.keychain import Secret
from cashier.language import verbatim
from tests.surroundings.card_reader import place_reader
from tests.surroundings.processes import Finished, run, started
from tests.surroundings.running_sandbox import ALL_RIGHTS, STRIPE_KEY
from tests.surroundings.thermal_printer import playing_printer

WEBHOOK_SECRET = "whsec_doctor0001"


@pytest.fixture
def secrets(secrets):
    """All secrets of a machine on which everything runs."""
    return {**secrets, Secret.WEBHOOK_SECRETS.variable: WEBHOOK_SECRET}


@pytest.fixture
def doctor(settings, secrets, write_settings):
    """Ask the doctor; returns how the command ended, and the findings by the names of the checks."""

    def ask() -> tuple[Finished, dict[str, dict[str, str]]]:
        done = run("doctor", "--json", "--settings", str(write_settings(settings)), environment=secrets)
        assert done.errors == ""
        return done, {check["name"]: check for check in json.loads(done.output)["checks"]}

    return ask


def test_on_a_good_machine_nothing_is_wrong(doctor, settings, secrets, write_settings, tmp_path):
    file = str(write_settings(settings))
    with started("companion", "--settings", file, environment=secrets, folder=tmp_path):
        done, found = doctor()

    wrong = {name: check for name, check in found.items() if check["level"] == "wrong"}
    assert (done.status, wrong) == (0, {})
    assert "schema" in found["Database"]["message"]
    assert "desk D1" in found["Hospital and desk"]["message"]
    assert "accepts our key" in found["Stripe"]["message"]
    assert "Within 1 seconds" in found["Clock"]["message"]
    assert "a page was loaded" in found["Web view"]["message"]


def test_no_secret_is_ever_shown(doctor):
    done, _ = doctor()

    assert STRIPE_KEY.removeprefix("sk_test_") not in done.output
    assert WEBHOOK_SECRET.removeprefix("whsec_") not in done.output


def test_something_that_is_wrong_makes_the_exit_status_1(doctor):
    done, found = doctor()

    assert done.status == 1
    assert found["Companion"]["level"] == "wrong"


@pytest.fixture
def look(settings, secrets, write_settings, monkeypatch):
    """Look at one thing: ``await look("Stripe")``; settings and secrets may be changed before."""

    async def look_at(name: str, **changed: str) -> Finding:
        for variable, value in {**secrets, **changed}.items():
            monkeypatch.setenv(variable, value)
        (check,) = [each for each in checks_of(Configuration(write_settings(settings))) if str(each.name) == name]
        (finding,) = await examine([check])
        return finding

    return look_at


async def test_a_right_that_the_key_lacks_is_told_before_a_refund_fails_for_it(look, sandbox):
    key, rights = "rk_test_doctor", ALL_RIGHTS
    sandbox.order("keys", key=key, may=rights)
    assert (await look("Rights at Stripe", CASHIER_STRIPE_KEY=key)).level is Level.OK

    sandbox.order("keys", key=key, may={**rights, "refunds": "read"})
    lacking = await look("Rights at Stripe", CASHIER_STRIPE_KEY=key)
    sandbox.order("keys", key=key, may={path: level for path, level in rights.items() if path != "terminal"})
    without_readers = await look("Rights at Stripe", CASHIER_STRIPE_KEY=key)

    assert (lacking.level, without_readers.level) == (Level.WRONG, Level.WARNING)
    assert "Refunds (write)" in str(lacking.message)


@pytest.mark.parametrize("key", ["sk_test_payersmustnotseethis", "pk_live_othermode01", "rk_test_payersmustnot"])
async def test_a_key_that_payers_must_not_get_is_told(look, key):
    found = await look("Settings", CASHIER_STRIPE_PUBLISHABLE_KEY=key)

    assert found.level is Level.WRONG
    assert key not in f"{found.message} {found.remedy}"
    assert (await look("Settings", CASHIER_STRIPE_PUBLISHABLE_KEY="pk_test_right001")).level is Level.OK


async def test_a_payment_page_that_patients_cannot_open_or_pay_on_is_told(look):
    none = await look("Payment page")
    taken = {"CASHIER_PAYMENT_PAGE_CLIENT": "Patient portal", "CASHIER_STRIPE_API_BASE": "https://api.stripe.com"}
    here = await look("Payment page", **taken)
    public = {**taken, "CASHIER_COMPANION_PUBLIC_URL": "https://pay.hospital.example"}
    without_key = await look("Payment page", **public)
    good = await look("Payment page", **public, CASHIER_STRIPE_PUBLISHABLE_KEY="pk_test_right001")

    levels = [each.level for each in (none, here, without_key, good)]
    assert levels == [Level.OK, Level.WARNING, Level.WARNING, Level.OK]
    assert "public_url" in str(here.remedy)
    assert "publishable_key" in str(without_key.remedy)


async def test_room_and_damage_are_looked_at(look, hospital):
    found = await look("Storage")
    assert (found.level, "and the file is whole" in str(found.message)) == (Level.OK, True)

    with hospital.file.open("r+b") as file:
        file.seek(4096 * 40)
        file.write(os.urandom(4096 * 20))

    assert (await look("Storage")).level is Level.WRONG


async def test_a_disk_that_is_nearly_full_is_told_before_it_is(look, settings, write_settings):
    found = await look("Storage", CASHIER_DATABASE_FREE_MEGABYTES_MIN="1000000000")

    assert found.level is Level.WARNING
    assert "nearly full" in str(found.message)


async def test_a_companion_that_does_not_run_is_wrong(look, settings):
    found = await look("Companion")

    assert found.level is Level.WRONG
    assert str(found.message) == f"The companion does not answer at {settings.companion.url}."
    assert "cashier companion" in str(found.remedy)


async def test_something_else_at_the_companions_address_is_told(look, sandbox):
    found = await look("Companion", CASHIER_COMPANION_URL=sandbox.url)

    assert found.level is Level.WRONG
    assert "is not the companion" in str(found.message)


async def test_a_companion_in_trouble_is_wrong(look, settings, keychain, hospital):
    async with running(settings, keychain):
        with contextlib.closing(sqlite3.connect(hospital.file)) as connection:
            connection.execute("ALTER TABLE stripe_event RENAME TO away")

            found = await look("Companion")

    assert found.level is Level.WRONG
    assert f"The companion at {settings.companion.url} is down: " in str(found.message)


@pytest.mark.parametrize(
    ("condition", "level", "words"),
    [
        ("none", Level.OK, "This desk has no card reader."),
        ("ready", Level.OK, "Counter: ready."),
        ("offline", Level.WARNING, "Counter: not connected."),
        ("gone", Level.WRONG, "Counter: not registered at Stripe any more."),
    ],
)
async def test_the_desks_card_readers_are_looked_at(look, services, hospital, sandbox, condition, level, words):
    if condition != "none":
        reader = await place_reader(services, hospital, sandbox)
        await place_reader(services, hospital, sandbox, desk_id=2, label="Elsewhere")
    if condition == "offline":
        reader.order(status="offline")
    elif condition == "gone":
        await services.gateway.terminal.remove(reader.stripe_id)

    found = await look("Card readers")

    assert (found.level, str(found.message)) == (level, words)
    assert bool(found.remedy) == (level is not Level.OK)


async def test_a_stripe_that_does_not_answer_is_wrong_and_the_clock_cannot_be_compared(look):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"

        stripe = await look("Stripe", CASHIER_STRIPE_API_BASE=address)
        clock = await look("Clock", CASHIER_STRIPE_API_BASE=address)

    assert (stripe.level, str(stripe.message)) == (Level.WRONG, f"Stripe does not answer at {address}.")
    assert clock.level is Level.WARNING


async def test_a_key_that_stripe_refuses_is_wrong(look, sandbox):
    sandbox.order("troubles", path="/v1/events", status=401, times=5)

    found = await look("Stripe")

    assert found.level is Level.WRONG
    assert "does not accept our key" in str(found.message)


@pytest.mark.parametrize(
    ("key", "words"),
    [("", "no Stripe key"), ("pk_test_abcdef", "publishable"), ("sk_live_abcdef", "live key")],
)
async def test_a_key_that_cannot_be_right_is_wrong_and_never_sent(look, sandbox, key, words):
    form = await look("Stripe key", CASHIER_STRIPE_KEY=key)
    stripe = await look("Stripe", CASHIER_STRIPE_KEY=key)

    assert (form.level, stripe.level) == (Level.WRONG, Level.WRONG)
    assert words in str(form.message)
    assert sandbox.exchanges() == []


@pytest.mark.parametrize(("off_seconds", "words"), [(-90, "seconds ahead"), (90, "seconds behind")])
async def test_a_clock_that_is_wrong_is_told_before_webhooks_are_refused(look, off_seconds, words):
    async def tell_another_time(_request: web.Request) -> web.Response:
        there = email.utils.formatdate(time.time() + off_seconds, usegmt=True)
        return web.Response(status=404, headers={"Date": there})

    application = web.Application()
    application.router.add_get("/v1/", tell_another_time)
    async with TestServer(application) as server:
        found = await look("Clock", CASHIER_STRIPE_API_BASE=str(server.make_url("")).rstrip("/"))

    assert found.level is Level.WRONG
    assert re.search(rf"(89|90|91) {words}", str(found.message))
    assert "time synchronisation" in str(found.remedy)


async def test_a_missing_database_is_told_and_not_made(look, hospital):
    hospital.file.unlink()

    found = await look("Database")

    assert (found.level, str(found.remedy)) == (Level.WRONG, "Run: cashier migrate")
    assert not hospital.file.exists()


@pytest.mark.parametrize(
    ("change", "check", "remedy"),
    [
        ("UPDATE alembic_version SET version_num = '0000'", "Database", "cashier migrate"),
        ("UPDATE desk SET code = 'X' || code", "Hospital and desk", "to one of: XD1, XD2"),
        ("UPDATE staff SET is_active = 0", "Hospital and desk", "--add-staff"),
        ("DELETE FROM hospital", "Hospital and desk", "cashier setup"),
        ("UPDATE hospital SET time_zone = 'Mars/Base'", "Hospital and desk", "--change-time-zone Region/City"),
    ],
)
async def test_a_database_that_is_not_ready_is_wrong(look, hospital, change, check, remedy):
    with contextlib.closing(sqlite3.connect(hospital.file)) as connection, connection:
        connection.execute(change)

    found = await look(check)

    assert found.level is Level.WRONG
    assert remedy in str(found.remedy)


async def test_a_machine_without_a_desk_or_webhook_secrets_is_only_remarked(look):
    desk = await look("Hospital and desk", CASHIER_DESK_CODE="")
    webhooks = await look("Webhook secrets", CASHIER_WEBHOOK_SECRETS="")

    assert (desk.level, webhooks.level) == (Level.WARNING, Level.WARNING)


async def test_a_desk_is_not_asked_for_what_the_companion_on_another_machine_needs(look):
    elsewhere = {"CASHIER_COMPANION_URL": "https://pay.hospital.example", "CASHIER_PAYMENT_PAGE_CLIENT": "Portal"}

    webhooks = await look("Webhook secrets", CASHIER_WEBHOOK_SECRETS="", **elsewhere)
    page = await look("Payment page", CASHIER_STRIPE_PUBLISHABLE_KEY="", **elsewhere)

    assert (webhooks.level, page.level) == (Level.OK, Level.OK)


async def test_a_receipt_printer_says_whether_it_could_print_and_prints_nothing(look):
    async with playing_printer() as printer:
        wanted = {"CASHIER_DESK_RECEIPT_PRINTER": printer.address, "CASHIER_PAPER_RECEIPTS": "roll80"}
        good = await look("Receipt printer", **wanted)
        printer.status = (0x12, 0x12, 0x12, 0x1E)
        low = await look("Receipt printer", **wanted)
        printer.status = (0x1E, 0x16, 0x12, 0x12)
        opened = await look("Receipt printer", **wanted)
    gone = await look("Receipt printer", **wanted)

    assert [each.level for each in (good, low, opened, gone)] == [Level.OK, *[Level.WARNING] * 3]
    assert "cover" in str(opened.message)
    assert "does not answer" in str(gone.message)
    assert printer.pictures == []


async def test_a_printer_that_is_not_there_is_only_remarked(look):
    found = await look("Printer", CASHIER_DESK_PRINTER="no such printer")

    assert found.level is Level.WARNING
    assert "no such printer" in str(found.message)


def test_settings_that_cannot_be_read_are_named_first(tmp_path):
    file = tmp_path / "broken.toml"
    file.write_text("[stripe\n", encoding="utf-8")

    done = run("doctor", "--settings", str(file))

    first, *others = done.output.splitlines()
    assert done.status == 1
    assert first.startswith(f"wrong   Settings           The settings file {file} cannot be read")
    assert any("Not looked at: the settings cannot be read." in line for line in others)


async def test_neither_a_failing_nor_a_hanging_check_stops_the_others():
    async def hang() -> Finding:
        await asyncio.sleep(60)
        raise AssertionError

    async def refuse() -> Finding:
        raise Refused(verbatim("Not today."), advice=verbatim("Come tomorrow."))

    async def stumble() -> Finding:
        raise ZeroDivisionError("by nought")

    async def succeed() -> Finding:
        return Finding(level=Level.OK, message=verbatim("Fine."))

    began = time.monotonic()
    looks = (hang, refuse, stumble, succeed)
    found = await examine([Check(name=verbatim(look.__name__), look=look, limit_seconds=0.2) for look in looks])

    assert time.monotonic() - began < 5
    assert [finding.level for finding in found] == [Level.WRONG, Level.WRONG, Level.WRONG, Level.OK]
    assert found[1] == Finding(level=Level.WRONG, message=verbatim("Not today."), remedy=verbatim("Come tomorrow."))
    assert "ZeroDivisionError: by nought" in str(found[2].message)


def no_look():
    raise AssertionError


CHECKS = [Check(name=verbatim(name), look=no_look) for name in ("Clock", "Companion")]
FINDINGS = [
    Finding(level=Level.OK, message=verbatim("Right.")),
    Finding(
        level=Level.WARNING,
        message=verbatim("Slow."),
        remedy=verbatim("Give it a cup of tea and some time to think about it."),
    ),
]


def test_a_file_gets_plain_words():
    assert as_text(CHECKS, FINDINGS, is_terminal=False).splitlines() == [
        "ok      Clock      Right.",
        "warning Companion  Slow.",
        "                   → Give it a cup of tea and some time to think about it.",
        "",
        "It works; look at the remarks.",
    ]


def test_a_terminal_gets_symbols_and_lines_of_its_width(monkeypatch):
    monkeypatch.setenv("COLUMNS", "48")

    assert as_text(CHECKS, FINDINGS, is_terminal=True).splitlines() == [
        "\033[32m✓\033[0m Clock      Right.",
        "\033[33m!\033[0m Companion  Slow.",
        "             → Give it a cup of tea and some",
        "               time to think about it.",
        "",
        "It works; look at the remarks.",
    ]


def test_a_program_gets_json():
    assert json.loads(as_json(CHECKS, FINDINGS)) == {
        "outcome": "warning",
        "checks": [
            {"name": "Clock", "level": "ok", "message": "Right.", "remedy": ""},
            {"name": "Companion", "level": "warning", "message": "Slow.", "remedy": FINDINGS[1].remedy.english},
        ],
    }


def test_the_worst_finding_decides():
    wrong = Finding(level=Level.WRONG, message=verbatim("No."))

    assert worst_of([FINDINGS[0]]) is Level.OK
    assert worst_of([*FINDINGS, wrong, FINDINGS[0]]) is Level.WRONG


HAN = str(Path(__file__).parents[1] / "paper" / "some-han-and-hangul.otf")


async def test_what_no_font_has_is_said_before_it_is_printed(look, hospital):
    good = await look("Fonts")
    hospital.execute("UPDATE hospital SET name = '港口示例医院'")

    missing = await look("Fonts")
    named = await look("Fonts", CASHIER_PAPER_FONTS=HAN)

    assert (good.level, missing.level, named.level) == (Level.OK, Level.WARNING, Level.OK)
    assert "港" in str(missing.message)
    assert "fonts in [paper]" in str(missing.remedy)


async def test_patients_names_are_looked_at_where_receipts_show_them_and_are_not_told(look, hospital):
    hospital.execute("UPDATE patient SET name = '山田太郎 Yamada'")
    hidden = await look("Fonts")
    hospital.execute("UPDATE hospital SET receipt_extras = 'patient_name'")

    shown = await look("Fonts")

    assert (hidden.level, shown.level) == (Level.OK, Level.WARNING)
    assert "Yamada" not in str(shown.message)
    assert "山田太郎" not in str(shown.message)


async def test_a_font_that_cannot_be_read_is_wrong(look):
    found = await look("Fonts", CASHIER_PAPER_FONTS="/nowhere/font.ttf")

    assert found.level is Level.WRONG
    assert "/nowhere/font.ttf" in str(found.message)
