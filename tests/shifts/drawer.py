"""What people do with a drawer."""

from __future__ import annotations

from cashier.assembly import Services
from cashier.books.journal import Actor
from cashier.books.shift import MovementKind
from cashier.denominations import denominations_of
from cashier.identifiers import new_id
from cashier.money import Money
from cashier.payments.views import PaymentView
from cashier.shifts.views import Closing, DrawerCount, Movement, Opening, ShiftView
from cashier.tenders.tender import Tender
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE, IN_YEN, SUPERVISOR_NAME, SUPERVISOR_PIN, SampleHospital


class Drawer:
    """The drawer of the sample hospital's desk D1; amounts in cents."""

    def __init__(self, services: Services, hospital: SampleHospital) -> None:
        self.services = services
        self.hospital = hospital

    async def open(self, float_minor: int = 10_000, *, number: int = 1, actor: Actor | None = None) -> ShiftView:
        opening = Opening(number=number, float=Money(float_minor, "EUR"))
        return await self.services.shifts.open(opening, actor or self.hospital.cashier)

    async def take(
        self, amount_minor: int, *, tender: Tender = Tender.CASH, tendered_minor: int | None = None, number: str = DUE
    ) -> PaymentView:
        order = order_for(
            self.hospital,
            number,
            amount_minor,
            currency="JPY" if number == IN_YEN else "EUR",
            tender=tender,
            tendered=None if tendered_minor is None else Money(tendered_minor, "EUR"),
            reference="REF 4711" if tender.row.wants_reference else "",
        )
        return await self.services.payments.begin(order, self.hospital.cashier)

    def movement(self, shift: ShiftView, kind: MovementKind, amount_minor: int, reason: str = "Safe") -> Movement:
        return Movement(id=new_id(), shift_id=shift.id, kind=kind, amount=Money(amount_minor, "EUR"), reason=reason)

    async def move(self, shift: ShiftView, kind: MovementKind, amount_minor: int) -> ShiftView:
        return await self.services.shifts.move(self.movement(shift, kind, amount_minor), self.hospital.cashier)

    def closing(self, shift: ShiftView, counted_minor: int, **facts: str) -> Closing:
        return Closing(count=DrawerCount(shift_id=shift.id, pieces=pieces_of(counted_minor)), **facts)

    async def close(self, shift: ShiftView, counted_minor: int, **facts: str) -> ShiftView:
        return await self.services.shifts.close(self.closing(shift, counted_minor, **facts), self.hospital.cashier)


APPROVED = {"approver_name": SUPERVISOR_NAME, "approver_pin": SUPERVISOR_PIN}
"""A supervisor steps up."""


def pieces_of(amount_minor: int) -> dict[int, int]:
    """Lay an amount out in as few notes and coins as possible."""
    pieces: dict[int, int] = {}
    for value in denominations_of("EUR"):
        pieces[value], amount_minor = divmod(amount_minor, value)
    return pieces
