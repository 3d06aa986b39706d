"""Who the patient is was agreed as well: who it is by now is shown, told, and asked about before money is taken."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import Qt

from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from tests.desk.surroundings.hospital_office import Office, wait_until_watched
from tests.desk.surroundings.paying import Till
from tests.surroundings.sample_hospital import DUE_OF_OTHER_PATIENT


@pytest.fixture
def office(till: Till) -> Office:
    return Office(till)


def banner(till: Till) -> str:
    """Who stands above everything else."""
    known_by = till.says("payment_patient_known_by").replace("\N{NO-BREAK SPACE}", " ")
    return f"{till.says('payment_patient')} · {known_by}"


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("change", "shown", "before"),
    [
        (
            {"patient_name": "Anselm Núñez"},
            "Anselm Núñez · Born 03 Mar 1971 (55) · Record no. MRN-0000101",
            "Ana Núñez.",
        ),
        (
            {"born": date(2001, 12, 30)},
            "Ana Núñez · Born 30 Dec 2001 (24) · Record no. MRN-0000101",
            "Born 03 Mar 1971 (55).",
        ),
        ({"born": None}, "Ana Núñez · Record no. MRN-0000101", "Born 03 Mar 1971 (55)."),
    ],
)
def test_another_name_or_birth_is_shown_told_and_asked_about(
    till: Till, office: Office, change: dict[str, Any], shown: str, before: str
) -> None:
    till.open()
    wait_until_watched(till)
    till.choose("tender_cheque")
    till.type_into("reference_field", "CH-31")

    office.send(**change)

    office.wait_until_told(f"changed who this is. Before: {before} Ask the patient before you take money.")
    assert banner(till) == shown
    till.press(Qt.Key.Key_Return)
    assert till.says("amount_hint") == f"Is it {shown}? Ask the patient, then go on."
    assert (till.dialog.face, till.states()) == (Face.AMOUNT, [])
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAID)
    assert banner(till) == shown
    assert till.dialog._watch.notice.isHidden()


def test_the_same_name_in_other_letters_is_shown_and_asked_of_nobody(till: Till, office: Office) -> None:
    till.open(DUE_OF_OTHER_PATIENT)
    wait_until_watched(till)
    dvorak: dict[str, Any] = {
        "number": DUE_OF_OTHER_PATIENT,
        "record_number": "MRN-0000102",
        "born": date(1960, 5, 1),
    }

    office.send(8_000, **dvorak, patient_name="DVORAK, Bjoern")

    shown = "DVORAK, Bjoern · Born 01 May 1960 (66) · Record no. MRN-0000102"
    till.qtbot.waitUntil(lambda: banner(till) == shown, timeout=10_000)
    assert "before you take money" not in till.says("hospital_changes_text")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAGE)


def test_who_is_called_otherwise_by_now_has_other_namesakes(till: Till, office: Office) -> None:
    office.send(5_000, number="INV-2026-000077", record_number="MRN-0000777", patient_name="Carla Conti")
    till.open()
    wait_until_watched(till)

    office.send(patient_name="Conti, Carla")

    till.qtbot.waitUntil(lambda: "MRN-0000777" in till.says("payment_namesakes_text"), timeout=10_000)


@pytest.mark.both_databases
def test_a_record_that_is_merged_meanwhile_pays_as_who_stays_and_only_when_that_was_asked(
    till: Till, office: Office
) -> None:
    till.open()
    wait_until_watched(till)
    till.choose("tender_cheque")
    till.type_into("reference_field", "CH-32")

    office.merge("MRN-0000101", "MRN-0000102")

    shown = "Björn Dvořák · Born 03 Mar 1971 (55) · Record no. MRN-0000102"
    office.wait_until_told("merged this record into another. Before: Ana Núñez · Record no. MRN-0000101. Ask")
    assert banner(till) == shown
    assert "nothing is to be paid" not in till.says("hospital_changes_text")
    till.press(Qt.Key.Key_Return)
    assert till.says("amount_hint") == f"Is it {shown}? Ask the patient, then go on."
    assert till.states() == []
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAID)
    assert banner(till) == shown


def test_a_deposit_asks_who_it_is_by_now_as_well(till: Till, office: Office) -> None:
    dialog = PaymentDialog(till.context, till.detail(), till.window, is_deposit=True)
    till.show(dialog)
    till.wait_for_offer()
    till.choose("tender_cash")
    till.type_amount("20")

    office.send(patient_name="Anselm Núñez")

    office.wait_until_told("changed who this is. Before: Ana Núñez.")
    till.press(Qt.Key.Key_Return)
    assert "Is it Anselm Núñez" in till.says("amount_hint")
    assert dialog.face is Face.AMOUNT


def test_a_doubt_that_waits_for_the_word_goes_back_to_who_it_is(till: Till, office: Office) -> None:
    till.open()
    wait_until_watched(till)
    till.choose("tender_cash")
    till.type_into("tendered_field", "5000")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.DOUBTED)

    office.send(born=date(2001, 12, 30))

    till.wait_for_face(Face.AMOUNT)
    till.press(Qt.Key.Key_Return)
    assert "Is it Ana Núñez · Born 30 Dec 2001" in till.says("amount_hint")
    assert till.states() == []
