"""The file that a paper becomes: what it says of itself; the same from one making to the next."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from reportlab.pdfgen.canvas import Canvas

from cashier.language import Message, current_language
from cashier.paper.typeface import register_fonts


def begin_pdf(
    into: IO[bytes], size: tuple[float, float], *, title: Message, author: str, subject: Message, made_at: datetime
) -> Canvas:
    """Begin a PDF with pages of ``size`` points; ``made_at`` becomes its date, so that no clock is in the bytes.

    It is in the language that is spoken now.
    """
    register_fonts()
    canvas = Canvas(into, pagesize=size, pageCompression=1, invariant=1, lang=current_language().replace("_", "-"))
    canvas.setTitle(str(title))
    canvas.setAuthor(author)
    canvas.setSubject(str(subject))
    canvas.setCreator("Cashier")
    offset = made_at.strftime("%z")
    stamp = made_at.strftime("D:%Y%m%d%H%M%S") + f"{offset[:3]}'{offset[3:5]}'"
    canvas.setDateFormatter(lambda *_moment: stamp)
    return canvas
