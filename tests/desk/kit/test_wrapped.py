"""Long words are broken somewhere, whatever they are, and nothing of them is lost."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from cashier.desk.kit.wrapped import breakable, wrapped_height

WORDS = (
    "", "-", "--", "---------", "Ana", "Ana-", "-Ana", "Ana--María", "Dąbek-Wiśniewska-Brzęczyszczykiewicz-",
    "Wolfeschlegelsteinhausenbergerdorff", "Núñez  García", " - ",
    "Áá́́́", "रामचन्द्रशेखरवेङ्कटरमण", "王小明王小明王小明", "😀-😀😀😀😀",
)  # fmt: skip


@pytest.mark.parametrize("text", WORDS)
@pytest.mark.parametrize("width", [-5, 0, 1, 9, 40, 300])
def test_every_text_is_broken_to_any_width_and_stays_itself(qapp: QApplication, text: str, width: int) -> None:
    metrics = QFontMetrics(qapp.font())

    broken = breakable(metrics, text, width)

    assert broken.replace("\u200b", "") == text
    assert wrapped_height(metrics, text, max(1, width)) >= 0


def test_a_name_is_broken_after_its_hyphens_first(qapp: QApplication) -> None:
    metrics = QFontMetrics(qapp.font())
    width = metrics.horizontalAdvance("Wiśniewska-") + 2

    assert breakable(metrics, "Dąbek-Wiśniewska-Nowak", width) == "Dąbek-\u200bWiśniewska-\u200bNowak"
