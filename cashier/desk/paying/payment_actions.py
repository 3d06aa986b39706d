"""What the cashier can do in the payment dialog: each with its words, its icon and its key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cashier.desk.commands.commands import Command
from cashier.language import Message, m


class Action(StrEnum):
    """What the cashier can do in the dialog."""

    PAY = "pay"
    CHARGE = "charge"
    """Charge the saved card that is shown."""
    ALL_THE_SAME = "all_the_same"
    """Take what was asked about again."""
    CORRECT = "correct"
    """Back to the amount, with all that was typed."""
    GIVE_UP = "give_up"
    """Leave the dialog where nothing was begun."""
    CANCEL = "cancel"
    """Take the payment back, at Stripe first."""
    ASK_STRIPE = "ask_stripe"
    TAKE_OVER = "take_over"
    """Close another desk's payment at Stripe, then begin this one."""
    TRY_AGAIN = "try_again"
    """The same amount in the same way, as a new payment."""
    OTHER_WAY = "other_way"
    """Back to the amount, for a new payment; one that is open is taken back first."""
    ASK_READER = "ask_reader"
    """Have the reader ask for a card again, for the same payment."""
    SAVE_AGAIN = "save_again"
    """Save the same payment again: it is never there twice."""
    TAKE_REST = "take_rest"
    """Go on with what is left to pay."""
    LEAVE = "leave"
    """Leave the dialog; what is under way goes on."""
    PRINT = "print"
    VIEW = "view"
    SAVE = "save"


@dataclass(frozen=True, kw_only=True)
class ActionWords:
    """How an action looks: its words, its icon, and the command whose key does it."""

    text: Message
    icon: str
    command: Command

    @property
    def on_button(self) -> Message:
        """Its words and its key."""
        return self.command.on_button(self.text, gap=3)


ACTIONS: Mapping[Action, ActionWords] = {
    Action.PAY: ActionWords(text=m("Continue"), icon="card", command=Command.PAYING_GO_ON),
    Action.CHARGE: ActionWords(text=m("Charge it"), icon="check", command=Command.PAYING_CHARGE),
    Action.ALL_THE_SAME: ActionWords(text=m("Yes, take it"), icon="check", command=Command.PAYING_ALL_THE_SAME),
    Action.CORRECT: ActionWords(text=m("Correct it"), icon="back", command=Command.PAYING_OTHER_WAY),
    Action.GIVE_UP: ActionWords(text=m("Close"), icon="close", command=Command.PAYING_LEAVE),
    Action.CANCEL: ActionWords(text=m("Cancel payment"), icon="close", command=Command.PAYING_LEAVE),
    Action.ASK_STRIPE: ActionWords(text=m("Ask Stripe now"), icon="refresh", command=Command.PAYING_ASK_STRIPE),
    Action.TAKE_OVER: ActionWords(text=m("Take over"), icon="check", command=Command.PAYING_TAKE_OVER),
    Action.TRY_AGAIN: ActionWords(text=m("Try again"), icon="refresh", command=Command.PAYING_AGAIN),
    Action.OTHER_WAY: ActionWords(text=m("Other way to pay"), icon="card", command=Command.PAYING_OTHER_WAY),
    Action.ASK_READER: ActionWords(text=m("Ask for a card again"), icon="refresh", command=Command.PAYING_AGAIN),
    Action.SAVE_AGAIN: ActionWords(text=m("Save again"), icon="refresh", command=Command.PAYING_AGAIN),
    Action.TAKE_REST: ActionWords(text=m("Take the rest"), icon="card", command=Command.PAYING_TAKE_REST),
    Action.LEAVE: ActionWords(text=m("Close"), icon="close", command=Command.PAYING_LEAVE),
    Action.PRINT: ActionWords(text=m("Print receipt"), icon="print", command=Command.PAYING_PRINT),
    Action.VIEW: ActionWords(text=m("View"), icon="view", command=Command.PAYING_VIEW),
    Action.SAVE: ActionWords(text=m("Save as PDF"), icon="save", command=Command.PAYING_SAVE),
}
