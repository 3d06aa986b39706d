"""Every key of the desk and the one thing that it means, wherever it means anything."""

from __future__ import annotations

from enum import Enum


class Key(Enum):
    """A key belongs to a meaning, for ever: as Qt writes it (“Ctrl+R”), and what it means on every page and sheet.

    A command is given its key by naming what the key means, so that no key comes to mean two things: a test
    finds one that stands here twice. ``{digit}`` stands for a digit that the command names.
    """

    HELP = "F1", "Help: the sheet of keys"
    MONEY = "F2", "The money step of the page: take it, take the rest, count and close"
    VIEW = "F3", "View what the row or the sheet is about"
    RECEIPT = "F4", "The receipt"
    FETCH_AGAIN = "F5", "Fetch or try again"
    OTHER_WAY = "F6", "Another way to pay"
    TAKE_OVER = "F7", "Take over what another desk has under way"
    DIFFERENCES = "F8", "The page of differences"
    ASK_AGAIN = "F9", "Ask again whether it is so: Stripe, or the journal's chain"
    PAYMENTS = "F10", "The page of payments"
    DEPOSIT = "F11", "A deposit"
    LOCK = "F12", "Lock the desk"

    GO_ON = "Return", "Go on: what is on the button with ⏎; from field to field where there are many"
    FINISH = "Ctrl+Return", "Finish a sheet of many fields, from whichever field"
    BACK = "Esc", "One step back; close"
    DOWN = "Down", "From the search field into the list"
    UNFOLD = "Right", "Unfold what belongs to the row, and go into it"
    FOLD = "Left", "Out of it again, and fold it in"
    TICK = "Space", "Tick what is chosen"
    TICK_ALL = "Ctrl+A", "Tick all that belongs together"
    CHOOSE = "Alt+{digit}", "Choose the way to pay"

    LATER = "Shift+F2", "A link by which the patient pays at home"
    DEPOSIT_WITHOUT_INVOICE = "Shift+F11", "A deposit of a patient without an invoice"
    FIND = "Ctrl+F", "To the search field or the filters"
    REFUND = "Ctrl+R", "Ask for a refund"
    CARDS = "Ctrl+B", "The patient's saved bank cards"
    EXPORT = "Ctrl+E", "Export what is found"
    PRINT = "Ctrl+P", "Print"
    SAVE = "Ctrl+S", "Save as PDF"
    COPY = "Ctrl+C", "Copy what is chosen"
    COPY_ADDRESS = "Ctrl+Shift+A", "Copy the address of the link"
    SMALLER = "Ctrl+-", "Smaller"
    LARGER = "Ctrl++", "Larger"

    PATIENT_DISPLAY = "Ctrl+D", "Show or hide the patient display"
    PATIENT_LANGUAGE = "Ctrl+Shift+D", "The patient display in the patient's language"
    LANGUAGE = "Ctrl+G", "Read in another language"
    LAST_SAID = "Ctrl+H", "Read again what was said in passing"
    SWITCH = "Ctrl+K", "Let somebody else sign in"
    SIGN_OUT = "Ctrl+L", "Sign out"
    REFUNDS = "Ctrl+Shift+R", "The page of refunds"
    SHIFT = "Ctrl+T", "The page of the shift"
    PAST_SHIFTS = "Ctrl+Shift+S", "The page of closed shifts"
    COUNT = "Ctrl+Shift+T", "Count the drawer, from wherever one is"
    JOURNAL = "Ctrl+J", "The journal"
    STAFF = "Ctrl+U", "The staff"
    LIMITS = "Ctrl+M", "The limits for approvals"
    SECRETS = "Ctrl+,", "The secrets of this machine"

    ALL_THE_SAME = "Alt+Y", "Yes, it is meant: do what was asked about again"
    CHARGE = "Alt+C", "Charge the saved card that is shown"
    ON_ACCOUNT = "Alt+K", "Keep the rest on the patient's account"
    ALL = "Alt+E", "All that can go back"
    APPROVE = "Alt+A", "Approve"
    REJECT = "Alt+J", "Reject"
    TAKE_BACK = "Alt+T", "Take one's own request back"
    CASH_IN = "Alt+I", "Cash into the drawer"
    CASH_OUT = "Alt+O", "Cash out of the drawer"
    X_REPORT = "Alt+X", "X report"
    Z_REPORT = "Alt+Z", "Z report"

    ADD = "Ctrl+N", "Add somebody"
    NAME = "Alt+N", "Another name"
    ROLE = "Alt+R", "Another role"
    PIN = "Alt+P", "A new PIN"
    BADGE = "Alt+B", "A badge"
    THEIR_LANGUAGE = "Alt+L", "Somebody's language"
    UNLOCK = "Alt+U", "Unlock a name"
    DEFAULT = "D", "Make it the default"
    REMOVE = "Del", "Remove what is chosen; it is asked about first"
    END = "Ctrl+Del", "Take something out of use: a card, a link, a name"

    @property
    def written(self) -> str:
        """As Qt writes it."""
        return self.value[0]

    @property
    def means(self) -> str:
        """What it means, for the documents."""
        return self.value[1]
