"""The header of a message: from whom it is, what it is about, and by what it is known."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cashier.hl7.codes import ErrorCode
from cashier.hl7.message import Segment
from cashier.hl7.problems import MessageRefused, missing
from cashier.language import m

KEY_LENGTH_MAX = 199
CHARGES, CHANGED, MERGED = "DFT^P03", "ADT^A08", "ADT^A40"
KINDS = (CHARGES, CHANGED, MERGED)
"""What is taken in: the charges of an invoice, a patient who changed, patients who were merged."""

_MOMENT = re.compile(r"(\d{8})(\d{0,6})(?:\.\d{1,4})?([+-]\d{4})?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What MSH says. ``sent_at`` are the digits of MSH-7, for comparing messages of one sender; empty where none."""

    application: str
    facility: str
    receiving_application: str
    receiving_facility: str
    control_id: str
    kind: str
    processing_id: str
    version: str
    sent_at: str

    @classmethod
    def of(cls, header: Segment) -> Envelope:
        """Read it as far as it goes: nothing is required yet, so that whoever sent it can be answered."""
        kind = header.value(9)
        moment = _MOMENT.fullmatch(header.text(7))
        return cls(
            application=_key(header, 3),
            facility=_key(header, 4),
            receiving_application=_key(header, 5),
            receiving_facility=_key(header, 6),
            control_id=_key(header, 10),
            kind="^".join(each for each in (kind.text(1), kind.text(2)) if each)[:20],
            processing_id=header.text(11)[:3],
            version=header.text(12)[:10],
            sent_at="" if moment is None else f"{moment[1]}{moment[2]:0<6}",
        )

    def check(self, *, moves_money: bool) -> None:
        """Raise ``MessageRefused`` for what is not for us: no id, another kind or version, a test."""
        if not self.control_id:
            raise _not_for_us(missing("MSH-10"))
        if not self.version.startswith("2."):
            raise MessageRefused(
                m("{field} is no version 2 of HL7.", field="MSH-12"),
                code=ErrorCode.VERSION,
                at="MSH-12",
                is_rejected=True,
            )
        if self.kind not in KINDS:
            raise MessageRefused(
                m("Messages of this kind are not taken."),
                code=ErrorCode.MESSAGE_TYPE,
                at="MSH-9",
                advice=m("Send these: {kinds}.", kinds=", ".join(KINDS)),
                is_rejected=True,
            )
        if moves_money and self.processing_id != "P":
            raise MessageRefused(
                m("{field} does not say P, and here money moves.", field="MSH-11"),
                code=ErrorCode.PROCESSING_ID,
                at="MSH-11",
                advice=m("Send messages of tests and of training to an installation for that."),
                is_rejected=True,
            )


def _key(header: Segment, number: int) -> str:
    """Return a field of the header that something is known by, as it stands there; empty if nobody could keep it."""
    text = header.separators.plain(header.raw(number))
    return text if len(text) <= KEY_LENGTH_MAX and text.isprintable() else ""


def _not_for_us(problem: MessageRefused) -> MessageRefused:
    return MessageRefused(problem.message, code=problem.code, at=problem.at, is_rejected=True)
