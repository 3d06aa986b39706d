"""Shows one situation of the payment dialog: what it is, what it means, and what can be done."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from cashier.desk.commands.commands import Command
from cashier.desk.kit.controls import INK_OF, Notice, PlainButton, PrimaryButton, Text, announce, label, set_tone
from cashier.desk.kit.icons import Picture
from cashier.desk.paying.payment_actions import ACTIONS, Action
from cashier.desk.paying.payment_faces import FACES, Face
from cashier.language import NOTHING, Message, m, sentences

_SIDE_BY_SIDE = (Action.VIEW, Action.SAVE)
"""Two lesser ways to the same thing share a row."""


class FacePanel(QWidget):
    """One face at a time. It takes the focus itself where no button should have it."""

    action_chosen = Signal(object)
    """Carries an ``Action``."""

    def __init__(self) -> None:
        """Make an empty panel."""
        super().__init__()
        self.setObjectName("payment_face")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._shown: tuple[Face, Message, Action | None] | None = None
        self._picture = Picture(side=32)
        self._title = label(NOTHING, Text.HEADLINE, name="payment_title", wraps=True)
        self._text = label(NOTHING, name="payment_text", wraps=True)
        self._detail = label(NOTHING, name="payment_detail", wraps=True)
        self._detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bar = QProgressBar()
        self._bar.setObjectName("payment_busy")
        self._bar.setAccessibleName(str(m("Under way")))
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self.notice = Notice(name="payment_notice")
        self._buttons = QGridLayout()
        self._buttons.setSpacing(8)
        self._lay_out()

    def show_face(self, face: Face, detail: Message = NOTHING, *, enter: Action | None = None) -> None:
        """Show ``face`` with ``detail`` (what is special this time); ``enter`` overrides what Enter means."""
        words = FACES[face]
        enter = enter or words.enter
        if (face, detail, enter) == self._shown:
            return
        is_new_face = self._shown is None or self._shown[0] is not face
        self._shown = (face, detail, enter)
        self._picture.show_icon(words.icon, INK_OF[words.tone])
        self._title.setText(str(words.title))
        set_tone(self._title, words.tone)
        self._text.setText(str(words.text))
        self._detail.setText(str(detail))
        self._detail.setVisible(bool(detail))
        self._bar.setVisible(words.is_busy)
        self.setAccessibleName(str(sentences(words.title, words.text, detail)))
        if is_new_face:
            self.notice.fall_silent()
            self._show_buttons(words.actions, enter)
        announce(self)

    def _lay_out(self) -> None:
        heading = QHBoxLayout()
        heading.setSpacing(12)
        heading.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        heading.addWidget(self._title, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(heading)
        layout.addWidget(self._bar)
        layout.addWidget(self._detail)
        layout.addWidget(self._text)
        layout.addWidget(self.notice)
        layout.addStretch(1)
        layout.addSpacing(8)
        layout.addLayout(self._buttons)

    def _show_buttons(self, actions: tuple[Action, ...], enter: Action | None) -> None:
        while (item := self._buttons.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        first: QPushButton | None = None
        for row, action in enumerate(actions):
            button = self._button(action, is_enter=action is enter)
            if action in _SIDE_BY_SIDE:
                self._buttons.addWidget(button, actions.index(_SIDE_BY_SIDE[0]), _SIDE_BY_SIDE.index(action))
            else:
                self._buttons.addWidget(button, row, 0, 1, 2)
            # A layout would show it a turn later, and what is not shown yet hears no Enter and takes no keyboard.
            button.show()
            if action is enter:
                first = button
        if self.isVisible():
            (first or self).setFocus()

    def _button(self, action: Action, *, is_enter: bool) -> QPushButton:
        words = ACTIONS[action]
        text = words.command.on_button(words.text, gap=3)
        if is_enter:
            text = Command.PAYING_GO_ON.on_button(text)
        name = f"payment_{action}"
        button = PrimaryButton(text, words.icon, name=name) if is_enter else PlainButton(text, words.icon, name=name)
        button.setAccessibleName(str(words.text))
        button.clicked.connect(lambda: self.action_chosen.emit(action))
        return button
