"""What happens at a counter, what breaks, and when: the table of scenarios."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from cashier.failpoints import FailPoint as At
from tests.faults.network import HttpFault, TcpFault
from tests.faults.webhook_post import PostFault


class Deed(StrEnum):
    """What is done at the counter."""

    CHECKOUT = "payment on the page"
    SAVED_CARD = "payment by saved card"
    PHONE = "payment on the phone"
    READER = "payment by reader"
    CASH = "payment in cash"
    CANCEL = "payment taken back"
    READER_CANCEL = "reader payment taken back"
    REFUND = "refund"
    DEBIT_PAID = "debit that is paid"
    DEBIT_REFUSED = "debit that is refused"
    DEBIT_RETURNED = "debit that is returned"
    BY_API = "payment over the API"
    CARD_BY_API = "saved card over the API"
    CANCEL_BY_API = "API payment taken back"
    REFUND_BY_API = "refund over the API"
    REFUND_BY_RULE = "refund by a client's rule"

    @property
    def is_by_api(self) -> bool:
        """Tell whether a client of the API does it, so that it goes on in the companion."""
        return self in (Deed.BY_API, Deed.CARD_BY_API, Deed.CANCEL_BY_API, Deed.REFUND_BY_API, Deed.REFUND_BY_RULE)

    @property
    def is_debit(self) -> bool:
        """Tell whether a bank decides about it, days later."""
        return self in (Deed.DEBIT_PAID, Deed.DEBIT_REFUSED, Deed.DEBIT_RETURNED)

    @property
    def is_on_reader(self) -> bool:
        """Tell whether a card reader has a part in it."""
        return self in (Deed.READER, Deed.READER_CANCEL)

    @property
    def takes_back(self) -> bool:
        """Tell whether the payment is taken back."""
        return self in (Deed.CANCEL, Deed.READER_CANCEL)


class Death(StrEnum):
    """Whose process is killed."""

    DESK = "desk killed"
    COMPANION = "companion killed"
    SANDBOX = "Stripe killed"
    DATABASE = "PostgreSQL killed"


class Freeze(StrEnum):
    """Whose process stands still, and later goes on."""

    DESK = "desk frozen"
    COMPANION = "companion frozen"


class Meanwhile(StrEnum):
    """What others do in the middle of it."""

    LOWERED = "invoice lowered"
    CANCELLED = "invoice cancelled"
    TAKEN_OVER = "a desk takes over"
    REFUNDED = "a desk refunds as well"
    RULE_ENDED = "rule taken away"

    @property
    def is_of_the_hospital(self) -> bool:
        """Tell whether the hospital's system does it, by an import."""
        return self in (Meanwhile.LOWERED, Meanwhile.CANCELLED)

    @property
    def is_about_refunds(self) -> bool:
        """Tell whether it gets in the way of money that goes back, not of money that comes."""
        return self in (Meanwhile.REFUNDED, Meanwhile.RULE_ENDED)


class WrongClock(StrEnum):
    """Whose machine has a clock that is wrong, the whole time: not on SQLite, whose clock is the machine's."""

    DESK = "desk 16 minutes slow"
    COMPANION = "companion a day fast"

    @property
    def desk_off(self) -> timedelta:
        """How far desk D1's clock is ahead."""
        return -timedelta(minutes=16) if self is WrongClock.DESK else timedelta()

    @property
    def companion_off(self) -> timedelta:
        """How far the companion's is."""
        return timedelta(hours=25) if self is WrongClock.COMPANION else timedelta()


Fault = Death | Freeze | HttpFault | TcpFault | PostFault | Meanwhile | WrongClock


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One fault at one moment of one deed."""

    deed: Deed
    fault: Fault
    at: At | None
    nth: int = 1
    in_companion: bool = False

    @property
    def moment(self) -> str:
        """Say when, in a word or two."""
        if self.at is None:
            return "always"
        again = f" ({self.nth})" if self.nth > 1 else ""
        return f"{self.at}{again}{', companion' if self.in_companion else ''}"

    @property
    def name(self) -> str:
        """Name it, for a table and for a test."""
        return f"{self.deed}: {self.fault} at {self.moment}"


_OPENED = (
    (At.PAYMENT_ASKED, 1), (At.PAYMENT_WRITTEN, 1), (At.PAYMENT_PREPARED, 1), (At.CUSTOMER_MADE, 1),
    (At.PAYMENT_OPENING, 1), (At.PAYMENT_OPENED, 1), (At.PAYMENT_LEARNED, 1), (At.PAYMENT_SAVED, 1),
)  # fmt: skip
_PAID_ON_PAGE = (
    *_OPENED, (At.PAYMENT_ASKING, 1), (At.PAYMENT_ANSWERED, 1), (At.PAYMENT_RECEIPTED, 1), (At.PAYMENT_LEARNED, 2),
    (At.PAYMENT_SAVED, 2),
)  # fmt: skip

_DEBITED = (
    (At.PAYMENT_ASKING, 1), (At.PAYMENT_ANSWERED, 1), (At.PAYMENT_LEARNED, 2), (At.PAYMENT_SAVED, 2),
    (At.PAYMENT_ASKING, 2), (At.PAYMENT_ANSWERED, 2), (At.PAYMENT_LEARNED, 3), (At.PAYMENT_SAVED, 3),
)  # fmt: skip

_STEPS: dict[Deed, tuple[tuple[At, int], ...]] = {
    Deed.CHECKOUT: _PAID_ON_PAGE,
    Deed.PHONE: _PAID_ON_PAGE,
    Deed.READER: (
        *_OPENED, (At.READER_TELLING, 1), (At.READER_TOLD, 1), (At.PAYMENT_LEARNED, 2), (At.PAYMENT_SAVED, 2),
        (At.PAYMENT_ASKING, 1), (At.PAYMENT_ANSWERED, 1), (At.PAYMENT_RECEIPTED, 1), (At.PAYMENT_LEARNED, 3),
        (At.PAYMENT_SAVED, 3),
    ),
    Deed.READER_CANCEL: (
        (At.PAYMENT_WITHDRAWING, 1), (At.PAYMENT_WITHDRAWN, 1), (At.PAYMENT_LEARNED, 3), (At.PAYMENT_SAVED, 3),
    ),
    Deed.SAVED_CARD: (
        (At.PAYMENT_WRITTEN, 1), (At.PAYMENT_PREPARED, 1), (At.PAYMENT_OPENING, 1), (At.PAYMENT_OPENED, 1),
        (At.PAYMENT_RECEIPTED, 1), (At.PAYMENT_LEARNED, 1), (At.PAYMENT_SAVED, 1),
    ),
    Deed.CASH: (
        (At.PAYMENT_ASKED, 1), (At.PAYMENT_RECEIPTED, 1), (At.PAYMENT_WRITTEN, 1), (At.PAYMENT_PREPARED, 1),
    ),
    Deed.CANCEL: (
        (At.PAYMENT_WITHDRAWING, 1), (At.PAYMENT_WITHDRAWN, 1), (At.PAYMENT_LEARNED, 2), (At.PAYMENT_SAVED, 2),
    ),
    Deed.REFUND: (
        (At.REFUND_WRITTEN, 1), (At.REFUND_REQUESTED, 1), (At.REFUND_DECIDED, 1), (At.REFUND_APPROVED, 1),
        (At.REFUND_SENDING, 1), (At.REFUND_SENT, 1), (At.REFUND_LEARNED, 1), (At.REFUND_SAVED, 1),
    ),
    Deed.DEBIT_PAID: (*_DEBITED, (At.PAYMENT_RECEIPTED, 1)),
    Deed.DEBIT_REFUSED: _DEBITED,
    Deed.DEBIT_RETURNED: _DEBITED,
}  # fmt: skip
"""The steps that a desk goes through by itself, where it has no companion."""

_API_STEPS: dict[Deed, tuple[tuple[At, int], ...]] = {
    Deed.BY_API: _PAID_ON_PAGE,
    Deed.CARD_BY_API: (
        (At.PAYMENT_SAVED, 1), (At.PAYMENT_CHARGING, 1), (At.PAYMENT_CHARGED, 1), (At.PAYMENT_RECEIPTED, 1),
        (At.PAYMENT_LEARNED, 3), (At.PAYMENT_SAVED, 3),
    ),
    Deed.CANCEL_BY_API: _STEPS[Deed.CANCEL],
    Deed.REFUND_BY_API: ((At.REFUND_WRITTEN, 1), (At.REFUND_REQUESTED, 1)),
    Deed.REFUND_BY_RULE: (
        (At.REFUND_WRITTEN, 1), (At.REFUND_REQUESTED, 1), (At.REFUND_APPROVED, 1), (At.REFUND_SENDING, 1),
        (At.REFUND_SENT, 1), (At.REFUND_LEARNED, 1), (At.REFUND_SAVED, 1),
    ),
}  # fmt: skip
"""The steps that the companion goes through for a client of the API."""

_LOST = (
    HttpFault.CUT_AFTER, HttpFault.LATE, HttpFault.BROKEN_AFTER, HttpFault.TRUNCATED, HttpFault.BROKEN_FOR_A_DAY,
)  # fmt: skip
"""What loses an answer; what else may happen to a call, the rows of desks say of the same calls."""

_API_CALLS: dict[Deed, tuple[tuple[At, int], ...]] = {
    Deed.BY_API: ((At.PAYMENT_OPENING, 1), (At.PAYMENT_ASKING, 1)),
    Deed.CARD_BY_API: ((At.PAYMENT_CHARGING, 1),),
    Deed.CANCEL_BY_API: ((At.PAYMENT_WITHDRAWING, 1),),
    Deed.REFUND_BY_RULE: ((At.REFUND_SENDING, 1),),
}
_API_WRITING: dict[Deed, tuple[tuple[At, int], ...]] = {
    Deed.BY_API: ((At.PAYMENT_WRITTEN, 1), (At.PAYMENT_LEARNED, 1), (At.PAYMENT_LEARNED, 2)),
    Deed.CARD_BY_API: ((At.PAYMENT_CHARGED, 1),),
    Deed.CANCEL_BY_API: ((At.PAYMENT_LEARNED, 2),),
    Deed.REFUND_BY_API: ((At.REFUND_WRITTEN, 1),),
    Deed.REFUND_BY_RULE: ((At.REFUND_WRITTEN, 1), (At.REFUND_LEARNED, 1)),
}
_API_MEANWHILE: dict[Deed, tuple[tuple[At, int], ...]] = {
    Deed.BY_API: (
        (At.PAYMENT_ASKED, 1), (At.PAYMENT_PREPARED, 1), (At.PAYMENT_OPENING, 1), (At.PAYMENT_OPENED, 1),
        (At.PAYMENT_SAVED, 1), (At.PAYMENT_ASKING, 1), (At.PAYMENT_ANSWERED, 1), (At.PAYMENT_LEARNED, 2),
        (At.PAYMENT_SAVED, 2),
    ),
    Deed.CARD_BY_API: ((At.PAYMENT_CHARGING, 1), (At.PAYMENT_CHARGED, 1)),
    Deed.CANCEL_BY_API: ((At.PAYMENT_WITHDRAWING, 1), (At.PAYMENT_WITHDRAWN, 1)),
    Deed.REFUND_BY_RULE: ((At.REFUND_WRITTEN, 1), (At.REFUND_APPROVED, 1), (At.REFUND_SENT, 1)),
}  # fmt: skip

_PAID_BY_WEBHOOK = (
    At.EVENT_ARRIVED, At.EVENT_STORED, At.EVENT_TAKEN, At.PAYMENT_ASKING, At.PAYMENT_ANSWERED, At.PAYMENT_RECEIPTED,
    At.PAYMENT_LEARNED, At.PAYMENT_SAVED, At.EVENT_WORKED,
)  # fmt: skip
_COMPANION_STEPS: dict[Deed, tuple[At, ...]] = {
    Deed.CHECKOUT: _PAID_BY_WEBHOOK,
    Deed.PHONE: _PAID_BY_WEBHOOK,
    Deed.READER: _PAID_BY_WEBHOOK,
    Deed.REFUND: (At.EVENT_ARRIVED, At.EVENT_STORED, At.EVENT_TAKEN, At.REFUND_LEARNED, At.EVENT_WORKED),
}  # fmt: skip
_COMPANION_DEBITED = (
    (At.PAYMENT_ANSWERED, 1),
    (At.PAYMENT_LEARNED, 1),
    (At.PAYMENT_LEARNED, 2),
    (At.PAYMENT_SAVED, 2),
)
_DEBITS = (Deed.DEBIT_PAID, Deed.DEBIT_REFUSED, Deed.DEBIT_RETURNED)

_CALLS: dict[Deed, tuple[At, ...]] = {
    Deed.CHECKOUT: (At.PAYMENT_PREPARED, At.PAYMENT_OPENING, At.PAYMENT_ASKING),
    Deed.PHONE: (At.PAYMENT_PREPARED, At.PAYMENT_OPENING, At.PAYMENT_ASKING),
    Deed.READER: (At.PAYMENT_PREPARED, At.PAYMENT_OPENING, At.READER_TELLING, At.PAYMENT_ASKING),
    Deed.READER_CANCEL: (At.PAYMENT_WITHDRAWING,),
    Deed.SAVED_CARD: (At.PAYMENT_OPENING,),
    Deed.CANCEL: (At.PAYMENT_WITHDRAWING,),
    Deed.REFUND: (At.REFUND_SENDING,),
    Deed.DEBIT_PAID: (At.PAYMENT_ASKING,),
}
"""The steps right before Stripe is called."""

_WRITING: dict[Deed, tuple[tuple[At, int], ...]] = {
    Deed.CHECKOUT: ((At.PAYMENT_WRITTEN, 1), (At.PAYMENT_LEARNED, 1), (At.PAYMENT_LEARNED, 2)),
    Deed.PHONE: ((At.PAYMENT_WRITTEN, 1), (At.PAYMENT_LEARNED, 1), (At.PAYMENT_LEARNED, 2)),
    Deed.READER: ((At.PAYMENT_WRITTEN, 1), (At.PAYMENT_LEARNED, 1), (At.PAYMENT_LEARNED, 2), (At.PAYMENT_LEARNED, 3)),
    Deed.READER_CANCEL: ((At.PAYMENT_LEARNED, 3),),
    Deed.SAVED_CARD: ((At.PAYMENT_WRITTEN, 1), (At.PAYMENT_LEARNED, 1)),
    Deed.CASH: ((At.PAYMENT_RECEIPTED, 1), (At.PAYMENT_WRITTEN, 1)),
    Deed.CANCEL: ((At.PAYMENT_LEARNED, 2),),
    Deed.REFUND: ((At.REFUND_WRITTEN, 1), (At.REFUND_DECIDED, 1), (At.REFUND_LEARNED, 1)),
    Deed.DEBIT_PAID: ((At.PAYMENT_LEARNED, 2), (At.PAYMENT_LEARNED, 3)),
    Deed.DEBIT_REFUSED: ((At.PAYMENT_LEARNED, 3),),
}
"""The steps right before a commit."""

_CHANGED_MEANWHILE: dict[Deed, tuple[tuple[At, int], ...]] = {
    Deed.CHECKOUT: (
        (At.PAYMENT_ASKED, 1), (At.PAYMENT_WRITTEN, 1), (At.PAYMENT_OPENING, 1), (At.PAYMENT_LEARNED, 1),
        (At.PAYMENT_ASKING, 1), (At.PAYMENT_ANSWERED, 1), (At.PAYMENT_LEARNED, 2), (At.PAYMENT_SAVED, 2),
    ),
    Deed.SAVED_CARD: ((At.PAYMENT_WRITTEN, 1), (At.PAYMENT_OPENING, 1), (At.PAYMENT_LEARNED, 1)),
    Deed.READER: ((At.PAYMENT_PREPARED, 1), (At.READER_TELLING, 1), (At.PAYMENT_ANSWERED, 1)),
    Deed.CASH: ((At.PAYMENT_ASKED, 1), (At.PAYMENT_WRITTEN, 1), (At.PAYMENT_PREPARED, 1)),
    Deed.CANCEL: ((At.PAYMENT_WITHDRAWING, 1), (At.PAYMENT_LEARNED, 2)),
    Deed.DEBIT_PAID: ((At.PAYMENT_LEARNED, 2), (At.PAYMENT_ASKING, 2), (At.PAYMENT_LEARNED, 3)),
    Deed.DEBIT_REFUSED: ((At.PAYMENT_ASKING, 2),),
}  # fmt: skip
"""When the hospital's system sends the invoice anew."""


def all_scenarios(*, on_postgresql: bool) -> Iterator[Scenario]:
    """Give every fault at every moment of every deed that it can happen to."""
    yield from _at_desks(on_postgresql=on_postgresql)
    yield from _over_the_api(on_postgresql=on_postgresql)


def _at_desks(*, on_postgresql: bool) -> Iterator[Scenario]:
    killed = [Death.DESK, Death.SANDBOX, *([Death.DATABASE] if on_postgresql else [])]
    for deed, steps in _STEPS.items():
        yield from _each(deed, killed, steps)
    killed = [Death.COMPANION, *([Death.DATABASE] if on_postgresql else [])]
    for deed, moments in _COMPANION_STEPS.items():
        yield from _each(deed, killed, [(at, 1) for at in moments], in_companion=True)
    for deed, moments in _CALLS.items():
        yield from _each(deed, HttpFault, [(at, 1) for at in moments])
    for deed, steps in _WRITING.items() if on_postgresql else ():
        yield from _each(deed, TcpFault, steps)
    for deed in (Deed.CHECKOUT, Deed.PHONE, Deed.SAVED_CARD, Deed.READER, Deed.REFUND, *_DEBITS):
        yield from _each(deed, [*PostFault, Death.COMPANION], [(None, 1)])
    for deed in _DEBITS:
        yield from _each(deed, killed, _COMPANION_DEBITED, in_companion=True)
    for deed, steps in _CHANGED_MEANWHILE.items():
        yield from _each(deed, [Meanwhile.LOWERED, Meanwhile.CANCELLED], steps)
    for deed in (Deed.CHECKOUT, Deed.PHONE, Deed.SAVED_CARD, Deed.READER, Deed.REFUND) if on_postgresql else ():
        yield from _each(deed, WrongClock, [(None, 1)])
    yield from _frozen() if on_postgresql else ()


def _frozen() -> Iterator[Scenario]:
    """Give whoever freezes in a transaction: on an embedded database nobody else could end it."""
    for deed, steps in _WRITING.items():
        yield from _each(deed, [Freeze.DESK], steps)
    for deed, moments in _COMPANION_STEPS.items():
        writing = [(at, 1) for at in moments if at in (At.PAYMENT_RECEIPTED, At.PAYMENT_LEARNED, At.REFUND_LEARNED)]
        yield from _each(deed, [Freeze.COMPANION], writing, in_companion=True)


def _over_the_api(*, on_postgresql: bool) -> Iterator[Scenario]:
    in_writing = (Death.DATABASE, TcpFault.CUT_BEFORE_COMMIT, TcpFault.CUT_AFTER_COMMIT) if on_postgresql else ()
    groups: list[tuple[Iterable[Fault], dict[Deed, tuple[tuple[At, int], ...]]]] = [
        ([Death.COMPANION], _API_STEPS),
        (_LOST, _API_CALLS),
        (in_writing, _API_WRITING),
        (Meanwhile, _API_MEANWHILE),
    ]
    for faults, moments in groups:
        for deed, steps in moments.items():
            found = _each(deed, faults, steps, in_companion=True)
            yield from (each for each in found if _can_happen(each))
    for deed in (Deed.BY_API, Deed.REFUND_BY_RULE):
        yield from _each(deed, PostFault, [(None, 1)])


def _can_happen(scenario: Scenario) -> bool:
    """Tell whether what others do meanwhile has anything to do with the deed."""
    if not isinstance(scenario.fault, Meanwhile):
        return True
    # Before anything is saved, there is nothing to take over.
    too_early = (scenario.fault, scenario.at) == (Meanwhile.TAKEN_OVER, At.PAYMENT_ASKED)
    return not too_early and scenario.fault.is_about_refunds == (scenario.deed is Deed.REFUND_BY_RULE)


def _each(
    deed: Deed, faults: Iterable[Fault], steps: Iterable[tuple[At | None, int]], *, in_companion: bool = False
) -> Iterator[Scenario]:
    for (at, nth), fault in itertools.product(steps, faults):
        yield Scenario(deed=deed, fault=fault, at=at, nth=nth, in_companion=in_companion)
