"""An invoice from its charges: what is missing or doubtful is refused at its place, and never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pytest
from msgspec import UNSET

from cashier.hl7.charges import invoice_of
from cashier.hl7.message import read_message
from cashier.hl7.people import changed_patient, merges_in
from cashier.hl7.problems import MessageRefused
from cashier.invoices.acceptance import accepted
from tests.hl7.samples import BY_THE_BOOK, IN_THE_WILD, PATIENT, RULES, WITH_Z_SEGMENT, charge, charges, message


def read(content, **rules):
    if isinstance(content, str):
        content = content.encode("latin-1" if "8859/1" in content else "utf-8")
    return invoice_of(read_message(content, character_set="UNICODE UTF-8"), msgspec.structs.replace(RULES, **rules))


def test_the_standards_own_form_is_taken():
    invoice = accepted(read(BY_THE_BOOK))

    assert (invoice.number, invoice.record_number, invoice.patient_name) == ("BK-100", "MRN-0000901", "Ana O&Neill")
    assert (invoice.born, invoice.phone, invoice.email) == (date(1979, 6, 15), "+44 1632 960001", "ana@example.org")
    assert (invoice.currency, invoice.department) == ("EUR", "Gastroenterology")
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 11, 23), date(2026, 12, 23))
    assert (invoice.insurer, invoice.insurer_share_minor) == ("Meridian Mutual", 10_000)
    lines = [
        (line.description, line.quantity_milli, line.unit_price_minor, line.total_minor) for line in invoice.lines
    ]
    assert lines == [
        ("Endoscopy", 2000, 15_025, 30_050), ("Discount", 1000, -50, -50),
    ]  # fmt: skip


def test_an_older_interface_is_taken():
    invoice = accepted(read(IN_THE_WILD, invoice_number="PID-18", due_days=0))

    assert (invoice.number, invoice.record_number, invoice.patient_name) == ("ACC-902", "0000902", "ANA NUNEZ")
    assert (invoice.phone, invoice.email, invoice.currency) == ("+44 1632 960002", UNSET, "EUR")
    assert (invoice.department, invoice.due_on) == ("CARD", date(2026, 11, 23))
    assert [line.total_minor for line in invoice.lines] == [4_950, 12_000]
    assert invoice.lines[0].description == "ECG WITH REPORT"


def test_a_segment_of_ones_own_may_name_the_invoice():
    invoice = accepted(read(WITH_Z_SEGMENT, invoice_number="ZIV-2"))

    assert (invoice.number, invoice.record_number, invoice.patient_name) == ("Z-2026-9", "MRN-0000904", "José Núñez")
    assert [line.total_minor for line in invoice.lines] == [1_234, -4]
    assert invoice.department == "LAB"


@pytest.mark.parametrize("amount", ["98.00&EUR^TP", "98.00^EUR", "98^TP", "98.0", "98.000"])
def test_the_currency_stands_in_either_place_or_is_the_one_of_the_settings(amount):
    invoice = read(charges(charge(amount)))

    assert (invoice.currency, invoice.lines[0].total_minor) == ("EUR", 9_800)


@pytest.mark.parametrize("amount", ["5.00&EUR", "-5.00&EUR"])
def test_a_credit_is_one_with_or_without_a_minus(amount):
    invoice = accepted(read(charges(charge(), charge(amount, kind="CD"))))

    assert [line.total_minor for line in invoice.lines] == [9_800, -500]


def test_a_currency_without_decimals_has_none():
    assert read(charges(charge("1200&JPY"))).lines[0].total_minor == 1_200
    with pytest.raises(MessageRefused):
        read(charges(charge("1200.50&JPY")))


@pytest.mark.parametrize(
    ("lines", "at", "code"),
    [
        ((charge("98,00&EUR"),), "FT1-11", "102"),
        ((charge("1e400000&EUR"),), "FT1-11", "102"),
        ((charge("98.001&EUR"),), "FT1-11", "102"),
        ((charge("98.00&EURO"),), "FT1-11", ""),
        ((charge("98.00&XXX"),), "FT1-11", "103"),
        ((charge("98.00&EUR"), charge("98.00&USD")), "FT1-11", "102"),
        ((charge(""),), "FT1-11", "101"),
        ((charge(number=""),), "FT1-2", "101"),
        ((charge(), charge(number="HL7-2")), "FT1-2", "205"),
        ((charge(), charge(kind="PY")), "FT1-6", "103"),
        ((charge(kind=""),), "FT1-6", "101"),
        ((charge(quantity="0"),), "FT1-10", "102"),
        ((charge(quantity="two"),), "FT1-10", "102"),
        ((charge(day=""),), "FT1-4", "101"),
        ((charge(day="20261332"),), "FT1-4", "102"),
        ((charge(day="99991231"),), "FT1-4", "102"),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(lines, at, code):
    if not code:
        assert read(charges(*lines)).currency == "EUR"  # Four letters are no currency, and say nothing.
        return

    with pytest.raises(MessageRefused) as refused:
        read(charges(*lines))

    assert refused.value.at.replace("[2]", "") == at
    assert refused.value.code.number == code


@pytest.mark.parametrize(
    ("patient", "at"),
    [
        ("PID|1||||Dąbek^Zoë", "PID-3"),
        ("PID|1||7^^^A^MR~8^^^A^MR||Dąbek^Zoë", "PID-3"),
        ("PID|1||7^^^A^SS||Dąbek^Zoë", "PID-3"),
        ("PID|1||7^^^A^MR||", "PID-5"),
        ("PID|1||7^^^A^MR||Dąbek^Zoë||1985-07-14", "PID-7"),
        ("EVN|1", "PID"),
    ],
)
def test_nobody_is_guessed_to_be_the_patient(patient, at):
    with pytest.raises(MessageRefused) as refused:
        read(charges(charge(), patient=patient))

    assert refused.value.at == at


def test_the_authority_of_the_settings_chooses_among_several_numbers():
    patient = PATIENT.replace("MRN-0000777^^^HARBOUR^MR", "MRN-0000778^^^WEST^MR~MRN-0000777^^^HARBOUR^MR")

    assert read(charges(patient=patient), record_number_authority="WEST").record_number == "MRN-0000778"


def test_without_a_currency_and_a_department_anywhere_nothing_is_taken():
    bare = charge("98.00").replace("RAD^Radiology", "")

    for rules, at in (({"currency": ""}, "FT1-11"), ({"department": ""}, "FT1-13")):
        with pytest.raises(MessageRefused) as refused:
            read(charges(bare), **rules)
        assert refused.value.at == at


def test_what_of_a_patient_is_taken_away_is_told_from_what_is_left_out():
    gone = changed_patient(
        read_message(
            message('PID|1||7^^^A^MR||Dąbek^Zoë||""||||||""', kind="ADT^A08"), character_set="UNICODE UTF-8"
        ),
        RULES,
    )

    assert (gone.born, gone.phone, gone.email) == (None, None, None)
    silent = replace(gone, born=UNSET, phone=UNSET, email=UNSET)
    bare = read_message(message("PID|1||7^^^A^MR||Dąbek^Zoë", kind="ADT^A08"), character_set="UNICODE UTF-8")
    assert changed_patient(bare, RULES) == silent


def test_merges_are_pairs():
    first, second = "PID|1||2^^^A^MR||Dąbek^Zoë", "PID|1||4^^^A^MR||Núñez^Ana"
    content = message(first, "MRG|1^^^A^MR", second, "PV1|1", "MRG|3^^^A^MR", kind="ADT^A40")

    found = merges_in(read_message(content, character_set="UNICODE UTF-8"), RULES)

    assert [(each.old, each.stays.record_number) for each in found] == [("1", "2"), ("3", "4")]
    for segments in ((first,), ("MRG|1^^^A^MR",), (first, "MRG|1^^^A^MR", "MRG|3^^^A^MR"), ()):
        odd = read_message(message(*segments, kind="ADT^A40"), character_set="UNICODE UTF-8")
        with pytest.raises(MessageRefused):
            merges_in(odd, RULES)
