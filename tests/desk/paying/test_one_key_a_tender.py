"""Alt and a digit mean the same way to pay for every patient; a saved card is asked about before it is charged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QRadioButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cashier.cards.service import SavedCardView
from cashier.desk.paying.choosing.tender_offers import offers_for
from cashier.desk.paying.choosing.tender_picker import TenderPicker
from cashier.desk.paying.choosing.tender_tile import TenderTile
from cashier.desk.paying.choosing.way_field import WayField
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.language import m
from cashier.money import Money
from cashier.readers.service import ReaderView
from cashier.tenders.tender import BY_DIGIT, Tender
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.paying import Till
from tests.surroundings.card_reader import DeskReader, place_reader
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT, DUE_OF_SAME_PATIENT

ALT = Qt.KeyboardModifier.AltModifier
NAMES = {
    1: "tender_reader_",
    2: "tender_phone",
    3: "tender_checkout",
    4: "tender_keyed_",
    5: "tender_cash",
    6: "tender_cheque",
    7: "tender_bank_transfer",
    8: "tender_external_terminal",
    9: "tender_account",
    0: "tender_card_",
}
NEEDS_MORE = (0, 1, 4, 9)
"""What a patient has, or a desk: a saved card, a card reader, money on account."""


def alt(till: Till, digit: int) -> None:
    till.press(Qt.Key(Qt.Key.Key_0 + digit), ALT)


def chosen(till: Till) -> str:
    """The way to pay that is chosen; of those on the screen, not of those that were offered before."""
    shown = [each for each in till.dialog.findChildren(QRadioButton) if each.isVisible()]
    return next(each.objectName() for each in shown if each.isChecked())


@pytest.fixture
def reader(till: Till) -> DeskReader:
    """A card reader at the desk."""
    return answer(till.qtbot, till.context.thread, place_reader(till.context.services, till.hospital, till.sandbox))


def leave_on_account(till: Till) -> None:
    till.show(PaymentDialog(till.context, till.detail(), till.window, is_deposit=True))
    till.wait_for_offer()
    alt(till, 5)
    till.type_amount("50")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAID)
    till.press(Qt.Key.Key_Escape)
    till.wait_for_close()


def test_what_a_desk_lacks_leaves_a_gap(till: Till) -> None:
    till.open()
    alt(till, 5)

    for digit in NEEDS_MORE:
        alt(till, digit)
        assert chosen(till) == "tender_cash"
    for digit in sorted(set(NAMES) - set(NEEDS_MORE)):
        alt(till, digit)
        assert chosen(till) == NAMES[digit]


@pytest.mark.usefixtures("reader")
def test_every_digit_means_its_tender_where_all_are_offered(till: Till) -> None:
    till.save_card()
    leave_on_account(till)
    till.open()

    for digit, name in NAMES.items():
        alt(till, digit)
        assert chosen(till).startswith(name)
        button = till.child(QRadioButton, chosen(till))
        assert button.text().endswith(f"   Alt+{digit}")


def test_the_keys_for_a_phone_open_a_phone_for_whoever_has_a_saved_card(till: Till) -> None:
    till.open(DUE_OF_OTHER_PATIENT)
    alt(till, 2)
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PHONE)
    till.press(Qt.Key.Key_Escape)
    till.wait_for_close()
    till.save_card()

    till.open()
    alt(till, 2)
    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.PHONE)


def test_a_saved_card_is_charged_only_after_card_and_amount_were_confirmed(till: Till) -> None:
    till.save_card()
    till.open()
    till.type_amount("30")

    alt(till, 0)
    till.press(Qt.Key.Key_Return)
    for _ in range(3):
        till.press(Qt.Key.Key_Return)
        till.press(Qt.Key.Key_Space)

    till.wait_for_face(Face.TO_CHARGE)
    assert till.says("payment_detail").startswith("30.00 € · Visa •••• 4242")
    assert till.says("payment_amount") == "30.00 €"
    till.qtbot.wait(300)
    assert till.dialog.face is Face.TO_CHARGE
    assert till.states() == []
    till.press(Qt.Key.Key_C, ALT)
    till.wait_for_face(Face.PART_PAID)
    assert till.balance() == "90.00"


@pytest.mark.parametrize("leaves", [True, False])
def test_what_is_not_confirmed_is_not_begun(till: Till, leaves: bool) -> None:
    till.save_card()
    till.open()
    alt(till, 0)
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.TO_CHARGE)

    till.press(Qt.Key.Key_Escape if leaves else Qt.Key.Key_F6)

    if leaves:
        till.wait_for_close()
    else:
        till.wait_for_face(Face.AMOUNT)
        till.qtbot.waitUntil(lambda: chosen(till) == "tender_checkout")
    assert till.states() == []


def test_tab_goes_as_one_reads(till: Till) -> None:
    till.open()
    alt(till, 6)
    till.child(QLineEdit, "amount_field").setFocus()
    reached: list[str] = []

    while (focus := till.dialog.focusWidget()).objectName() not in reached:
        reached.append(focus.objectName())
        QTest.keyClick(focus, Qt.Key.Key_Tab)

    ids = (till.hospital.invoice_ids[DUE_OF_SAME_PATIENT], till.hospital.invoice_ids[DUE])
    of_invoices = [name for name in reached if name.startswith("bill_")]
    assert set(of_invoices) == {f"bill_line_{ids[0]}", f"bill_line_{ids[1]}", f"bill_share_{ids[1]}"}
    assert reached == [
        "amount_field",
        *of_invoices,
        "tender_cheque",
        "reference_field",
        "amount_continue",
        "amount_close",
    ]


def a_card(card_id: int, *, year: int = 2034) -> SavedCardView:
    return SavedCardView(
        stripe_id="pm_1",
        id=card_id,
        brand="visa",
        last_four=f"{card_id:04}",
        expires_month=12,
        expires_year=year,
        is_default=False,
        saved_at=datetime(2026, 1, 1, tzinfo=UTC),
        removed_at=None,
    )


def a_reader(reader_id: int) -> ReaderView:
    return ReaderView(
        id=reader_id,
        desk_id=1,
        desk="D1",
        stripe_id=f"tmr_{reader_id}",
        label=f"Counter {reader_id}",
        device_type="stripe_s700",
        registered_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.fixture
def picker(qtbot: QtBot) -> Iterator[TenderPicker]:
    """The ways to pay of a desk with two readers, for a patient with three cards, of which one is expired."""
    window = QWidget()
    field = WayField(cash_step_minor=0)
    field.setFixedHeight(60)
    picker = TenderPicker(field)
    column = QVBoxLayout(window)
    # What stands nowhere would be a window of its own.
    field.change.setParent(window)
    for part in (picker, field):
        column.addWidget(part)
    window.resize(700, 420)
    picker.offer(
        offers_for(
            BY_DIGIT,
            cards=(a_card(1, year=2020), a_card(2), a_card(3)),
            readers=(a_reader(1), a_reader(2)),
            on_account=Money(100, "EUR"),
            today=date(2026, 11, 2),
        )
    )
    window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    yield picker
    window.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(window))


def test_of_several_readers_the_key_means_the_first_and_arrows_go_on(picker: TenderPicker) -> None:
    QTest.keyClick(picker, Qt.Key.Key_1, ALT)
    assert picker.chosen is not None
    assert picker.chosen.name == "tender_reader_1"

    QTest.keyClick(picker.window().focusWidget(), Qt.Key.Key_Down)
    assert picker.chosen.name == "tender_reader_2"

    QTest.keyClick(picker.window().focusWidget(), Qt.Key.Key_Up)
    assert picker.chosen.name == "tender_reader_1"


def test_of_several_saved_cards_the_key_shows_all_and_one_is_chosen_from_them(
    qtbot: QtBot, picker: TenderPicker
) -> None:
    QTest.keyClick(picker, Qt.Key.Key_0, ALT)
    cards = picker.window().findChild(QComboBox, "way_alike")
    assert cards is not None
    qtbot.waitUntil(cards.view().isVisible)
    assert picker.chosen is not None
    assert picker.chosen.name == "tender_card_2"

    QTest.keyClick(cards.view(), Qt.Key.Key_Down)
    QTest.keyClick(cards.view(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not cards.view().isVisible())
    assert picker.chosen.name == "tender_card_3"


def test_what_needs_stripe_is_never_preset_while_stripe_does_not_answer_and_tells_why(picker: TenderPicker) -> None:
    picker.offer(
        offers_for(
            (Tender.CHECKOUT, Tender.CASH),
            cards=(),
            readers=(),
            on_account=None,
            today=date(2026, 11, 2),
            without_stripe=m("Stripe does not answer."),
        )
    )

    def chosen() -> Tender | None:
        return picker.chosen.tender if picker.chosen is not None else None

    assert chosen() is Tender.CASH
    QTest.keyClick(picker, Qt.Key.Key_3, ALT)
    assert chosen() == Tender.CHECKOUT
    assert picker.chosen is not None
    assert picker.chosen.why_not == m("Stripe does not answer.")


def test_a_way_has_its_place_whatever_else_the_desk_offers(picker: TenderPicker) -> None:
    def places() -> dict[str, QPoint]:
        QApplication.processEvents()
        return {each.objectName(): each.pos() for each in picker.findChildren(TenderTile) if each.isVisible()}

    of_all = places()
    picker.offer(
        offers_for((Tender.CASH, Tender.SAVED_CARD), cards=(), readers=(), on_account=None, today=date(2026, 11, 2))
    )

    alone = places()
    assert set(alone) == {"tender_cash"}
    assert (alone["tender_cash"] - of_all["tender_cash"]).manhattanLength() <= 1
