"""Which sums hardly anybody means: the one place that knows, for windows and for other systems alike."""

from __future__ import annotations

import msgspec

from cashier.asked_again.doubt import Doubt, DoubtCode
from cashier.denominations import largest_note_of
from cashier.language import NOTHING, Message, m, number, roughly, sentences
from cashier.money import Money, exponent_of

_LARGEST_NOTES = {"deposit": 20, "float": 10, "cash_movement": 20}
"""How many of the currency's largest notes nobody is asked about, where the settings name no limit."""
_SAID_IN_WORDS_FROM = 1000


class AskedAgain(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Above which sums, and for how long after something alike, it is asked again.

    ``deposit_minor``, ``float_minor`` and ``cash_movement_minor`` are limits in minor units by currency (ISO 4217);
    without one, a number of the currency's largest notes serves. An amount is far above what is due when it is
    ``times_due`` times as much. The same amount of the same patient is asked about for ``same_minutes``, the same
    cheque or slip for ``reference_days``; 0 asks never.
    """

    deposit_minor: dict[str, int] = {}
    float_minor: dict[str, int] = {}
    cash_movement_minor: dict[str, int] = {}
    times_due: int = 10
    same_minutes: int = 30
    reference_days: int = 400

    def of_handed_over(self, handed: Money, to_take: Money) -> Doubt | None:
        """Doubt cash that leaves the largest note, or more, as change: nobody hands over a note too many."""
        change = handed - to_take
        if change < largest_note_of(handed.currency):
            return None
        said = m("{handed} are handed over, and {change} would go back.", handed=handed, change=change)
        return _doubt(DoubtCode.HANDED_OVER, handed, said, _multiple(handed, to_take))

    def of_payment(self, amount: Money, *, due: Money, deposit: Money) -> Doubt | None:
        """Doubt what goes on account beside invoices of which ``due`` is due, or alone (nothing is due)."""
        limit = self._limit("deposit", amount.currency, self.deposit_minor)
        is_far_above = bool(due) and amount.amount_minor >= self.times_due * due.amount_minor
        if is_far_above and largest_note_of(amount.currency) <= deposit:
            said = m("{amount} are paid, and {due} are due.", amount=amount, due=due)
            return _doubt(DoubtCode.TIMES_DUE, amount, said, _multiple(amount, due))
        if limit < deposit:
            said = m("{amount} go on the patient's account: more than {limit}.", amount=deposit, limit=limit)
            return _doubt(DoubtCode.DEPOSIT, deposit, said)
        return None

    def of_float(self, amount: Money) -> Doubt | None:
        """Doubt what a drawer is opened with."""
        limit = self._limit("float", amount.currency, self.float_minor)
        said = m("The float is {amount}: more than {limit}.", amount=amount, limit=limit)
        return _doubt(DoubtCode.FLOAT, amount, said) if limit < amount else None

    def of_cash_movement(self, amount: Money) -> Doubt | None:
        """Doubt what goes into a drawer or out of it, beside payments."""
        limit = self._limit("cash_movement", amount.currency, self.cash_movement_minor)
        said = m("{amount} are moved: more than {limit}.", amount=amount, limit=limit)
        return _doubt(DoubtCode.CASH_MOVEMENT, amount, said) if limit < amount else None

    def _limit(self, name: str, currency: str, by_currency: dict[str, int]) -> Money:
        usual = largest_note_of(currency).amount_minor * _LARGEST_NOTES[name]
        return Money(by_currency.get(currency, usual), currency)


def _doubt(code: DoubtCode, amount: Money, said: Message, multiple: Message = NOTHING) -> Doubt:
    return Doubt(
        code=code, about=f"{amount.plain()} {amount.currency}", words=sentences(said, multiple, _said(amount))
    )


def _multiple(amount: Money, of: Money) -> Message:
    times = amount.amount_minor // max(1, of.amount_minor)
    if times < 2:
        return NOTHING
    return m("That is {times} times what is due.", times=number(times))


def _said(amount: Money) -> Message:
    """Say the amount: among many digits nobody sees one too many."""
    units = amount.amount_minor // 10 ** exponent_of(amount.currency)
    return m("In words: about {words}.", words=roughly(units)) if units >= _SAID_IN_WORDS_FROM else NOTHING
