"""The journal's head is told to a log and a file elsewhere, and what does not take it stops nothing and is said."""

from __future__ import annotations

import dataclasses
import os
import resource
import socket

import pytest

from cashier.audit.anchors.elsewhere import Elsewhere, line_of
from cashier.audit.anchors.head import last_entry
from cashier.audit.anchors.outlets import outlets_of
from cashier.companion.health import Health
from cashier.doctor.anchors import look_at_anchors
from cashier.doctor.configuration import Configuration
from cashier.doctor.findings import Level
from cashier.errors import Refused
from cashier.settings import AnchorSettings
from cashier_verify.anchors import of_file

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
async def head(services):
    """The newest entry of a journal that has some."""
    for _ in range(3):
        await services.staff.note_sign_out(1, desk_id=1)
    return await last_entry(services.database)


async def tell(services, syslog="", file=""):
    elsewhere = Elsewhere(services.database, outlets_of(syslog, str(file)))
    return await elsewhere.run(), str(elsewhere.trouble)


async def test_a_log_and_a_file_get_the_line_that_the_auditors_program_reads(services, head, tmp_path):
    file = tmp_path / "journal.log"
    file.write_text("2026-11-26T10:00:00+00:00 journal entry 1:0f0f", encoding="utf-8")
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as by_udp,
        socket.create_server(("127.0.0.1", 0)) as by_tcp,
    ):
        by_udp.bind(("127.0.0.1", 0))
        assert await tell(services, f"udp://127.0.0.1:{by_udp.getsockname()[1]}", file) == (2, "None")
        assert await tell(services, f"tcp://127.0.0.1:{by_tcp.getsockname()[1]}") == (1, "None")
        logged = [by_udp.recv(4096)]
        for _ in range(2):
            connection, _address = by_tcp.accept()
            logged.append(connection.recv(4096))
            connection.close()

    log = tmp_path / "syslog"
    log.write_bytes(b"\n".join(logged))
    for written in (file, log):
        assert {(each.number, each.hash) for each in of_file(written)} == {(head.number, head.hash)}


async def test_a_place_that_does_not_take_it_stops_nothing_and_is_said(services, head, free_port, tmp_path, caplog):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for syslog, file, words in (
        (f"tcp://127.0.0.1:{free_port}", "", "refused"),
        ("", tmp_path / "no such folder" / "file", "No such file"),
        ("", pipe, "No such device"),
        ("", tmp_path, "directory"),
        ("", "/dev/null", "it is no file"),
    ):
        good = tmp_path / "good"
        count, trouble = await tell(services, syslog, file)
        assert count == 0, (syslog, file)
        assert words in trouble
        assert (await tell(services, syslog, good))[0] == 1, "one that fails holds up no other"


async def test_half_a_line_as_a_full_disk_leaves_it_is_said_and_the_next_one_stands_by_itself(
    services, head, tmp_path
):
    file = tmp_path / "journal.log"
    (outlet,) = outlets_of("", str(file))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60, limits[1]))
    try:
        with pytest.raises(Refused, match="no room is left"):
            outlet.put(line_of(head))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert await tell(services, file=file) == (1, "None")
    half, whole = (each.hash for each in of_file(file))
    assert (whole, head.hash.startswith(half)) == (head.hash, True)


async def test_health_and_the_doctor_say_what_does_not_take_it(
    services, head, settings, write_settings, free_port, tmp_path, caplog
):
    places = AnchorSettings(syslog=f"tcp://127.0.0.1:{free_port}", file=str(tmp_path / "file"))
    await tell(services)
    elsewhere = Elsewhere(services.database, outlets_of(places.syslog, places.file))
    await elsewhere.run()
    services = dataclasses.replace(services, anchors=dataclasses.replace(services.anchors, elsewhere=elsewhere))

    database, _stripe = await Health(services).parts()
    assert f"tcp://127.0.0.1:{free_port}" in str(database["remark"])

    written = write_settings(settings)
    named = f'\n[anchors]\nsyslog = "{places.syslog}"\nfile = "{places.file}"\n'
    written.write_text(written.read_text(encoding="utf-8") + named, encoding="utf-8")
    found = await look_at_anchors(Configuration(written))
    assert found.level is Level.WARNING
    assert f"tcp://127.0.0.1:{free_port}" in str(found.message)
    assert str(tmp_path) not in str(found.message)
