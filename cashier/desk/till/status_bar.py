"""The line at the bottom: where we are, who is here, in which shift, and whether everything is ready."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from cashier.desk.kit.controls import INK_OF, Tone, announce, label, set_tone
from cashier.desk.kit.icons import Picture
from cashier.language import NOTHING, Message, joined, m, mc, verbatim
from cashier.palette import Colour
from cashier.readiness import Part, Readiness


class StatusBar(QFrame):
    """Desk and cashier on the left, readiness on the right: an icon, a word, and the remedy as a tool tip."""

    def __init__(self, *, desk: str, cashier: str, parent: QWidget | None = None) -> None:
        """Show ``desk`` and ``cashier``; the readiness is not known yet."""
        super().__init__(parent)
        self.setObjectName("status_bar")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 4, 16, 4)
        layout.setSpacing(6)
        for picture_name, words, name in (("desk", desk, "status_desk"), ("patient", cashier, "status_cashier")):
            layout.addWidget(Picture(picture_name, Colour.INK_SOFT, side=18))
            layout.addWidget(label(verbatim(words), name=name))
            layout.addSpacing(18)
        self._shift_picture = Picture("cash", Colour.INK_SOFT, side=18)
        self._shift = label(NOTHING, name="status_shift")
        for part in (self._shift_picture, self._shift):
            layout.addWidget(part)
            part.hide()
        layout.addStretch(1)
        self._parts = {
            "database": _PartLight(m("Database"), "database", "database"),
            "stripe": _PartLight(verbatim("Stripe"), "stripe", "cloud"),
            "companion": _PartLight(mc("the program", "Companion"), "companion", "plug"),
        }
        for light in self._parts.values():
            layout.addWidget(light)
            layout.addSpacing(12)

    def show_shift(self, words: Message, tone: Tone) -> None:
        """Show how the desk's shift stands; nothing without ``words``."""
        self._shift.setText(str(words))
        set_tone(self._shift, tone)
        for part in (self._shift_picture, self._shift):
            part.setVisible(bool(words))

    def show_readiness(self, readiness: Readiness) -> None:
        """Show how everything is."""
        self._parts["database"].show_part(readiness.database)
        self._parts["stripe"].show_part(readiness.stripe)
        self._parts["companion"].show_part(readiness.companion)


class _PartLight(QWidget):
    """One part: green and “ready”, or amber and what is wrong."""

    def __init__(self, title: Message, name: str, picture_name: str) -> None:
        super().__init__()
        self._title = title
        self._picture_name = picture_name
        self._picture = Picture(side=18)
        self._words = label(NOTHING, name=f"status_{name}")
        self.setObjectName(f"status_{name}_light")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._picture)
        layout.addWidget(self._words)
        self._show(m("checking …"), Tone.NEUTRAL, NOTHING)

    def show_part(self, part: Part) -> None:
        """Show ``part``, and tell a screen reader when it is not ready."""
        self._show(part.words, Tone.GOOD if part.ready else Tone.CAUTION, part.remedy)
        if not part.ready:
            announce(self)

    def _show(self, words: Message, tone: Tone, remedy: Message) -> None:
        picture_name = "warning" if tone is Tone.CAUTION else self._picture_name
        self._picture.show_icon(picture_name, INK_OF[tone])
        said = joined(": ", [self._title, words])
        self._words.setText(str(said))
        set_tone(self._words, tone)
        self.setToolTip(str(remedy or said))
        self.setAccessibleName(str(said))
        self.setAccessibleDescription(str(remedy))
