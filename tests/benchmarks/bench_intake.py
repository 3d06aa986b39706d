"""How many of Stripe's events the companion takes in and works off, against the least that storing them can cost.

Only the ratios mean anything: the machine is shared. ``make benchmarks`` runs it; BENCHMARK_EVENTS sets the size. The
floor is ``grouped_commits.py``, a bare server beside the companion, on the same PostgreSQL, in the same run.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cashier.assembly import open_services
from cashier.invoices.intake import take_in
from cashier.keychain import Keychain, Secret
from tests.companion.stripe_events import body_of, event, signature
from tests.invoices.arriving import an_invoice
from tests.payments.patient import pay_on_page
from tests.surroundings.orders import order_of, share_of
from tests.surroundings.postgres import running_cluster
from tests.surroundings.processes import started

COUNT = int(os.environ.get("BENCHMARK_EVENTS", "4000"))
CONNECTIONS = 32
ROUNDS = 3
PAYMENTS = 60
SECRET = "whsec_benchmark"
KINDS = ("payment_intent.created", "payment_intent.succeeded", "charge.succeeded", "charge.updated",
         "checkout.session.completed")  # fmt: skip
"""What Stripe sends of one payment on its page."""


@pytest.fixture(scope="session")
def postgres():
    """A server that waits for the disk at each commit, as a hospital's does."""
    with running_cluster(waits_for_disk=True) as cluster:
        yield cluster


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_events_against_grouped_commits(settings, secrets, write_settings, hospital, tmp_path):
    secrets[Secret.WEBHOOK_SECRETS.variable] = SECRET
    file = write_settings(settings)
    with (
        floor(hospital.url) as floor_port,
        started("companion", "--settings", str(file), environment=secrets, folder=tmp_path) as companion,
    ):
        port = urlsplit(companion.url).port
        rates: dict[str, list[float]] = {"floor": [], "companion": []}
        singles: dict[str, list[float]] = {"floor": [], "companion": []}
        await sent(floor_port, requests(200), 1)
        await sent(port, requests(200), 1)
        for _ in range(ROUNDS):
            for name, where in (("floor", floor_port), ("companion", port)):
                rates[name].append(COUNT / await elapsed(sent(where, requests(COUNT), CONNECTIONS)))
            await worked_off(hospital)
            for name, where in (("floor", floor_port), ("companion", port)):
                singles[name].append(statistics.median(await sent(where, requests(200), 1)) * 1000)
        stored = hospital.execute("SELECT count(*) AS n FROM stripe_event WHERE type = 'moon.eclipsed'")[0]["n"]
        assert stored == ROUNDS * (COUNT + 200) + 200, "every event that was answered is there"
        await worked_off(hospital)
        foreign = await foreign_rate(settings, secrets, hospital)
        settling, for_cpu = await settling_rate(settings, secrets, hospital, companion)
    rate, floor_rate = statistics.median(rates["companion"]), statistics.median(rates["floor"])
    single, floor_single = statistics.median(singles["companion"]), statistics.median(singles["floor"])
    print(f"\n{COUNT:,} events on {CONNECTIONS} connections, medians of {ROUNDS} rounds in turn, PostgreSQL:")
    print(f"  stored a second      companion {rate:7.0f}   floor {floor_rate:7.0f}   ratio {rate / floor_rate:.2f}")
    print(f"  one at a time, ms    companion {single:7.2f}   floor {floor_single:7.2f}   ratio", end="")
    print(f" {single / floor_single:.2f}")
    print(f"  worked off a second  foreign {foreign:.0f}   of payments that settle {settling:.0f}", end="")
    print(f" ({for_cpu:.0f} for a second of the companion's CPU)")


@contextlib.contextmanager
def floor(url):
    """Run the floor's server and give its port."""
    command = [sys.executable, "-m", "tests.benchmarks.grouped_commits", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def requests(count):
    """Make ``count`` signed requests about nothing of ours."""
    return [request_of(event(id=f"evt_{time.time_ns()}_{number}", type="moon.eclipsed")) for number in range(count)]


def request_of(content):
    """Write the request as Stripe sends it."""
    body = body_of(content)
    head = f"POST /stripe/webhook HTTP/1.1\r\nHost: x\r\nStripe-Signature: {signature(body, SECRET)}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def sent(port, waiting, connections):
    """Send all on so many connections, each one after the other; return how long each took, in seconds."""
    waiting, times = iter(waiting), []

    async def send():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            begun = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
            await reader.readexactly(int(length))
            times.append(time.perf_counter() - begun)
        writer.close()

    await asyncio.gather(*(send() for _ in range(connections)))
    return times


async def elapsed(work):
    begun = time.perf_counter()
    await work
    return time.perf_counter() - begun


async def worked_off(hospital):
    """Wait until no event waits any more."""
    waiting = "SELECT count(*) AS n FROM stripe_event WHERE processed_at IS NULL"
    while (await asyncio.to_thread(hospital.execute, waiting))[0]["n"]:  # noqa: ASYNC110
        await asyncio.sleep(0.05)  # the companion is another process


async def foreign_rate(settings, secrets, hospital):
    """Store events of other programs without a word, and tell how fast they are set aside, a second."""
    hospital.execute("UPDATE stripe_event SET processed_at = NULL WHERE type = 'moon.eclipsed'")
    count = hospital.execute("SELECT count(*) AS n FROM stripe_event WHERE processed_at IS NULL")[0]["n"]
    async with open_services(settings, Keychain(secrets)) as services:
        return count / await elapsed(services.inbox.process_waiting())


async def settling_rate(settings, secrets, hospital, companion):
    """Tell how many events of payments that settle are worked off a second, and for a second of CPU."""
    numbers = [f"INV-B-{number:04d}" for number in range(PAYMENTS)]
    async with open_services(settings, Keychain(secrets)) as services:
        await take_in(services.database, [an_invoice(number=each) for each in numbers])
        found = hospital.execute("SELECT id, number FROM invoice WHERE number LIKE 'INV-B-%'")
        hospital.invoice_ids.update({row["number"]: row["id"] for row in found})
        sending = []
        for each in numbers:
            order = order_of(share_of(hospital, each, 1_000))
            begun = await services.payments.begin(order, hospital.cashier)
            await pay_on_page(begun.page_url)
            subject = {"id": begun.stripe_session_id, "metadata": {"cashier_payment": str(begun.id)}}
            sending += [request_of(event(id=f"evt_{time.time_ns()}", type=kind, data={"object": subject}))
                        for kind in KINDS]  # fmt: skip
        used, begun_at = cpu_of(companion), time.perf_counter()
        await sent(urlsplit(companion.url).port, sending, CONNECTIONS)
        await worked_off(hospital)
        seconds, used = time.perf_counter() - begun_at, cpu_of(companion) - used
        paid = hospital.execute("SELECT count(*) AS n FROM payment WHERE state = 'paid'")[0]["n"]
    assert paid == PAYMENTS
    return len(sending) / seconds, len(sending) / used


def cpu_of(companion):
    """Return how many seconds of CPU its process has used."""
    facts = Path(f"/proc/{companion.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(facts[11]) + int(facts[12])) / os.sysconf("SC_CLK_TCK")
