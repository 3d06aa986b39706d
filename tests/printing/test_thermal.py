"""A thermal printer prints what it is sent, or it is said what is in the way, or that nobody knows."""

from __future__ import annotations

import asyncio

import pytest
from PIL import Image, ImageDraw

from cashier.errors import Refused
from cashier.printing import thermal
from cashier.printing.escpos import Hindrance, read_status
from cashier.printing.thermal import Came, NotKnownToBePrintedError, Picture, ThermalPrinter
from tests.surroundings.ports import free_port
from tests.surroundings.thermal_printer import playing_printer


@pytest.fixture
async def printer():
    async with playing_printer() as played:
        yield played


def a_page(lines=300):
    """A page with a cross from corner to corner, so that every row is another."""
    page = Image.new("1", (576, lines), 1)
    ImageDraw.Draw(page).line([(0, 0), (575, lines - 1)], fill=0, width=3)
    return page, Picture(dots=bytes(255 - byte for byte in page.tobytes()), width_bytes=72)


async def test_what_is_sent_comes_out_dot_by_dot_and_is_cut_once(printer):
    page, dots = a_page()

    came = await ThermalPrinter.at(printer.address, tells=True).print([dots, dots])

    assert came is Came.PRINTED
    assert printer.cuts == 1
    strip = printer.paper()
    assert strip.crop((0, 0, 576, 300)).tobytes() == strip.crop((0, 300, 576, 600)).tobytes() == page.tobytes()


async def test_a_printer_that_cannot_tell_has_received_what_it_still_has_paper_for(printer):
    printer.tells = False

    assert await ThermalPrinter.at(printer.address, tells=False).print([a_page()[1]]) is Came.RECEIVED


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ((0x1E, 0x32, 0x12, 0x7E), "no paper"),
        ((0x1E, 0x16, 0x12, 0x12), "cover"),
        ((0x1A, 0x12, 0x1A, 0x12), "knife"),
        ((0x1A, 0x12, 0x32, 0x12), "fault"),
        ((0x1A, 0x12, 0x12, 0x12), "off line"),
    ],
)
async def test_what_is_in_the_way_is_said_before_anything_is_sent(printer, status, words):
    printer.status = status
    one = ThermalPrinter.at(printer.address, tells=True)

    for use in (one.look(), one.print([a_page()[1]])):
        with pytest.raises(Refused, match=words):
            await use

    printer.put_paper_in()
    assert printer.pictures == []


async def test_paper_that_ends_soon_is_no_hindrance(printer):
    printer.status = (0x12, 0x12, 0x12, 0x1E)

    assert (await ThermalPrinter.at(printer.address, tells=True).look()).is_paper_low


@pytest.mark.parametrize("rubbish", [b"HTTP/1.0 400 \r\n\r\n", b"\x00" * 8, b"\xff" * 4])
async def test_what_answers_as_no_printer_does_is_sent_nothing(printer, rubbish):
    printer.rubbish = rubbish

    with pytest.raises(Refused, match="nothing that can be understood"):
        await ThermalPrinter.at(printer.address, tells=True).print([a_page()[1]])
    assert printer.pictures == []


async def test_a_mute_printer_and_none_at_all_are_given_up_and_sent_nothing(printer, monkeypatch):
    monkeypatch.setattr(thermal, "_STATUS_SECONDS", 0.2)
    printer.is_mute = True

    with pytest.raises(Refused, match="nothing that can be understood"):
        await ThermalPrinter.at(printer.address, tells=True).print([a_page()[1]])
    with pytest.raises(Refused, match="does not answer"):
        await ThermalPrinter.at(f"escpos://127.0.0.1:{free_port()}", tells=True).look()


async def test_of_a_line_that_breaks_nobody_knows_what_came_out(printer):
    printer.hangs_up_after = 500

    with pytest.raises(NotKnownToBePrintedError, match="not known"):
        await ThermalPrinter.at(printer.address, tells=True).print([a_page()[1]])


@pytest.mark.parametrize("tells", [True, False])
async def test_paper_that_ends_meanwhile_is_not_printed_and_comes_out_once_when_there_is_some(
    printer, monkeypatch, tells
):
    monkeypatch.setattr(thermal, "_PRINT_SECONDS", 0.3)
    printer.runs_out_after = 1

    with pytest.raises(NotKnownToBePrintedError):
        await ThermalPrinter.at(printer.address, tells=tells).print([a_page()[1]])

    printer.put_paper_in()
    assert printer.paper().height == 300, "the printer had kept the rest: sending it again would have doubled it"


def test_only_bytes_of_a_status_are_read_as_one():
    readable = [byte for byte in range(256) if read_status(bytes((byte, 0x12, 0x12, 0x12))) is not None]

    assert len(readable) == 2**4
    assert read_status(b"\x12\x12\x12") is None
    opened = read_status(bytes((0x1A, 0x16, 0x12, 0x12)))
    assert opened is not None
    assert opened.hindrance is Hindrance.COVER_OPEN, "the cause, before what follows from it"


async def test_ten_receipts_one_after_the_other_come_out_once_each(printer):
    one = ThermalPrinter.at(printer.address, tells=True)

    for _ in range(10):
        await one.print([a_page(40)[1]])
    await asyncio.sleep(0)

    assert (printer.paper().height, printer.cuts) == (400, 10)
