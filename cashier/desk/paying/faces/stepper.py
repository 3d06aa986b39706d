"""The course of something that takes its time: what is done, what goes on now and for how long, what is to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from cashier.desk.kit.controls import Text, Tone, label, set_tone
from cashier.desk.kit.look import scaled
from cashier.language import NOTHING, Message, joined, m, mc, verbatim

_EACH_SECOND = 1000
_WIDTH_MAX = 480
"""So wide that the eye finds the time beside its step."""


class StepState(StrEnum):
    """How a step stands. There is none for “failed”: what is over has words of its own."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"
    UNKNOWN = "unknown"
    """Whether it has happened is not known."""


_SIGNS: Mapping[StepState, str] = {
    StepState.DONE: "✓",
    StepState.NOW: "●",
    StepState.AHEAD: "○",
    StepState.UNKNOWN: "?",
}
"""A shape for each, so that nobody has to tell colours apart."""
_SAID: Mapping[StepState, Message] = {
    StepState.DONE: mc("a step", "done"),
    StepState.NOW: mc("a step", "now"),
    StepState.AHEAD: mc("a step", "still to come"),
    StepState.UNKNOWN: mc("a step", "not known"),
}
_TONES: Mapping[StepState, Tone] = {
    StepState.DONE: Tone.GOOD,
    StepState.NOW: Tone.ACCENT,
    StepState.AHEAD: Tone.NEUTRAL,
    StepState.UNKNOWN: Tone.CAUTION,
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step in words."""

    words: Message
    state: StepState
    at: Message = NOTHING
    """When it was done, where that is known."""


class Stepper(QWidget):
    """Steps one below the other; beside the one that goes on, how long it has."""

    def __init__(self, *, name: str) -> None:
        """Show nothing yet."""
        super().__init__()
        self.setObjectName(name)
        self._steps: tuple[Step, ...] = ()
        self._since = 0.0
        self._elapsed: QLabel | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self.setMaximumWidth(scaled(_WIDTH_MAX))
        self._second = QTimer(self, interval=_EACH_SECOND)
        self._second.timeout.connect(self._show_elapsed)
        self.hide()

    @property
    def steps(self) -> tuple[Step, ...]:
        """What it shows."""
        return self._steps

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Show these; the time counts from when one of them began to go on. The same again goes on counting."""
        before, self._steps = self._steps, tuple(steps)
        self.setVisible(bool(steps))
        if self._steps == before:
            return
        if _going_on(self._steps) != _going_on(before):
            self._since = monotonic()
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._elapsed = None
        for row, step in enumerate(self._steps):
            self._add(row, step)
        self._show_elapsed()

    def _add(self, row: int, step: Step) -> None:
        sign = label(verbatim(_SIGNS[step.state]), Text.TITLE)
        words = label(step.words, Text.TITLE if step.state is StepState.NOW else Text.BODY, wraps=True)
        for part in (sign, words):
            set_tone(part, _TONES[step.state] if part is sign or step.state is StepState.UNKNOWN else Tone.NEUTRAL)
        said = joined(" ", [_SAID[step.state], step.at])
        words.setAccessibleName(str(m("{step}: {state}", step=step.words, state=said)))
        self._grid.addWidget(sign, row, 0)
        self._grid.addWidget(words, row, 1)
        if step.at:
            self._grid.addWidget(label(step.at, name=f"{self.objectName()}_at"), row, 2)
        if step.state in (StepState.NOW, StepState.UNKNOWN) and self._elapsed is None:
            self._elapsed = label(verbatim("0:00"), name=f"{self.objectName()}_elapsed")
            self._grid.addWidget(self._elapsed, row, 2)

    def showEvent(self, event: QShowEvent) -> None:
        """Count while it is seen."""
        super().showEvent(event)
        self._show_elapsed()
        self._second.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Paint nothing that nobody sees."""
        super().hideEvent(event)
        self._second.stop()

    def _show_elapsed(self) -> None:
        if self._elapsed is not None:
            minutes, seconds = divmod(int(monotonic() - self._since), 60)
            self._elapsed.setText(f"{minutes}:{seconds:02}")


def _going_on(steps: Sequence[Step]) -> Message | None:
    return next((step.words for step in steps if step.state is StepState.NOW), None)
