"""What a cashier sends with a link: short, without a name, and with what keeps people from fraud."""

from __future__ import annotations

from datetime import datetime

from cashier.language import Message, m, speaking, verbatim
from cashier.language.dates import day_and_time
from cashier.money import Money


def letter_in(language: str, *, hospital: str, number: str, due: Money, url: str, until: datetime) -> str:
    """Return the text of an e-mail in ``language``; ``until`` is on the hospital's clocks."""
    lines = _lines(hospital=hospital, number=number, due=due, url=url, until=until)
    with speaking(language):
        return "\n\n".join(str(line) for line in lines)


def _lines(*, hospital: str, number: str, due: Money, url: str, until: datetime) -> tuple[Message, ...]:
    return (
        m("Good day,"),
        m(
            "you can pay invoice {number} of {hospital} ({amount}) with a card on this page:",
            number=number,
            hospital=hospital,
            amount=due,
        ),
        verbatim(url),
        m(
            "The link can be used until {moment}. Whoever has it can see the amount and pay it, so please do not "
            "pass it on.",
            moment=day_and_time(until),
        ),
        m("We never ask for card numbers by e-mail or on the telephone. If you have paid already, nothing is to do."),
        verbatim(hospital),
    )
