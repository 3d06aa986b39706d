"""Shows one situation of the payment dialog: what it is, what it means, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from cashier.desk.commands.commands import Command
from cashier.desk.kit.controls import INK_OF, Notice, Text, Tone, announce, label, set_tone
from cashier.desk.kit.icons import Picture
from cashier.desk.paying.faces.course_steps import steps_of
from cashier.desk.paying.faces.figures import Figures
from cashier.desk.paying.faces.foot import Foot, FootButton, FootPrimary, width_of
from cashier.desk.paying.faces.stepper import Stepper
from cashier.desk.paying.faces.table import FACES
from cashier.desk.paying.payment_actions import ACTIONS, Action
from cashier.desk.paying.payment_faces import OVER, Face
from cashier.language import NOTHING, Message, m, sentences

_OF_RECEIPT = (Action.PRINT, Action.VIEW, Action.SAVE)
"""They stand where the receipt is told, not among the ways to go on."""
_NO_BUTTON = 1
"""So many parts are in their row where there is none: what takes the room."""
_BACK_TO_AMOUNT = (Action.OTHER_WAY, Action.CORRECT)


class FacePanel(QWidget):
    """One face at a time. It takes the focus itself where no button should have it."""

    action_chosen = Signal(object)
    """Carries an ``Action``."""

    def __init__(self) -> None:
        """Make an empty panel; its ``foot`` stands below whatever step is shown."""
        super().__init__()
        self.setObjectName("payment_face")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.foot = Foot()
        self._shown: tuple[Face, Message, Figures] | None = None
        self._picture = Picture(side=32)
        self._title = label(NOTHING, Text.HEADLINE, name="payment_title", wraps=True)
        self._change = label(NOTHING, Text.OUTCOME, name="payment_change")
        set_tone(self._change, Tone.GOOD)
        self._left = label(NOTHING, Text.HEADLINE, name="payment_left", wraps=True)
        set_tone(self._left, Tone.DUE)
        self._text = label(NOTHING, name="payment_text", wraps=True)
        self._detail = label(NOTHING, name="payment_detail", wraps=True)
        self._detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bar = QProgressBar()
        self._bar.setObjectName("payment_busy")
        self._bar.setAccessibleName(str(m("Under way")))
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._course = Stepper(name="payment_course")
        self.notice = Notice(name="payment_notice")
        self._unprinted = label(m("Not printed yet"), Text.CAPTION, name="payment_unprinted")
        self._is_unprinted = False
        self._receipt = QHBoxLayout()
        self._receipt.setSpacing(8)
        self._lay_out()

    def show_face(self, face: Face, detail: Message = NOTHING, figures: Figures | None = None) -> None:
        """Show ``face`` with ``detail`` (what is special this time) and what its ``figures`` are."""
        words, figures = FACES[face], figures or Figures()
        if (face, detail, figures) == self._shown:
            return
        is_new_face = self._shown is None or (self._shown[0], self._shown[2]) != (face, figures)
        self._shown = (face, detail, figures)
        self._picture.show_icon(words.icon, INK_OF[words.tone])
        self._title.setText(str(words.title))
        set_tone(self._title, words.tone)
        change = m("Change {amount}", amount=figures.change) if figures.change else NOTHING
        left = m("Still to pay: {amount}", amount=figures.left) if figures.left else NOTHING
        for part, said in (
            (self._text, words.text), (self._detail, detail), (self._change, change), (self._left, left)
        ):  # fmt: skip
            part.setText(str(said))
            part.setVisible(bool(said))
        steps = () if figures.tender is None else steps_of(face, figures.tender, begun=figures.begun)
        self._course.show_steps(steps)
        self._bar.setVisible(words.is_busy and not steps)
        self.setAccessibleName(str(sentences(words.title, change, words.text, detail, left)))
        if is_new_face:
            self.notice.fall_silent()
            self._show_buttons(face, figures)
        announce(self)

    def tell_of_receipt(self, waits: bool) -> None:
        """Say beside its buttons whether the receipt waits to be printed."""
        self._is_unprinted = waits
        self._unprinted.setVisible(waits and self._receipt.count() > _NO_BUTTON)

    def _lay_out(self) -> None:
        heading = QHBoxLayout()
        heading.setSpacing(12)
        heading.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        heading.addWidget(self._title, 1)
        self._receipt.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(heading)
        layout.addWidget(self._bar)
        layout.addWidget(self._change)
        layout.addWidget(self._detail)
        layout.addWidget(self._text)
        layout.addWidget(self._course)
        layout.addWidget(self._unprinted)
        layout.addLayout(self._receipt)
        layout.addWidget(self._left)
        layout.addWidget(self.notice)
        layout.addStretch(1)

    def _show_buttons(self, face: Face, figures: Figures) -> None:
        words = FACES[face]
        while (item := self._receipt.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        esc, others, receipt, enter = None, [], [], None
        for action in words.actions:
            if action is words.enter:
                enter = self._button(action, face, figures, is_enter=True)
            elif ACTIONS[action].command is Command.PAYING_LEAVE:
                esc = self._button(action, face, figures)
            elif action in _OF_RECEIPT:
                receipt.append(self._button(action, face, figures))
            else:
                others.append(self._button(action, face, figures))
        if enter is not None and esc is None:
            # Where Enter leaves, Esc does so in its own place all the same.
            esc = self._esc_beside_enter()
        for button in receipt:
            self._receipt.addWidget(button)
            button.show()
        self._receipt.addStretch(1)
        self.tell_of_receipt(self._is_unprinted)
        self.foot.hold(esc, _in_their_places(others), enter)
        reached = [each for each in (*receipt, *others, enter, esc) if each is not None]
        for before, after in pairwise(reached):
            QWidget.setTabOrder(before, after)
        if self.isVisible():
            (enter or self).setFocus()

    def _button(self, action: Action, face: Face, figures: Figures, *, is_enter: bool = False) -> QPushButton:
        words = ACTIONS[action]
        said = _said_on(action, face, figures, is_enter=is_enter)
        name = f"payment_{action}"
        button: QPushButton
        if is_enter and words.command is Command.PAYING_LEAVE:
            button = FootPrimary(Command.PAYING_GO_ON.on_button(said), "check", name=name)
        elif is_enter:
            text = Command.PAYING_GO_ON.on_button(words.command.on_button(said, gap=3))
            button = FootPrimary(text, words.icon, name=name)
        else:
            # Asking changes nothing: it weighs less than what ends or begins something.
            is_quiet = action is Action.ASK_STRIPE
            button = FootButton(words.command.on_button(said, gap=3), words.icon, name=name, quiet=is_quiet)
        button.setAccessibleName(str(said))
        button.clicked.connect(lambda: self.action_chosen.emit(action))
        return button

    def _esc_beside_enter(self) -> QPushButton:
        words = ACTIONS[Action.LEAVE]
        button = FootButton(words.on_button, "close", name="payment_close")
        button.setAccessibleName(str(words.text))
        button.clicked.connect(lambda: self.action_chosen.emit(Action.LEAVE))
        return button


def _said_on(action: Action, face: Face, figures: Figures, *, is_enter: bool) -> Message:
    """Return the words of a button: with the sum where it moves one, and where Enter leads where it leaves."""
    if action is Action.TAKE_REST and figures.left:
        return m("Take the rest, {amount}", amount=figures.left)
    if action is Action.CHARGE and figures.amount:
        return m("Charge {amount}", amount=figures.amount)
    if action is Action.LEAVE and is_enter:
        return m("Next patient") if face in OVER else m("Back to the list")
    return ACTIONS[action].text


def _in_their_places(buttons: Sequence[QPushButton]) -> Sequence[QWidget]:
    """Return the buttons with what leads back to the amount first; where that is missing, its place stays empty."""
    first = [each for each in buttons if each.objectName() in {f"payment_{action}" for action in _BACK_TO_AMOUNT}]
    rest = [each for each in buttons if each not in first]
    width = width_of(ACTIONS[Action.OTHER_WAY].on_button)
    if not rest:
        return first
    place: QWidget = first[0] if first else QWidget()
    place.setMinimumWidth(width)
    return [place, *rest]
