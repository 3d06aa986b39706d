"""What the payment dialog says in each situation: one table, from those of its three moments."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.desk.paying.faces.choosing import CHOOSING
from cashier.desk.paying.faces.ended import ENDED
from cashier.desk.paying.faces.waiting import WAITING
from cashier.desk.paying.payment_faces import Face, FaceWords

FACES: Mapping[Face, FaceWords] = {**CHOOSING, **WAITING, **ENDED}
"""A test proves it complete."""
