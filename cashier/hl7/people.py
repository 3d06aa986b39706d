"""ADT^A08 and ADT^A40: a patient who changed, and records that turned out to be one patient's."""

from __future__ import annotations

from dataclasses import dataclass

from cashier.hl7.codes import ErrorCode
from cashier.hl7.fields import born_in, name_in, reached_by, record_number
from cashier.hl7.message import Hl7Message
from cashier.hl7.problems import MessageRefused
from cashier.invoices.people.renewal import PatientNews
from cashier.language import m
from cashier.settings import Hl7Settings


def changed_patient(message: Hl7Message, rules: Hl7Settings) -> PatientNews:
    """Return what an A08 says of a patient. Raises ``MessageRefused`` for what is missing or cannot be read."""
    patient = message.first("PID")
    phone, email = reached_by(patient, 13)
    return PatientNews(
        record_number=record_number(patient, 3, rules),
        name=name_in(patient, 5),
        born=born_in(patient, 7),
        phone=phone,
        email=email,
    )


@dataclass(frozen=True, kw_only=True)
class Merge:
    """Two records that are one patient's: the old one's number, and who stays."""

    old: str
    stays: PatientNews


def merges_in(message: Hl7Message, rules: Hl7Settings) -> list[Merge]:
    """Return the merges of an A40, in their order: pairs of PID and MRG.

    Raises ``MessageRefused`` for one without the other, and for what is missing or cannot be read.
    """
    pairs = [each for each in message.segments if each.name in ("PID", "MRG")]
    patients, olds = pairs[0::2], pairs[1::2]
    names = [each.name for each in pairs]
    if not pairs or names != ["PID", "MRG"] * len(olds):
        raise MessageRefused(
            m("A merge is a PID and then a MRG, each once."), code=ErrorCode.SEGMENT_SEQUENCE, at="MRG"
        )
    found = []
    for patient, old in zip(patients, olds, strict=True):
        stays = PatientNews(
            record_number=record_number(patient, 3, rules),
            name=name_in(patient, 5),
            born=born_in(patient, 7),
        )
        found.append(Merge(old=record_number(old, 1, rules), stays=stays))
    return found
