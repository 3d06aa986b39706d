"""The line at the bottom: in which shift we are, and what is not ready; silent while all is well."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QToolTip, QWidget

from cashier import clock
from cashier.desk.kit.controls import INK_OF, Tone, announce, label, set_tone
from cashier.desk.kit.giving_way import GivingWay
from cashier.desk.kit.icons import Picture
from cashier.desk.kit.look import scaled
from cashier.desk.kit.words import since
from cashier.language import NOTHING, Message, joined, m, mc, sentences, verbatim
from cashier.palette import Colour
from cashier.readiness import Part, Readiness

_HEIGHT = 28
_STILL_WORKS: Mapping[str, Message] = {
    "database": m("Nothing can be taken just now; what was begun is kept."),
    "stripe": m("Cash and whatever needs no bank can still be taken."),
    "companion": m("Everything can still be taken."),
}
"""What the cashier can still do while a part is not ready."""


class StatusBar(GivingWay):
    """The shift on the left; on the right each part that is not ready, since when, and more under the pointer.

    Where there is no room for all of it, this gives way, in this order: the shift, and the words of what is not
    ready, whose picture stays.
    """

    def __init__(self, time_zone: str) -> None:
        """Show nothing: what is not known yet is neither good nor bad. Times are shown in ``time_zone``."""
        super().__init__()
        self.setObjectName("status_bar")
        # The line is there at all times: nothing moves when it speaks.
        self.setMinimumHeight(scaled(_HEIGHT))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 4, 16, 4)
        layout.setSpacing(6)
        self._shift_picture = Picture("cash", Colour.INK_SOFT, side=18)
        self._shift = label(NOTHING, name="status_shift")
        for part in (self._shift_picture, self._shift):
            layout.addWidget(part)
            part.hide()
        layout.addStretch(1)
        self._parts = {
            "database": _PartLight(m("Database"), "database", time_zone),
            "stripe": _PartLight(verbatim("Stripe"), "stripe", time_zone),
            "companion": _PartLight(mc("the program", "Companion"), "companion", time_zone),
        }
        for light in self._parts.values():
            layout.addWidget(light)
            layout.addSpacing(12)
        self._is_shift_shown = True
        self.give_way_by(self._leave_shift_out, self._be_brief)

    def show_shift(self, words: Message, tone: Tone) -> None:
        """Show how the desk's shift stands; nothing without ``words``."""
        self._shift.setText(str(words))
        set_tone(self._shift, tone)
        for part in (self._shift_picture, self._shift):
            part.setVisible(bool(words) and self._is_shift_shown)

    def show_readiness(self, readiness: Readiness) -> None:
        """Show how everything is."""
        self._parts["database"].show_part(readiness.database)
        self._parts["stripe"].show_part(readiness.stripe)
        self._parts["companion"].show_part(readiness.companion)

    def _be_brief(self, is_brief: bool) -> None:
        for light in self._parts.values():
            light.be_brief(is_brief)

    def _leave_shift_out(self, gives_way: bool) -> None:
        self._is_shift_shown = not gives_way
        for part in (self._shift_picture, self._shift):
            part.setVisible(bool(self._shift.text()) and not gives_way)


class _PartLight(QWidget):
    """One part: nothing while it is ready, else amber, what is wrong and since when.

    What still works, and what to do, is told under the pointer, and to whoever gets there by the keyboard.
    """

    def __init__(self, title: Message, name: str, time_zone: str) -> None:
        super().__init__()
        self._title, self._works, self._time_zone = title, _STILL_WORKS[name], time_zone
        self._since: datetime | None = None
        self._words = label(NOTHING, name=f"status_{name}")
        self.setObjectName(f"status_{name}_light")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(Picture("warning", INK_OF[Tone.CAUTION], side=18))
        layout.addWidget(self._words)
        set_tone(self._words, Tone.CAUTION)
        self.hide()

    def show_part(self, part: Part) -> None:
        """Show ``part`` where it is not ready, and tell a screen reader."""
        self._since = None if part.ready else self._since or clock.now()
        how = part.words
        if self._since is not None:
            how = m("{state} since {moment}", state=part.words, moment=since(self._since, self._time_zone))
        said = str(joined(": ", [self._title, how]))
        is_new = not part.ready and (self.isHidden() or said != self._words.text())
        more = str(sentences(self._works, part.remedy))
        self._words.setText(said)
        self.setToolTip(f"{said}\n{more}")
        self.setAccessibleName(said)
        self.setAccessibleDescription(more)
        self.setVisible(not part.ready)
        if is_new:
            announce(self)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell by the keyboard what the pointer would be told."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            QToolTip.showText(self.mapToGlobal(QPoint(0, -self.height())), self.toolTip(), self)

    def be_brief(self, is_brief: bool) -> None:
        """Leave the words out; the pointer and a screen reader are told them all the same."""
        self._words.setHidden(is_brief)
