"""What is being paid: the patient's invoices that are chosen, how much of each, and what goes on account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from cashier.errors import Refused
from cashier.language import m
from cashier.money import Money
from cashier.payments.views import PaymentShare


@dataclass(frozen=True, kw_only=True)
class BillLine:
    """One invoice that could be paid, and how much of it is paid now."""

    invoice_id: int
    number: str
    department: str
    issued_on: date
    balance: Money
    pays_now: Money
    is_chosen: bool = False
    is_held: bool = False
    """Another payment of it is under way."""


@dataclass(frozen=True, kw_only=True)
class Bill:
    """Invoices of one patient in one currency, oldest first, and the deposit that is paid with them."""

    patient_id: int
    currency: str
    lines: tuple[BillLine, ...]
    deposit: Money

    @classmethod
    def of(cls, patient_id: int, currency: str, lines: tuple[BillLine, ...]) -> Bill:
        """Make a bill of ``lines`` without a deposit."""
        return cls(patient_id=patient_id, currency=currency, lines=lines, deposit=Money(0, currency))

    @property
    def chosen(self) -> tuple[BillLine, ...]:
        """The invoices that are paid now, wholly or in part."""
        return tuple(line for line in self.lines if line.is_chosen)

    @property
    def due(self) -> Money:
        """What is due on the chosen invoices."""
        return Money(sum(line.balance.amount_minor for line in self.chosen), self.currency)

    @property
    def amount(self) -> Money:
        """What the patient pays now, with the deposit."""
        paid = sum(line.pays_now.amount_minor for line in self.lines)
        return Money(paid + self.deposit.amount_minor, self.currency)

    @property
    def left(self) -> Money:
        """What remains to be paid on the chosen invoices."""
        return self.due - self.amount + self.deposit

    @property
    def pays_all(self) -> bool:
        """Tell whether all that is due is paid now, and nothing else."""
        return not self.left and not self.deposit

    @property
    def shares(self) -> tuple[PaymentShare, ...]:
        """The chosen invoices as a payment takes them."""
        return tuple(
            PaymentShare(invoice_id=line.invoice_id, amount=line.pays_now, agreed_due=line.balance)
            for line in self.chosen
            if line.pays_now
        )

    def choosing(self, invoice_ids: frozenset[int]) -> Bill:
        """Pay all that is due on these invoices, and nothing on the others."""
        nothing = Money(0, self.currency)
        lines = []
        for line in self.lines:
            is_chosen = line.invoice_id in invoice_ids and not line.is_held
            lines.append(replace(line, is_chosen=is_chosen, pays_now=line.balance if is_chosen else nothing))
        return replace(self, lines=tuple(lines), deposit=nothing)

    def paying(self, amount: Money, *, rest_on_account: bool) -> Bill:
        """Spread ``amount`` over the chosen invoices, the oldest first.

        What is more than is due goes on the patient's account if that is wanted. Raises ``Refused`` otherwise, and
        for nothing at all.
        """
        if amount.amount_minor <= 0:
            raise Refused(m("The amount must be above zero."), advice=m("Type how much the patient pays now."))
        if self.due < amount and not rest_on_account:
            raise Refused(
                m("Only {due} are due.", due=self.due), advice=m("Type at most {digits}.", digits=self.due.digits())
            )
        left = amount.amount_minor
        lines = []
        for line in self.lines:
            takes = min(left, line.balance.amount_minor) if line.is_chosen else 0
            left -= takes
            lines.append(replace(line, pays_now=Money(takes, self.currency)))
        return replace(self, lines=tuple(lines), deposit=Money(left, self.currency))

    def spread_as(self, before: Bill) -> Bill:
        """Pay of each chosen invoice what ``before`` pays of it, as far as so much is due."""
        shares = {line.invoice_id: line.pays_now for line in before.chosen}
        return replace(self.paying_shares(shares), deposit=before.deposit)

    def paying_shares(self, shares: Mapping[int, Money]) -> Bill:
        """Pay ``shares`` of the chosen invoices, by their keys, as far as so much is due."""
        nothing = Money(0, self.currency)
        lines = tuple(
            replace(line, pays_now=min(shares.get(line.invoice_id, nothing), line.balance))
            if line.is_chosen
            else line
            for line in self.lines
        )
        return replace(self, lines=lines)

    def with_share(self, invoice_id: int, amount: Money) -> Bill:
        """Pay ``amount`` on this one invoice, whatever its age. Raises ``Refused`` for more than is due on it."""
        lines = []
        for line in self.lines:
            if line.invoice_id == invoice_id:
                if line.balance < amount:
                    raise Refused(
                        m("Only {balance} are due on {number}.", balance=line.balance, number=line.number),
                        advice=m("Type at most {digits}.", digits=line.balance.digits()),
                    )
                lines.append(replace(line, pays_now=amount, is_chosen=True))
            else:
                lines.append(line)
        return replace(self, lines=tuple(lines))
