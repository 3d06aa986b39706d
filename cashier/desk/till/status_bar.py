"""The line at the bottom: where we are, who is here, in which shift, and whether everything is ready."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cashier.desk.kit.controls import INK_OF, Tone, announce, label, set_tone
from cashier.desk.kit.giving_way import GivingWay
from cashier.desk.kit.icons import Picture
from cashier.language import NOTHING, Message, joined, m, mc, verbatim
from cashier.palette import Colour
from cashier.readiness import Part, Readiness


class StatusBar(GivingWay):
    """Desk and cashier on the left, readiness on the right: an icon, a word, and the remedy as a tool tip.

    Where there is no room for all of it, this gives way, in this order: the words of what is ready, the desk's name
    beside its code, the shift, and the words of what is not ready, whose picture stays.
    """

    def __init__(self, *, code: str, name: str, cashier: str) -> None:
        """Show the desk of this ``code`` and ``name``, and the ``cashier``; the readiness is not known yet."""
        super().__init__()
        self.setObjectName("status_bar")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 4, 16, 4)
        layout.setSpacing(6)
        desk = label(verbatim(f"{code} · {name}"), name="status_desk")
        for picture_name, words in (("desk", desk), ("patient", label(verbatim(cashier), name="status_cashier"))):
            layout.addWidget(Picture(picture_name, Colour.INK_SOFT, side=18))
            layout.addWidget(words)
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
        self._is_shift_shown = True
        self.give_way_by(
            lambda gives_way: self._be_brief(Brevity.WHAT_IS_READY if gives_way else Brevity.NOTHING),
            lambda gives_way: desk.setText(code if gives_way else f"{code} · {name}"),
            self._leave_shift_out,
            lambda gives_way: self._be_brief(Brevity.EVERYTHING if gives_way else Brevity.WHAT_IS_READY),
        )

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

    def _be_brief(self, brevity: Brevity) -> None:
        for light in self._parts.values():
            light.be_brief(brevity)

    def _leave_shift_out(self, gives_way: bool) -> None:
        self._is_shift_shown = not gives_way
        for part in (self._shift_picture, self._shift):
            part.setVisible(bool(self._shift.text()) and not gives_way)


class Brevity(Enum):
    """Of which parts the words are left out."""

    NOTHING = 0
    WHAT_IS_READY = 1
    EVERYTHING = 2


class _PartLight(QWidget):
    """One part: green and “ready”, or amber and what is wrong."""

    def __init__(self, title: Message, name: str, picture_name: str) -> None:
        super().__init__()
        self._title = title
        self._picture_name = picture_name
        self._picture = Picture(side=18)
        self._words = label(NOTHING, name=f"status_{name}")
        self._brevity = Brevity.NOTHING
        self._tone = Tone.NEUTRAL
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

    def be_brief(self, brevity: Brevity) -> None:
        """Leave words out; the pointer and a screen reader are told them all the same."""
        self._brevity = brevity
        is_ready = self._tone is not Tone.CAUTION
        self._words.setHidden(brevity is Brevity.EVERYTHING or (brevity is Brevity.WHAT_IS_READY and is_ready))

    def _show(self, words: Message, tone: Tone, remedy: Message) -> None:
        self._tone = tone
        picture_name = "warning" if tone is Tone.CAUTION else self._picture_name
        self._picture.show_icon(picture_name, INK_OF[tone])
        said = joined(": ", [self._title, words])
        self._words.setText(str(said))
        set_tone(self._words, tone)
        self.setToolTip(str(remedy or said))
        self.setAccessibleName(str(said))
        self.setAccessibleDescription(str(remedy))
        self.be_brief(self._brevity)
