"""Putting a stored PDF on paper, at the printer's own resolution."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

from cashier.errors import Refused
from cashier.language import m, sentences

_DOTS_PER_INCH_MAX = 300
"""Finer would only cost memory: a page of 600 dots an inch takes 140 MB."""
_POINTS_PER_INCH = 72
_KEPT = m("Nothing is lost: print it again, or save it as PDF.")


def find_printer(name: str) -> QPrinter:
    """Return the printer called ``name``. Raises ``Refused`` when this machine has none of that name."""
    info = QPrinterInfo.printerInfo(name)
    if info.isNull():
        raise Refused(
            m("This computer has no printer called “{printer}”.", printer=name),
            advice=sentences(m("Switch it on, or ask IT to set another one."), _KEPT),
        )
    return QPrinter(info, QPrinter.PrinterMode.HighResolution)


def print_pdf(pdf: bytes, printer: QPrinter, *, title: str) -> None:
    """Send all pages of ``pdf`` to ``printer``. Raises ``Refused`` when the printer does not take them.

    That a printer is valid says nothing on a machine without one; only beginning to paint does.
    https://doc.qt.io/qt-6/qprinter.html
    """
    buffer = QBuffer()
    buffer.setData(QByteArray(pdf))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    if document.status() is not QPdfDocument.Status.Ready or not document.pageCount():
        raise Refused(m("This document cannot be read."), advice=m("Tell IT; it is stored in the database."))
    name = printer.printerName()
    printer.setDocName(title)
    _set_paper(printer, document.pagePointSize(0))
    painter = QPainter()
    if not painter.begin(printer):
        raise Refused(
            m("The printer “{printer}” does not answer.", printer=name)
            if name
            else m("The printer of this desk does not answer."),
            advice=sentences(m("Check that it is on and has paper."), _KEPT),
        )
    try:
        for page in range(document.pageCount()):
            if page and not printer.newPage():
                raise Refused(
                    m("The printer “{printer}” stopped.", printer=name)
                    if name
                    else m("The printer of this desk stopped."),
                    advice=sentences(m("Check its paper."), _KEPT),
                )
            _paint(painter, printer, document, page)
    finally:
        is_sent = painter.end()
    if not is_sent or printer.printerState() is QPrinter.PrinterState.Error:
        raise Refused(
            m("The printer “{printer}” did not take it.", printer=name)
            if name
            else m("The printer of this desk did not take it."),
            advice=_KEPT,
        )


def _set_paper(printer: QPrinter, size_points: QSizeF) -> None:
    printer.setFullPage(True)
    printer.setPageSize(QPageSize(size_points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.FuzzyMatch))
    is_wide = size_points.width() > size_points.height()
    printer.setPageOrientation(QPageLayout.Orientation.Landscape if is_wide else QPageLayout.Orientation.Portrait)


def _paint(painter: QPainter, printer: QPrinter, document: QPdfDocument, page: int) -> None:
    points = document.pagePointSize(page)
    dots_per_inch = min(printer.resolution(), _DOTS_PER_INCH_MAX)
    pixels = points * dots_per_inch / _POINTS_PER_INCH
    image = document.render(page, QSize(round(pixels.width()), round(pixels.height())))
    on_paper = points * printer.resolution() / _POINTS_PER_INCH
    painter.drawImage(QRectF(0, 0, on_paper.width(), on_paper.height()), image)
