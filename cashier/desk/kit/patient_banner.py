"""Who it is about, wherever money or a card moves: the name, and below it date of birth and record number."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cashier import clock
from cashier.desk.kit.controls import Text, label
from cashier.desk.kit.words import in_whole_parts
from cashier.patients.identity import PatientIdentity


class PatientBanner(QWidget):
    """A patient's name with what tells it from the same name of somebody else. It wraps and is never cut."""

    def __init__(self, patient: PatientIdentity, *, time_zone: str, name: str, style: Text = Text.TITLE) -> None:
        """Show ``patient``; ``name`` is what the label of the name is called, and ``{name}_known_by`` the other."""
        super().__init__()
        called = label(patient.called, style, name=name, wraps=True)
        beside = label(in_whole_parts(patient.known_by(clock.today(time_zone))), name=f"{name}_known_by", wraps=True)
        beside.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(called)
        layout.addWidget(beside)
        self.setAccessibleName(str(patient.in_a_line(clock.today(time_zone))))
