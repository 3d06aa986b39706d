"""The first field of every dialog has the keyboard, and Enter does what the button with ⏎ says."""

from __future__ import annotations

import ast
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cashier.asked_again.doubt import Doubt, DoubtCode, Doubtful
from cashier.books.difference import DifferenceKind
from cashier.books.dispute import ReversalOutcome
from cashier.books.staff import Role
from cashier.desk.cards.saved_cards_dialog import RemoveCardDialog
from cashier.desk.differences.decision_dialog import DecisionDialog
from cashier.desk.differences.reversal_dialog import ReversalDialog
from cashier.desk.differences.settle_dialog import SettleDialog
from cashier.desk.documents.slip_dialog import SlipDialog
from cashier.desk.history.evidence_dialog import EvidenceDialog
from cashier.desk.kit.patient_banner import PatientBanner
from cashier.desk.kit.problems import show_problem
from cashier.desk.office.staff_dialogs import AddStaffDialog, OneLineDialog, RoleDialog
from cashier.desk.refunding.words_dialog import WordsDialog
from cashier.desk.shell.desk_claim import DeskInUseDialog
from cashier.desk.shift.doubt_dialog import DoubtDialog
from cashier.desk.shift.report_dialog import ReportDialog
from cashier.desk.till.take_over_dialog import TakeOverDialog
from cashier.disputes.views import DisputeView, EvidenceDraft
from cashier.errors import Refused
from cashier.hospital.desk_uses import OtherUse
from cashier.language import m, verbatim
from cashier.money import Money
from cashier.patients.identity import PatientIdentity
from cashier.reconciliation.views import DifferenceView
from cashier.reversals.views import ReversalOrder, ReversalQuestion
from cashier.tenders.tender import Tender
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.surroundings.paying import Till
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE, SUPERVISOR_NAME, SampleHospital

DESK = Path(__file__).parents[2] / "cashier" / "desk"
BASES = {"Sheet", "Question", "StaffForm", "DocumentDialog"}
"""What others are made from; nobody opens one of these."""
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier

_DIFFERENCE = DifferenceView(
    id=1,
    kind=DifferenceKind.UNKNOWN_CHARGE,
    stripe_id="ch_1",
    payment_id=None,
    amount=Money(100, "EUR"),
    detail=verbatim("ch_1"),
    happened_at=datetime(2026, 11, 2, tzinfo=UTC),
    found_at=datetime(2026, 11, 2, tzinfo=UTC),
    resolved_at=None,
    resolved_by=None,
    resolution=None,
    patient=PatientIdentity(name="Lang-Sample, Ana", record_number="MRN-0000101", born=None),
)

_DOUBT = Doubt(code=DoubtCode.FLOAT, about="5000.00 EUR", words=m("Say why."))


_OTHER_USE = OtherUse(
    desk="D1", machine="counter-2", person="Sol Example", since=datetime(2026, 11, 2, 7, tzinfo=UTC), silent_seconds=4
)


def take_cash(counter: Counter) -> None:
    """Have the due invoice paid with cash, behind the window."""
    order = order_for(counter.hospital, DUE, 12_000, tender=Tender.CASH)
    answer(counter.qtbot, counter.thread, counter.services.payments.begin(order, counter.hospital.cashier))


def whose() -> PatientBanner:
    """Name somebody for a question about money or a card."""
    somebody = PatientIdentity(name="Weiß, Jörg", record_number="R-1", born=None)
    return PatientBanner(somebody, time_zone="Europe/Madrid", name="whose")


def at_invoice(desk: DeskWindow, counter: Counter, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    desk.type(DUE)
    desk.press(Qt.Key.Key_Return)
    desk.press(key, modifiers)


def of_one_that_is_paid(
    desk: DeskWindow, counter: Counter, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE
) -> None:
    take_cash(counter)
    at_invoice(desk, counter, key, modifiers)


def a_line(desk: DeskWindow, _counter: Counter) -> None:
    words = {"heading": m("Staff"), "told": m("Staff"), "title": m("Name"), "ok": m("Close")}
    OneLineDialog(desk.window, name="a_line", text="before", **words).open()


def a_report(desk: DeskWindow, counter: Counter) -> None:
    counter.hospital.execute(
        "INSERT INTO shift (id, desk_id, number, currency, float_minor, opened_at, opened_by, difference_reason) "
        "VALUES (1, 1, 1, 'EUR', 10000, '2026-11-02 07:00:00', 1, '')"
    )
    ReportDialog(desk.page.context, 1, desk.window, is_final=False).open()


def a_slip(desk: DeskWindow, it: Counter) -> None:
    begun = it.begin(it.hospital.cashier)
    it.hospital.execute(
        "UPDATE payment SET state = 'processing', pending_since = created_at, card_brand = 'sepa_debit'"
    )
    SlipDialog(desk.page.context, begun.id, desk.window).open()


_QUESTION = ReversalQuestion(
    difference_id=1,
    payment_id=uuid.UUID(int=1),
    amount=Money(100, "EUR"),
    is_refund=False,
    patient=PatientIdentity(name="Sol Example", record_number="P-1", born=None),
    shares=(),
    loose=Money(100, "EUR"),
)


_DRAFT = EvidenceDraft(
    dispute=DisputeView(
        stripe_id="du_1",
        payment_id=uuid.UUID(int=1),
        amount=Money(100, "EUR"),
        reason="fraudulent",
        status="needs_response",
        respond_by=datetime(2026, 11, 9, tzinfo=UTC),
        opened_at=datetime(2026, 11, 2, tzinfo=UTC),
    ),
    text="Receipt D1-000001",
    fields={"uncategorized_text": "Receipt D1-000001"},
)


def a_decision(desk: DeskWindow, it: Counter) -> None:
    take_cash(it)
    it.hospital.execute(
        "INSERT INTO dispute (stripe_id, payment_id, amount_minor, currency, reason, status, opened_at, learned_at) "
        "SELECT 'du_1', id, 12000, 'EUR', 'fraudulent', 'lost', created_at, created_at FROM payment"
    )
    it.hospital.execute(
        "INSERT INTO difference (id, kind, stripe_id, payment_id, amount_minor, currency, detail, happened_at, "
        "found_at) SELECT 1, 'money_gone', 'du_1', id, 12000, 'EUR', 'Lost.', created_at, created_at FROM payment"
    )
    order = ReversalOrder(difference_id=1, outcome=ReversalOutcome.WRITTEN_OFF, reason="Not worth it.")
    answer(it.qtbot, it.thread, it.services.reversals.decide(order, it.hospital.colleague))
    DecisionDialog(desk.page.context, 1, desk.window).open()


OPENED: dict[str, tuple[Callable[[DeskWindow, Counter], object], str, str]] = {
    "PaymentDialog": (lambda desk, it: at_invoice(desk, it, Qt.Key.Key_F2), "amount_field", "amount_continue"),
    "RefundDialog": (
        lambda desk, it: of_one_that_is_paid(desk, it, Qt.Key.Key_R, CTRL), "refund_total", "refund_ask",
    ),
    "ReceiptDialog": (
        lambda desk, it: of_one_that_is_paid(desk, it, Qt.Key.Key_F4), "receipt_print", "receipt_print",
    ),
    "ReportDialog": (a_report, "report_print", "report_print"),
    "SlipDialog": (a_slip, "slip_print", "slip_print"),
    "EvidenceDialog": (
        lambda desk, _: EvidenceDialog(desk.page.context, _DRAFT, desk.window).open(),
        "evidence_send", "evidence_send",
    ),
    "ReversalDialog": (
        lambda desk, _: ReversalDialog(
            desk.page.context, replace(_DIFFERENCE, kind=DifferenceKind.MONEY_GONE), _QUESTION, desk.window
        ).open(),
        "reversal_owed_again", "reversal_ok",
    ),
    "DecisionDialog": (a_decision, "decision_print", "decision_print"),
    "SavedCardsDialog": (lambda desk, it: at_invoice(desk, it, Qt.Key.Key_B, CTRL), "saved_cards_close", ""),
    "RemoveCardDialog": (
        lambda desk, _: RemoveCardDialog(verbatim("Visa"), whose(), desk.window).open(),
        "remove_card_no", "remove_card_no",
    ),
    "PaymentLinkDialog": (
        lambda desk, it: at_invoice(desk, it, Qt.Key.Key_F2, SHIFT), "link_close", "copy_letter",
    ),
    "TakeOverDialog": (
        lambda desk, _: TakeOverDialog(verbatim("Sol"), whose(), desk.window).open(), "take_over_ok", "take_over_ok",
    ),
    "ProblemDialog": (lambda desk, _: show_problem(desk.page, Refused(m("Say why."))), "problem_ok", ""),
    "WordsDialog": (
        lambda desk, _: WordsDialog(
            title=m("Reject …"), whose=whose(), question=m("Say why."), go_on=m("Close"), parent=desk.window
        ).open(),
        "words_field", "words_ok",
    ),
    "AddStaffDialog": (
        lambda desk, _: AddStaffDialog(desk.window).open(), "add_staff_full_name", "add_staff_dialog_ok",
    ),
    "DoubtDialog": (
        lambda desk, _: DoubtDialog(Doubtful([_DOUBT]), desk.window).open(),
        "doubt_correct", "",
    ),
    "AdmissionDialog": (
        lambda desk, _: desk.press(Qt.Key.Key_F11, Qt.KeyboardModifier.ShiftModifier),
        "admission_number", "admission_dialog_ok",
    ),
    "DeskInUseDialog": (
        lambda desk, _: DeskInUseDialog(_OTHER_USE, "Europe/Madrid", desk.window).open(),
        "desk_in_use_leave", "desk_in_use_leave",
    ),
    "OneLineDialog": (a_line, "a_line_line", "a_line_ok"),
    "RoleDialog": (
        lambda desk, _: RoleDialog(desk.window, "Casey Sample", Role.CASHIER).open(),
        "role_dialog_role", "role_dialog_ok",
    ),
    "LanguageDialog": (
        lambda desk, _: desk.press(Qt.Key.Key_G, CTRL), "language_dialog_language", "language_dialog_ok",
    ),
    "SecretsDialog": (lambda desk, _: desk.press(Qt.Key.Key_Comma, CTRL), "secret_value", "secret_keep"),
    "SettleDialog": (
        lambda desk, _: SettleDialog(desk.page.context, _DIFFERENCE, desk.window).open(),
        "settle_words", "settle_ok",
    ),
    "LastSaidDialog": (lambda desk, _: desk.press(Qt.Key.Key_H, CTRL), "last_said_close", "last_said_close"),
    "KeysDialog": (lambda desk, _: desk.press(Qt.Key.Key_F1), "keys_close", "keys_close"),
}  # fmt: skip
"""How each dialog is opened, what has the keyboard then, and which button wears ⏎."""


def dialogs_of_the_desk() -> set[str]:
    """Return the classes that are dialogs, by themselves or by what they are made from."""
    made_from = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for file in DESK.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    found = {"QDialog"}
    while more := {name for name, bases in made_from.items() if bases & found} - found:
        found |= more
    return found - {"QDialog"}


def test_every_dialog_is_looked_at() -> None:
    assert dialogs_of_the_desk() - BASES == set(OPENED)


@pytest.fixture
def office(hospital: SampleHospital, request: pytest.FixtureRequest) -> DeskWindow:
    """The window of an administrator, who may do everything."""
    hospital.execute("UPDATE staff SET role = 'administrator' WHERE id = 1")
    desk: DeskWindow = request.getfixturevalue("open_desk")
    return desk


def shown(desk: DeskWindow, name: str) -> QDialog | None:
    found = [each for each in desk.window.findChildren(QDialog) if each.isVisible()]
    return next((each for each in found if type(each).__name__ == name), None)


def has_keyboard(dialog: QDialog) -> str:
    focus: QWidget | None = dialog.focusWidget()
    return "" if focus is None else focus.objectName()


@pytest.mark.parametrize("name", OPENED)
def test_the_first_field_has_the_keyboard_and_enter_does_what_is_on_its_button(
    qtbot: QtBot, office: DeskWindow, counter: Counter, name: str
) -> None:
    open_it, first, enter = OPENED[name]

    open_it(office, counter)

    qtbot.waitUntil(lambda: shown(office, name) is not None, timeout=15_000)
    dialog = shown(office, name)
    assert dialog is not None
    qtbot.waitUntil(lambda: has_keyboard(dialog) == first, timeout=15_000)
    buttons = [each for each in dialog.findChildren(QPushButton) if each.isVisible()]
    assert [each.objectName() for each in buttons if "⏎" in each.text()] == ([enter] if enter else [])
    pressed = [each.objectName() for each in buttons if each.isDefault()]
    assert not enter or pressed == [enter]
    dialog.reject()


def test_what_is_typed_right_after_the_key_is_the_amount_of_the_refund(
    qtbot: QtBot, office: DeskWindow, counter: Counter
) -> None:
    take_cash(counter)
    at_invoice(office, counter, Qt.Key.Key_R, CTRL)
    qtbot.waitUntil(lambda: shown(office, "RefundDialog") is not None)
    dialog = shown(office, "RefundDialog")
    assert dialog is not None

    # Before the payments were read there is no field yet.
    QTest.keyClicks(dialog, "50")

    qtbot.waitUntil(lambda: has_keyboard(dialog) == "refund_total")
    field = dialog.focusWidget()
    assert isinstance(field, QLineEdit)
    assert field.text() == "50"
    QTest.keyClicks(field, ".5")
    assert field.text() == "50.5"
    dialog.reject()


def test_the_approver_types_the_name_at_once(qtbot: QtBot, office: DeskWindow, counter: Counter) -> None:
    take_cash(counter)
    at_invoice(office, counter, Qt.Key.Key_R, CTRL)
    qtbot.waitUntil(lambda: shown(office, "RefundDialog") is not None)
    dialog = shown(office, "RefundDialog")
    assert dialog is not None
    qtbot.waitUntil(lambda: has_keyboard(dialog) == "refund_total")
    QTest.keyClicks(dialog.focusWidget(), "50")
    for key in (Qt.Key.Key_Tab, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(dialog.focusWidget(), key)

    qtbot.waitUntil(lambda: has_keyboard(dialog) == "approver_name", timeout=15_000)
    field = dialog.focusWidget()
    QTest.keyClicks(field, SUPERVISOR_NAME)
    assert isinstance(field, QLineEdit)
    assert field.text() == SUPERVISOR_NAME
    dialog.reject()


def test_on_stripes_page_the_card_number_has_the_keyboard(till: Till) -> None:
    till.open()
    till.press(Qt.Key.Key_Return)
    till.wait_until_page_shows("#cardNumber")
    holds = till.page.holds("document.activeElement.id === 'cardNumber' && document.hasFocus()")
    till.qtbot.waitUntil(holds, timeout=10_000)
    view = till.page._find_view()
    target = view.focusProxy()
    assert target is not None
    assert till.dialog.focusWidget() in (view, target)

    QTest.keyClicks(target, "4242")

    typed = till.page.holds("document.getElementById('cardNumber').value === '4242'")
    till.qtbot.waitUntil(typed, timeout=10_000)
    till.press(Qt.Key.Key_Escape)
