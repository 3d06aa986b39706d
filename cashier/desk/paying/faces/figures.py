"""The sums that a situation is about, and the way by which they are paid."""

from __future__ import annotations

from dataclasses import dataclass

from cashier.desk.kit.words import since
from cashier.desk.paying.hospital_changes import STAGE_OF, Stage
from cashier.desk.paying.payment_faces import Face
from cashier.language import NOTHING, Message
from cashier.money import Money
from cashier.payments.views import PaymentView
from cashier.tenders.tender import Tender


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a situation is about, as far as it is about any of it."""

    amount: Money | None = None
    """What is being paid, or was."""
    left: Money | None = None
    """What is still to be paid of the same invoices; none where nothing is."""
    change: Money | None = None
    """What goes back of the cash."""
    tender: Tender | None = None
    """By which way, where one is chosen: its course is shown while it is waited for."""
    begun: Message = NOTHING
    """When it was begun, as the hospital's clocks show it."""


def figures_of(
    face: Face,
    amount: Money,
    *,
    left: Money | None,
    view: PaymentView | None,
    chosen: Tender | None,
    time_zone: str,
) -> Figures:
    """Return them: the way as it was saved, else as it was ``chosen``; change and rest of what was taken alone."""
    is_taken = STAGE_OF[face] is Stage.TAKEN
    return Figures(
        amount=amount,
        left=left if is_taken else None,
        change=view.change if is_taken and view is not None else None,
        tender=chosen if view is None else view.tender,
        begun=NOTHING if view is None else since(view.created_at, time_zone),
    )
