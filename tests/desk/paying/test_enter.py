"""Enter does what the button with ⏎ says, on every face of the payment and after whatever was shown before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QPushButton, QStackedWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.kit.controls import PlainButton, PrimaryButton
from cashier.desk.paying.face_panel import FacePanel
from cashier.desk.paying.faces.table import FACES
from cashier.desk.paying.payment_actions import Action
from cashier.desk.paying.payment_faces import Face
from cashier.language import verbatim
from tests.desk.surroundings.paying import Till

ENTER = "⏎"
WITH_PANEL = [face for face in Face if face is not Face.AMOUNT]


class TwoSteps(QDialog):
    """A first step with a button of its own, and the faces that take its place."""

    def __init__(self) -> None:
        super().__init__()
        self.done_by_enter: list[str] = []
        self.first = QWidget()
        self.go_on = PrimaryButton(verbatim("Go on"), name="go_on")
        self.leave = PlainButton(verbatim("Leave"), name="leave")
        self.go_on.clicked.connect(lambda: self.done_by_enter.append("go_on"))
        column = QVBoxLayout(self.first)
        column.addWidget(self.leave)
        column.addWidget(self.go_on)
        self.panel = FacePanel()
        self.panel.action_chosen.connect(self.done_by_enter.append)
        self.steps = QStackedWidget()
        self.steps.addWidget(self.first)
        self.steps.addWidget(self.panel)
        layout = QVBoxLayout(self)
        layout.addWidget(self.steps)
        layout.addWidget(self.panel.foot)
        self.panel.foot.hide()

    def show_face(self, face: Face) -> None:
        self.steps.setCurrentWidget(self.panel)
        self.panel.foot.show()
        self.panel.show_face(face)

    def go_back(self) -> None:
        self.panel.foot.hide()
        self.steps.setCurrentWidget(self.first)

    def press_enter(self) -> None:
        focus: QWidget | None = self.focusWidget()
        QTest.keyClick(focus if focus is not None else self, Qt.Key.Key_Return)

    def says_enter(self) -> list[str]:
        buttons = self.findChildren(QPushButton)
        return [each.objectName() for each in buttons if each.isVisible() and ENTER in each.text()]


@pytest.fixture
def dialog(qtbot: QtBot) -> Iterator[TwoSteps]:
    """Shown, with the keyboard."""
    dialog = TwoSteps()
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    yield dialog
    dialog.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))


def go_away_and_back(dialog: TwoSteps) -> None:
    """Tab to another button, and back to the one before."""
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)


@pytest.mark.parametrize("face", WITH_PANEL)
def test_enter_does_at_once_what_its_button_says_and_otherwise_nothing(dialog: TwoSteps, face: Face) -> None:
    dialog.show_face(face)

    # No turn of the event loop is waited for: a hurried cashier does not either.
    dialog.press_enter()

    wanted = FACES[face].enter
    assert dialog.done_by_enter == ([] if wanted is None else [wanted])
    assert dialog.says_enter() == ([] if wanted is None else [f"payment_{wanted}"])


@pytest.mark.parametrize("face", WITH_PANEL)
def test_wherever_the_keyboard_wandered_enter_does_the_same(dialog: TwoSteps, face: Face) -> None:
    dialog.show_face(face)
    wanted = FACES[face].enter

    for _ in range(len(FACES[face].actions)):
        go_away_and_back(dialog)
        dialog.press_enter()
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        dialog.press_enter()

    assert set(dialog.done_by_enter) == (set() if wanted is None else {wanted})


@pytest.mark.parametrize("face", WITH_PANEL)
@pytest.mark.parametrize("has_wandered", [False, True])
def test_back_at_the_first_step_enter_goes_on_there(dialog: TwoSteps, face: Face, has_wandered: bool) -> None:
    for _ in range(2):
        dialog.show_face(face)
        if has_wandered:
            go_away_and_back(dialog)
        dialog.go_back()
        dialog.leave.setFocus()

        dialog.press_enter()

    assert dialog.done_by_enter == ["go_on", "go_on"]


@pytest.mark.parametrize("wanders_to", ["payment_view", "payment_leave"])
def test_enter_goes_on_with_the_rest_after_a_part_was_paid(till: Till, wanders_to: str) -> None:
    till.open()
    till.type_amount("20")
    till.choose("tender_cash")
    till.click("amount_continue")
    till.wait_for_face(Face.PART_PAID)
    for name in (wanders_to, "payment_print", wanders_to, f"payment_{Action.TAKE_REST}"):
        till.child(QPushButton, name).setFocus()
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.AMOUNT)
    till.choose("tender_cash")

    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.PAID)
    assert till.balance() == "0.00"
