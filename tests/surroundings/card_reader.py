"""A card reader at a desk, and the patient who holds a card to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cashier.assembly import Services
from cashier.payments.views import PaymentOrder
from cashier.stripe_gateway.terminal import LocationAddress
from cashier.tenders.tender import Tender
from tests.surroundings import sample_hospital
from tests.surroundings.orders import order_for
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import SampleHospital

HERE = LocationAddress(line1="1 Sample Quay", postal_code="00000", city="Exampleton", country="ES")


@dataclass(frozen=True, kw_only=True)
class DeskReader:
    """A reader that is registered, seen from its patient's side."""

    id: int
    stripe_id: str
    sandbox: RunningSandbox

    def present(self, card: str = "visa") -> None:
        """Hold a test card to the reader, or type it; cards are called as in Stripe's ``pm_card_…``."""
        self.order(card=card)
        path = f"/v1/test_helpers/terminal/readers/{self.stripe_id}/present_payment_method"
        self.sandbox.ask(path, type="card_present")

    def order(self, **order: Any) -> None:
        """Give an order to the sandbox's reader: ``order(status="offline")``."""
        self.sandbox.order("readers", reader=self.stripe_id, **order)

    @property
    def action(self) -> dict[str, Any] | None:
        """What Stripe says that the reader does, or did last."""
        action: dict[str, Any] | None = self.sandbox.ask(f"/v1/terminal/readers/{self.stripe_id}")["action"]
        return action

    @property
    def asks_for(self) -> str | None:
        """The payment intent that the reader asks a card for."""
        action = self.action
        if action is None or action["status"] != "in_progress":
            return None
        intent: str = action[action["type"]]["payment_intent"]
        return intent


async def place_reader(
    services: Services, hospital: SampleHospital, sandbox: RunningSandbox, *, desk_id: int = 1, label: str = "Counter"
) -> DeskReader:
    """Register a simulated reader at a desk."""
    view = await services.readers.register(desk_id, "simulated-wpe", label, hospital.administrator, address=HERE)
    return DeskReader(id=view.id, stripe_id=view.stripe_id, sandbox=sandbox)


def reader_order(
    hospital: SampleHospital,
    reader: DeskReader,
    *,
    tender: Tender = Tender.READER,
    number: str = sample_hospital.DUE,
    amount_minor: int = 12_000,
) -> PaymentOrder:
    """Order a payment of an invoice on the reader."""
    return order_for(hospital, number, amount_minor, tender=tender, reader_id=reader.id)


def charged(sandbox: RunningSandbox) -> list[int]:
    """Return the amounts of all charges that succeeded, the newest first."""
    return [each["amount"] for each in sandbox.ask("/v1/charges")["data"] if each["status"] == "succeeded"]
