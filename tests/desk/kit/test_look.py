"""What is worn is what is seen: theme, size of text, density, and the ring around what has the keyboard."""

import itertools

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from cashier.desk.kit.controls import Chip, Notice, PlainButton, PrimaryButton, Text, Tone, label
from cashier.desk.kit.focus_ring import GAP, RING, FocusRing
from cashier.desk.kit.icons import Picture
from cashier.desk.kit.look import Density, Look, current_look, scaled, shade
from cashier.desk.kit.style import style_sheet, wear
from cashier.desk.shell.wearing import wear_what_is_set
from cashier.language import verbatim
from cashier.palette import SHADES, Colour, Theme
from cashier.settings import LookSettings, Settings


@pytest.fixture(autouse=True)
def _usual_look_afterwards(qapp):
    yield
    wear(qapp, Look())


def page_with(*widgets: QWidget) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(30, 30, 30, 30)
    for each in widgets:
        layout.addWidget(each)
    return page


def shown(qtbot, page: QWidget) -> QWidget:
    qtbot.addWidget(page)
    page.show()
    page.activateWindow()
    qtbot.waitExposed(page)
    return page


def colours_in(widget: QWidget) -> set[str]:
    picture = widget.grab().toImage()
    places = itertools.product(range(picture.width()), range(picture.height()))
    return {picture.pixelColor(x, y).name().upper() for x, y in places}


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize("density", Density)
@pytest.mark.parametrize("percent", [100, 115, 130, 150])
def test_the_sheet_of_every_look_has_a_value_in_every_place(theme, density, percent):
    sheet = style_sheet(Look(theme=theme, density=density, text_percent=percent))

    assert "$" not in sheet
    assert SHADES[theme][Colour.INK] in sheet


@pytest.mark.parametrize("percent", [100, 150])
def test_a_large_field_is_larger_than_others_at_every_size_of_text(qtbot, qapp, percent):
    wear(qapp, Look(text_percent=percent))
    large, usual = QLineEdit(), QLineEdit()
    large.setProperty("room", "large")
    _page = shown(qtbot, page_with(large, usual))

    assert large.font().pointSizeF() == pytest.approx(14 * percent / 100)
    assert usual.font().pointSizeF() == pytest.approx(12 * percent / 100)
    assert large.height() >= usual.height() + 6


@pytest.mark.parametrize("percent", [100, 115, 130, 150])
def test_each_kind_of_words_has_its_size_of_text(qtbot, qapp, percent):
    wear(qapp, Look(text_percent=percent))
    sizes = {Text.CAPTION: 11, Text.BODY: 12, Text.TITLE: 13, Text.HEADLINE: 18, Text.DISPLAY: 32, Text.OUTCOME: 44}
    words = {each: label(verbatim("12.50 €"), each) for each in sizes}
    _page = shown(qtbot, page_with(*words.values()))

    for each, points in sizes.items():
        assert words[each].font().pointSizeF() == pytest.approx(points * percent / 100, abs=0.05), each
    assert set(sizes) == set(Text)
    assert qapp.font().pointSizeF() == pytest.approx(12 * percent / 100)


@pytest.mark.parametrize(("density", "pixels"), [(Density.KEYBOARD, 40), (Density.TOUCH, 52)])
def test_buttons_and_fields_are_as_high_as_hands_need(qtbot, qapp, density, pixels):
    wear(qapp, Look(density=density))
    controls = [
        PrimaryButton(verbatim("Pay"), name="primary"),
        PlainButton(verbatim("Back"), name="plain"),
        QLineEdit(),
    ]
    _page = shown(qtbot, page_with(*controls))

    assert [each.sizeHint().height() for each in controls] == [pixels] * 3


def test_fingers_find_chips_and_bars_of_at_least_44_and_24_pixels(qtbot, qapp):
    wear(qapp, Look(density=Density.TOUCH))
    chip = Chip(verbatim("All"), name="chip")
    area = QScrollArea()
    _page = shown(qtbot, page_with(chip, area))

    assert chip.sizeHint().height() >= 44
    assert area.verticalScrollBar().sizeHint().width() == 24


def test_another_theme_shows_at_once_in_what_is_open(qtbot, qapp):
    page = shown(
        qtbot, page_with(Picture("warning", Colour.BAD, side=48), PrimaryButton(verbatim("Pay"), name="pay"))
    )

    assert {SHADES[Theme.LIGHT][each] for each in (Colour.BAD, Colour.ACCENT)} <= colours_in(page)
    wear(qapp, Look(theme=Theme.DARK))

    assert {SHADES[Theme.DARK][each] for each in (Colour.BAD, Colour.ACCENT)} <= colours_in(page)
    assert not {SHADES[Theme.LIGHT][each] for each in (Colour.BAD, Colour.ACCENT)} & colours_in(page)


def test_a_hint_in_an_empty_field_is_readable(qtbot, qapp):
    field = QLineEdit()
    field.setPlaceholderText("Search")
    _page = shown(qtbot, page_with(field))

    assert field.palette().placeholderText().color() == shade(Colour.INK_SOFT)


def test_what_appears_fades_in_and_is_whole_after_a_moment(qtbot, qapp):
    wear(qapp, Look(has_motion=True))
    notice = Notice(name="notice")
    _page = shown(qtbot, page_with(notice))

    notice.say(verbatim("Printed."), Tone.GOOD)
    assert notice.graphicsEffect() is not None
    qtbot.waitUntil(lambda: notice.graphicsEffect() is None, timeout=1000)

    wear(qapp, Look())
    notice.fall_silent()
    notice.say(verbatim("Printed."), Tone.GOOD)
    assert notice.graphicsEffect() is None


def ring_of(page: QWidget) -> FocusRing:
    ring = page.findChild(FocusRing)
    assert isinstance(ring, FocusRing)
    return ring


def around(widget: QWidget) -> QRect:
    wide = RING + GAP
    place = QRect(widget.mapTo(widget.window(), QPoint(0, 0)), widget.size())
    return place.adjusted(-wide, -wide, wide, wide)


@pytest.mark.parametrize("kind", [QPushButton, QLineEdit, QComboBox])
def test_a_ring_stands_outside_the_edge_of_what_has_the_keyboard(qtbot, kind):
    first, second = kind(), kind()
    page = shown(qtbot, page_with(first, second))
    for each in (first, second):
        before = each.geometry()
        each.setFocus()
        qtbot.waitUntil(lambda each=each: QApplication.focusWidget() is each)

        ring = ring_of(page)
        assert ring.isVisible()
        assert ring.geometry() == around(each)
        assert each.geometry() == before
        picture = page.grab().toImage()
        # In the middle of its upper side, and of the gap between ring and edge.
        assert picture.pixelColor(ring.geometry().center().x(), ring.y() + RING // 2) == shade(Colour.FOCUS)
        assert picture.pixelColor(ring.geometry().center().x(), ring.y() + RING) != shade(Colour.FOCUS)


def test_the_ring_goes_with_what_it_is_around(qtbot):
    field, above = QLineEdit(), QPushButton()
    page = shown(qtbot, page_with(above, field))
    field.setFocus()
    qtbot.waitUntil(lambda: ring_of(page).isVisible())

    above.setFixedHeight(90)
    qtbot.waitUntil(lambda: ring_of(page).geometry() == around(field))
    field.hide()
    qtbot.waitUntil(lambda: not ring_of(page).isVisible() or ring_of(page).geometry() == around(above))


def test_a_click_goes_through_the_ring(qtbot):
    field = QLineEdit()
    page = shown(qtbot, page_with(field))
    field.setFocus()
    qtbot.waitUntil(lambda: ring_of(page).isVisible())

    assert page.childAt(field.geometry().center()) is field


def test_no_ring_is_left_in_the_window_behind_a_dialog(qtbot):
    behind, before = QLineEdit(), QLineEdit()
    page, dialog = shown(qtbot, page_with(behind)), page_with(before)
    behind.setFocus()
    qtbot.waitUntil(lambda: ring_of(page).isVisible())
    shown(qtbot, dialog)
    before.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is before)

    assert ring_of(dialog).isVisible()
    assert not ring_of(page).isVisible()


@pytest.mark.parametrize("place", [0, 2, 3, 19])
def test_nothing_of_the_ring_stands_above_or_below_a_sheet_that_scrolls(qtbot, place):
    fields = [QLineEdit() for _ in range(20)]
    area = QScrollArea()
    area.setWidget(page_with(*fields))
    area.setFixedHeight(160)
    page = shown(qtbot, page_with(area, QPushButton("Below")))
    fields[place].setFocus()
    qtbot.waitUntil(lambda: page.findChild(FocusRing) is not None)

    ring = ring_of(page)
    seen = QRect(area.viewport().mapTo(page, QPoint(0, 0)), area.viewport().size())
    drawn = ring.geometry() if ring.mask().isEmpty() else ring.mask().boundingRect().translated(ring.pos())
    beside = seen.adjusted(-RING - GAP, 0, RING + GAP, 0)
    assert ring.isHidden() or beside.contains(drawn)
    assert ring.isHidden() == (not seen.intersects(around(fields[place])))


def test_lengths_grow_with_the_text(qapp):
    wear(qapp, Look(text_percent=130))

    assert scaled(100) == 130


@pytest.mark.parametrize(
    ("set_to", "worn"),
    [
        (LookSettings(), Look()),
        (LookSettings(theme="contrast-dark", text_percent=130), Look(theme=Theme.CONTRAST_DARK, text_percent=130)),
        (LookSettings(theme="dark", density="touch"), Look(theme=Theme.DARK, density=Density.TOUCH)),
    ],
)
def test_the_desk_looks_as_its_settings_say(qapp, set_to, worn):
    wear_what_is_set(qapp, Settings(look=set_to))

    assert current_look() == worn
