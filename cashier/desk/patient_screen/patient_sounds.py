"""What is heard when a payment comes to its end, where the desk has sounds."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.desk.patient_screen.chimes import Chime, Chimes
from cashier.desk.patient_screen.patient_faces import PatientKind

HEARD: Mapping[PatientKind, Chime] = {PatientKind.THANKS: Chime.PAID, PatientKind.NOT_APPROVED: Chime.DECLINED}
"""Nothing is heard for what is not known yet."""


def play_outcome(chimes: Chimes, kind: PatientKind) -> None:
    """Play what belongs to ``kind``, if anything does."""
    chime = HEARD.get(kind)
    if chime is not None:
        chimes.play(chime)
