"""The patient display: amounts and the hospital's name, on a second screen, never in the cashier's way."""

from __future__ import annotations

import array
import itertools
import json
import math
import os
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from cashier.desk.kit.look import shade
from cashier.desk.kit.no_money import words_without_money
from cashier.desk.patient_screen.chimes import Chime
from cashier.desk.patient_screen.patient_display import PatientDisplay, screen_for_patient
from cashier.desk.patient_screen.patient_faces import PATIENT_WORDS, WELCOME, PatientFace, PatientKind
from cashier.desk.patient_screen.patient_sheet import PatientSheet
from cashier.desk.patient_screen.patient_sounds import HEARD
from cashier.language import speaking
from cashier.money import Money
from cashier.palette import Colour
from cashier.resources import RESOURCES
from cashier.settings import Settings, StripeSettings
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.sample_hospital import CASHIER_NAME, CASHIER_PIN

HOSPITAL = "Example Hospital"
AMOUNT = Money(123456, "EUR")
ADDRESS = "https://checkout.stripe.com/c/pay/cs_test_" + "a1B2c3D4" * 7 + "#fid" + "kdXx0YGho" * 30
FACES = {
    PatientKind.WELCOME: WELCOME,
    PatientKind.DUE: PatientFace(kind=PatientKind.DUE, amount=AMOUNT),
    PatientKind.PHONE: PatientFace(kind=PatientKind.PHONE, amount=AMOUNT, address=ADDRESS),
    PatientKind.READER: PatientFace(kind=PatientKind.READER, amount=AMOUNT),
    PatientKind.CASH: PatientFace(
        kind=PatientKind.CASH, amount=AMOUNT, tendered=Money(130_000, "EUR"), change=Money(6544, "EUR")
    ),
    PatientKind.BANK: PatientFace(kind=PatientKind.BANK, amount=AMOUNT),
    PatientKind.THANKS: PatientFace(kind=PatientKind.THANKS, amount=AMOUNT),
    PatientKind.NOT_APPROVED: PatientFace(kind=PatientKind.NOT_APPROVED, amount=AMOUNT),
}


@pytest.fixture
def desk(qtbot):
    """The cashier's window, with a field that has the keyboard."""
    window = QWidget()
    qtbot.addWidget(window)
    field = QLineEdit(window)
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    return window


@pytest.fixture
def make_display(desk):
    """Make a display in one of the modes."""
    made = []

    def make(mode):
        display = PatientDisplay(HOSPITAL, mode=mode, desk=desk)
        made.append(display)
        display.begin()
        return display

    yield make
    for display in made:
        shiboken6.delete(display)


@pytest.fixture
def sheet(qtbot):
    """What the display shows, by itself."""
    made = PatientSheet(HOSPITAL, languages=("en", "es"))
    qtbot.addWidget(made)
    made.resize(768, 480)
    made.show()
    return made


def words_on(widget):
    return {each.text() for each in widget.findChildren(QLabel) if each.isVisible() and each.text()}


def arc_minutes(pixels, *, millimetres_per_pixel):
    """How high capitals of so many pixels look from 70 cm; those of Noto Sans have 0.714 of the size of text."""
    return math.degrees(math.atan(0.714 * pixels * millimetres_per_pixel / 700)) * 60


def test_every_situation_of_the_patient_has_its_words():
    assert set(PATIENT_WORDS) == set(PatientKind) == set(FACES)


@pytest.mark.parametrize("kind", PatientKind)
def test_nothing_is_shown_but_amounts_and_the_hospitals_name(sheet, kind):
    face = FACES[kind]

    sheet.show_face(face)

    row = PATIENT_WORDS[kind]
    amounts = {str(each) for each in (face.amount, face.tendered, face.change) if each is not None and row.has_amount}
    names_of_amounts = {"Received", "Change"} if kind is PatientKind.CASH else set()
    words = {str(each) for each in (row.title, row.text, *row.steps)} - {""}
    assert words_on(sheet) - {str(each) for each in row.steps} == {HOSPITAL} | amounts | names_of_amounts | words - {
        str(each) for each in row.steps
    }
    assert words_on(sheet) <= {HOSPITAL} | words | amounts | names_of_amounts


def test_patients_are_told_all_the_time_that_no_money_moves(qtbot):
    made = PatientSheet(HOSPITAL, words_without_money(Settings()))
    qtbot.addWidget(made)
    made.show()

    for face in FACES.values():
        made.show_face(face)
        assert any(words.startswith("STRIPE TEST MODE") for words in words_on(made))


def test_where_money_moves_nothing_stands_above_the_hospital(sheet):
    assert not words_without_money(Settings(stripe=StripeSettings(mode="live")))
    assert words_on(sheet) == {
        HOSPITAL,
        str(PATIENT_WORDS[WELCOME.kind].title),
        str(PATIENT_WORDS[WELCOME.kind].text),
    }


def test_the_code_is_there_for_the_phone_alone(sheet):
    for kind, face in FACES.items():
        sheet.show_face(face)

        assert sheet._code.isVisible() is (kind is PatientKind.PHONE)
        assert sheet._code.address == face.address


SCREENS = {QSize(800, 480): 7, QSize(1024, 600): 7, QSize(600, 1024): 7, QSize(1920, 1080): 24, QSize(1080, 1920): 24}
"""Sizes in pixels, and how many inches there are from corner to corner."""


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("size", [QSize(640, 400), QSize(768, 480), *SCREENS])
def test_everything_fits_and_is_read_from_70_cm(qtbot, size, language):
    with speaking(language):
        sheet = PatientSheet(HOSPITAL, words_without_money(Settings()), languages=("en", "es"))
        qtbot.addWidget(sheet)
        sheet.resize(size)
        sheet.show()
        for face in FACES.values():
            sheet.show_face(face)
            QTest.qWait(0)
            assert sheet.size() == size
            words_have_their_room(sheet)
            if size in SCREENS:
                words_are_read_from_70_cm(sheet, inches=SCREENS[size])


def words_are_read_from_70_cm(sheet, *, inches):
    pixel = inches * 25.4 / math.hypot(sheet.width(), sheet.height())
    for each in sheet.findChildren(QLabel):
        if each.isVisible() and each.text():
            seen = arc_minutes(each.font().pixelSize(), millimetres_per_pixel=pixel)
            assert seen >= (16 if each.objectName() == "patient_notice_text" else 20), each.objectName()


def words_have_their_room(sheet):
    for each in sheet.findChildren(QLabel):
        if each.isVisible() and each.text():
            place = QRect(each.mapTo(sheet, each.rect().topLeft()), each.size())
            needed = QFontMetrics(each.font()).boundingRect(each.rect(), Qt.TextFlag.TextWordWrap, each.text())
            assert sheet.rect().contains(place), each.objectName()
            assert needed.height() <= each.height(), each.objectName()
            assert needed.width() <= each.width(), each.objectName()


@pytest.mark.parametrize("size", SCREENS)
def test_the_total_is_as_wide_as_two_fifths_of_the_screen(sheet, size):
    sheet.resize(size)
    for kind in (PatientKind.DUE, PatientKind.READER, PatientKind.THANKS):
        sheet.show_face(PatientFace(kind=kind, amount=Money(13_300, "EUR")))
        QTest.qWait(0)

        assert QFontMetrics(sheet._amount.font()).horizontalAdvance(sheet._amount.text()) >= 0.4 * size.width()


def test_of_cash_the_change_is_the_largest(sheet):
    sheet.show_face(
        PatientFace(
            kind=PatientKind.THANKS,
            amount=Money(13_300, "EUR"),
            tendered=Money(15_000, "EUR"),
            change=Money(1700, "EUR"),
        )
    )

    sizes = {each.text(): each.font().pixelSize() for each in sheet.findChildren(QLabel) if each.isVisible()}
    assert max(sizes, key=lambda words: sizes[words]) == "17.00 €"


def test_a_course_of_three_steps_says_what_is_done_and_what_comes(sheet):
    steps = {kind: PATIENT_WORDS[kind] for kind in PatientKind if PATIENT_WORDS[kind].steps}

    assert {kind: row.now for kind, row in steps.items()} == {
        PatientKind.PHONE: 1,
        PatientKind.READER: 1,
        PatientKind.BANK: 2,
    }
    sheet.show_face(FACES[PatientKind.READER])
    assert {"Amount", "Your card", "Your bank"} <= words_on(sheet)


def test_a_payment_that_was_not_approved_shows_no_sum_that_looks_taken(sheet):
    sheet.show_face(FACES[PatientKind.NOT_APPROVED])

    assert words_on(sheet) == {HOSPITAL, "Nothing was charged", "Let us try another way."}


def test_the_patient_chooses_the_language_until_the_next_one_comes(qtbot, make_display, desk):
    display = make_display("window")
    display.show_face(FACES[PatientKind.READER])

    QTest.mouseClick(display.findChild(QPushButton, "patient_language_es"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Use el lector de tarjetas, por favor" in words_on(display))
    assert display.face == FACES[PatientKind.READER]
    display.show_face(FACES[PatientKind.BANK])
    assert "Esperando a su banco" in words_on(display)
    assert desk.findChild(QLineEdit).hasFocus()

    display.finish()
    assert "Welcome" in words_on(display)


def test_an_outcome_is_told_once_to_what_plays_sounds(make_display):
    display = make_display("off")
    told: list[PatientKind] = []
    display.situation_changed.connect(told.append)

    for kind in (PatientKind.READER, PatientKind.READER, PatientKind.NOT_APPROVED, PatientKind.THANKS):
        display.show_face(FACES[kind])

    assert told == [PatientKind.READER, PatientKind.NOT_APPROVED, PatientKind.THANKS]
    assert [HEARD.get(kind) for kind in told] == [None, Chime.DECLINED, Chime.PAID]


def test_the_sounds_are_short_and_rise_when_something_is_paid():
    pitches = {}
    for chime in Chime:
        with wave.open(str(RESOURCES / "sounds" / f"{chime}.wav"), "rb") as file:
            samples = array.array("h", file.readframes(file.getnframes()))
            assert (file.getnchannels(), file.getframerate()) == (1, 16_000)
            assert file.getnframes() < 0.5 * 16_000
        assert max(map(abs, samples)) < 0.4 * 32_767
        halves = samples[: len(samples) // 3], samples[len(samples) // 3 :]
        pitches[chime] = [sum(a < 0 <= b for a, b in itertools.pairwise(half)) / len(half) for half in halves]

    assert pitches[Chime.PAID][0] < pitches[Chime.PAID][1]
    assert max(pitches[Chime.DECLINED]) < min(pitches[Chime.PAID])


def test_in_training_the_patient_sees_stripes_round_everything(qtbot):
    training = PatientSheet(HOSPITAL, words_without_money(Settings()))
    qtbot.addWidget(training)
    training.resize(768, 480)
    picture = training.grab().toImage()

    for x in (1, 766):
        seen = {picture.pixelColor(x, y).name() for y in range(1, 478, 2)}
        assert {shade(Colour.TRAINING).name(), shade(Colour.TRAINING_GROUND).name()} <= seen


def test_the_largest_amount_fits(sheet):
    sheet.show_face(PatientFace(kind=PatientKind.PHONE, amount=Money(999_999_999_999, "IDR"), address=ADDRESS))
    QTest.qWait(0)

    assert QFontMetrics(sheet._amount.font()).horizontalAdvance(sheet._amount.text()) <= sheet._amount.width()


def test_it_never_takes_the_keyboard(qtbot, desk, make_display):
    display = make_display("window")
    display.show_face(FACES[PatientKind.DUE])
    QTest.qWait(50)

    assert display.isVisible()
    assert display.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
    assert desk.isActiveWindow()
    field = desk.findChild(QLineEdit)
    assert field.hasFocus()
    QTest.keyClicks(field, "12")
    assert field.text() == "12"


def test_thanks_give_way_to_the_welcome(qtbot, make_display):
    display = make_display("off")
    display.show_face(FACES[PatientKind.THANKS])
    display.finish()
    assert display.face == FACES[PatientKind.THANKS]

    display._passing.setInterval(1)

    qtbot.waitUntil(lambda: display.face == WELCOME)


def test_what_still_asks_for_something_is_taken_away_at_the_end(make_display):
    display = make_display("off")
    display.show_face(FACES[PatientKind.PHONE])

    display.finish()

    assert display.face == WELCOME


@pytest.mark.parametrize(("mode", "is_shown"), [("auto", False), ("window", True), ("off", False)])
def test_with_one_screen_the_mode_decides_and_the_cashier_can_change_it(make_display, mode, is_shown):
    display = make_display(mode)
    assert display.isVisible() is is_shown

    display.toggle()
    assert display.isVisible() is not is_shown
    assert not display.isFullScreen()

    display.toggle()
    assert display.isVisible() is is_shown


def test_closing_its_window_hides_it_and_the_keys_bring_it_back(make_display):
    display = make_display("window")

    display.close()
    assert not display.isVisible()

    display.toggle()
    assert display.isVisible()


class FakeScreen:
    """A screen of which only the place matters."""

    def __init__(self, *place):
        self._place = QRect(*place)

    def geometry(self):
        return self._place


def screen_at(*place) -> Any:
    return FakeScreen(*place)


def test_a_screen_that_mirrors_the_desk_is_no_second_screen():
    left, mirror, right = screen_at(0, 0, 1920, 1080), screen_at(0, 0, 1280, 720), screen_at(1920, 0, 1024, 600)

    assert screen_for_patient(left, [left, mirror]) is None
    assert screen_for_patient(left, [left, mirror, right]) == right
    assert screen_for_patient(right, [left, right]) == left


_ON_TWO_SCREENS = """
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from cashier.desk.patient_screen import patient_display
from cashier.desk.kit.look import Look
from cashier.desk.kit.style import wear

application = QApplication([])
wear(application, Look())
left, right = application.screens()
desk = QWidget()
desk.setScreen(left)
desk.move(left.geometry().center())
desk.show()
display = patient_display.PatientDisplay("Example Hospital", mode="auto", desk=desk)
display.begin()
QTest.qWait(50)
assert display.isFullScreen() and display.screen() is right, display.screen()
assert display.geometry() == right.geometry(), display.geometry()

desk.move(right.geometry().center())
QTest.qWait(50)
assert desk.screen() is right
assert display.isVisible() and display.screen() is left and display.isFullScreen(), "it leaves the desk's screen"
desk.move(left.geometry().center())
QTest.qWait(50)
assert display.screen() is right

display.toggle()
assert not display.isVisible()
display.toggle()
assert display.isVisible() and display.isFullScreen() and display.screen() is right


class OneScreen(QGuiApplication):
    screens = staticmethod(lambda: [left])


patient_display.QGuiApplication = OneScreen
application.screenRemoved.emit(right)
QTest.qWait(50)
assert not display.isVisible(), "it goes away with its screen"
assert desk.isVisible()
display.toggle()
assert display.isVisible() and not display.isFullScreen() and display.screen() is left

patient_display.QGuiApplication = QGuiApplication
application.screenAdded.emit(right)
QTest.qWait(50)
assert display.isVisible() and display.screen() is right and display.isFullScreen(), "it comes back with its screen"

desk.close()
QTest.qWait(50)
print("done")
"""


def test_it_comes_and_goes_with_the_second_screen(tmp_path):
    screens = [
        {"name": name, "x": x, "y": 0, "width": width, "height": height, "logicalDpi": 96, "dpr": 1}
        for name, x, width, height in (("desk", 0, 1366, 768), ("patient", 1366, 1024, 600))
    ]
    config = tmp_path / "screens.json"
    config.write_text(json.dumps({"screens": screens}), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-c", _ON_TWO_SCREENS],
        env=os.environ | {"QT_QPA_PLATFORM": f"offscreen:configfile={config}"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stdout.strip() == "done", done.stderr


def test_the_desk_shows_and_hides_it_by_ctrl_d(qtbot, window):
    desk = DeskWindow(qtbot, window)
    window.start()
    desk.sign_in(CASHIER_NAME, CASHIER_PIN)
    desk.wait_for_list()
    display = desk.page.context.patient_display
    assert not display.isVisible()

    desk.press(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert display.isVisible()
    assert QGuiApplication.focusWindow() is window.windowHandle()

    desk.press(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert not display.isVisible()
