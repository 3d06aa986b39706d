"""What needs a right. Who has it is in ``rights.py``; this part is known before there is a database."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What needs a right, in the words of the journal."""

    TAKE_PAYMENT = "taking payments"
    TAKE_DEPOSIT = "taking deposits"
    REGISTER_PATIENT = "registering patients"
    USE_DEPOSIT = "using deposits"
    END_PAYMENT = "ending payments"
    TAKE_OVER_PAYMENT = "taking over payments"
    KEEP_CARDS = "changing saved cards"
    HAND_OUT_RECEIPT = "handing out receipts"
    SEE_PAYMENTS = "looking at payments"
    SEE_EVERY_DESK = "looking at the payments of other desks"
    EXPORT_PAYMENTS = "exporting payments"
    REQUEST_REFUND = "asking for refunds"
    APPROVE_REFUND = "approving refunds"
    GIVE_CASH_FOR_CARD = "giving cash for a card refund that failed"
    SET_LIMITS = "setting limits for approvals"
    SEE_DIFFERENCES = "looking at differences"
    SETTLE_DIFFERENCE = "settling differences"
    DECIDE_REVERSAL = "deciding who bears money that went away"
    SEND_EVIDENCE = "sending evidence to a bank"
    RUN_SHIFT = "opening and closing one's own shift"
    MOVE_CASH = "moving cash"
    SEE_SHIFTS = "looking at other people's shifts"
    CLOSE_OTHERS_SHIFT = "closing somebody else's shift"
    APPROVE_CASH_DIFFERENCE = "approving a difference in the drawer"
    READ_AUDIT = "reading the journal"
    MERGE_PATIENTS = "merging patients"
    SETTLE_MESSAGE = "settling messages of other systems"
    MANAGE_STAFF = "managing the staff"
    MANAGE_CLIENTS = "managing clients of the API"
    MANAGE_READERS = "setting up card readers"
    CHANGE_SETTINGS = "changing settings"
