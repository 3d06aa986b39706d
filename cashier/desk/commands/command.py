"""What a command is, where it works, and under which heading the sheet of keys lists it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from cashier.desk.commands.key import Key
from cashier.desk.commands.key_words import key_words
from cashier.desk.kit.look import is_touched
from cashier.language import NOTHING, Message, joined, m, verbatim
from cashier.staff.actions import Action

_ENTER_SIGN = "⏎"


class Place(Enum):
    """Where a key means something. A place within another hears the keys of that one too."""

    DESK = m("Everywhere")
    TILL = m("At the till")
    SEARCH = m("In the search field")
    INVOICES = m("In the list of invoices")
    PAYMENTS = m("Payments")
    REFUNDS = m("Refunds")
    REFUND_REQUEST = m("Asking for a refund")
    DECISION = m("Deciding on a refund")
    DIFFERENCES = m("Differences")
    DIFFERENCE_LIST = m("In the list of differences")
    SHIFT = m("Shift")
    SHIFT_OPENING = m("Opening a shift")
    SHIFT_RUNNING = m("While a shift is open")
    SHIFT_COUNT = m("Counting the drawer")
    SHIFT_OUTCOME = m("After the count")
    PAST_SHIFTS = m("Closed shifts")
    JOURNAL = m("Journal")
    STAFF = m("Staff")
    LIMITS = m("Limits")
    PAYING = m("While a payment is taken")
    AMOUNT = m("Choosing amount and way to pay")
    CARD_PAGE = m("Beside Stripe's page")
    CARDS = m("Saved cards")
    CARD_REMOVAL = m("Removing a saved card")
    LINK = m("Giving the patient a link")
    DOCUMENT = m("Looking at a document")
    DOUBT = m("When it is asked again")
    DIALOG = m("In every other dialog")

    @property
    def words(self) -> Message:
        """Its name, for the documents."""
        return self.value

    @property
    def within(self) -> Place | None:
        """The place around this one, whose keys work here too."""
        return _WITHIN.get(self)


_WITHIN = {
    Place.TILL: Place.DESK,
    Place.SEARCH: Place.TILL,
    Place.INVOICES: Place.TILL,
    Place.PAYMENTS: Place.DESK,
    Place.REFUNDS: Place.DESK,
    Place.DECISION: Place.REFUNDS,
    Place.DIFFERENCES: Place.DESK,
    Place.DIFFERENCE_LIST: Place.DIFFERENCES,
    Place.SHIFT: Place.DESK,
    Place.SHIFT_OPENING: Place.SHIFT,
    Place.SHIFT_RUNNING: Place.SHIFT,
    Place.SHIFT_COUNT: Place.SHIFT,
    Place.SHIFT_OUTCOME: Place.SHIFT,
    Place.PAST_SHIFTS: Place.DESK,
    Place.JOURNAL: Place.DESK,
    Place.STAFF: Place.DESK,
    Place.LIMITS: Place.DESK,
    Place.AMOUNT: Place.PAYING,
    Place.CARD_PAGE: Place.PAYING,
}


class Group(Enum):
    """The headings of the sheet of keys."""

    TILL = m("At the till")
    DESK = m("Everywhere")
    PAYING = m("While a payment is taken")
    PAGES = m("Other pages")

    @property
    def words(self) -> Message:
        """The heading."""
        return self.value


class Heard(Enum):
    """By whom a key is heard."""

    SHORTCUT = "shortcut"
    """By a shortcut, wherever in its place the keyboard is."""
    IN_LIST = "in list"
    """By a shortcut of one list, while that list has the keyboard: a single letter means itself elsewhere."""
    BUTTON = "button"
    """By the button that does it, which is seen to be pressed."""
    FIELD = "field"
    """By what has the keyboard, as part of what its keys do there; or by the dialog, as everywhere (Enter, Esc)."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One command. Add a line, and bind it where it works: nothing else makes a shortcut."""

    words: Message
    """On its button or in its menu."""
    place: Place
    key: Key | None = None
    """By what it means; None: no key of its own."""
    meaning: Message = NOTHING
    """What it does in a few words, for the sheet of keys and the documents; left out, its ``words`` say it."""
    when: str = ""
    """When it can be done, for the documents; empty: always. Otherwise its key does nothing."""
    right: Action | None = None
    """The right that it takes: a page is not offered without, and services refuse whoever has it not."""
    icon: str = ""
    group: Group | None = None
    """Where the sheet of keys lists it; None: only the documents do."""
    beside: Message = NOTHING
    """In a word, for the sheet of keys: it is listed beside the key that leads to its page."""
    leads_to: Place | None = None
    """The page that it opens; there, it leads back to the till."""
    heard: Heard = Heard.SHORTCUT
    digits: str = ""
    """The digits with which there is such a key, in the order of the keyboard."""


class RowOfTable(Enum):
    """A command as the rest of the desk asks it; its members are the rows of the table."""

    value: Row

    @property
    def words(self) -> Message:
        """On its button or in its menu."""
        return self.value.words

    @property
    def key(self) -> str:
        """As Qt writes it."""
        return self.value.key.written if self.value.key is not None else ""

    @property
    def place(self) -> Place:
        """Where it works."""
        return self.value.place

    @property
    def right(self) -> Action | None:
        """The right without which it is not offered."""
        return self.value.right

    @property
    def icon(self) -> str:
        """The picture on its button or in its menu."""
        return self.value.icon

    @property
    def meaning(self) -> Message:
        """What it does in a few words."""
        return self.value.meaning or self.value.words

    @property
    def keys(self) -> tuple[str, ...]:
        """All its keys: several where it takes a digit, and both Enters where it is Enter."""
        if self.value.digits:
            return tuple(self.key.format(digit=digit) for digit in self.value.digits)
        if self.key.endswith("Return"):
            return self.key, self.key.removesuffix("Return") + "Enter"
        return (self.key,) if self.key else ()

    @property
    def key_in_words(self) -> Message:
        """The key as a person reads it."""
        if self.value.digits:
            return joined(" … ", [verbatim(self.keys[0]), verbatim(self.keys[-1])])
        return key_words(self.key) if self.key else self.words

    def on_button(self, words: Message | None = None, *, gap: int = 2) -> Message:
        """Return the text of its button, with the key beside it; ``words`` where others say it better there.

        Where fingers press there is no key to tell of.
        """
        shown = self.words if words is None else words
        return shown if is_touched() else joined(" " * gap, [shown, self.hint])

    @property
    def hint(self) -> Message:
        """The key as it stands on buttons."""
        return key_words(self.key, enter=verbatim(_ENTER_SIGN))
