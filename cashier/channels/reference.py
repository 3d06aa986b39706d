"""The number by which money is found at the bank: of a cheque, a transfer, a slip."""

from __future__ import annotations

import unicodedata

from cashier.books.payment import REFERENCE_LENGTH_MAX
from cashier.errors import Refused
from cashier.identifiers import refuse_card_number
from cashier.language import Message, m
from cashier.tenders.tender import Tender


def reference_for(tender: Tender, text: str) -> str:
    """Return the reference of a payment by ``tender``, tidied. Raises ``Refused`` without one that is wanted."""
    reference = _tidy(text, card_advice=m("Card numbers are never kept: type the slip's number."))
    refuse_missing(tender, reference)
    return reference


def refuse_missing(tender: Tender, reference: str) -> None:
    """Raise ``Refused`` where ``tender`` wants a reference and there is none."""
    if tender.row.wants_reference and not reference:
        raise Refused(
            m("This payment needs a reference."), advice=m("Type the number on the cheque, the transfer or the slip.")
        )


def key_of(reference: str) -> str:
    """Return ``reference`` as it is compared: without what people write differently (case, signs, zeros in front)."""
    folded = unicodedata.normalize("NFKC", reference).casefold()
    letters = "".join(each for each in folded if each.isalnum())
    return (letters.lstrip("0") or letters)[:REFERENCE_LENGTH_MAX]


def transfer_reference(text: str) -> str:
    """Return the reference of a transfer that the bank sent, tidied. Raises ``Refused`` without one."""
    reference = _tidy(text, card_advice=m("Card numbers are never kept: leave it out."))
    if not reference:
        raise Refused(m("The transfer needs a reference."), advice=m("Type the number that the bank gave it."))
    return reference


def _tidy(text: str, *, card_advice: Message) -> str:
    """Return ``text`` without needless spaces. Raises ``Refused`` for a card number, and where it is too long."""
    reference = " ".join(text.split())
    if len(reference) > REFERENCE_LENGTH_MAX:
        raise Refused(
            m("This reference is too long."),
            advice=m("Use at most {most} characters.", most=REFERENCE_LENGTH_MAX),
        )
    refuse_card_number(reference, advice=card_advice)
    return reference
