"""Receipts on the thermal printer of a desk: the original once, whatever happens to paper and line."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.context import DeskContext
from cashier.desk.documents.receipt_handout import ReceiptHandout
from cashier.desk.documents.thermal_picture import pictures_for
from cashier.payments.views import PaymentView
from cashier.receipts.service import Receipts
from cashier.settings import ReceiptPaper, Settings
from cashier.tenders.tender import Tender
from tests.desk.surroundings.acting import answer
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import SampleHospital
from tests.surroundings.thermal_printer import PlayedPrinter, playing_printer

NO_PAPER = (0x1E, 0x32, 0x12, 0x7E)


@pytest.fixture
def printer() -> Iterator[PlayedPrinter]:
    """A thermal printer that works on a thread of its own, as one beside the desk does."""
    ready, done = threading.Event(), threading.Event()
    played: list[PlayedPrinter] = []

    async def play() -> None:
        async with playing_printer() as printer:
            played.append(printer)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(play(),))
    thread.start()
    ready.wait()
    yield played[0]
    done.set()
    thread.join()


@pytest.fixture
def settings(settings: Settings, printer: PlayedPrinter) -> Settings:
    """Those of a desk with a roll of 58 mm, and no printer for sheets that this machine knows."""
    desk = msgspec.structs.replace(
        settings.desk, receipt_printer=printer.address, receipt_printer_tells=True, printer="Nowhere"
    )
    paper = msgspec.structs.replace(settings.paper, receipts=ReceiptPaper.ROLL_58)
    return msgspec.structs.replace(settings, desk=desk, paper=paper)


@pytest.fixture
def paid(qtbot: QtBot, context: DeskContext, hospital: SampleHospital) -> PaymentView:
    order = order_for(hospital, tender=Tender.CHEQUE, reference="100001")
    return answer(qtbot, context.thread, context.services.payments.begin(order, context.actor))


class Desk:
    """Somebody who presses “Print”, and reads what is said then."""

    def __init__(self, qtbot: QtBot, context: DeskContext, paid: PaymentView) -> None:
        assert paid.receipt_id is not None
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.qtbot, self.said = qtbot, list[str]()
        self.handout = ReceiptHandout(context, paid.receipt_id, "D1-000001", self.window)
        self.handout.handed_out.connect(lambda said: self.said.append(str(said)))
        self.handout.not_handed_out.connect(lambda error: self.said.append(str(error.words)))

    def print(self) -> str:
        before = len(self.said)
        self.handout.print()
        self.qtbot.waitUntil(lambda: len(self.said) > before, timeout=30_000)
        return self.said[-1]


@pytest.fixture
def desk(qtbot: QtBot, context: DeskContext, paid: PaymentView) -> Desk:
    return Desk(qtbot, context, paid)


def test_the_original_comes_out_as_it_is_stored_and_the_next_one_is_a_copy(
    qtbot: QtBot, context: DeskContext, paid: PaymentView, desk: Desk, printer: PlayedPrinter
) -> None:
    assert desk.print() == "Receipt T-D1-000001 is printed."
    stored = answer(qtbot, context.thread, context.services.receipts.document(paid.receipt_id or 0))
    (picture,) = pictures_for(stored.pdf, ReceiptPaper.ROLL_58) or []
    on_paper = printer.paper()
    assert on_paper.width == 384
    assert on_paper.tobytes() == bytes(255 - byte for byte in picture.dots)
    share = on_paper.convert("L").histogram()[0] / (on_paper.width * on_paper.height)
    assert 0.02 < share < 0.25, "black letters on white paper"

    assert desk.print() == "Receipt T-D1-000001, copy 1, is printed."
    assert printer.cuts == 2


def test_without_paper_nothing_is_handed_out_and_the_original_comes_when_there_is_some(
    desk: Desk, printer: PlayedPrinter
) -> None:
    printer.status = NO_PAPER
    assert "has no paper" in desk.print()
    assert "has no paper" in desk.print()
    assert printer.pictures == []

    printer.put_paper_in()

    assert desk.print() == "Receipt T-D1-000001 is printed."


def test_after_a_line_that_broke_somebody_has_to_look_and_what_comes_then_says_copy(
    desk: Desk, printer: PlayedPrinter
) -> None:
    printer.hangs_up_after = 100
    assert "not known whether the receipt came out" in desk.print()

    printer.hangs_up_after = None

    assert desk.print() == "Receipt T-D1-000001, copy 1, is printed."


def test_a_receipt_that_was_made_for_a_sheet_does_not_become_a_strip_that_nobody_can_read(
    qtbot: QtBot, context: DeskContext, paid: PaymentView, desk: Desk, printer: PlayedPrinter
) -> None:
    elsewhere = Receipts(context.services.database)
    answer(qtbot, context.thread, elsewhere.document(paid.receipt_id or 0))

    assert "no printer called “Nowhere”" in desk.print()
    assert printer.pictures == []
