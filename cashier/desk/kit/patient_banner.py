"""Who it is about, wherever money or a card moves: the name, and below it date of birth and record number."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier import clock
from cashier.desk.kit.controls import Text, label
from cashier.desk.kit.words import in_whole_parts
from cashier.language import NOTHING
from cashier.patients.identity import PatientIdentity


class PatientBanner(QWidget):
    """A patient's name with what tells it from the same name of somebody else. It wraps and is never cut."""

    def __init__(
        self,
        patient: PatientIdentity,
        *,
        time_zone: str,
        name: str,
        style: Text = Text.TITLE,
        after_name: QWidget | None = None,
    ) -> None:
        """Show ``patient``; ``name`` is what the label of the name is called, and ``{name}_known_by`` the other.

        What stands ``after_name`` shares the name's row.
        """
        super().__init__()
        self._time_zone = time_zone
        self._called = label(NOTHING, style, name=name, wraps=True)
        self._beside = label(NOTHING, name=f"{name}_known_by", wraps=True)
        self._beside.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        first = QHBoxLayout()
        first.addWidget(self._called, 1)
        if after_name is not None:
            first.addWidget(after_name, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(first)
        # What tells this patient from others has the whole width: half a record number is somebody else's.
        layout.addWidget(self._beside)
        self.show_patient(patient)

    def show_patient(self, patient: PatientIdentity) -> None:
        """Show ``patient`` from now on."""
        today = clock.today(self._time_zone)
        self._called.setText(str(patient.called))
        self._beside.setText(str(in_whole_parts(patient.known_by(today))))
        self.setAccessibleName(str(patient.in_a_line(today)))
