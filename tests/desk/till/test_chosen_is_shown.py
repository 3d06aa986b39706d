"""What is chosen is what is shown: keys act on what the list shows as chosen, or say that nothing is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from cashier.desk.commands.commands import Command
from cashier.desk.invoices.invoice_table import InvoiceTable
from cashier.desk.paying.payment_dialog import PaymentDialog
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.sample_hospital import (
    DUE,
    DUE_OF_OTHER_PATIENT,
    DUE_OF_SAME_PATIENT,
    IN_YEN,
    TINY,
    SampleHospital,
)

LONG_ENOUGH_MS = 400
"""For whatever a key might do that it must not do."""
ON_THE_INVOICE = (
    Command.TAKE_PAYMENT,
    Command.TAKE_DEPOSIT,
    Command.SHOW_RECEIPT,
    Command.ASK_FOR_REFUND,
    Command.SHOW_CARDS,
    Command.ASK_STRIPE,
    Command.TAKE_OVER,
)
NOTHING_CHOSEN = "Choose an invoice first."


def press(desk: DeskWindow, command: Command) -> None:
    pressed = QKeySequence(command.key)[0]  # type: ignore[index]  # the stubs miss it
    desk.press(pressed.key(), pressed.keyboardModifiers())


def choose(qtbot: QtBot, desk: DeskWindow, number: str) -> None:
    """Type a whole number and Enter, and wait until that invoice is on the screen."""
    desk.find(QLineEdit, "search").selectAll()
    desk.type(number)
    desk.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.text("detail_invoice") == number)
    qtbot.waitUntil(lambda: number in desk.bills())


def opened(desk: DeskWindow) -> list[str]:
    """Return the titles of the dialogs above the window."""
    return [each.windowTitle() for each in desk.window.findChildren(QDialog) if each.isVisible()]


def wait_for_payment(qtbot: QtBot, desk: DeskWindow, number: str) -> None:
    qtbot.waitUntil(lambda: opened(desk) == [f"Take payment · {number}"])


@pytest.mark.parametrize("ended_by_enter", [True, False])
@pytest.mark.parametrize("command", ON_THE_INVOICE)
def test_after_a_search_that_finds_nothing_no_key_acts_on_the_invoice_before(
    qtbot: QtBot, open_desk: DeskWindow, command: Command, ended_by_enter: bool
) -> None:
    choose(qtbot, open_desk, DUE)

    open_desk.find(QLineEdit, "search").selectAll()
    open_desk.type("INV-9999-123456")
    if ended_by_enter:
        open_desk.press(Qt.Key.Key_Return)
    press(open_desk, command)

    qtbot.waitUntil(lambda: open_desk.text("nothing_chosen_text") == NOTHING_CHOSEN)
    assert open_desk.text("detail_invoice") == ""
    qtbot.wait(LONG_ENOUGH_MS)
    assert opened(open_desk) == []


def test_the_first_letter_of_another_search_empties_the_pane(qtbot: QtBot, open_desk: DeskWindow) -> None:
    choose(qtbot, open_desk, DUE)

    open_desk.find(QLineEdit, "search").selectAll()
    open_desk.type("d")

    assert open_desk.text("detail_invoice") == ""
    assert not open_desk.find(QPushButton, "take_payment").isVisible()
    assert open_desk.page.till.patient_id is None


def test_another_filter_chooses_nothing(qtbot: QtBot, open_desk: DeskWindow) -> None:
    choose(qtbot, open_desk, DUE)

    open_desk.find(QPushButton, "filter_cancelled").click()
    press(open_desk, Command.TAKE_PAYMENT)

    qtbot.waitUntil(lambda: open_desk.text("nothing_chosen_text") == NOTHING_CHOSEN)
    assert open_desk.text("detail_invoice") == ""
    assert opened(open_desk) == []


def test_what_is_said_about_nothing_chosen_goes_when_something_is(qtbot: QtBot, open_desk: DeskWindow) -> None:
    press(open_desk, Command.TAKE_PAYMENT)
    assert open_desk.text("nothing_chosen_text") == NOTHING_CHOSEN

    open_desk.press(Qt.Key.Key_Down)

    assert open_desk.text("nothing_chosen_text") == ""


@pytest.mark.parametrize("is_hurried", [True, False])
def test_the_only_invoice_found_by_its_number_needs_no_choice(
    qtbot: QtBot, open_desk: DeskWindow, is_hurried: bool
) -> None:
    open_desk.type("2026 ana 000002")
    if not is_hurried:
        qtbot.waitUntil(lambda: open_desk.bills() == ["2", DUE_OF_SAME_PATIENT, DUE])

    press(open_desk, Command.TAKE_PAYMENT)

    wait_for_payment(qtbot, open_desk, DUE_OF_SAME_PATIENT)
    assert open_desk.text("detail_invoice") == DUE_OF_SAME_PATIENT


@pytest.mark.parametrize("is_hurried", [True, False])
def test_the_only_patient_found_needs_no_choice_and_is_taken_as_a_whole(
    qtbot: QtBot, open_desk: DeskWindow, is_hurried: bool
) -> None:
    open_desk.type("ana")
    if not is_hurried:
        qtbot.waitUntil(lambda: open_desk.bills() == ["2"])

    press(open_desk, Command.TAKE_PAYMENT)

    wait_for_payment(qtbot, open_desk, DUE_OF_SAME_PATIENT)
    qtbot.waitUntil(lambda: open_desk.text("detail_balance") == "165.00 €")


def test_of_several_patients_found_none_is_chosen_by_a_key(qtbot: QtBot, open_desk: DeskWindow) -> None:
    open_desk.type("2026")

    press(open_desk, Command.TAKE_PAYMENT)

    qtbot.waitUntil(lambda: open_desk.text("nothing_chosen_text") == NOTHING_CHOSEN)
    assert {DUE_OF_OTHER_PATIENT, DUE} <= set(open_desk.numbers())
    assert opened(open_desk) == []


@pytest.mark.parametrize("before", [None, DUE_OF_OTHER_PATIENT])
@pytest.mark.parametrize("last", [Command.PAY_CHOSEN, Command.TAKE_PAYMENT])
@pytest.mark.parametrize(("steps", "paid"), [(2, DUE_OF_SAME_PATIENT), (3, DUE)])
def test_keys_faster_than_the_list_act_on_what_was_typed(
    qtbot: QtBot, open_desk: DeskWindow, before: str | None, last: Command, steps: int, paid: str
) -> None:
    if before is not None:
        choose(qtbot, open_desk, before)
        open_desk.find(QLineEdit, "search").selectAll()

    open_desk.type("nunez")
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down)[: steps + 1]:
        open_desk.press(key)
    press(open_desk, last)

    wait_for_payment(qtbot, open_desk, paid)
    assert open_desk.text("detail_invoice") == paid


def test_down_and_enter_before_the_first_list_is_there_pay_its_first_invoice(
    qtbot: QtBot, open_desk: DeskWindow
) -> None:
    open_desk.page.list.reload()
    open_desk.page.list._look()

    open_desk.press(Qt.Key.Key_Down)
    open_desk.press(Qt.Key.Key_Return)

    wait_for_payment(qtbot, open_desk, IN_YEN)


@pytest.mark.parametrize("command", [Command.TAKE_PAYMENT, Command.TAKE_DEPOSIT])
def test_a_key_right_after_a_whole_number_acts_on_that_invoice(
    qtbot: QtBot, open_desk: DeskWindow, command: Command
) -> None:
    choose(qtbot, open_desk, DUE_OF_OTHER_PATIENT)

    open_desk.find(QLineEdit, "search").selectAll()
    open_desk.type(DUE)
    open_desk.press(Qt.Key.Key_Return)
    press(open_desk, command)

    qtbot.waitUntil(lambda: len(opened(open_desk)) == 1)
    assert DUE in opened(open_desk)[0]


def test_a_second_enter_while_the_first_is_being_answered_pays_nothing(qtbot: QtBot, open_desk: DeskWindow) -> None:
    open_desk.type("nunez")
    open_desk.press(Qt.Key.Key_Return)
    open_desk.press(Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == DUE_OF_SAME_PATIENT)
    qtbot.wait(LONG_ENOUGH_MS)
    assert opened(open_desk) == []


def test_letters_after_hurried_keys_begin_another_search(qtbot: QtBot, open_desk: DeskWindow) -> None:
    open_desk.type("nunez")
    open_desk.press(Qt.Key.Key_Down)
    open_desk.press(Qt.Key.Key_Return)
    open_desk.type("dvorak")

    qtbot.waitUntil(lambda: open_desk.numbers() == [IN_YEN, TINY, DUE_OF_OTHER_PATIENT])
    qtbot.wait(LONG_ENOUGH_MS)
    assert open_desk.find(QLineEdit, "search").text() == "dvorak"
    assert open_desk.text("detail_invoice") == ""
    assert opened(open_desk) == []


def test_hurried_keys_are_forgotten_where_the_answer_never_comes(
    qtbot: QtBot, open_desk: DeskWindow, hospital: SampleHospital
) -> None:
    hospital.execute("ALTER TABLE invoice RENAME TO elsewhere")
    open_desk.type("nunez")
    open_desk.press(Qt.Key.Key_Down)
    open_desk.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: open_desk.text("list_notice_text") != "")

    hospital.execute("ALTER TABLE elsewhere RENAME TO invoice")
    open_desk.find(QPushButton, "list_retry").click()

    qtbot.waitUntil(lambda: open_desk.numbers() == [DUE_OF_SAME_PATIENT, DUE])
    qtbot.wait(LONG_ENOUGH_MS)
    assert opened(open_desk) == []


def test_an_invoice_that_cannot_be_read_does_not_look_like_the_one_before(
    qtbot: QtBot, open_desk: DeskWindow, hospital: SampleHospital
) -> None:
    open_desk.press(Qt.Key.Key_Down)
    open_desk.press(Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == IN_YEN)
    hospital.execute("ALTER TABLE invoice_line RENAME TO elsewhere")
    open_desk.press(Qt.Key.Key_Down)

    open_desk.press(Qt.Key.Key_Down)
    press(open_desk, Command.TAKE_PAYMENT)

    assert open_desk.text("detail_invoice") == ""
    qtbot.waitUntil(lambda: open_desk.text("detail_failure_text") != "")
    assert open_desk.text("detail_balance") == ""
    assert not open_desk.find(QPushButton, "take_payment").isVisible()
    hospital.execute("ALTER TABLE elsewhere RENAME TO invoice_line")
    press(open_desk, Command.RELOAD)
    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == TINY)
    assert opened(open_desk) == []


def test_a_chosen_invoice_that_leaves_the_list_is_named_above_it(
    qtbot: QtBot, open_desk: DeskWindow, hospital: SampleHospital
) -> None:
    open_desk.unfold()
    open_desk.find(InvoiceTable, "invoice_table").select_row(open_desk.bills().index(DUE), scrolls=True)
    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == DUE)
    assert open_desk.text("chosen_elsewhere") == ""

    hospital.execute("UPDATE invoice SET status = 'cancelled' WHERE number = :number", number=DUE)

    said = f"Chosen: {DUE} · Ana Núñez. Outside of “To pay”: Cancelled."
    qtbot.waitUntil(lambda: open_desk.text("chosen_elsewhere") == said)
    open_desk.type("dv")
    assert open_desk.text("chosen_elsewhere") == ""


def test_what_was_wanted_of_an_invoice_on_its_way_is_forgotten_on_another_page(
    qtbot: QtBot, open_desk: DeskWindow
) -> None:
    open_desk.press(Qt.Key.Key_Down)
    press(open_desk, Command.TAKE_PAYMENT)
    press(open_desk, Command.SHOW_PAYMENTS)

    qtbot.wait(LONG_ENOUGH_MS)
    assert open_desk.window.findChildren(PaymentDialog) == []
