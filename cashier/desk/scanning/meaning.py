"""What a scan means to the hospital: asked of the services, all readings at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cashier.invoices.views import InvoiceRow

if TYPE_CHECKING:
    from cashier.assembly import Services


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """One of these, or nothing that is known."""

    invoice: InvoiceRow | None = None
    record_number: str = ""
    """Of the patient whose number it is, or to whom the receipt leads."""
    badge: str = ""
    """The reading that is on somebody's badge."""
    is_ambiguous: bool = False
    """Several invoices or patients may be meant."""

    @property
    def is_known(self) -> bool:
        """Tell whether it means anything."""
        return bool(self.invoice or self.record_number or self.badge or self.is_ambiguous)


async def meaning_of(services: Services, readings: tuple[str, ...]) -> Meaning:
    """Look ``readings`` up among invoices, receipts, patients and badges."""
    found = await services.invoices.numbers_among(readings)
    if len(found) > 1:
        return Meaning(is_ambiguous=True)
    if not found:
        return Meaning(badge=await services.staff.badge_among(readings))
    if found[0].invoice_id is None:
        return Meaning(record_number=found[0].record_number)
    return Meaning(invoice=(await services.invoices.detail(found[0].invoice_id)).row)
