"""The shift of a desk, from opening to the Z report, by keys."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cashier.money import Money
from cashier.settings import Settings
from cashier.shifts.views import DeskShifts, Opening
from cashier.tenders.tender import Tender
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE, SUPERVISOR_NAME, SUPERVISOR_PIN, SampleHospital

VALUES = (50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A desk as a new installation has it: no cash without a shift."""
    return msgspec.structs.replace(settings, desk=msgspec.structs.replace(settings.desk, shifts=True))


class Screen:
    """What a cashier sees and does about the shift."""

    def __init__(self, qtbot: QtBot, desk: DeskWindow, counter: Counter) -> None:
        self.qtbot, self.desk, self.counter = qtbot, desk, counter

    def heading(self) -> str:
        return self.desk.text("shift_heading")

    def wait_for(self, heading: str) -> None:
        def assert_shown() -> None:
            assert self.heading().startswith(heading), f"{self.heading()} / {self.desk.text('shift_notice_text')}"

        self.qtbot.waitUntil(assert_shown, timeout=15_000)

    def notice(self) -> str:
        return self.desk.text("shift_notice_text")

    def wait_for_notice(self, words: str) -> None:
        def assert_said() -> None:
            assert words in self.notice(), self.notice()

        self.qtbot.waitUntil(assert_said, timeout=15_000)

    def type(self, name: str, text: str) -> None:
        # What is typed goes to the field that has the keyboard: a wrong order of fields is seen.
        field = self.desk.find(QLineEdit, name)
        self.qtbot.waitUntil(field.hasFocus)
        QTest.keyClicks(field, text)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        focus: QWidget = self.desk.window.focusWidget()
        QTest.keyClick(focus, key, modifiers)

    def at_desk(self) -> DeskShifts:
        return answer(self.qtbot, self.counter.thread, self.counter.services.shifts.at_desk(1))

    def have_open(self, float_minor: int = 10_000) -> None:
        """Have the shift opened behind the window, then go to its page."""
        opening = Opening(number=1, float=Money(float_minor, "EUR"))
        actor = self.counter.hospital.cashier
        answer(self.qtbot, self.counter.thread, self.counter.services.shifts.open(opening, actor))
        self.go()
        self.wait_for("Shift T-D1-1")

    def go(self) -> None:
        self.desk.press(Qt.Key.Key_T, CTRL)

    def sign_in_as_supervisor(self) -> None:
        """Somebody else takes the desk over."""
        self.desk.window.sign_out()
        self.desk.sign_in(SUPERVISOR_NAME, SUPERVISOR_PIN)
        self.desk.wait_for_list()

    def take_cash(self, amount_minor: int) -> None:
        order = order_for(self.counter.hospital, DUE, amount_minor, tender=Tender.CASH)
        begun = self.counter.services.payments.begin(order, self.counter.hospital.cashier)
        answer(self.qtbot, self.counter.thread, begun)

    def count(self, **pieces: str) -> None:
        """Go from value to value with Enter, typing what there is, and compare as soon as that was all."""
        self.press(Qt.Key.Key_F2)
        self.wait_for("Count the drawer")
        left = {int(value.removeprefix("of_")): typed for value, typed in pieces.items()}
        for value in VALUES:
            self.type(f"count_{value}", left.pop(value, ""))
            if not left:
                break
            self.press(Qt.Key.Key_Return)
        self.press(Qt.Key.Key_Return, CTRL)


@pytest.fixture
def screen(qtbot: QtBot, open_desk: DeskWindow, counter: Counter) -> Screen:
    return Screen(qtbot, open_desk, counter)


def test_a_desk_without_a_shift_says_so_and_offers_to_open_one(qtbot: QtBot, screen: Screen) -> None:
    qtbot.waitUntil(lambda: "No shift is open" in screen.desk.text("shift_line_text"))
    assert screen.desk.text("status_shift") == "No shift"

    screen.desk.find(QPushButton, "go_to_shift").click()

    screen.wait_for("No shift is open")
    assert screen.desk.focused() == "shift_float"


def test_a_shift_is_opened_by_keys_and_the_status_bar_names_it(qtbot: QtBot, screen: Screen) -> None:
    screen.go()
    screen.wait_for("No shift is open")
    screen.type("shift_float", "150")
    screen.press(Qt.Key.Key_Return)

    screen.wait_for("Shift T-D1-1")
    assert "opened it on" in screen.desk.text("shift_facts")
    assert "150.00 €" in screen.desk.text("shift_facts")
    screen.press(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: screen.desk.text("status_shift").startswith("Shift T-D1-1 since "))
    assert screen.desk.text("shift_line_text") == ""
    assert screen.desk.focused() == "search"


def test_a_float_that_is_no_amount_is_explained(screen: Screen) -> None:
    screen.go()
    screen.wait_for("No shift is open")
    screen.type("shift_float", "a lot")
    screen.press(Qt.Key.Key_Return)

    screen.wait_for_notice("is not an amount")
    assert screen.desk.focused() == "shift_float"
    assert screen.at_desk().open is None


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_a_float_that_hardly_anybody_has_is_asked_about_and_stays_typed(
    qtbot: QtBot, screen: Screen, key: Qt.Key
) -> None:
    screen.go()
    screen.wait_for("No shift is open")
    screen.type("shift_float", "2026004711")
    screen.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: screen.desk.find(QDialog, "doubt_dialog").isVisible())
    dialog = screen.desk.find(QDialog, "doubt_dialog")
    assert "In words: about 2 billion." in screen.desk.text("doubt_words")

    QTest.keyClick(dialog.focusWidget(), key)
    if key == Qt.Key.Key_Return:
        assert dialog.isVisible()
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    qtbot.waitUntil(lambda: screen.desk.focused() == "shift_float")
    assert screen.desk.find(QLineEdit, "shift_float").text() == "2026004711"
    assert screen.at_desk().open is None
    screen.desk.window.activateWindow()
    screen.type("shift_float", "150")
    screen.press(Qt.Key.Key_Return)
    screen.wait_for("Shift T-D1-1")


def test_much_cash_is_moved_when_somebody_says_so_again(qtbot: QtBot, screen: Screen) -> None:
    screen.have_open()
    screen.press(Qt.Key.Key_I, ALT)
    screen.type("movement_amount", "50000")
    screen.press(Qt.Key.Key_Return)
    screen.type("movement_reason", "Change from the bank")
    screen.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: screen.desk.find(QDialog, "doubt_dialog").isVisible())

    QTest.keyClick(screen.desk.find(QDialog, "doubt_dialog"), Qt.Key.Key_Y, ALT)

    screen.wait_for_notice("50,000.00 € put in: Change from the bank.")
    rows = screen.counter.hospital.execute("SELECT facts FROM journal_entry WHERE action = 'done all the same'")
    assert [row["facts"] for row in rows] == ['{"doubts":{"cash_movement":"50000.00 EUR"},"number":-1}']


def test_cash_in_and_out_are_written_down_with_their_reason(qtbot: QtBot, screen: Screen) -> None:
    screen.have_open()
    screen.press(Qt.Key.Key_I, ALT)
    screen.type("movement_amount", "20")
    screen.press(Qt.Key.Key_Return)
    screen.type("movement_reason", "Change from the bank")
    screen.press(Qt.Key.Key_Return)

    screen.wait_for_notice("20.00 € put in: Change from the bank.")
    qtbot.waitUntil(lambda: "1 movement of cash" in screen.desk.text("shift_facts"))


def test_cash_does_not_leave_without_a_reason(screen: Screen) -> None:
    screen.have_open()
    screen.type("movement_amount", "20")
    screen.press(Qt.Key.Key_Return)
    screen.press(Qt.Key.Key_Return)

    screen.wait_for_notice("Say why.")
    assert screen.desk.focused() == "movement_reason"
    shift = screen.at_desk().open
    assert shift is not None
    assert shift.movements == 0


def test_a_right_drawer_is_counted_and_closed_by_keys(qtbot: QtBot, screen: Screen) -> None:
    screen.have_open()
    screen.take_cash(3_000)

    screen.count(of_5000="2", of_1000="3")

    screen.wait_for("The drawer is right")
    assert screen.desk.text("outcome_expected") == "130.00 €"
    screen.press(Qt.Key.Key_F2)
    screen.wait_for_notice("Shift T-D1-1 is closed.")
    dialog = screen.desk.find(QDialog, "report_dialog")
    qtbot.waitUntil(lambda: screen.desk.text("report_heading") == "Z report T-D1-1")
    dialog.close()
    screen.wait_for("No shift is open")
    assert screen.at_desk().next_number == 2


def test_enter_leads_through_all_values_to_the_comparison(qtbot: QtBot, screen: Screen) -> None:
    screen.have_open()
    screen.press(Qt.Key.Key_F2)
    screen.wait_for("Count the drawer")

    for value in VALUES:
        screen.type(f"count_{value}", "1" if value == 10_000 else "")
        screen.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: screen.desk.focused() == "count_done")
    screen.press(Qt.Key.Key_Return)

    screen.wait_for("The drawer is right")


def test_the_drawer_is_counted_from_wherever_one_is_by_one_key(qtbot: QtBot, screen: Screen) -> None:
    screen.desk.press(Qt.Key.Key_T, CTRL | SHIFT)
    screen.wait_for("No shift is open")
    screen.press(Qt.Key.Key_Escape)
    screen.have_open()
    screen.press(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not screen.heading())

    screen.desk.press(Qt.Key.Key_T, CTRL | SHIFT)
    screen.wait_for("Count the drawer")
    screen.type("count_50000", "1")
    screen.press(Qt.Key.Key_T, CTRL | SHIFT)

    assert screen.desk.text("count_total") == "500.00 €"


def test_the_total_grows_while_it_is_counted_and_says_nothing_of_what_should_be_there(screen: Screen) -> None:
    screen.have_open()
    screen.take_cash(3_333)
    screen.press(Qt.Key.Key_F2)
    screen.wait_for("Count the drawer")

    screen.type("count_50000", "1")
    screen.press(Qt.Key.Key_Down)
    screen.type("count_20000", "2")

    assert screen.desk.text("count_total") == "900.00 €"
    assert screen.desk.text("count_sum_20000") == "400.00 €"
    assert screen.desk.text("outcome_expected") == ""
    screen.press(Qt.Key.Key_Up)
    assert screen.desk.focused() == "count_50000"


def test_a_product_is_counted_in_the_row_of_its_value(screen: Screen) -> None:
    screen.have_open()
    screen.press(Qt.Key.Key_F2)
    screen.wait_for("Count the drawer")

    screen.type("count_50000", "2*50")
    screen.press(Qt.Key.Key_Return)
    assert (screen.desk.text("count_total"), screen.desk.focused()) == ("100.00 €", "count_2000")
    screen.type("count_2000", "3*7")
    screen.press(Qt.Key.Key_Return)
    assert "There is no note or coin of 7" in screen.desk.text("count_words")
    screen.press(Qt.Key.Key_Return, CTRL)
    assert screen.heading().startswith("Count the drawer")
    assert screen.desk.focused() == "count_2000"

    screen.desk.find(QLineEdit, "count_2000").clear()
    screen.press(Qt.Key.Key_Return, CTRL)
    screen.wait_for("The drawer is right")


def test_the_history_of_the_desk_tells_no_sum_of_cash_before_the_count(qtbot: QtBot, screen: Screen) -> None:
    screen.have_open()
    screen.take_cash(3_333)
    screen.press(Qt.Key.Key_Escape)
    screen.desk.press(Qt.Key.Key_F10)
    qtbot.waitUntil(screen.desk.find(QWidget, "history_filters").isEnabled, timeout=15_000)
    scope = screen.desk.find(QComboBox, "history_scope")
    scope.setCurrentIndex(scope.findData(1))

    qtbot.waitUntil(lambda: "still to be counted" in screen.desk.text("history_sums"), timeout=15_000)
    assert "33.33" not in screen.desk.text("history_sums") + screen.desk.text("history_tenders")


def test_the_row_that_is_counted_is_always_seen(screen: Screen) -> None:
    screen.have_open()
    screen.desk.window.resize(1024, 640)
    screen.press(Qt.Key.Key_F2)
    screen.wait_for("Count the drawer")
    total = screen.desk.find(QLabel, "count_total")
    screen.qtbot.waitUntil(lambda: total.visibleRegion().boundingRect() == total.rect())
    for _ in range(7):
        screen.press(Qt.Key.Key_Return)

    field = screen.desk.find(QLineEdit, "count_200")
    assert field.hasFocus()
    assert total.visibleRegion().boundingRect() == total.rect()
    screen.qtbot.waitUntil(lambda: field.visibleRegion().boundingRect() == field.rect())


def test_enter_held_down_closes_nothing(qtbot: QtBot, screen: Screen) -> None:
    screen.have_open()
    screen.count(of_10000="1")
    screen.wait_for("The drawer is right")

    for _ in range(3):
        screen.press(Qt.Key.Key_Return)

    qtbot.wait(200)
    assert screen.heading() == "The drawer is right"
    assert screen.at_desk().open is not None


def test_too_large_a_difference_wants_reason_and_supervisor(screen: Screen) -> None:
    screen.have_open()
    screen.count(of_5000="1")
    screen.wait_for("50.00 € short")
    close = screen.desk.find(QPushButton, "close_for_good")
    assert not close.isEnabled()

    screen.type("difference_reason", "A note is missing.")
    screen.press(Qt.Key.Key_Tab)
    screen.type("approver_name", SUPERVISOR_NAME)
    screen.press(Qt.Key.Key_Tab)
    screen.type("approver_pin", "000000")
    screen.press(Qt.Key.Key_F2)
    screen.wait_for_notice("wrong")
    screen.type("approver_pin", SUPERVISOR_PIN)
    screen.press(Qt.Key.Key_F2)

    screen.wait_for_notice("is closed")
    screen.desk.find(QDialog, "report_dialog").close()


def test_a_supervisor_without_a_part_in_the_shift_closes_it_short_with_a_reason_alone(
    screen: Screen,
) -> None:
    screen.have_open()
    screen.sign_in_as_supervisor()
    screen.go()
    screen.wait_for("Shift T-D1-1")
    screen.count(of_5000="1")
    screen.wait_for("50.00 € short")

    assert "closing it approves" in screen.desk.text("outcome_advice")
    assert screen.desk.window.findChild(QLineEdit, "approver_pin") is None
    screen.press(Qt.Key.Key_F2)
    assert screen.heading() == "50.00 € short"
    screen.type("difference_reason", "A note is missing.")
    screen.press(Qt.Key.Key_F2)

    screen.wait_for_notice("is closed")
    screen.desk.find(QDialog, "report_dialog").close()


def test_a_count_is_corrected_without_typing_it_anew(screen: Screen) -> None:
    screen.have_open()
    screen.count(of_5000="1", of_500="3")
    screen.wait_for("35.00 € short")

    screen.press(Qt.Key.Key_Escape)

    screen.wait_for("Count the drawer")
    assert screen.desk.find(QLineEdit, "count_5000").text() == "1"
    assert screen.desk.text("count_total") == "65.00 €"
    screen.press(Qt.Key.Key_Escape)
    screen.wait_for("Shift T-D1-1")


@pytest.mark.parametrize("by", ["not yet", "another page"])
def test_a_count_that_was_left_goes_on_where_it_was(qtbot: QtBot, screen: Screen, by: str) -> None:
    screen.have_open()
    screen.press(Qt.Key.Key_F2)
    screen.wait_for("Count the drawer")
    QTest.keyClicks(screen.desk.window.focusWidget(), "7")
    qtbot.waitUntil(lambda: screen.desk.text("count_total") != "0.00 €")
    counted = screen.desk.text("count_total")

    if by == "not yet":
        screen.desk.find(QPushButton, "count_leave").click()
    else:
        screen.desk.press(Qt.Key.Key_F10)
        qtbot.waitUntil(lambda: not screen.heading())
        screen.go()
    screen.wait_for("Shift T-D1-1")
    assert screen.notice() == ""
    screen.press(Qt.Key.Key_F2)

    screen.wait_for("Count the drawer")
    screen.wait_for_notice("What was counted before is there.")
    assert screen.desk.text("count_total") == counted
    screen.press(Qt.Key.Key_Escape)
    screen.wait_for("Shift T-D1-1")


def test_a_count_of_the_shift_before_is_not_that_of_the_next(screen: Screen) -> None:
    screen.have_open()
    screen.count(of_5000="2")
    screen.wait_for("The drawer is right")
    screen.press(Qt.Key.Key_F2)
    screen.wait_for_notice("Shift T-D1-1 is closed.")
    screen.desk.find(QDialog, "report_dialog").close()
    screen.wait_for("No shift is open")
    opening = Opening(number=2, float=Money(10_000, "EUR"))
    actor = screen.counter.hospital.cashier
    answer(screen.qtbot, screen.counter.thread, screen.counter.services.shifts.open(opening, actor))
    screen.go()
    screen.go()
    screen.wait_for("Shift T-D1-2")

    screen.press(Qt.Key.Key_F2)

    screen.wait_for("Count the drawer")
    assert screen.desk.text("count_total") == "0.00 €"
    screen.press(Qt.Key.Key_Escape)
    screen.wait_for("Shift T-D1-2")


def test_an_unfinished_payment_is_told_before_anybody_counts(screen: Screen, hospital: SampleHospital) -> None:
    screen.have_open()
    screen.counter.begin(hospital.cashier)

    screen.press(Qt.Key.Key_F2)

    screen.wait_for_notice("not finished at this desk")
    assert screen.heading() == "Shift T-D1-1"


def test_the_x_report_of_ones_own_shift_is_shown_and_ends_nothing(qtbot: QtBot, screen: Screen) -> None:
    screen.have_open()

    screen.press(Qt.Key.Key_X, ALT)

    qtbot.waitUntil(lambda: screen.desk.text("report_heading") == "X report T-D1-1", timeout=10_000)
    screen.desk.find(QDialog, "report_dialog").close()
    assert screen.at_desk().open is not None


def test_what_is_typed_before_the_count_is_there_moves_no_cash(qtbot: QtBot, screen: Screen) -> None:
    screen.have_open()

    screen.press(Qt.Key.Key_F2)
    for key in (Qt.Key.Key_1, Qt.Key.Key_Return, Qt.Key.Key_5, Qt.Key.Key_Return):
        screen.press(key)

    screen.wait_for("Count the drawer")
    shift = screen.at_desk().open
    assert shift is not None
    assert shift.movements == 0
