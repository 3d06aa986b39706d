"""Wherever money or a card moves, the patient's name stands with date of birth and record number: never alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from cashier.tenders.tender import Tender
from tests.desk.surroundings.refund_screen import CTRL, Screen
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT, SampleHospital

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def screen(qtbot: QtBot, hospital: SampleHospital, request: pytest.FixtureRequest, sandbox: RunningSandbox) -> Screen:
    """A supervisor's window; so old are patients only on one day, so the age is not looked at here."""
    hospital.execute("UPDATE staff SET role = 'supervisor' WHERE id = 1")
    return Screen(qtbot, request.getfixturevalue("open_desk"), request.getfixturevalue("counter"), sandbox)


def known_by(screen: Screen, dialog: str, name: str) -> str:
    """Return what stands below the patient's name in a dialog, once it is there."""

    def shown() -> list[str]:
        window = screen.desk.find(QDialog, dialog) if dialog else screen.desk.window
        return [each.text() for each in window.findChildren(QLabel, f"{name}_known_by") if each.isVisible()]

    screen.qtbot.waitUntil(lambda: bool(shown()), timeout=15_000)
    return shown()[0].replace("\u00a0", " ")


def assert_is_ana(words: str) -> None:
    assert words.startswith("Born 03 Mar 1971 (")
    assert words.endswith(" · Record no. MRN-0000101")


def test_in_the_list_and_in_the_pane(screen: Screen, hospital: SampleHospital):
    desk = screen.desk
    assert (desk.cell(DUE, "born"), desk.cell(DUE, "record_number")) == ("03 Mar 1971", "MRN-0000101")
    assert (desk.cell(DUE_OF_OTHER_PATIENT, "born"), desk.cell(DUE_OF_OTHER_PATIENT, "record_number")) == (
        "",
        "MRN-0000102",
    )

    desk.page.list.choose(hospital.invoice_ids[DUE])
    assert_is_ana(known_by(screen, "", "detail_patient"))

    desk.page.list.choose(hospital.invoice_ids[DUE_OF_OTHER_PATIENT])
    screen.wait_for_text("detail_patient", "Björn Dvořák")
    assert known_by(screen, "", "detail_patient") == "Record no. MRN-0000102"


@pytest.mark.parametrize(
    ("key", "modifiers", "dialog", "name"),
    [
        (Qt.Key.Key_F2, NONE, "payment_dialog", "payment_patient"),
        (Qt.Key.Key_F11, NONE, "payment_dialog", "payment_patient"),
        (Qt.Key.Key_B, CTRL, "saved_cards_dialog", "saved_cards_patient"),
    ],
)
def test_where_money_is_taken_and_cards_are_kept(
    screen: Screen,
    hospital: SampleHospital,
    key: Qt.Key,
    modifiers: Qt.KeyboardModifier,
    dialog: str,
    name: str,
):
    screen.desk.page.list.choose(hospital.invoice_ids[DUE])
    screen.wait_for_text("detail_patient", "Ana Núñez")

    screen.desk.press(key, modifiers)

    assert_is_ana(known_by(screen, dialog, name))
    screen.desk.find(QDialog, dialog).reject()


def test_where_a_refund_is_asked_for_and_decided(screen: Screen):
    payment = screen.pay()
    screen.open_dialog()
    assert_is_ana(known_by(screen, "refund_dialog", "refund_patient"))
    screen.leave()

    screen.request(payment, by=screen.counter.hospital.colleague)
    screen.desk.press(Qt.Key.Key_R, CTRL | SHIFT)
    assert_is_ana(known_by(screen, "", "refund_patient"))


def test_where_a_refund_is_transferred(screen: Screen, hospital: SampleHospital):
    screen.take_by(Tender.BANK_TRANSFER, 12_000, reference="SEPA 2026-11-2")
    screen.open_dialog()
    screen.ask_for_all()
    screen.approve_by_pin()

    screen.wait_for_text("transfer_known_by", "Born 03 Mar 1971 (")
    screen.wait_for_text("transfer_known_by", " · Record no. MRN-0000101")
    screen.leave()
