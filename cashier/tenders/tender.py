"""The tenders, one row each: the only place that tells them apart.

The codes of the rows are what settings, columns and CHECK constraints allow, so that a new row needs a migration and
nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from cashier.language import NOTHING, Message, m, mc
from cashier.tenders.purse import Purse
from cashier.tenders.refund_way import RefundWay


class Channel(StrEnum):
    """By which way a tender's money is asked for; the verbs of each are in ``cashier/channels``."""

    PAGE = "page"
    """Stripe's page, on which the patient types a card."""
    SAVED_CARD = "saved_card"
    """A card that the patient had saved before."""
    READER = "reader"
    """A card reader that stands at the desk."""
    OWN_PAGE = "own_page"
    """A page that is not at a desk and not Stripe's: a portal's, which asks for the card with Stripe.js."""
    IN_HAND = "in_hand"
    """The cashier has the money, or the proof of it, at once: Stripe has no part in it."""


@dataclass(frozen=True, kw_only=True)
class TenderRow:
    """What is known of a tender. Columns without a default have to be thought about; the others are exceptions."""

    channel: Channel
    purse: Purse
    """Where its money is once it came."""
    way_back: RefundWay
    """How a refund goes, unless it is given in cash in place of one that failed."""
    words: Message
    """On the screen, where a payment is told."""
    offer: Message
    """On its tile, where the cashier chooses."""
    beside: Message
    """Below that on its tile, in a few words; a saved card and a reader say there how they are."""
    icon: str
    """The drawing on its tile: one of ``resources/icons``."""
    deed: Callable[[object], Message] | None
    """What the button does that begins it, said with an amount; None: it is not taken at desks."""
    on_paper: Message
    as_evidence: Message
    """Whether the cardholder was at the desk, as a bank that asks is told."""
    digit: int | None
    """Alt and this digit mean it, for every patient at every desk; 0 comes last. None: it is not taken at desks."""
    is_offered_unasked: bool = True
    """A desk whose settings say nothing takes it."""
    is_preset: bool = True
    """It may be chosen from the start: what charges by one Enter alone may not."""
    is_cash: bool = False
    """Notes and coins: handed over with change, rounded to the smallest coin, kept in the drawer of a shift."""
    is_typed: bool = False
    """The card is not there: its number is typed into the reader."""
    is_on_phone: bool = False
    """The page is opened on the patient's own phone, by a code on the screen."""
    wants_reference: bool = False
    """Something has to be written down by which the money is found at the bank."""
    brings_money: bool = True
    """Money comes by it. Otherwise it is credit that the hospital gave, used from the patient's account."""

    @property
    def is_at_desk(self) -> bool:
        """Tell whether desks can take it; of the others, clients of the API take those that bring money."""
        return self.digit is not None

    @property
    def is_taken_here(self) -> bool:
        """Tell whether the cashier has the money, or the proof of it, at once."""
        return self.channel is Channel.IN_HAND

    @property
    def is_page(self) -> bool:
        """Tell whether the patient pays on Stripe's page, where a card may be saved as well."""
        return self.channel is Channel.PAGE

    @property
    def is_on_reader(self) -> bool:
        """Tell whether a card reader of the desk takes the card."""
        return self.channel is Channel.READER


class Tender(StrEnum):
    """What a patient pays with."""

    _value_: str
    row: TenderRow

    def __new__(cls, code: str, row: TenderRow | None = None) -> Self:
        """Make the member of one row. Raises ``TypeError`` for a code without a row."""
        if row is None:
            raise TypeError(f"the tender “{code}” has no row")
        member = str.__new__(cls, code)
        member._value_ = code
        member.row = row
        return member

    CHECKOUT = (
        "checkout",
        TenderRow(
            channel=Channel.PAGE,
            purse=Purse.STRIPE,
            way_back=RefundWay.CARD,
            words=mc("tender", "Card"),
            offer=mc("tender", "Card page"),
            beside=m("typed here"),
            icon="card-page",
            deed=lambda amount: m("Open the page for {amount}", amount=amount),
            on_paper=mc("tender", "Card, on the payment page"),
            as_evidence=m("Typed on Stripe's page at the hospital's desk"),
            digit=3,
        ),
    )
    """Stripe's page, shown at the desk."""
    SAVED_CARD = (
        "saved_card",
        TenderRow(
            channel=Channel.SAVED_CARD,
            purse=Purse.STRIPE,
            way_back=RefundWay.CARD,
            words=mc("tender", "Saved card"),
            offer=mc("tender", "Saved card"),
            beside=NOTHING,
            icon="saved-card",
            deed=lambda amount: m("Charge {amount} to this card …", amount=amount),
            on_paper=mc("tender", "Saved card"),
            as_evidence=m("Charged at the desk, by a card that had been saved with the payer's consent"),
            digit=0,
            is_preset=False,
        ),
    )
    PHONE = (
        "phone",
        TenderRow(
            channel=Channel.PAGE,
            purse=Purse.STRIPE,
            way_back=RefundWay.CARD,
            words=mc("tender", "Patient's phone"),
            offer=mc("tender", "Patient's phone"),
            beside=m("by a code"),
            icon="phone",
            deed=lambda amount: m("Show the code for {amount}", amount=amount),
            on_paper=mc("tender", "Card, on the patient's phone"),
            as_evidence=m("Typed on Stripe's page, on a device of the payer's"),
            digit=2,
            is_on_phone=True,
        ),
    )
    """Stripe's page, on the patient's own phone."""
    READER = (
        "reader",
        TenderRow(
            channel=Channel.READER,
            purse=Purse.STRIPE,
            way_back=RefundWay.CARD,
            words=mc("tender", "Card reader"),
            offer=mc("tender", "Card reader"),
            beside=NOTHING,
            icon="reader",
            deed=lambda amount: m("Ask the reader for {amount}", amount=amount),
            on_paper=mc("tender", "Card, on the card reader"),
            as_evidence=m("Read by the card reader at the hospital's desk"),
            digit=1,
        ),
    )
    """The card is held to the desk's reader."""
    KEYED = (
        "keyed",
        TenderRow(
            channel=Channel.READER,
            purse=Purse.STRIPE,
            way_back=RefundWay.CARD,
            words=mc("tender", "Card by telephone"),
            offer=mc("tender", "By telephone"),
            beside=m("typed into the reader"),
            icon="telephone",
            deed=lambda amount: m("Have {amount} typed into the reader", amount=amount),
            on_paper=mc("tender", "Card, by telephone or letter"),
            as_evidence=m("Given by telephone or letter; the card was not there"),
            digit=4,
            is_offered_unasked=False,
            is_preset=False,
            is_typed=True,
        ),
    )
    """A card that is told by telephone or letter, typed into the desk's reader: MOTO."""
    CASH = (
        "cash",
        TenderRow(
            channel=Channel.IN_HAND,
            purse=Purse.DRAWER,
            way_back=RefundWay.CASH,
            words=mc("tender", "Cash"),
            offer=mc("tender", "Cash"),
            beside=m("with change"),
            icon="cash",
            deed=lambda amount: m("Take {amount} cash", amount=amount),
            on_paper=mc("tender", "Cash"),
            as_evidence=m("Given at the hospital's desk; no card was used"),
            digit=5,
            is_cash=True,
        ),
    )
    CHEQUE = (
        "cheque",
        TenderRow(
            channel=Channel.IN_HAND,
            purse=Purse.CHEQUES,
            way_back=RefundWay.BANK_TRANSFER,
            words=mc("tender", "Cheque"),
            offer=mc("tender", "Cheque"),
            beside=m("with its number"),
            icon="cheque",
            deed=lambda amount: m("Take {amount} by cheque", amount=amount),
            on_paper=mc("tender", "Cheque"),
            as_evidence=m("Given at the hospital's desk; no card was used"),
            digit=6,
            wants_reference=True,
        ),
    )
    BANK_TRANSFER = (
        "bank_transfer",
        TenderRow(
            channel=Channel.IN_HAND,
            purse=Purse.BANK,
            way_back=RefundWay.BANK_TRANSFER,
            words=mc("tender", "Bank transfer"),
            offer=mc("tender", "Bank transfer"),
            beside=m("with its reference"),
            icon="transfer",
            deed=lambda amount: m("Take {amount} by transfer", amount=amount),
            on_paper=mc("tender", "Bank transfer"),
            as_evidence=m("Sent to the hospital's bank account; no card was used"),
            digit=7,
            wants_reference=True,
        ),
    )
    EXTERNAL_TERMINAL = (
        "external_terminal",
        TenderRow(
            channel=Channel.IN_HAND,
            purse=Purse.TERMINALS,
            way_back=RefundWay.BANK_TRANSFER,
            words=mc("tender", "Bank's terminal"),
            offer=mc("tender", "Bank's terminal"),
            beside=m("with its slip"),
            icon="bank",
            deed=lambda amount: m("Take {amount} by the bank's terminal", amount=amount),
            on_paper=mc("tender", "Card, on the bank's terminal"),
            as_evidence=m("Read by a terminal of the bank at the hospital's desk"),
            digit=8,
            wants_reference=True,
        ),
    )
    """A terminal of the bank that Cashier does not drive."""
    ONLINE = (
        "online",
        TenderRow(
            channel=Channel.OWN_PAGE,
            purse=Purse.STRIPE,
            way_back=RefundWay.CARD,
            words=mc("tender", "Online"),
            offer=mc("tender", "Card on the patient's portal"),
            beside=NOTHING,
            icon="card-page",
            deed=None,
            on_paper=mc("tender", "Card, online"),
            as_evidence=m("Typed on the hospital's own pages, on a device of the payer's"),
            digit=None,
            is_offered_unasked=False,
            is_preset=False,
        ),
    )
    """Away from every desk: on the hospital's portal, or by its other systems."""
    CREDIT_NOTE = (
        "credit_note",
        TenderRow(
            channel=Channel.IN_HAND,
            purse=Purse.NOWHERE,
            way_back=RefundWay.BANK_TRANSFER,
            words=mc("tender", "Credit note"),
            offer=mc("tender", "Credit note"),
            beside=NOTHING,
            icon="account",
            deed=None,
            on_paper=mc("tender", "Credit note"),
            as_evidence=m("No money came: credit that the hospital gave"),
            digit=None,
            is_offered_unasked=False,
            is_preset=False,
            brings_money=False,
        ),
    )
    """What is used of a credit note, from the patient's account: nobody chooses it."""


ACCOUNT_DIGIT = 9
"""What the patient has on account is no tender; its digit is its own all the same."""
BY_DIGIT: tuple[Tender, ...] = tuple(
    sorted((tender for tender in Tender if tender.row.is_at_desk), key=lambda tender: tender.row.digit or 10)
)
"""Every tender of desks, in the order in which one offers them whose settings say nothing: that of the keyboard."""
OFFERED_UNASKED: tuple[Tender, ...] = tuple(tender for tender in BY_DIGIT if tender.row.is_offered_unasked)
"""What a desk takes whose settings say nothing."""
(ELSEWHERE,) = (tender for tender in Tender if tender.row.channel is Channel.OWN_PAGE)
"""What clients of the API take."""
CASH_TENDERS: tuple[Tender, ...] = tuple(tender for tender in Tender if tender.row.is_cash)
"""What goes into the drawer of a shift."""
READER_TENDERS: tuple[Tender, ...] = tuple(tender for tender in Tender if tender.row.is_on_reader)
"""What a payment names a card reader for."""
AT_STRIPE_TENDERS: tuple[Tender, ...] = tuple(tender for tender in Tender if not tender.row.is_taken_here)
"""What Stripe takes, and so can be asked about."""

CREDIT_TENDERS: tuple[Tender, ...] = tuple(tender for tender in Tender if not tender.row.brings_money)
"""What no money comes by."""
(CREDIT_TENDER,) = CREDIT_TENDERS


def find_tender(code: str) -> Tender | None:
    """Return the tender of a ``code`` that was frozen on paper; None for one that a newer program wrote."""
    return next((tender for tender in Tender if tender.value == code), None)
