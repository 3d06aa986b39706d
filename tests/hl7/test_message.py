"""Messages taken apart: by the separators that they name, whatever else they hold."""

from __future__ import annotations

import random

import pytest

from cashier.errors import Refused
from cashier.hl7.charges import invoice_of
from cashier.hl7.codes import ErrorCode
from cashier.hl7.files import messages_in
from cashier.hl7.message import BYTES_MAX, normalised, read_header, read_message
from cashier.hl7.people import changed_patient, merges_in
from cashier.hl7.problems import MessageRefused, Unreadable
from tests.hl7.samples import BY_THE_BOOK, IN_THE_WILD, RULES, WITH_Z_SEGMENT, changed, charge, charges, merged


def read(text):
    content = text if isinstance(text, bytes) else text.encode()
    return read_message(content, character_set=RULES.character_set)


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n", "\r\r\n"])
def test_segments_end_as_they_like(ending):
    found = read(BY_THE_BOOK.replace("\r", ending))

    assert [each.name for each in found.segments] == "MSH EVN PID PV1 FT1 FT1 DG1 GT1 IN1".split()
    assert found.all("FT1")[1].place(11) == "FT1[2]-11"


def test_separators_are_those_that_the_message_names():
    found = read("MSH$%~*!$HIS$$$$20261123$$DFT%P03$1$P$2.5$$$$$$UTF-8\rPID$1$$7%%%X%MR$$A*S*B!own%C|D^E~F%G")

    patient = found.first("PID")
    assert patient.text(3, 5) == "MR"
    assert [each.text(1) for each in patient.repetitions(5)] == ["A%B", "F"]
    assert patient.text(5, 2) == "C|D^E"


def test_escapes_become_what_they_stand_for_and_nothing_else_does():
    found = read(charges(charge(text="a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\X4D4E\\g\\H\\h\\N\\\\.br\\\\XZZ\\i\\")))

    assert found.first("FT1").text(7, 2) == "a|b^c&d~e\\fMNgh \\XZZ\\i\\"


@pytest.mark.parametrize(
    ("named", "encoding"),
    [("8859/1", "latin-1"), ("8859/2", "iso8859-2"), ("UNICODE UTF-8", "utf-8"), ("utf-8", "utf-8"), ("", "utf-8")],
)
def test_letters_are_read_as_the_header_says(named, encoding):
    text = f"MSH|^~\\&|A||||1||ADT^A08|1|P|2.5||||||{named}\rPID|1||7||Müller"

    assert read(text.encode(encoding)).first("PID").text(5) == "Müller"


@pytest.mark.parametrize(
    ("content", "at"),
    [
        (b"MSH|^~\\&|A||||1||ADT^A08|1|P|2.5||||||8859/1~8859/2\r", "MSH-18"),
        (b"MSH|^~\\&|A||||1||ADT^A08|1|P|2.5||||||KLINGON\r", "MSH-18"),
        ("MSH|^~\\&|A||||1||ADT^A08|1|P|2.5||||||ASCII\rPID|||||Müller\r".encode(), "MSH-18"),
        (b"MSH|^~\\&|A||||1||ADT^A08|1|P|2.5\rPID|||||M\xfcller\r", "MSH-18"),
        (b"MSH|^~\\&|A\rthis is an address\r", ""),
        (b"MSH|^~\\&|A\rMSH|^~\\&|B\r", ""),
        (b"MSH|^~\\&|A\r" + b"NTE|1\r" * 5_001, ""),
    ],
    ids=["two", "unknown", "not ASCII", "not UTF-8", "a line", "two headers", "too many"],
)
def test_what_cannot_be_read_after_its_header_is_refused_and_can_be_answered(content, at):
    with pytest.raises(MessageRefused) as refused:
        read(content)

    assert refused.value.at == at
    assert read_header(content).name == "MSH"


@pytest.mark.parametrize(
    "content",
    [b"", b"GET / HTTP/1.1\r\n\r\n", b"MSH", b"MSH|", b"MSH|^^\\&|A", b"MSHA^~\\&|A", b"msh|^~\\&|", b"\x16\x03\x01",
     b"MSH|^~\\&|" + b"A" * BYTES_MAX],
)  # fmt: skip
def test_what_is_no_message_is_told_from_one(content):
    with pytest.raises(Unreadable):
        read_header(content)


def test_mutated_messages_are_read_or_refused_and_nothing_else():
    chance = random.Random(7)
    samples = [BY_THE_BOOK.encode(), IN_THE_WILD.encode(), WITH_Z_SEGMENT.encode("latin-1"), charges(), changed(),
               merged("1", "2")]  # fmt: skip
    read_well = refused = 0

    for _ in range(1_500):
        content = bytearray(chance.choice(samples))
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(content))
            match chance.randrange(4):
                case 0:
                    content[place] = chance.choice(b"|^~\\&\r\n\x00\xff\"'A0-.")
                case 1:
                    del content[place : place + chance.randint(1, 40)]
                case 2:
                    content[place:place] = chance.randbytes(chance.randint(1, 8))
                case _:
                    content[place:place] = content[chance.randrange(len(content)) :][: chance.randint(1, 60)]
        try:
            found = read(bytes(content))
            for reader in (invoice_of, changed_patient, merges_in):
                try:
                    reader(found, RULES)
                    read_well += 1
                except Refused:
                    refused += 1
        except Refused:
            refused += 1

    assert read_well > 100
    assert refused > 100


def test_nothing_that_stood_in_a_message_is_said_of_it():
    content = charges(charge(amount="S3CRET"), patient="PID|1||MRN-9^^^H^MR||Secretname^Zoë||19850714")

    with pytest.raises(MessageRefused) as refused:
        invoice_of(read(content), RULES)

    assert refused.value.words.english == "FT1-11 does not hold what belongs there."
    assert refused.value.code is ErrorCode.DATA_TYPE
    assert "Secretname" not in repr(read(content))


def test_files_hold_messages_one_after_the_other(tmp_path):
    file = tmp_path / "messages.hl7"
    batch = b"FHS|^~\\&|\rBHS|^~\\&|\r" + charges() + b"\x0b" + merged("1", "2") + b"\x1c\rBTS|2\r"
    file.write_bytes(batch + IN_THE_WILD.encode() + b"MSH|" + b"x" * (BYTES_MAX + 200_000) + b"\nMSH|^~\\&|A")

    with file.open("rb") as stream:
        found = list(messages_in(stream))

    assert found[:3] == [normalised(each) for each in (charges(), merged("1", "2"), IN_THE_WILD.encode())]
    assert len(found[3]) > BYTES_MAX
    assert found[4:] == [b"MSH|^~\\&|A"]
