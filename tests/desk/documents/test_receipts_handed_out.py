"""Viewing, saving and printing a receipt: the first one out is the original, and a failure hands out nothing."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cashier.books.payment import PaymentState
from cashier.desk.context import DeskContext
from cashier.desk.documents.handout import write_whole
from cashier.desk.documents.printing import find_printer, print_pdf
from cashier.desk.documents.receipt_dialog import ReceiptDialog
from cashier.errors import Refused
from cashier.language import current_language
from cashier.payments.views import PaymentView
from tests.desk.surroundings.acting import answer
from tests.surroundings.orders import order_for
from tests.surroundings.plain_http import PLAIN
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import SampleHospital


@pytest.fixture
def paid(qtbot: QtBot, context: DeskContext, hospital: SampleHospital, sandbox: RunningSandbox) -> PaymentView:
    """A payment with its receipt."""
    payments = context.services.payments
    order = order_for(hospital)
    begun = answer(qtbot, context.thread, payments.begin(order, context.actor))
    pay_on_page(f"{begun.page_url}")
    view = answer(qtbot, context.thread, payments.refresh(order.payment_id))
    assert view.state is PaymentState.PAID
    return view


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def dialog(qtbot: QtBot, context: DeskContext, paid: PaymentView, window: QWidget) -> ReceiptDialog:
    assert paid.receipt_id is not None
    dialog = ReceiptDialog(context, paid.receipt_id, window)
    dialog.open()
    save = dialog.findChild(QPushButton, "receipt_save")
    assert save is not None
    qtbot.waitUntil(save.isEnabled, timeout=10_000)
    return dialog


def pay_on_page(url: str) -> None:
    form = {"method": "card", "cardNumber": "4242424242424242", "cardExpiry": "12 / 34", "cardCvc": "123"}
    sent = httpx.post(url, data=form, trust_env=False, verify=PLAIN)
    assert sent.status_code == 303, sent.text


def save_as(qtbot: QtBot, dialog: ReceiptDialog, file: Path) -> None:
    # Without a window manager nobody gives the keyboard back after a dialog.
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(dialog.findChildren(QFileDialog)))
    chooser = dialog.findChildren(QFileDialog)[-1]
    chooser.fileSelected.emit(str(file))
    chooser.reject()
    qtbot.waitUntil(lambda: not dialog.findChildren(QFileDialog))


def said(dialog: ReceiptDialog) -> str:
    words = dialog.findChild(QLabel, "receipt_notice_text")
    return "" if words is None else words.text()


def text_of(pdf: Path) -> str:
    document = QPdfDocument()
    document.load(str(pdf))
    return document.getAllText(0).text()


def test_the_first_one_saved_is_the_original_and_the_second_a_copy(
    qtbot: QtBot, dialog: ReceiptDialog, tmp_path: Path
) -> None:
    save_as(qtbot, dialog, tmp_path / "first.pdf")
    qtbot.waitUntil((tmp_path / "first.pdf").exists)
    qtbot.waitUntil(lambda: "first.pdf" in said(dialog))
    save_as(qtbot, dialog, tmp_path / "second.pdf")
    qtbot.waitUntil(lambda: "second.pdf" in said(dialog))

    assert "COPY 1" not in text_of(tmp_path / "first.pdf")
    assert "COPY 1" in text_of(tmp_path / "second.pdf")


def test_a_file_that_cannot_be_written_hands_out_nothing(qtbot: QtBot, dialog: ReceiptDialog, tmp_path: Path) -> None:
    save_as(qtbot, dialog, tmp_path / "missing" / "first.pdf")
    qtbot.waitUntil(lambda: "cannot be saved" in said(dialog))

    save_as(qtbot, dialog, tmp_path / "first.pdf")

    qtbot.waitUntil(lambda: "was saved" in said(dialog))
    assert "COPY" not in said(dialog)
    assert "COPY 1" not in text_of(tmp_path / "first.pdf")


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "receipt.pdf"
    write_whole(file, b"old")

    write_whole(file, b"new")

    assert file.read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["receipt.pdf"]


def test_printing_puts_the_whole_receipt_on_paper(
    qtbot: QtBot, context: DeskContext, paid: PaymentView, tmp_path: Path
) -> None:
    assert paid.receipt_id is not None
    receipt = answer(qtbot, context.thread, context.services.receipts.document(paid.receipt_id))
    (tmp_path / "stored.pdf").write_bytes(receipt.pdf)
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "paper.pdf"))

    print_pdf(receipt.pdf, printer, title=receipt.file_name)

    assert darkness_of(tmp_path / "paper.pdf") == pytest.approx(darkness_of(tmp_path / "stored.pdf"), rel=0.1)


def test_a_printer_that_does_not_begin_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "missing" / "paper.pdf"))

    with pytest.raises(Refused, match="does not answer"):
        print_pdf(SMALLEST_PDF, printer, title="x")


def test_a_document_that_is_none_is_told(qtbot: QtBot) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        print_pdf(b"no document", QPrinter(), title="x")


def test_a_printer_that_this_machine_does_not_have_is_told(qtbot: QtBot) -> None:
    with pytest.raises(Refused, match="no printer called “Nowhere”"):
        find_printer("Nowhere")


def darkness_of(pdf: Path) -> float:
    """The mean darkness of the first page, seen from afar."""
    document = QPdfDocument()
    document.load(str(pdf))
    points = document.pagePointSize(0)
    image = document.render(0, QSize(round(points.width() / 2), round(points.height() / 2)))
    picture = QImage(image.size(), QImage.Format.Format_Grayscale8)
    picture.fill(Qt.GlobalColor.white)
    painter = QPainter(picture)
    painter.drawImage(0, 0, image)
    painter.end()
    places = [(x, y) for x in range(0, picture.width(), 2) for y in range(0, picture.height(), 2)]
    return sum(255 - picture.pixelColor(x, y).lightness() for x, y in places) / len(places)


SMALLEST_PDF = (
    b"%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def test_a_paper_may_be_in_another_language_than_the_screen(
    qtbot: QtBot, dialog: ReceiptDialog, tmp_path: Path
) -> None:
    box, save = dialog.findChild(QComboBox, "receipt_language"), dialog.findChild(QPushButton, "receipt_save")
    assert box is not None
    assert save is not None
    assert box.currentData() == "en"
    save_as(qtbot, dialog, tmp_path / "first.pdf")
    qtbot.waitUntil(lambda: "first.pdf" in said(dialog))

    box.setCurrentIndex(box.findData("es"))
    box.activated.emit(box.currentIndex())
    assert not save.isEnabled()
    qtbot.waitUntil(save.isEnabled, timeout=10_000)
    save_as(qtbot, dialog, tmp_path / "second.pdf")
    qtbot.waitUntil(lambda: "second.pdf" in said(dialog))

    assert current_language() == "en"
    assert "120.00 €" in text_of(tmp_path / "first.pdf")
    assert "120,00 €" in text_of(tmp_path / "second.pdf")
