"""The demo starts three processes and leaves none behind, however it ends."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cashier.demo.children import Children
from cashier.demo.command import _write_settings
from cashier.demo.surroundings import environment_of_children, new_secrets, refuse_live_key
from cashier.errors import Misconfigured, Refused
from cashier.keychain import checked_stripe_key, split_webhook_secrets
from cashier.settings import load
from cashier.tenders.tender import Tender
from tests.surroundings.processes import run

_SECONDS = 40.0


@pytest.fixture
def own_signals():
    """Put back the signal handlers that ``Children`` sets."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def running_with(text: str | Path) -> dict[int, str]:
    """Return the processes that have ``text`` in their command line."""
    found: dict[int, str] = {}
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(text) in line and int(file.parent.name) != os.getpid():
                found[int(file.parent.name)] = line
    return found


def wait_until(condition, what: str) -> None:
    """Wait for ``condition``, up to a limit."""
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not within {_SECONDS:.0f} seconds: {what}"
        time.sleep(0.05)


@contextlib.contextmanager
def running_demo(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the demo with a window, which is not shown; its processes are known by ``folder``."""
    environment = {**os.environ, "TMPDIR": str(folder), "DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}
    output = folder / "output"
    with output.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "cashier", "demo", "--invoices", "50"],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
            text=True,
        )
    try:
        wait_until(lambda: process.poll() is not None or "Sign in with" in output.read_text(), "the welcome")
        assert process.poll() is None, output.read_text(encoding="utf-8")
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        wait_until(lambda: not running_with(folder), "the end of all processes")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_demo_that_is_ended_ends_everything(tmp_path, number):
    with running_demo(tmp_path) as demo:
        lines = running_with(tmp_path).values()
        assert {line.split("-m cashier ")[1].split()[0] for line in lines if "-m cashier" in line} >= {
            "sandbox",
            "companion",
            "desk",
        }

        demo.send_signal(number)

        assert demo.wait(20) == 128 + number
        assert running_with(tmp_path) == {}
        assert not list(tmp_path.glob("cashier-demo-*")), "its folder stays behind"


def test_a_demo_that_is_killed_takes_its_processes_along(tmp_path):
    with running_demo(tmp_path) as demo:
        demo.kill()

        wait_until(lambda: not running_with(tmp_path), "the end of all processes")


def test_closing_the_window_ends_the_demo(tmp_path):
    with running_demo(tmp_path) as demo:
        (desk,) = [pid for pid, line in running_with(tmp_path).items() if "-m cashier desk" in line]

        os.kill(desk, signal.SIGTERM)

        demo.wait(20)
        assert running_with(tmp_path) == {}


def test_the_demos_desk_has_a_card_reader(tmp_path):
    with running_demo(tmp_path):
        (file,) = tmp_path.glob("cashier-demo-*/cashier.sqlite")
        with contextlib.closing(sqlite3.connect(file)) as connection:
            readers = connection.execute(
                "SELECT desk.code, label FROM card_reader JOIN desk ON desk.id = desk_id"
            ).fetchall()

    assert readers == [("D1", "Counter 1")]


@pytest.mark.parametrize("name", ["CASHIER_STRIPE_KEY", "STRIPE_API_KEY"])
@pytest.mark.parametrize("key", ["sk_live_abcdef", "rk_live_abcdef"])
def test_a_live_key_in_the_environment_is_refused_and_not_said(name, key):
    done = run("demo", environment={name: key})

    assert done.status == 2
    assert name in done.errors
    assert key not in done.errors + done.output


def test_test_keys_do_no_harm():
    refuse_live_key({"CASHIER_STRIPE_KEY": "sk_test_abcdef", "NOTE": "my key is not sk_live_abcdef"})


@pytest.mark.parametrize("count", ["0", "-1", "2000000"])
def test_a_number_of_invoices_that_makes_no_sense_is_refused(count):
    done = run("demo", f"--invoices={count}")

    assert done.status == 2
    assert "50 to 1,000,000" in done.errors


def test_a_folder_for_the_tour_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()

    done = run("demo", "--tour", str(tmp_path / "file" / "tour"))

    assert done.status == 2
    assert "cannot be written" in done.errors


def test_the_children_get_throwaway_secrets_and_nothing_of_a_real_installation():
    given = new_secrets()

    real = {"HOME": "/home/x", "CASHIER_DATABASE_URL": "postgresql://real/one", "CASHIER_LOOK_THEME": "dark"}
    environment = environment_of_children(real, given)

    assert environment["HOME"] == "/home/x"
    assert environment["CASHIER_LOOK_THEME"] == "dark"
    assert "CASHIER_DATABASE_URL" not in environment
    assert checked_stripe_key(environment["CASHIER_STRIPE_KEY"], "test") == given.stripe_key
    assert split_webhook_secrets(environment["CASHIER_WEBHOOK_SECRETS"]) == (given.webhook_secret,)
    assert new_secrets() != given


def test_the_settings_hold_no_secret_and_can_be_read(tmp_path):
    file = _write_settings(tmp_path, "http://127.0.0.1:4001", "http://127.0.0.1:4002")

    settings = load(file, {})

    assert settings.training
    assert settings.database_url == f"sqlite:///{tmp_path / 'cashier.sqlite'}"
    assert set(settings.desk.tenders) == {tender.value for tender in Tender if tender.row.is_at_desk}
    assert (settings.companion.port, settings.companion.url) == (4002, "http://127.0.0.1:4002")
    assert not re.search(r"sk_|whsec_", file.read_text(encoding="utf-8"))


def test_phones_find_page_and_companion_on_the_network_where_that_is_wanted(tmp_path):
    file = _write_settings(tmp_path, "http://127.0.0.1:4001", "http://127.0.0.1:4002", "192.168.1.20")

    settings = load(file, {})

    assert settings.for_phones("http://127.0.0.1:4001/c/pay/cs_1") == "http://192.168.1.20:4001/c/pay/cs_1"
    assert settings.stripe.api_base == "http://127.0.0.1:4001"
    assert settings.companion.host == "0.0.0.0"
    assert settings.companion.public_url == "http://192.168.1.20:4002"
    assert settings.companion.url == "http://127.0.0.1:4002"


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "localhost", "http://192.168.1.20", "192.168.1.20:80", "a b", "::1"]
)
def test_what_is_no_address_on_the_network_is_refused(tmp_path, address):
    done = run("demo", "--phones", address)

    assert done.status == 2
    assert "by which a phone finds this machine" in done.errors


def test_a_child_that_does_not_start_is_refused_with_its_words(tmp_path, own_signals):
    with Children(os.environ, tmp_path) as children:
        child = children.start("sandbox", "--port", "no-number")

        with pytest.raises(Refused) as refused:
            child.wait_until_ready()

    assert "sandbox did not start" in str(refused.value.message)
    assert "invalid int value" in str(refused.value.advice)


def test_children_end_with_their_block_whatever_ends_it(tmp_path, own_signals):
    with pytest.raises(Misconfigured), Children(os.environ, tmp_path) as children:
        child = children.start("sandbox", "--state", str(tmp_path / "state.sqlite"))
        child.wait_until_ready()
        assert running_with(tmp_path)
        raise Misconfigured

    assert running_with(tmp_path) == {}


def test_a_child_that_ignores_the_polite_signal_is_ended_all_the_same(tmp_path, own_signals):
    with Children(os.environ, tmp_path) as children:
        child = children.start("sandbox", "--state", str(tmp_path / "state.sqlite"))
        child.wait_until_ready()
        (pid,) = running_with(tmp_path)
        os.kill(pid, signal.SIGSTOP)

    assert running_with(tmp_path) == {}
