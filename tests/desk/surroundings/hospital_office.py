"""The hospital's system behind the payment dialog: it sends invoices again, and its people merge records."""

from __future__ import annotations

from typing import Any

from cashier.invoices.intake import take_in
from cashier.invoices.people.merging import PatientMerging
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.paying import Till
from tests.invoices.arriving import a_line, an_invoice
from tests.surroundings.sample_hospital import DUE


class Office:
    """The hospital's system, which sends the invoice again, and what the dialog says then."""

    def __init__(self, till: Till) -> None:
        self.till = till

    def send(self, total_minor: int = 12_000, *, number: str = DUE, **changes: Any) -> None:
        """Send it; whoever watches hears of it like of any other import."""
        facts = {"record_number": "MRN-0000101", "patient_name": "Ana Núñez", "lines": (a_line(total_minor),)}
        incoming = an_invoice(number, **facts | changes)
        answer(self.till.qtbot, self.till.context.thread, take_in(self.till.context.services.database, [incoming]))

    def merge(self, old: str, into: str) -> None:
        """Merge two records, as a supervisor does."""
        merging = PatientMerging(self.till.context.services.database)
        answer(self.till.qtbot, self.till.context.thread, merging.merge(old, into, self.till.hospital.colleague))

    def wait_until_told(self, *parts: str) -> None:
        def assert_told() -> None:
            said = self.till.says("hospital_changes_text")
            assert all(part in said for part in parts), said

        self.till.qtbot.waitUntil(assert_told, timeout=10_000)


def wait_until_watched(till: Till) -> None:
    """Wait until what was agreed on is known: what comes after that is told."""
    till.qtbot.waitUntil(lambda: bool(till.dialog._watch._agreed), timeout=10_000)
