"""The one table of commands: its shortcuts, menus, hints, the sheet of keys and ``docs/KEYS.md`` follow from it."""

from __future__ import annotations

from enum import unique

from cashier.desk.commands.command import Group, Heard, Place, Row, RowOfTable
from cashier.desk.commands.key import Key
from cashier.language import m
from cashier.staff.actions import Action

_BACK = m("Back to the invoices")
_CHOSEN = "an invoice is chosen"
_CHOSEN_PAYMENT = "a payment is chosen"


@unique
class Command(RowOfTable):
    """Everything that has a key, in the order in which the sheet and the documents list it."""

    SCAN = Row(
        words=m("Scan or type"), place=Place.SEARCH, heard=Heard.FIELD, group=Group.TILL,
        meaning=m("Find an invoice; an exact number opens it"),
    )  # fmt: skip
    GO_TO_LIST = Row(
        words=m("To the list"), key=Key.DOWN, place=Place.SEARCH, heard=Heard.FIELD, group=Group.TILL,
        meaning=m("From the search field into the list"),
    )  # fmt: skip
    CLEAR_SEARCH = Row(words=m("Empty the search field"), key=Key.BACK, place=Place.SEARCH, heard=Heard.FIELD)
    PAY_CHOSEN = Row(
        words=m("Take a payment"), key=Key.GO_ON, place=Place.INVOICES, heard=Heard.FIELD, group=Group.TILL,
        meaning=m("In the list: take a payment; of a patient, of all invoices"), when=_CHOSEN,
        right=Action.TAKE_PAYMENT,
    )  # fmt: skip
    TICK = Row(
        words=m("Tick the invoice"), key=Key.TICK, place=Place.INVOICES, heard=Heard.FIELD, group=Group.TILL,
        meaning=m("In the list: pay it together with others of the patient"), when=_CHOSEN, right=Action.TAKE_PAYMENT,
    )  # fmt: skip
    TICK_ALL = Row(
        words=m("Tick all invoices"), key=Key.TICK_ALL, place=Place.INVOICES, heard=Heard.FIELD, group=Group.TILL,
        meaning=m("In the list: pay all of the patient together"), when=_CHOSEN, right=Action.TAKE_PAYMENT,
    )  # fmt: skip
    UNFOLD = Row(
        words=m("Unfold"), key=Key.UNFOLD, place=Place.INVOICES, heard=Heard.FIELD, group=Group.TILL,
        meaning=m("In the list: show the patient's invoices one by one"), when="a patient with several is chosen",
    )  # fmt: skip
    FOLD = Row(
        words=m("Fold in"), key=Key.FOLD, place=Place.INVOICES, heard=Heard.FIELD, group=Group.TILL,
        meaning=m("In the list: back to the patient; fold in again"), when="invoices are unfolded",
    )  # fmt: skip
    LEAVE_LIST = Row(words=m("To the search field"), key=Key.BACK, place=Place.INVOICES, heard=Heard.FIELD)
    FIND = Row(words=m("Back to the search field"), key=Key.FIND, place=Place.TILL, group=Group.TILL)
    TAKE_PAYMENT = Row(
        words=m("Take payment"), key=Key.MONEY, place=Place.TILL, icon="card", group=Group.TILL,
        meaning=m("Take a payment of the chosen invoice"), when="the invoice is owed and free",
        right=Action.TAKE_PAYMENT,
    )  # fmt: skip
    ADMIT = Row(
        words=m("Deposit without an invoice …"), key=Key.DEPOSIT_WITHOUT_INVOICE, place=Place.TILL, icon="patient",
        group=Group.TILL, meaning=m("Take a deposit of a patient without an invoice"), right=Action.REGISTER_PATIENT,
    )  # fmt: skip
    TAKE_DEPOSIT = Row(
        words=m("Deposit"), key=Key.DEPOSIT, place=Place.TILL, icon="deposit", group=Group.TILL,
        meaning=m("Take a deposit for its patient's account"), when=_CHOSEN, right=Action.TAKE_DEPOSIT,
    )  # fmt: skip
    SHOW_RECEIPT = Row(
        words=m("Receipt"), key=Key.RECEIPT, place=Place.TILL, icon="receipt", group=Group.TILL,
        meaning=m("Its last receipt"), when="there is one", right=Action.HAND_OUT_RECEIPT,
    )  # fmt: skip
    ASK_FOR_REFUND = Row(
        words=m("Refund"), key=Key.REFUND, place=Place.TILL, icon="back-to-card", group=Group.TILL,
        meaning=m("Ask for a refund of it"), when="something of it is paid", right=Action.REQUEST_REFUND,
    )  # fmt: skip
    SHOW_CARDS = Row(
        words=m("Cards"), key=Key.CARDS, place=Place.TILL, icon="saved-card", group=Group.TILL,
        meaning=m("Its patient's saved cards"), when=_CHOSEN, right=Action.KEEP_CARDS,
    )  # fmt: skip
    MAKE_LINK = Row(
        words=m("Payment link"), key=Key.LATER, place=Place.TILL, icon="phone", group=Group.TILL,
        meaning=m("A link by which its patient pays at home"), when="the invoice is owed",
        right=Action.TAKE_PAYMENT,
    )  # fmt: skip
    ASK_STRIPE = Row(
        words=m("Ask Stripe"), key=Key.ASK_AGAIN, place=Place.TILL, group=Group.TILL,
        meaning=m("Did it go through? Ask Stripe"), when="a payment of it has no outcome yet",
    )  # fmt: skip
    TAKE_OVER = Row(
        words=m("Take over"), key=Key.TAKE_OVER, place=Place.TILL, group=Group.TILL,
        meaning=m("Take over what another desk has under way"), when="another desk has a payment of it under way",
        right=Action.TAKE_OVER_PAYMENT,
    )  # fmt: skip
    RELOAD = Row(words=m("Fetch everything again"), key=Key.FETCH_AGAIN, place=Place.DESK, group=Group.TILL)

    SHOW_PATIENT = Row(
        words=m("Patient display"), key=Key.PATIENT_DISPLAY, place=Place.DESK, group=Group.DESK,
        meaning=m("Show or hide the patient display"),
    )  # fmt: skip
    PATIENT_LANGUAGE = Row(
        words=m("Patient's language"), key=Key.PATIENT_LANGUAGE, place=Place.DESK, group=Group.DESK,
        meaning=m("Show the patient display in the patient's language"),
    )  # fmt: skip
    LOCK = Row(
        words=m("Lock"), key=Key.LOCK, place=Place.DESK, icon="lock", group=Group.DESK, meaning=m("Lock the desk"),
    )  # fmt: skip
    CHOOSE_LANGUAGE = Row(
        words=m("Language …"), key=Key.LANGUAGE, place=Place.DESK, group=Group.DESK, icon="view",
        meaning=m("Read in another language"),
    )  # fmt: skip
    SHOW_LAST_SAID = Row(
        words=m("What was said last"), key=Key.LAST_SAID, place=Place.DESK, icon="info", group=Group.DESK,
        meaning=m("Read again what was said in passing"),
    )  # fmt: skip
    SWITCH_CASHIER = Row(
        words=m("Switch cashier"), key=Key.SWITCH, place=Place.DESK, icon="patient", group=Group.DESK,
        meaning=m("Lock it, and let somebody else sign in"),
    )  # fmt: skip
    SIGN_OUT = Row(words=m("Sign out"), key=Key.SIGN_OUT, place=Place.DESK, icon="sign-out", group=Group.DESK)
    SHOW_KEYS = Row(
        words=m("Keys"), key=Key.HELP, place=Place.DESK, icon="question", group=Group.DESK, meaning=m("This sheet"),
    )  # fmt: skip

    CHOOSE_TENDER = Row(
        words=m("Choose the way to pay"), key=Key.CHOOSE, digits="1234567890", place=Place.AMOUNT,
        group=Group.PAYING, when="it is offered",
    )  # fmt: skip
    REST_ON_ACCOUNT = Row(
        words=m("The rest goes on the patient's account"), key=Key.ON_ACCOUNT, place=Place.AMOUNT, heard=Heard.BUTTON,
        group=Group.PAYING, when="more is paid than is due", right=Action.TAKE_DEPOSIT,
    )  # fmt: skip
    PAYING_GO_ON = Row(
        words=m("Continue"), key=Key.GO_ON, place=Place.PAYING, heard=Heard.FIELD, group=Group.PAYING,
        meaning=m("Go on, or take it"),
    )  # fmt: skip
    PAYING_CHARGE = Row(
        words=m("Charge it"), key=Key.CHARGE, place=Place.PAYING, group=Group.PAYING,
        meaning=m("Charge the saved card that is shown"), when="it is on a button",
    )  # fmt: skip
    PAYING_ALL_THE_SAME = Row(
        words=m("Yes, take it"), key=Key.ALL_THE_SAME, place=Place.PAYING, group=Group.PAYING,
        meaning=m("Take what was asked about again"), when="it is on a button",
    )  # fmt: skip
    PAYING_OTHER_WAY = Row(
        words=m("Other way to pay"), key=Key.OTHER_WAY, place=Place.PAYING, group=Group.PAYING,
        meaning=m("Another way to pay"), when="it is on a button",
    )  # fmt: skip
    PAYING_TAKE_REST = Row(
        words=m("Take the rest"), key=Key.MONEY, place=Place.PAYING, group=Group.PAYING, when="it is on a button",
    )  # fmt: skip
    PAYING_AGAIN = Row(
        words=m("Try again"), key=Key.FETCH_AGAIN, place=Place.PAYING, group=Group.PAYING,
        meaning=m("Try again, or ask for a card again"), when="it is on a button",
    )  # fmt: skip
    PAYING_ASK_STRIPE = Row(
        words=m("Ask Stripe now"), key=Key.ASK_AGAIN, place=Place.PAYING, group=Group.PAYING,
        when="it is on a button",
    )  # fmt: skip
    PAYING_TAKE_OVER = Row(
        words=m("Take over"), key=Key.TAKE_OVER, place=Place.PAYING, when="it is on a button",
        meaning=m("Take over what another desk has under way"), right=Action.TAKE_OVER_PAYMENT,
    )  # fmt: skip
    PAYING_PRINT = Row(
        words=m("Print receipt"), key=Key.PRINT, place=Place.PAYING, group=Group.PAYING,
        meaning=m("Print the receipt"), when="it is paid",
    )  # fmt: skip
    PAYING_VIEW = Row(
        words=m("View"), key=Key.VIEW, place=Place.PAYING, group=Group.PAYING, meaning=m("View it"),
        when="it is paid",
    )  # fmt: skip
    PAYING_SAVE = Row(
        words=m("Save as PDF"), key=Key.SAVE, place=Place.PAYING, group=Group.PAYING, meaning=m("Save it as PDF"),
        when="it is paid",
    )  # fmt: skip
    PAYING_LEAVE = Row(
        words=m("Close"), key=Key.BACK, place=Place.PAYING, group=Group.PAYING,
        meaning=m("Take the payment back; close the dialog"),
    )  # fmt: skip
    PAYING_KEYS = Row(words=m("Keys"), key=Key.HELP, place=Place.PAYING, meaning=m("The sheet of keys"))
    PAYING_SHOW_PATIENT = Row(
        words=m("Patient display"), key=Key.PATIENT_DISPLAY, place=Place.PAYING,
        meaning=m("Show or hide the patient display"),
    )  # fmt: skip
    PAYING_PATIENT_LANGUAGE = Row(
        words=m("Patient's language"), key=Key.PATIENT_LANGUAGE, place=Place.PAYING,
        meaning=m("Show the patient display in the patient's language"),
    )  # fmt: skip
    PAGE_SMALLER = Row(words=m("Smaller"), key=Key.SMALLER, place=Place.CARD_PAGE)
    PAGE_LARGER = Row(words=m("Larger"), key=Key.LARGER, place=Place.CARD_PAGE)

    SHOW_PAYMENTS = Row(
        words=m("Payments"), key=Key.PAYMENTS, place=Place.DESK, icon="clock", group=Group.PAGES,
        leads_to=Place.PAYMENTS, right=Action.SEE_PAYMENTS,
    )  # fmt: skip
    PAYMENT_INVOICE = Row(
        words=m("Show the invoice"), key=Key.VIEW, place=Place.PAYMENTS, beside=m("invoice"), when=_CHOSEN_PAYMENT,
    )  # fmt: skip
    PAYMENT_RECEIPT = Row(
        words=m("Receipt"), key=Key.RECEIPT, place=Place.PAYMENTS, beside=m("receipt"),
        when="the chosen payment has one",
    )  # fmt: skip
    EXPORT_PAYMENTS = Row(
        words=m("Export …"), key=Key.EXPORT, place=Place.PAYMENTS, icon="save", beside=m("export"),
        when="something is found", right=Action.EXPORT_PAYMENTS,
    )  # fmt: skip
    REFUND_PAYMENT = Row(
        words=m("Refund …"), key=Key.REFUND, place=Place.PAYMENTS, icon="back-to-card",
        when="something of the chosen payment is left", right=Action.REQUEST_REFUND,
    )  # fmt: skip
    FILTER_PAYMENTS = Row(words=m("To the filters"), key=Key.FIND, place=Place.PAYMENTS)
    LEAVE_PAYMENTS = Row(words=_BACK, key=Key.BACK, place=Place.PAYMENTS, icon="back")

    SHOW_REFUNDS = Row(
        words=m("Refunds"), key=Key.REFUNDS, place=Place.DESK, icon="back-to-card", group=Group.PAGES,
        leads_to=Place.REFUNDS, right=Action.SEE_PAYMENTS,
    )  # fmt: skip
    REFUND_ALL = Row(words=m("All that can go back"), key=Key.ALL, place=Place.REFUND_REQUEST)
    APPROVE_REFUND = Row(
        words=m("Approve"), key=Key.APPROVE, place=Place.DECISION, icon="check", beside=m("approve"),
        when="somebody else asked for it",
    )  # fmt: skip
    REJECT_REFUND = Row(
        words=m("Reject …"), key=Key.REJECT, place=Place.DECISION, beside=m("reject"), right=Action.APPROVE_REFUND,
    )  # fmt: skip
    TAKE_BACK_REFUND = Row(
        words=m("Take it back"), key=Key.TAKE_BACK, place=Place.DECISION, when="one asked for it oneself",
    )  # fmt: skip
    REFUND_INVOICE = Row(
        words=m("Show the invoice"), key=Key.VIEW, place=Place.REFUNDS, when="the chosen refund is of one",
    )  # fmt: skip
    REFUND_RECEIPT = Row(
        words=m("Refund receipt"), key=Key.RECEIPT, place=Place.REFUNDS, when="there is one", icon="receipt"
    )
    LEAVE_REFUNDS = Row(words=_BACK, key=Key.BACK, place=Place.REFUNDS, icon="back")

    SHOW_SHIFT = Row(
        words=m("Shift"), key=Key.SHIFT, place=Place.DESK, icon="cash", group=Group.PAGES, leads_to=Place.SHIFT,
        meaning=m("The shift: open, cash in and out, X, close"), right=Action.RUN_SHIFT,
    )  # fmt: skip
    LAST_REPORT = Row(
        words=m("Its Z report"), key=Key.Z_REPORT, place=Place.SHIFT_OPENING, icon="receipt", heard=Heard.BUTTON,
        meaning=m("The Z report of the shift before"), when="there was one",
    )  # fmt: skip
    COUNT_DRAWER = Row(
        words=m("Count and close …"), key=Key.COUNT, place=Place.DESK, icon="lock", group=Group.PAGES,
        meaning=m("Count the drawer and close the shift"), when="a shift is open", right=Action.RUN_SHIFT,
    )  # fmt: skip
    COMPARE_COUNT = Row(
        words=m("Compare"), key=Key.FINISH, place=Place.SHIFT_COUNT, icon="check",
        meaning=m("Compare what is counted with what should be there"),
    )  # fmt: skip
    CASH_IN = Row(
        words=m("Put in"), key=Key.CASH_IN, place=Place.SHIFT_RUNNING, meaning=m("Put cash into the drawer")
    )
    CASH_OUT = Row(words=m("Take out"), key=Key.CASH_OUT, place=Place.SHIFT_RUNNING, meaning=m("Take cash out of it"))
    X_REPORT = Row(words=m("X report"), key=Key.X_REPORT, place=Place.SHIFT_RUNNING, icon="receipt")
    CLOSE_SHIFT = Row(words=m("Count and close …"), key=Key.MONEY, place=Place.SHIFT_RUNNING, icon="lock")
    MOVE_ALL_THE_SAME = Row(
        words=m("Yes, that is right"), key=Key.ALL_THE_SAME, place=Place.DOUBT, icon="check", heard=Heard.BUTTON,
        meaning=m("Write down what was asked about again"),
    )  # fmt: skip
    CLOSE_FOR_GOOD = Row(
        words=m("Close the shift"), key=Key.MONEY, place=Place.SHIFT_OUTCOME, icon="lock", heard=Heard.BUTTON,
    )  # fmt: skip
    LEAVE_SHIFT = Row(
        words=_BACK, key=Key.BACK, place=Place.SHIFT, icon="back", meaning=m("One step back, then to the invoices"),
    )  # fmt: skip

    SHOW_PAST_SHIFTS = Row(
        words=m("Closed shifts"), key=Key.PAST_SHIFTS, place=Place.DESK, icon="receipt", group=Group.PAGES,
        leads_to=Place.PAST_SHIFTS, meaning=m("Closed shifts of every desk (supervisors, auditors)"),
        right=Action.SEE_SHIFTS,
    )  # fmt: skip
    PAST_REPORT = Row(
        words=m("Z report"), key=Key.Z_REPORT, place=Place.PAST_SHIFTS, icon="receipt", when="a shift is chosen",
        meaning=m("The Z report of the chosen shift"),
    )  # fmt: skip
    EXPORT_SHIFTS = Row(
        words=m("Export …"), key=Key.EXPORT, place=Place.PAST_SHIFTS, icon="save", when="something is found",
    )  # fmt: skip
    FILTER_SHIFTS = Row(words=m("To the filters"), key=Key.FIND, place=Place.PAST_SHIFTS)
    LEAVE_PAST_SHIFTS = Row(words=_BACK, key=Key.BACK, place=Place.PAST_SHIFTS, icon="back")

    SHOW_DIFFERENCES = Row(
        words=m("Differences"), key=Key.DIFFERENCES, place=Place.DESK, icon="compare", group=Group.PAGES,
        leads_to=Place.DIFFERENCES, meaning=m("Differences to Stripe"), right=Action.SEE_DIFFERENCES,
    )  # fmt: skip
    DIFFERENCE_INVOICE = Row(
        words=m("Show the invoice"), key=Key.VIEW, place=Place.DIFFERENCES, beside=m("invoice"),
        when="the chosen difference is about one",
    )  # fmt: skip
    COMPARE = Row(
        words=m("Compare now"), key=Key.ASK_AGAIN, place=Place.DIFFERENCES, icon="refresh", beside=m("compare"),
        right=Action.SETTLE_DIFFERENCE,
    )  # fmt: skip
    SETTLE = Row(
        words=m("Settle …"), key=Key.GO_ON, place=Place.DIFFERENCE_LIST, icon="check", heard=Heard.IN_LIST,
        when="it is open", right=Action.SETTLE_DIFFERENCE,
    )  # fmt: skip
    COPY_DIFFERENCE = Row(
        words=m("Copy Stripe's number"), key=Key.COPY, place=Place.DIFFERENCE_LIST, heard=Heard.IN_LIST,
    )  # fmt: skip
    LEAVE_DIFFERENCES = Row(words=_BACK, key=Key.BACK, place=Place.DIFFERENCES, icon="back")

    SHOW_JOURNAL = Row(
        words=m("Journal"), key=Key.JOURNAL, place=Place.DESK, icon="invoice", group=Group.PAGES,
        leads_to=Place.JOURNAL, meaning=m("The journal (auditors, administrators)"), right=Action.READ_AUDIT,
    )  # fmt: skip
    CHECK_CHAIN = Row(words=m("Check the chain"), key=Key.ASK_AGAIN, place=Place.JOURNAL, icon="check")
    EXPORT_JOURNAL = Row(
        words=m("Export …"), key=Key.EXPORT, place=Place.JOURNAL, icon="save", when="something is found",
    )  # fmt: skip
    FILTER_JOURNAL = Row(words=m("To the filters"), key=Key.FIND, place=Place.JOURNAL)
    LEAVE_JOURNAL = Row(words=_BACK, key=Key.BACK, place=Place.JOURNAL, icon="back")

    SHOW_STAFF = Row(
        words=m("Staff"), key=Key.STAFF, place=Place.DESK, icon="patient", group=Group.PAGES, leads_to=Place.STAFF,
        meaning=m("The staff (administrators)"), right=Action.MANAGE_STAFF,
    )  # fmt: skip
    ADD_STAFF = Row(words=m("Add …"), key=Key.ADD, place=Place.STAFF, icon="patient")
    RENAME_STAFF = Row(words=m("Another name …"), key=Key.NAME, place=Place.STAFF)
    CHANGE_ROLE = Row(words=m("Another role …"), key=Key.ROLE, place=Place.STAFF)
    NEW_PIN = Row(words=m("New PIN"), key=Key.PIN, place=Place.STAFF, icon="lock")
    GIVE_BADGE = Row(words=m("Badge …"), key=Key.BADGE, place=Place.STAFF, icon="card")
    GIVE_LANGUAGE = Row(words=m("Language …"), key=Key.THEIR_LANGUAGE, place=Place.STAFF)
    UNLOCK_STAFF = Row(words=m("Unlock"), key=Key.UNLOCK, place=Place.STAFF, icon="check", when="the name is locked")
    CHANGE_ACTIVITY = Row(
        words=m("Has left"), key=Key.END, place=Place.STAFF, icon="sign-out", meaning=m("Has left, or is back"),
    )  # fmt: skip
    LEAVE_STAFF = Row(words=_BACK, key=Key.BACK, place=Place.STAFF, icon="back")

    SHOW_LIMITS = Row(
        words=m("Limits"), key=Key.LIMITS, place=Place.DESK, icon="compare", group=Group.PAGES, leads_to=Place.LIMITS,
        meaning=m("Limits for approvals (administrators)"), right=Action.SET_LIMITS,
    )  # fmt: skip
    LEAVE_LIMITS = Row(words=_BACK, key=Key.BACK, place=Place.LIMITS, icon="back")
    SHOW_SECRETS = Row(
        words=m("Secrets"), key=Key.SECRETS, place=Place.TILL, group=Group.PAGES,
        meaning=m("The secrets of this machine (administrators)"), right=Action.CHANGE_SETTINGS,
    )  # fmt: skip

    MAKE_DEFAULT = Row(
        words=m("Make default"), key=Key.DEFAULT, place=Place.CARDS, icon="check", heard=Heard.IN_LIST,
        when="the chosen card can be charged",
    )  # fmt: skip
    REMOVE_CARD = Row(
        words=m("Remove"), key=Key.REMOVE, place=Place.CARDS, icon="close", heard=Heard.IN_LIST,
        when="the chosen card is not removed yet",
    )  # fmt: skip
    COPY_LINK = Row(
        words=m("Copy the address"), key=Key.COPY_ADDRESS, place=Place.LINK, icon="copy", when="the link is there",
    )  # fmt: skip
    END_LINK = Row(
        words=m("End this link"), key=Key.END, place=Place.LINK, icon="close", when="the link is there",
    )  # fmt: skip
    CONFIRM_REMOVAL = Row(words=m("Remove"), key=Key.END, place=Place.CARD_REMOVAL, heard=Heard.BUTTON)
    PRINT_DOCUMENT = Row(
        words=m("Print"), key=Key.PRINT, place=Place.DOCUMENT, icon="print", when="it is shown",
    )  # fmt: skip
    SAVE_DOCUMENT = Row(
        words=m("Save as PDF"), key=Key.SAVE, place=Place.DOCUMENT, icon="save", when="it is shown",
    )  # fmt: skip
    DIALOG_GO_ON = Row(words=m("Go on"), key=Key.GO_ON, place=Place.DIALOG, heard=Heard.FIELD)
    DIALOG_LEAVE = Row(words=m("Close"), key=Key.BACK, place=Place.DIALOG, icon="close", heard=Heard.FIELD)
