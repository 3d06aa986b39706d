"""A deposit of a patient without an invoice, from the till to the receipt, by keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QRadioButton
from pytestqt.qtbot import QtBot

from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.language import use_locale
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.surroundings.hands import scan
from tests.surroundings.sample_hospital import DUE, SampleHospital

SHIFT = Qt.KeyboardModifier.ShiftModifier


def open_admission(qtbot: QtBot, desk: DeskWindow) -> QDialog:
    desk.press(Qt.Key.Key_F11, SHIFT)
    qtbot.waitUntil(lambda: any(each.isVisible() for each in desk.window.findChildren(QDialog, "admission_dialog")))
    return desk.find(QDialog, "admission_dialog")


def fill(dialog: QDialog, **texts: str) -> None:
    for name, text in texts.items():
        field = dialog.findChild(QLineEdit, f"admission_{name}")
        assert field is not None
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)


def go_on(dialog: QDialog) -> None:
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)


def payment(qtbot: QtBot, desk: DeskWindow) -> PaymentDialog:
    def find() -> list[PaymentDialog]:
        return [each for each in desk.window.findChildren(PaymentDialog) if each.isVisible()]

    qtbot.waitUntil(lambda: bool(find()), timeout=10_000)
    dialog = find()[0]
    qtbot.waitUntil(lambda: any(each.isVisible() for each in dialog.findChildren(QRadioButton)), timeout=10_000)
    return dialog


def shown(dialog: QDialog) -> str:
    return " ".join(each.text() for each in dialog.findChildren(QLabel) if each.isVisible())


def test_somebody_without_an_invoice_pays_in_and_is_known_the_next_time(
    qtbot: QtBot, open_desk: DeskWindow, hospital: SampleHospital
) -> None:
    fill(admission := open_admission(qtbot, open_desk), number="MRN-0000999", name="Zoe Dabek", born="1985-07-14")
    go_on(admission)

    dialog = payment(qtbot, open_desk)
    assert "Zoe Dabek" in shown(dialog)
    assert "MRN-0000999" in shown(dialog)
    assert dialog.focusWidget().objectName() == "amount_field"
    QTest.keyClicks(dialog.focusWidget(), "50")
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_5, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.face is Face.PAID, timeout=10_000)
    assert "50.00 € of it are on the patient's account" in shown(dialog)
    rows = hospital.execute("SELECT name, born FROM patient WHERE record_number = 'MRN-0000999'")
    assert [(row["name"], str(row["born"])) for row in rows] == [("Zoe Dabek", "1985-07-14")]
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not open_desk.window.findChildren(PaymentDialog))

    open_desk.window.activateWindow()
    fill(admission := open_admission(qtbot, open_desk), number="mrn0000999")
    go_on(admission)

    assert "Zoe Dabek" in shown(payment(qtbot, open_desk))


def test_a_wristband_fills_the_record_number_and_decides_nothing(qtbot: QtBot, open_desk: DeskWindow) -> None:
    admission = open_admission(qtbot, open_desk)

    scan(admission.focusWidget(), "MRN-0000101")

    field = admission.findChild(QLineEdit, "admission_number")
    assert field is not None
    qtbot.waitUntil(lambda: field.text() == "MRN-0000101")
    assert admission.isVisible()
    go_on(admission)
    dialog = payment(qtbot, open_desk)
    assert "Ana Núñez" in shown(dialog)
    dialog.reject()


def test_what_is_refused_is_said_and_stays_typed(
    qtbot: QtBot, open_desk: DeskWindow, hospital: SampleHospital
) -> None:
    admission = open_admission(qtbot, open_desk)
    fill(admission, number="MRN-0000998")
    go_on(admission)
    qtbot.waitUntil(lambda: "Nobody is known by record number MRN-0000998 yet." in shown(admission))

    fill(admission, name="Zoe Dabek", born="14/7/85")
    go_on(admission)

    qtbot.waitUntil(lambda: "“14/7/85” is not a date. Type it with all four digits" in shown(admission))
    texts = [each.text() for each in admission.findChildren(QLineEdit)]
    assert texts == ["MRN-0000998", "Zoe Dabek", "14/7/85"]
    assert hospital.execute("SELECT 1 FROM patient WHERE record_number = 'MRN-0000998'") == []
    admission.reject()


def born_of(hospital: SampleHospital, number: str) -> list[str]:
    rows = hospital.execute("SELECT born FROM patient WHERE record_number = :number", number=number)
    return [str(row["born"]) for row in rows]


@pytest.mark.parametrize("typed", ["14.7.1985", "14/07/1985", "07/14/1985", "14-07-1985", "1985-07-14", "19850714"])
def test_a_date_of_birth_that_can_only_be_one_is_taken_as_people_write_it(
    qtbot: QtBot, open_desk: DeskWindow, hospital: SampleHospital, typed: str
) -> None:
    fill(admission := open_admission(qtbot, open_desk), number="MRN-0000997", name="Zoe Dabek", born=typed)

    go_on(admission)

    dialog = payment(qtbot, open_desk)
    assert born_of(hospital, "MRN-0000997") == ["1985-07-14"]
    dialog.reject()


@pytest.mark.parametrize(
    ("locale", "taken", "other", "kept"),
    [
        ("es", "3 May 1988", "5 March 1988", "1988-05-03"),
        ("en_US", "5 March 1988", "3 May 1988", "1988-03-05"),
    ],
)
def test_a_date_of_birth_that_could_be_two_is_shown_in_words_before_it_is_kept(
    qtbot: QtBot, open_desk: DeskWindow, hospital: SampleHospital, locale: str, taken: str, other: str, kept: str
) -> None:
    use_locale(locale)
    try:
        fill(admission := open_admission(qtbot, open_desk), number="MRN-0000996", name="Zoe Dabek", born="03/05/1988")
        go_on(admission)

        qtbot.waitUntil(lambda: f"“03/05/1988” is taken for {taken}." in shown(admission))
        assert f"for {other}, type" in shown(admission)
        assert born_of(hospital, "MRN-0000996") == []
        go_on(admission)
        dialog = payment(qtbot, open_desk)
    finally:
        use_locale("")
    assert born_of(hospital, "MRN-0000996") == [kept]
    dialog.reject()


def test_the_number_of_an_invoice_registers_nobody_before_it_is_looked_at_again(
    qtbot: QtBot, open_desk: DeskWindow, hospital: SampleHospital
) -> None:
    fill(admission := open_admission(qtbot, open_desk), number=DUE, name="Zoe Dabek")
    go_on(admission)
    qtbot.waitUntil(lambda: f"{DUE} is the number of an invoice of Ana Núñez." in shown(admission))
    assert born_of(hospital, DUE) == []
    assert admission.focusWidget().objectName() == "admission_number"

    go_on(admission)

    dialog = payment(qtbot, open_desk)
    assert "Zoe Dabek" in shown(dialog)
    dialog.reject()
