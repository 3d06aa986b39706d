"""Which ways to pay the dialog offers, and what each is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from cashier.cards.service import SavedCardView
from cashier.desk.kit import words
from cashier.language import NOTHING, Message, joined, m, verbatim
from cashier.money import Money
from cashier.readers.service import ReaderView
from cashier.tenders.tender import ACCOUNT_DIGIT, Channel, Tender

_NO_STRIPE = m("Stripe does not answer")


@dataclass(frozen=True, kw_only=True)
class TenderOffer:
    """One way to pay. Without a ``tender`` it uses what the patient has ``on_account``."""

    tender: Tender | None
    text: Message
    """What it is called on its tile."""
    beside: Message = NOTHING
    """How it is, or what it needs, in a few words below that."""
    name: str
    saved_card_id: int | None = None
    reader_id: int | None = None
    on_account: Money | None = None
    why_not: Message = NOTHING
    """Why it cannot be used: it can be chosen all the same, and answers that when it is tried."""

    @property
    def digit(self) -> int:
        """Its key, with Alt. Raises ``ValueError`` for what desks do not take."""
        digit = ACCOUNT_DIGIT if self.tender is None else self.tender.row.digit
        if digit is None:
            raise ValueError(f"“{self.tender}” is not taken at desks")
        return digit

    @property
    def icon(self) -> str:
        """The drawing on its tile."""
        return "account" if self.tender is None else self.tender.row.icon

    @property
    def in_full(self) -> Message:
        """Its name, and how it is or what it needs."""
        return joined(" · ", [self.text, self.beside])

    @property
    def is_preset(self) -> bool:
        """Tell whether it may be chosen from the start: what charges by one Enter alone may not."""
        return not self.why_not and self.tender is not None and self.tender.row.is_preset


def offers_for(
    tenders: Sequence[Tender],
    *,
    cards: Sequence[SavedCardView],
    readers: Sequence[ReaderView],
    on_account: Money | None,
    today: date,
    without_stripe: Message = NOTHING,
) -> tuple[TenderOffer, ...]:
    """Return what a desk with these ``tenders`` offers, in their order; the patient's account comes last.

    ``without_stripe`` says why Stripe cannot be used; then what needs it says that when it is tried.
    """
    offers: list[TenderOffer] = []
    for tender in tenders:
        match tender.row.channel:
            case Channel.SAVED_CARD:
                offers += [_of_card(tender, card, today) for card in cards]
            case Channel.READER:
                offers += [_of_reader(tender, reader) for reader in readers]
            case Channel.PAGE | Channel.IN_HAND:
                row = tender.row
                offers.append(TenderOffer(tender=tender, text=row.offer, beside=row.beside, name=f"tender_{tender}"))
            case Channel.OWN_PAGE:
                continue
    if on_account is not None and on_account:
        held = m("{amount} held", amount=on_account)
        offers.append(
            TenderOffer(
                tender=None, text=m("Patient's account"), beside=held, name="tender_account", on_account=on_account
            )
        )
    if without_stripe:
        offers = [
            replace(each, beside=_NO_STRIPE, why_not=without_stripe)
            if each.tender is not None and not each.tender.row.is_taken_here
            else each
            for each in offers
        ]
    return tuple(offers)


def _of_card(tender: Tender, card: SavedCardView, today: date) -> TenderOffer:
    expiry = f"{card.expires_month:02}/{card.expires_year % 100:02}"
    is_expired = card.is_expired(today)
    validity = m("expired {month}", month=expiry) if is_expired else m("until {month}", month=expiry)
    return TenderOffer(
        tender=tender,
        text=words.card(card.brand, card.last_four),
        beside=validity,
        name=f"tender_card_{card.id}",
        saved_card_id=card.id,
        why_not=m("This card expired {month}.", month=expiry) if is_expired else NOTHING,
    )


def _of_reader(tender: Tender, reader: ReaderView) -> TenderOffer:
    return TenderOffer(
        tender=tender,
        text=tender.row.offer,
        beside=verbatim(reader.label),
        name=f"tender_{tender}_{reader.id}",
        reader_id=reader.id,
    )
