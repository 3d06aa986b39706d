"""A receipt for a roll as the dots of a thermal printer: black or not, nothing between."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPdf import QPdfDocument

from cashier.errors import Refused
from cashier.language import m
from cashier.printing.thermal import Picture
from cashier.settings import ReceiptPaper

DOTS = {ReceiptPaper.ROLL_80: 576, ReceiptPaper.ROLL_58: 384}
"""How many dots a line has: 72 and 48 mm at 203 dots an inch, which is 8 a millimetre."""
_SHEET_WIDTH_MIN = 300.0
"""In points; a page that is wider was made for a sheet, and would not be readable."""


def pictures_for(pdf: bytes, paper: ReceiptPaper) -> list[Picture] | None:
    """Return the pages of ``pdf`` as pictures for ``paper``; None where they were made for sheets.

    Raises ``Refused`` for what is no PDF.
    """
    buffer = QBuffer()
    buffer.setData(QByteArray(pdf))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    if document.status() is not QPdfDocument.Status.Ready or not document.pageCount():
        raise Refused(m("This document cannot be read."), advice=m("Tell IT; it is stored in the database."))
    if document.pagePointSize(0).width() > _SHEET_WIDTH_MIN:
        return None
    return [_picture(document, page, DOTS[paper]) for page in range(document.pageCount())]


def _picture(document: QPdfDocument, page: int, width: int) -> Picture:
    points = document.pagePointSize(page)
    drawn = document.render(page, QSize(width, round(points.height() * width / points.width())))
    sheet = QImage(drawn.size(), QImage.Format.Format_Grayscale8)
    sheet.fill(Qt.GlobalColor.white)
    painter = QPainter(sheet)
    painter.drawImage(0, 0, drawn)
    painter.end()
    # In a picture of two colours that Qt makes, 1 is black.
    dots = sheet.convertToFormat(QImage.Format.Format_Mono, Qt.ImageConversionFlag.ThresholdDither)
    # Rows of a picture of Qt begin at every fourth byte, as 72 and 48 do.
    return Picture(dots=bytes(dots.constBits()), width_bytes=dots.bytesPerLine())
