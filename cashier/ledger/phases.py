"""Where the money of refunds and disputes is after each deed: their order says what a deed alone does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum

from cashier.books.deeds.deed import DeedKind
from cashier.books.dispute import HOLDS_THE_MONEY
from cashier.books.payment import Payment
from cashier.ledger.known import Told

_DISPUTE = frozenset({DeedKind.DISPUTE_OPENED, DeedKind.DISPUTE_CHANGED, DeedKind.DISPUTE_CLOSED})
_REVERSAL = frozenset({DeedKind.REVERSAL_OWED_AGAIN, DeedKind.REVERSAL_WRITTEN_OFF})


class Phase(StrEnum):
    """What a deed does to the money of its refund."""

    PROMISED = "promised"
    """It is approved to go back."""
    SENT = "sent"
    """It goes, as it was promised."""
    GONE = "gone"
    """It goes without a promise: somebody sent it in Stripe's dashboard, or the promise had been given up."""
    GIVEN_UP = "given_up"
    """It does not go after all."""
    CAME_BACK = "came_back"
    """It had gone, and did not arrive."""
    NOTHING = "nothing"

    @property
    def is_leaving(self) -> bool:
        """Tell whether money leaves the hospital."""
        return self in (Phase.SENT, Phase.GONE)


def phases_of(steps: Iterable[Told]) -> Mapping[int, Phase]:
    """Return by its number what each step of any refund among ``steps``, which are in order, does to its money."""
    promised: set[str] = set()
    gone: set[str] = set()
    phases = {}
    for step in steps:
        if step.is_of_refund:
            phases[step.number] = _next(step, promised, gone)
    return phases


def _next(step: Told, promised: set[str], gone: set[str]) -> Phase:
    refund = step.subject_id
    if step.kind in (DeedKind.REFUND_APPROVED, DeedKind.REFUND_APPROVED_BY_RULE):
        promised.add(refund)
        return Phase.PROMISED
    if step.kind is DeedKind.REFUND_FAILED:
        phase = Phase.CAME_BACK if refund in gone else Phase.GIVEN_UP if refund in promised else Phase.NOTHING
        gone.discard(refund)
        promised.discard(refund)
        return phase
    if refund in gone:
        return Phase.NOTHING
    phase = Phase.SENT if refund in promised else Phase.GONE
    promised.discard(refund)
    gone.add(refund)
    return phase


def held_by_bank(steps: Iterable[Told], payment: Payment) -> Mapping[int, tuple[int, bool]]:
    """Return how much more a bank holds after each step, and whether it was decided before who bears that.

    A bank may tell of it in another currency: then it is about the whole payment. What was decided is not held any
    more. Below zero, money came back; above zero after a decision, it went once more.
    """
    held: dict[str, int] = defaultdict(int)
    decided: set[str] = set()
    moves = {}
    for step in steps:
        facts = step.facts
        if step.kind in _REVERSAL and facts.get("dispute"):
            decided.add(facts["dispute"])
            moves[step.number] = (-held[facts["dispute"]], False)
        elif step.kind in _DISPUTE:
            told_minor = facts["amount_minor"] if facts["currency"] == payment.currency else payment.amount_minor
            holds_minor = told_minor if facts["status"] in HOLDS_THE_MONEY else 0
            moves[step.number] = (holds_minor - held[facts["dispute"]], facts["dispute"] in decided)
            held[facts["dispute"]] = holds_minor
    return moves
