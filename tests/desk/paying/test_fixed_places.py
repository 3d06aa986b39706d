"""Buttons stand where the hand knows them on every face; each fits the smallest window, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from cashier.desk.kit.look import Look, is_large
from cashier.desk.kit.style import wear
from cashier.desk.paying.faces.course_steps import steps_of
from cashier.desk.paying.faces.stepper import StepState
from cashier.desk.paying.faces.table import FACES
from cashier.desk.paying.payment_actions import ACTIONS, Action
from cashier.desk.paying.payment_faces import Face
from cashier.desk.tour.fit import cut_words
from cashier.language import use_language, verbatim
from cashier.tenders.tender import Tender
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.paying import Till
from tests.surroundings.card_reader import place_reader

SMALLEST = QSize(944, 524)
"""What is left for a sheet in a window of 960 by 540."""
TOLD = "Stripe does not answer. Check the internet connection, and then try again."


@pytest.fixture(params=[("en", 100), ("es", 100), ("es", 150)], ids=str)
def language(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    """What is spoken while the dialog is open, and how large that is written."""
    language, percent = request.param
    wear(qapp, Look(text_percent=percent))
    use_language(language)
    yield language
    use_language("en")
    wear(qapp, Look())


def buttons(till: Till) -> dict[str, QPushButton]:
    shown = [each for each in till.dialog.findChildren(QPushButton) if each.isVisible()]
    return {each.objectName(): each for each in shown}


def settle(till: Till) -> None:
    """Let the layout put everything in its place."""
    till.dialog.resize(SMALLEST)
    till.qtbot.wait(1)


def end(till: Till) -> None:
    till.dialog._face = Face.AMOUNT
    till.dialog.reject()
    till.wait_for_close()


@pytest.mark.usefixtures("language")
def test_buttons_never_move_and_nothing_is_cut_in_the_smallest_window(till: Till) -> None:
    services = till.context.services
    answer(till.qtbot, till.context.thread, place_reader(services, till.hospital, till.sandbox))
    dialog = till.open()
    settle(till)
    right = (
        buttons(till)["amount_continue"].mapTo(dialog, QPoint(0, 0)).x() + buttons(till)["amount_continue"].width()
    )
    lefts = {buttons(till)["amount_close"].mapTo(dialog, QPoint(0, 0)).x()}
    tops = {buttons(till)["amount_close"].mapTo(dialog, QPoint(0, 0)).y()}
    other_ways, cuts, too_large = set(), list(cut_words(dialog)), []

    for face in Face:
        if face is not Face.AMOUNT:
            dialog._show_face(face, verbatim(TOLD))
            settle(till)
        cuts += list(cut_words(dialog))
        too_large += [face] if dialog.minimumSizeHint().boundedTo(SMALLEST) != dialog.minimumSizeHint() else []
        for name, button in buttons(till).items():
            place = button.mapTo(dialog, QPoint(0, 0))
            action = Action(name.removeprefix("payment_")) if name.removeprefix("payment_") in set(Action) else None
            if action is not None and action is FACES[face].enter:
                assert place.x() + button.width() == right, (face, name)
                tops.add(place.y())
            elif name == "payment_close" or (action is not None and ACTIONS[action].command.key == "Esc"):
                lefts.add(place.x())
                tops.add(place.y())
            elif action in (Action.OTHER_WAY, Action.CORRECT):
                other_ways.add(place.x())

    assert (len(lefts), len(tops)) == (1, 1)
    # With the largest text all the room is for words: what stands between Esc and Enter moves together.
    assert len(other_ways) == 1 or is_large()
    assert cuts == []
    assert too_large == []
    end(till)


def test_the_second_press_of_a_double_click_does_not_charge_a_card(till: Till) -> None:
    till.open()
    till.dialog._show_face(Face.TO_CHARGE)
    pressed: list[Action] = []
    till.dialog._panel.action_chosen.disconnect()
    till.dialog._panel.action_chosen.connect(pressed.append)

    # Qt sends the second press as another event, to whatever stands there by now; only the release is the same.
    button = buttons(till)["payment_charge"]
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    middle = QPointF(button.rect().center())
    for kind in (QEvent.Type.MouseButtonDblClick, QEvent.Type.MouseButtonRelease):
        QApplication.sendEvent(button, QMouseEvent(kind, middle, button.mapToGlobal(middle), left, left, none))

    assert pressed == []
    QTest.mouseClick(button, left)
    assert pressed == [Action.CHARGE]
    end(till)


@pytest.mark.parametrize("tender", Tender)
def test_a_course_says_question_mark_where_it_is_not_known_and_has_no_step_that_failed(tender: Tender) -> None:
    for face in Face:
        steps = steps_of(face, tender, begun=verbatim("10:42"))
        assert len(steps) in (0, 4)
        # When it was opened is told once it is known that it was.
        assert [str(each.at) for each in steps if each.at] == [
            "10:42" for each in steps[:1] if each.state is StepState.DONE
        ]
        if FACES[face].title == FACES[Face.UNKNOWN].title and steps:
            assert [each.state for each in steps[1:]] == [StepState.UNKNOWN] * 3
        # What comes after a step that is not done yet is not done either.
        done = [each.state is StepState.DONE for each in steps]
        assert done == sorted(done, reverse=True)
    assert bool(steps_of(Face.PAGE, tender)) is (tender.row.is_page or tender.row.is_on_reader)
