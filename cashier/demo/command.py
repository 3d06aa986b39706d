"""The command ``cashier demo``: everything on this machine, with a sample hospital and no real money.

Sandbox, companion and desk run as separate processes, as they do at work, and end with the window.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import os
import random
import re
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from cashier.assembly import open_services
from cashier.books.api_client import Scope
from cashier.books.journal import staff_at
from cashier.books.schema.migration import migrate
from cashier.books.staff import Role
from cashier.clock import now
from cashier.database import Database
from cashier.demo.children import Child, Children
from cashier.demo.data import fill, hospital_name
from cashier.demo.surroundings import (
    environment_of_children,
    new_secrets,
    refuse_live_key,
    runs_as_root,
)
from cashier.desk.shell.screen import has_screen
from cashier.errors import Refused, why_not
from cashier.keychain import Keychain, Secret
from cashier.language import m, mc, number
from cashier.money import Money
from cashier.settings import is_on_this_machine, load
from cashier.shifts.views import Opening
from cashier.stripe_gateway.terminal import LocationAddress
from cashier.tenders.tender import BY_DIGIT

PINS: Mapping[Role, str] = {
    Role.CASHIER: "480261",
    Role.SUPERVISOR: "731924",
    Role.ADMINISTRATOR: "906358",
    Role.AUDITOR: "617203",
}
_DESK, _PORTAL_DESK = "D1", "WEB"
_DEFAULT_FOLDER = Path("demo-output")
_INVOICES_MIN, _INVOICES_MAX = 50, 1_000_000
_TOUR_SECONDS_MAX = 180.0
_LOOK_EVERY_SECONDS = 0.5
_CARD_HELD_AFTER_SECONDS = 3
"""How long the demo's card reader waits until somebody holds a card to it."""
_FLOAT_MINOR = 200_00
_PORTAL = "Patient portal"
_READER_ADDRESS = LocationAddress(line1="1 Sample Quay", postal_code="00000", city="Exampleton", country="ES")

_WELCOME = m(
    """Sign in with   name {cashier} PIN {cashier_pin}
          or   name {supervisor} PIN {supervisor_pin}
          or   name {administrator} PIN {administrator_pin}
          or   name {auditor} PIN {auditor_pin}

Pay with the card   4242 4242 4242 4242   to see it settle
                    4000 0000 0000 0002   to see it declined
                    4000 0000 0000 9995   to see it declined for insufficient funds
                    4000 0027 6000 3184   to see the bank ask (3-D Secure)
with any date in the future and any three digits. No money moves. Close the window to end the demo.""",
    **{role.value: f"{role:14}" for role in PINS},
    **{f"{role}_pin": pin for role, pin in PINS.items()},
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options to ``parser``."""
    parser.add_argument(
        "--tour",
        type=Path,
        metavar=str(mc("placeholder", "DIR")),
        help=str(m("show everything by itself, then end; leave pictures and logs in DIR")),
    )
    parser.add_argument(
        "--size",
        default="",
        metavar=str(mc("placeholder", "WIDTHxHEIGHT")),
        help=str(m("how large the tour's window is, in pixels, such as 1024x600")),
    )
    parser.add_argument(
        "--phones",
        default="",
        metavar=str(mc("placeholder", "ADDRESS")),
        help=str(m("let phones on the network open the code: this machine's address there, such as 192.168.1.20")),
    )
    parser.add_argument("--invoices", type=int, default=3000, metavar="N", help=str(m("how many (default: 3000)")))


def run(arguments: argparse.Namespace) -> int:
    """Run the demo until its window is closed or the tour is over; return the desk's exit status.

    Raises ``Refused`` for a live key, for more or fewer invoices than it can have, and for a folder that cannot be
    written.
    """
    refuse_live_key(os.environ)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The desk writes to the same place: lines have to leave in their order, also into a file.
        sys.stdout.reconfigure(line_buffering=True)
    if not _INVOICES_MIN <= arguments.invoices <= _INVOICES_MAX:
        raise Refused(
            m(
                "The demo can have {fewest} to {most} invoices.",
                fewest=number(_INVOICES_MIN),
                most=number(_INVOICES_MAX),
            )
        )
    tour: Path | None = arguments.tour
    if tour is None and not has_screen():
        print(
            m(
                "There is no screen here, so the demo shows itself and leaves pictures in {folder}/.",
                folder=_DEFAULT_FOLDER,
            )
        )
        tour = _DEFAULT_FOLDER
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cashier-demo-") as folder:
        size, phones = _size(arguments.size), _checked(arguments.phones)
        status = _run_in(Path(folder), tour and _prepared(tour), arguments.invoices, phones, size)
    if tour is not None:
        seconds = round(time.monotonic() - began)
        if status == 0:
            outcome = m(
                "Every step held; {seconds} seconds in all. Look into {folder}/.", seconds=seconds, folder=tour
            )
        else:
            outcome = m(
                "Not every step held; {seconds} seconds in all. Look into {folder}/.", seconds=seconds, folder=tour
            )
        print(outcome)
    return status


def _prepared(tour: Path) -> Path:
    """Make the tour's folder; a log of an earlier tour would be added to, so it goes."""
    folder = tour.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "stripe.jsonl").unlink(missing_ok=True)
    except OSError as error:
        raise Refused(
            m("{folder} cannot be written: {reason}.", folder=tour, reason=why_not(error)),
            advice=m("Choose another folder."),
        ) from None
    return folder


def _checked(address: str) -> str:
    """Return the address of this machine as it was given. Raises ``Refused`` for what is no address of a machine."""
    is_a_name = re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z.-]{0,252}", address) is not None
    if address and (not is_a_name or is_on_this_machine(f"http://{address}")):
        raise Refused(
            m("“{address}” is no address by which a phone finds this machine.", address=address),
            advice=m("Give it as the network settings show it, such as 192.168.1.20."),
        )
    return address


def _size(words: str) -> tuple[int, int] | None:
    """Return width and height in pixels; None where none is given. Raises ``Refused`` for what is no size."""
    found = re.fullmatch(r"(\d{3,4})x(\d{3,4})", words)
    if words and found is None:
        raise Refused(m("“{size}” is no size of a window.", size=words), advice=m("Give it such as 1024x600."))
    return None if found is None else (int(found[1]), int(found[2]))


def _run_in(folder: Path, tour: Path | None, invoices: int, phones: str, size: tuple[int, int] | None) -> int:
    secrets = new_secrets()
    companion_url = f"http://127.0.0.1:{_free_port()}"
    with Children(environment_of_children(os.environ, secrets), folder) as children:
        sandbox = children.start(
            "sandbox",
            *("--forward-to", f"{companion_url}/stripe/webhook", "--business-name", hospital_name()),
            *("--log", str((tour or folder) / "stripe.jsonl"), "--state", str(folder / "sandbox.sqlite")),
            *("--reader-answers-after", str(_CARD_HELD_AFTER_SECONDS)),
            *(("--host", "0.0.0.0") if phones else ()),  # noqa: S104 - that is what was asked for
        )
        print(m("Making a sample hospital with {number} invoices …", number=number(invoices)))
        asyncio.run(_fill(f"sqlite:///{folder / 'cashier.sqlite'}", invoices))
        settings = _write_settings(folder, sandbox.wait_until_ready(), companion_url, phones)
        portal_key = asyncio.run(_prepare_desk(settings, secrets.stripe_key))
        companion = children.start("companion", "--settings", str(settings))
        companion.wait_until_ready()
        desk = _start_desk(children, settings, tour, portal_key, size)
        if tour is None:
            print(f"\n{_WELCOME}\n")
        return _wait_for(desk, [companion, sandbox], _TOUR_SECONDS_MAX if tour else None)


async def _fill(url: str, invoices: int) -> None:
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    try:
        await fill(database, today=now().date(), pins=PINS, count=invoices)
    finally:
        await database.close()


async def _prepare_desk(settings_file: Path, stripe_key: str) -> str:
    """Put a simulated card reader at the demo's desk, let a portal use the API, and open the cashier's shift.

    Returns the portal's key.
    """
    keychain = Keychain({Secret.STRIPE_KEY.variable: stripe_key})
    async with open_services(load(settings_file, {}), keychain) as services:
        station = await services.desks.station(_DESK)
        signed_in = await services.staff.sign_in(
            Role.ADMINISTRATOR, PINS[Role.ADMINISTRATOR], desk_id=station.desk_id
        )
        administrator = staff_at(staff_id=signed_in.staff_id, desk_id=station.desk_id)
        await services.readers.register(
            station.desk_id,
            "simulated-wpe",
            "Counter 1",
            administrator,
            address=_READER_ADDRESS,
        )
        scopes = (Scope.PAYMENTS_READ, Scope.PAYMENTS_WRITE, Scope.RECEIPTS_READ)
        portal = await services.clients.add(_PORTAL, _PORTAL_DESK, scopes, administrator)
        cashier = await services.staff.sign_in(Role.CASHIER, PINS[Role.CASHIER], desk_id=station.desk_id)
        await services.shifts.open(
            Opening(number=1, float=Money(_FLOAT_MINOR, station.currency)),
            staff_at(staff_id=cashier.staff_id, desk_id=station.desk_id),
        )
    return portal.text


def _write_settings(folder: Path, sandbox_url: str, companion_url: str, phones: str = "") -> Path:
    file = folder / "cashier.toml"
    for_phones, listens = "", "127.0.0.1"
    public_url = companion_url
    if phones:
        for_phones, public_url = (f"http://{phones}:{urlsplit(url).port}" for url in (sandbox_url, companion_url))
        listens = "0.0.0.0"  # noqa: S104 - that is what was asked for
    # A JSON string is a TOML string.
    entries = f"""\
data_folder = {json.dumps(str(folder))}

[stripe]
api_base = {json.dumps(sandbox_url)}
phone_base = {json.dumps(for_phones)}
publishable_key = "pk_test_demo"

[companion]
host = {json.dumps(listens)}
public_url = {json.dumps(public_url)}
port = {companion_url.rpartition(":")[2]}
url = {json.dumps(companion_url)}

[payment_page]
client = {json.dumps(_PORTAL)}

[desk]
code = {json.dumps(_DESK)}
tenders = {json.dumps(BY_DIGIT)}
"""
    file.write_text(entries, encoding="utf-8")
    return file


def _start_desk(
    children: Children, settings: Path, tour: Path | None, portal_key: str, size: tuple[int, int] | None
) -> Child:
    variables: dict[str, str] = {}
    arguments = ["--settings", str(settings)]
    if not has_screen():
        screen = _write_screen(settings.with_name("screen.json"), size)
        variables["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen}"
    if runs_as_root() and "QTWEBENGINE_CHROMIUM_FLAGS" not in os.environ:
        print(
            m("Running as root: the demo's browser works without its own sandbox. Never do this with real payments.")
        )
        variables["QTWEBENGINE_CHROMIUM_FLAGS"] = "--no-sandbox --disable-gpu"
    if tour is not None:
        arguments += ["--tour", str(tour)]
        if size is not None:
            arguments += ["--size", "{}x{}".format(*size)]
        variables |= {
            "CASHIER_TOUR_NAME": str(Role.CASHIER),
            "CASHIER_TOUR_PIN": PINS[Role.CASHIER],
            "CASHIER_TOUR_API_KEY": portal_key,
        }
    return children.start("desk", *arguments, shown=True, **variables)


def _write_screen(file: Path, size: tuple[int, int] | None) -> Path:
    """Describe the screen that nobody sees: one that most desks have, or one in which a window of ``size`` fits."""
    width, height = (round(each * float(os.environ.get("QT_SCALE_FACTOR", "1"))) for each in size or (1366, 768))
    screen = {"name": "demo", "x": 0, "y": 0, "width": width, "height": height, "dpr": 1}
    file.write_text(json.dumps({"screens": [screen | {"logicalDpi": 96, "logicalBaseDpi": 96}]}), encoding="utf-8")
    return file


def _wait_for(desk: Child, others: list[Child], limit_seconds: float | None) -> int:
    """Wait for the desk's end; say so when another process ends before it."""
    deadline = time.monotonic() + limit_seconds if limit_seconds else None
    while (status := desk.wait(_LOOK_EVERY_SECONDS)) is None:
        for child in [child for child in others if child.wait(0) is not None]:
            print(m("The demo's {program} ended by itself:", program=child.name), child.last_errors(), sep="\n")
            others.remove(child)
        if deadline is not None and time.monotonic() > deadline:
            print(
                m("The tour did not end within {seconds} seconds and was stopped.", seconds=round(limit_seconds or 0))
            )
            return 1
    if status != 0:
        print(m("The desk ended with status {status}. Its last words:", status=status), desk.last_errors(), sep="\n")
    return status if status >= 0 else 1


def _free_port() -> int:
    """Find a port for the companion: its address is needed before it runs, by the sandbox and in the settings.

    It is none of those that outgoing connections are given, or one of these might take it meanwhile.
    """
    while True:
        port = random.SystemRandom().randrange(15_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
