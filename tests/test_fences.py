"""The tests' own fences hold: nothing beyond loopback, nothing left running, nothing unexpected in the log."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.surroundings.fences import left_behind
from tests.surroundings.fences.error_log import logged_errors, told
from tests.surroundings.fences.sitecustomize import TRAFFIC_FILE

ELSEWHERE = "192.0.2.1"
"""An address that is kept for examples: https://datatracker.ietf.org/doc/html/rfc5737"""


@pytest.fixture
def refused():
    """What was refused so far; asked for, it is forgiven."""

    def refused():
        file = Path(os.environ[TRAFFIC_FILE])
        lines = file.read_text(encoding="utf-8").splitlines()
        file.unlink()
        return lines

    return refused


@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection((ELSEWHERE, 443), timeout=1),
        lambda: socket.getaddrinfo("api.stripe.com", 443),
        lambda: socket.gethostbyname("api.stripe.com"),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", (ELSEWHERE, 53)),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_nothing_beyond_loopback_can_be_reached(reach, refused):
    with pytest.raises(OSError, match="tests stay on loopback"):
        reach()

    assert len(refused()) == 1


def test_a_process_that_a_test_starts_stays_on_loopback_too(refused):
    script = f"import socket; socket.create_connection(('{ELSEWHERE}', 443), timeout=1)"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert "tests stay on loopback" in done.stderr
    assert [line.split(" by ")[0] for line in refused()] in (
        [f"socket.{name} {ELSEWHERE}"] for name in ("connect", "getaddrinfo")
    )


def test_loopback_is_free():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=5):
        pass


def test_a_process_that_came_off_its_parents_is_found():
    before = left_behind.processes()
    subprocess.run(["sh", "-c", "setsid sleep 60 >/dev/null 2>&1 &"], check=True)

    left = left_behind.left_since(before)

    assert list(left.values()) == ["sleep"]
    os.kill(next(iter(left)), signal.SIGKILL)


def test_a_child_that_runs_on_is_found():
    before = left_behind.processes()
    # Without our variables it carries no mark.
    with subprocess.Popen(["sleep", "60"], env={}) as child:
        assert left_behind.left_since(before) == {child.pid: "sleep"}
        child.kill()


def test_the_server_of_all_tests_may_stay(postgres):
    assert "postgres" not in left_behind.processes().values()


@pytest.mark.logs("the drawer is on fire", "the drawer is stuck")
def test_errors_of_ours_and_of_all_others_are_seen():
    with logged_errors() as records:
        logging.getLogger("cashier.shifts").error("the drawer is stuck")
        logging.getLogger("cashier.shifts").warning("the drawer is warm")
        try:
            raise RuntimeError("smoke")
        except RuntimeError:
            logging.getLogger("asyncio").exception("the drawer is on fire")

    assert [told(record) for record in records] == [
        "cashier.shifts: the drawer is stuck",
        "asyncio: the drawer is on fire: RuntimeError('smoke')",
    ]
