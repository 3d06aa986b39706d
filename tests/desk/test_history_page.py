"""The payment history at the desk: by keys, of a patient or of a desk, with the story of each payment."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDateEdit, QDialog, QFileDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cashier.books.journal import Actor
from cashier.books.payment import PaymentState
from cashier.books.receipt import ReceiptKind
from cashier.desk.history.history_filters import Outcome
from cashier.desk.history.words import RECEIPT_WORDS, TONE_OF_STEP
from cashier.desk.kit.filter_fields import Days
from cashier.desk.tables.row_table import ChosenRowTable
from cashier.history.timeline import Step
from cashier.history.views import PaymentRow
from cashier.payments.views import PaymentView
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.orders import order_for
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT, DUE_OF_SAME_PATIENT, SampleHospital

DECLINED = "4000000000000002"


class History:
    """The room as a person uses it."""

    def __init__(self, qtbot: QtBot, desk: DeskWindow, counter: Counter, sandbox: RunningSandbox) -> None:
        self.qtbot, self.desk, self.counter, self.sandbox = qtbot, desk, counter, sandbox

    @property
    def table(self) -> ChosenRowTable[PaymentRow]:
        return self.desk.find(ChosenRowTable, "history_table")

    def begin(self, number: str, amount_minor: int, actor: Actor | None = None) -> PaymentView:
        order = order_for(self.counter.hospital, number, amount_minor)
        begun = self.counter.services.payments.begin(order, actor or self.counter.hospital.cashier)
        return answer(self.qtbot, self.counter.thread, begun)

    def pay(self, number: str = DUE, amount_minor: int = 1_000, actor: Actor | None = None) -> PaymentView:
        begun = self.begin(number, amount_minor, actor)
        assert begun.page_url is not None
        self.sandbox.pay_on_page(begun.page_url)
        return answer(self.qtbot, self.counter.thread, self.counter.services.payments.refresh(begun.id))

    def choose_invoice(self, number: str) -> None:
        self.desk.type(number)
        self.desk.press(Qt.Key.Key_Return)
        self.qtbot.waitUntil(lambda: self.desk.text("detail_invoice") == number, timeout=10_000)

    def open(self) -> None:
        self.desk.press(Qt.Key.Key_F10)
        self.qtbot.waitUntil(self.desk.find(QWidget, "history_filters").isEnabled, timeout=10_000)

    def column(self, column: str) -> list[str]:
        rows = self.table.rows
        return [rows.text(row, column) for row in range(rows.rowCount())]

    def wait_for(self, *amounts: str) -> None:
        def assert_shown() -> None:
            assert self.table.isVisible()
            assert self.column("amount") == list(amounts)

        self.qtbot.waitUntil(assert_shown, timeout=10_000)

    def choose(self, name: str, words: str) -> None:
        combo = self.desk.find(QComboBox, name)
        found = combo.findText(words, Qt.MatchFlag.MatchStartsWith)
        assert found >= 0, [combo.itemText(place) for place in range(combo.count())]
        combo.setFocus()
        combo.setCurrentIndex(found)

    def wait_for_text(self, name: str, text: str) -> None:
        self.qtbot.waitUntil(lambda: self.desk.text(name) == text, timeout=10_000)

    def story(self) -> list[str]:
        sheet = self.desk.window.findChild(QWidget, "payment_sheet")
        assert sheet is not None
        return [
            str(each.findChild(QLabel).text())  # type: ignore[union-attr]
            for each in sheet.findChildren(QWidget)
            if each.objectName().startswith("story_")
        ]


@pytest.fixture
def role() -> str:
    """Whose window it is."""
    return "cashier"


@pytest.fixture
def history(
    qtbot: QtBot, hospital: SampleHospital, role: str, request: pytest.FixtureRequest, sandbox: RunningSandbox
) -> History:
    hospital.execute("UPDATE staff SET role = :role WHERE id = 1", role=role)
    desk: DeskWindow = request.getfixturevalue("open_desk")
    return History(qtbot, desk, request.getfixturevalue("counter"), sandbox)


def test_every_step_and_receipt_has_words() -> None:
    assert set(TONE_OF_STEP) == set(Step)
    assert set(RECEIPT_WORDS) == set(ReceiptKind)


def test_every_state_is_under_some_outcome_besides_any() -> None:
    listed = [state for each in Outcome if each is not Outcome.ANY for state in each.states]

    assert sorted(listed) == sorted(PaymentState)


@pytest.mark.parametrize(
    ("days", "first", "last"),
    [
        (Days.TODAY, date(2026, 3, 1), date(2026, 3, 1)),
        (Days.YESTERDAY, date(2026, 2, 28), date(2026, 2, 28)),
        (Days.WEEK, date(2026, 2, 23), date(2026, 3, 1)),
        (Days.MONTH, date(2026, 3, 1), date(2026, 3, 1)),
        (Days.ANY, None, None),
    ],
)
def test_days_are_counted_back_from_today(days: Days, first: date | None, last: date | None) -> None:
    assert days.bounds(date(2026, 3, 1)) == (first, last)


def test_from_a_chosen_invoice_the_payments_of_its_patient_are_shown(history: History) -> None:
    history.pay(DUE, 1_000)
    history.pay(DUE_OF_SAME_PATIENT, 2_000, history.counter.hospital.colleague)
    history.pay(DUE_OF_OTHER_PATIENT, 3_000)
    history.choose_invoice(DUE)

    history.open()

    history.wait_for("20.00 €", "10.00 €")
    assert history.column("patient") == ["Ana Núñez", "Ana Núñez"]
    assert history.desk.find(QComboBox, "history_scope").currentText().startswith("Ana Núñez")
    history.wait_for_text("history_sums", "Paid 30.00 €")
    assert history.desk.text("history_count") == "2 payments"
    assert history.desk.focused() == "history_table"


def test_without_an_invoice_todays_payments_of_this_desk_are_shown(history: History) -> None:
    history.pay(DUE, 1_000)
    old = history.pay(DUE, 1_500)
    history.pay(DUE_OF_SAME_PATIENT, 2_000, history.counter.hospital.colleague)
    history.counter.hospital.execute(
        "UPDATE payment SET created_at = '2026-01-05 10:00:00.000000' WHERE id = :id", id=old.id.hex
    )

    history.open()

    history.wait_for("10.00 €")
    history.choose("history_days", "Any day")
    history.wait_for("10.00 €", "15.00 €")


def test_chosen_days_are_looked_at(history: History) -> None:
    old = history.pay(DUE, 1_500)
    history.counter.hospital.execute(
        "UPDATE payment SET created_at = '2026-01-05 10:00:00.000000' WHERE id = :id", id=old.id.hex
    )
    history.open()
    first, last = (history.desk.find(QDateEdit, f"history_{which}_day") for which in ("first", "last"))
    assert not first.isVisible()

    history.choose("history_days", "Chosen days")
    assert first.isVisible()
    # Entered the wrong way round, they mean the same.
    first.setDate(QDate(2026, 1, 6))
    last.setDate(QDate(2026, 1, 4))

    history.wait_for("15.00 €")
    first.setDate(QDate(2026, 1, 4))
    history.qtbot.waitUntil(lambda: history.desk.text("history_empty") == "No payment matches these filters.")


def test_the_chosen_payment_is_told_with_its_story_and_its_names_at_stripe(history: History) -> None:
    paid = history.pay(DUE, 1_000)

    history.open()

    history.wait_for_text("payment_amount", "10.00 €")
    assert history.desk.text("payment_outcome") == "Paid"
    assert history.desk.text("payment_patient") == "Ana Núñez"
    assert history.story() == ["Begun", "Opened at Stripe", "Paid"]
    history.desk.find(QPushButton, f"copy_{paid.stripe_intent_id}").click()
    assert QGuiApplication.clipboard().text() == paid.stripe_intent_id


def test_arrows_walk_through_the_payments(history: History) -> None:
    history.pay(DUE, 1_000)
    history.pay(DUE, 2_000)
    history.open()
    history.wait_for_text("payment_amount", "20.00 €")

    history.desk.press(Qt.Key.Key_Down)

    history.wait_for_text("payment_amount", "10.00 €")


def test_filters_narrow_what_is_shown_and_added_up(history: History) -> None:
    history.pay(DUE, 1_000)
    history.begin(DUE_OF_OTHER_PATIENT, 3_000)
    history.open()
    history.wait_for("30.00 €", "10.00 €")

    history.choose("history_outcome", "Paid")
    history.wait_for("10.00 €")
    history.choose("history_outcome", "Not finished")
    history.wait_for("30.00 €")
    history.wait_for_text("history_sums", "Nothing was paid")
    history.choose("history_tender", "Cash")
    history.qtbot.waitUntil(lambda: history.desk.text("history_empty") == "No payment matches these filters.")
    assert not history.desk.find(QPushButton, "history_export").isEnabled()
    assert not history.desk.text("payment_amount")
    history.choose("history_tender", "Any way to pay")
    history.wait_for_text("payment_amount", "30.00 €")


def test_a_receipts_number_finds_its_payment(history: History) -> None:
    history.pay(DUE, 1_000)
    history.pay(DUE, 2_000)
    history.open()
    history.wait_for("20.00 €", "10.00 €")

    history.desk.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(history.desk.find(QLineEdit, "history_text"), "t-d1-1")

    history.wait_for("10.00 €")
    history.desk.press(Qt.Key.Key_Return)
    assert history.desk.focused() == "history_table"


def test_what_happens_meanwhile_is_shown_without_a_key(history: History) -> None:
    first = history.pay(DUE, 1_000)
    history.open()
    history.wait_for_text("payment_amount", "10.00 €")

    history.pay(DUE, 2_000)

    history.wait_for("20.00 €", "10.00 €")
    # The payment that is being looked at stays on the screen.
    assert history.desk.text("payment_amount") == "10.00 €"
    assert history.table.chosen is not None
    assert history.table.chosen.id == first.id
    history.wait_for_text("history_sums", "Paid 30.00 €")


def test_receipt_and_invoice_are_one_key_away(history: History) -> None:
    history.pay(DUE, 1_000)
    history.open()
    history.wait_for_text("payment_amount", "10.00 €")

    history.desk.press(Qt.Key.Key_F4)
    history.qtbot.waitUntil(lambda: history.desk.window.findChild(QDialog, "receipt_dialog") is not None)
    history.qtbot.waitUntil(history.desk.find(QPushButton, "receipt_print").isEnabled, timeout=10_000)
    history.desk.find(QDialog, "receipt_dialog").reject()
    history.desk.press(Qt.Key.Key_F3)

    history.wait_for_text("detail_invoice", DUE)
    assert history.desk.focused() == "search"


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_F10])
def test_the_history_is_left_by_its_own_key_and_by_esc(history: History, key: Qt.Key) -> None:
    history.open()

    history.desk.press(key)

    history.qtbot.waitUntil(lambda: history.desk.focused() == "search")
    assert not history.table.isVisible()


def test_a_cashier_is_offered_no_other_desk(history: History) -> None:
    history.open()

    scope = history.desk.find(QComboBox, "history_scope")
    assert [scope.itemText(place) for place in range(scope.count())] == ["This desk: D1 · Main entrance"]


@pytest.mark.parametrize("role", ["auditor"])
def test_an_auditor_looks_at_every_desk(history: History) -> None:
    colleague = history.counter.hospital.colleague
    history.pay(DUE, 1_000, replace(colleague, desk_id=1))
    history.pay(DUE, 2_000, colleague)
    history.open()
    history.wait_for("10.00 €")

    history.choose("history_scope", "Every desk")

    history.wait_for("20.00 €", "10.00 €")
    assert history.column("desk") == ["D2", "D1"]


def test_opening_a_patient_is_noted_once(history: History) -> None:
    history.pay(DUE, 1_000)
    history.choose_invoice(DUE)

    history.open()
    history.wait_for("10.00 €")
    history.choose("history_outcome", "Paid")
    history.wait_for("10.00 €")

    noted = history.counter.hospital.execute("SELECT * FROM journal_entry WHERE action = 'payments viewed'")
    assert len(noted) == 1


def export_to(history: History, file: Path) -> None:
    history.desk.press(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    history.qtbot.waitUntil(lambda: history.desk.window.findChild(QFileDialog, "export_dialog") is not None)
    dialog = history.desk.find(QFileDialog, "export_dialog")
    assert "Ana" not in " ".join(dialog.selectedFiles())
    dialog.fileSelected.emit(str(file))
    dialog.reject()


def test_what_is_shown_is_exported(history: History, tmp_path: Path) -> None:
    history.pay(DUE, 1_000)
    history.pay(DUE_OF_OTHER_PATIENT, 3_000)
    history.open()
    history.wait_for("30.00 €", "10.00 €")

    export_to(history, tmp_path / "out.csv")

    history.wait_for_text("history_notice_text", "2 payments saved as out.csv.")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["amount"] for row in csv.DictReader(file)] == ["30.00", "10.00"]


def test_an_export_that_cannot_be_written_says_why(history: History, tmp_path: Path) -> None:
    history.pay(DUE, 1_000)
    history.open()
    history.wait_for("10.00 €")

    export_to(history, tmp_path / "nowhere" / "out.csv")

    history.wait_for_text(
        "history_notice_text",
        "out.csv was not saved: its folder does not exist. Choose a folder that is there.",
    )
    assert history.desk.find(QPushButton, "history_export").isEnabled()
