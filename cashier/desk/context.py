"""What every dialog needs to know: where it is, who is there, and how to reach the services."""

from __future__ import annotations

from dataclasses import dataclass

from cashier.assembly import Services
from cashier.books.journal import Actor, staff_at
from cashier.desk.patient_screen.patient_display import PatientDisplay
from cashier.desk.service_thread import ServiceThread
from cashier.hospital.service import Station
from cashier.staff.service import SignedIn


@dataclass(frozen=True, kw_only=True)
class DeskContext:
    """One cashier at one desk, from signing in to signing out.

    ``context.thread.ask(self, context.services.payments.begin(order, context.actor), then=self.show_payment)``
    """

    thread: ServiceThread
    services: Services
    station: Station
    signed_in: SignedIn
    patient_display: PatientDisplay

    @property
    def actor(self) -> Actor:
        """Who the journal names for what is done here."""
        return staff_at(staff_id=self.signed_in.staff_id, desk_id=self.station.desk_id)
