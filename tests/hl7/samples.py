"""Messages as systems send them, with made-up people: by the book, and as they are seen in the wild."""

from __future__ import annotations

from typing import Any

from cashier.settings import Hl7Settings

RULES = Hl7Settings(invoice_number="FT1-2", currency="EUR", department="Outpatients")

HEADER = "MSH|^~\\&|HIS|HARBOUR|CASHIER|DESK|20261123101500||{kind}|{control_id}|P|2.5.1||||||UNICODE UTF-8"
PATIENT = "PID|1||MRN-0000777^^^HARBOUR^MR||Dąbek^Zoë^Maria||19850714|F|||||^PRN^PH^^44^1632^960123"


def message(*segments: str, kind: str = "DFT^P03^DFT_P03", control_id: str = "M1", sent_at: str = "") -> bytes:
    """Return a message with its header."""
    header = HEADER.format(kind=kind, control_id=control_id)
    if sent_at:
        header = header.replace("20261123101500", sent_at)
    return "\r".join([header, *segments, ""]).encode()


def charge(amount: str = "98.00&EUR", number: str = "HL7-1", **changes: Any) -> str:
    """Return a charge of an invoice."""
    facts = {"kind": "CG", "quantity": "1", "unit": "", "insured": "", "day": "20261123", "text": "Ultrasound"}
    facts |= changes
    return (
        f"FT1|1|{number}||{facts['day']}||{facts['kind']}|US1^{facts['text']}|||{facts['quantity']}|{amount}"
        f"|{facts['unit']}|RAD^Radiology||{facts['insured']}"
    )


def charges(*lines: str, control_id: str = "M1", sent_at: str = "", patient: str = PATIENT) -> bytes:
    """Return the message of one invoice."""
    segments = ["EVN|P03|20261123101500", patient, *(lines or (charge(),))]
    return message(*segments, control_id=control_id, sent_at=sent_at)


def changed(name: str = "Dąbek^Zoë", control_id: str = "C1", record: str = "MRN-0000101", sent_at: str = "") -> bytes:
    """Return the message that a patient changed."""
    patient = f"PID|1||{record}^^^HARBOUR^MR||{name}||19850714"
    return message("EVN|A08|20261123", patient, kind="ADT^A08^ADT_A01", control_id=control_id, sent_at=sent_at)


def merged(old: str, stays: str, control_id: str = "G1") -> bytes:
    """Return the message that two records are one patient's."""
    patient = f"PID|1||{stays}^^^HARBOUR^MR||Dvořák^Björn||19700101"
    return message(
        "EVN|A40|20261123", patient, f"MRG|{old}^^^HARBOUR^MR", kind="ADT^A40^ADT_A39", control_id=control_id
    )


BY_THE_BOOK = (
    "MSH|^~\\&|PATA|01|PATB|01|20261123101500||DFT^P03^DFT_P03|BOOK1|P|2.5.1|||AL|NE|||UNICODE UTF-8\r"
    "EVN|P03|20261123101500\r"
    "PID|||MRN-0000901^^^01^MR~99^^^SSA^SS||O\\T\\Neill^Ana^^^^^L||19790615|F|||1 Sample Quay^^Exampleton||"
    "^PRN^PH^^44^1632^960001~^NET^Internet^ana@example.org\r"
    "PV1||O|OP^PAREG^CARD||||5101^Example^Sol|||||||||||ACC77|VIS55\r"
    "FT1|1|BK-100||20261122|20261123|CG|45.16^Endoscopy^I9|||2|300.50&EUR^TP|150.25&EUR^UP|GAS^Gastroenterology||"
    "100.00&EUR\r"
    "FT1|2|BK-100||20261123|20261123|CD|DISC^Discount|||1|-0.50&EUR||GAS^Gastroenterology\r"
    "DG1|1||K21.9^Reflux^I10\r"
    "GT1|1||O\\T\\Neill^Ana\r"
    "IN1|1|PLAN1|MM|Meridian Mutual\r"
)
"""In the form of the standard's own example of charges: amounts with the currency inside the first component."""

IN_THE_WILD = (
    "MSH|^~\\&|EPICLIKE|EX|||202611231015||DFT^P03|W-1|P|2.3\n"
    "EVN|P03|202611231015\n"
    "PID|1||0000902||NUNEZ^ANA||19850714|F|||||+44 1632 960002|||||ACC-902\n"
    "PV1|1|O|CARD^101\n"
    "FT1|1|||202611231010||CG|93010|ECG WITH REPORT||1|49.5^EUR\n"
    "FT1|2|||202611231012||CG|99213|VISIT||1|120\n"
)
"""In the form of an older interface: LF, no types of identifiers, the currency as a component of its own."""

WITH_Z_SEGMENT = (
    "MSH|^~\\&|LAB|WEST|CASHIER||20261123101500+0100||DFT^P03|Z1|P|2.4||||||8859/1\r"
    "EVN||20261123101500\r"
    "PID|1||MRN-0000903^^^WEST^PI~MRN-0000904^^^WEST^MR||Núñez^José||20010203\r"
    "FT1|1|T1|B9|20261123||CG|L1^Blood count|||1||12.34|LAB\r"
    "FT1|2|T2|B9|20261123||AJ|L2^Rounding|||1|-0.04||LAB\r"
    "ZIV|1|Z-2026-9\r"
)
"""In the form of a laboratory: the invoice's number in a segment of its own, Latin-1, a price without a sum."""
