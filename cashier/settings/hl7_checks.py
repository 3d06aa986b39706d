"""Which settings of HL7 cannot be right."""

from __future__ import annotations

import re
from ipaddress import ip_network

from cashier.errors import Misconfigured
from cashier.language import m
from cashier.money import CURRENCIES
from cashier.settings.shapes import Hl7Settings

_PLACE = re.compile(r"(?:FT1|PID|PV1|IN1|GT1|Z[A-Z0-9]{2})-[1-9][0-9]?", re.ASCII)


def check_hl7(hl7: Hl7Settings) -> None:
    """Raise ``Misconfigured``, with the remedy, for what cannot be right."""
    if hl7.invoice_number and _PLACE.fullmatch(hl7.invoice_number) is None:
        raise Misconfigured(
            m("hl7.invoice_number is “{place}”, which is no field.", place=hl7.invoice_number),
            advice=m("Name a segment and a field in it, such as FT1-2, PID-18, PV1-19 or ZIV-1."),
        )
    if hl7.currency and hl7.currency not in CURRENCIES:
        raise Misconfigured(
            m("hl7.currency is “{currency}”, which is not a currency in use.", currency=hl7.currency),
            advice=m("Use three capitals, such as EUR."),
        )
    _check_port(hl7)
    for sender in hl7.allowed_senders:
        try:
            ip_network(sender)
        except ValueError:
            raise Misconfigured(
                m("hl7.allowed_senders names “{sender}”, which is no address and no network.", sender=sender),
                advice=m("Give addresses such as 10.0.0.5, or networks such as 10.0.0.0/24."),
            ) from None
    if bool(hl7.tls_certificate) is not bool(hl7.tls_key) or (hl7.tls_senders and not hl7.tls_certificate):
        raise Misconfigured(
            m("Of the files for TLS of HL7 one is named without the other."),
            advice=m("Name hl7.tls_certificate and hl7.tls_key, or neither; hl7.tls_senders only beside both."),
        )


def _check_port(hl7: Hl7Settings) -> None:
    if not 0 <= hl7.port < 65536:
        raise Misconfigured(m("hl7.port is {port}.", port=hl7.port), advice=m("Choose one from 1 to 65535, or 0."))
    if hl7.port and not hl7.invoice_number:
        raise Misconfigured(
            m("hl7.invoice_number is not set."),
            advice=m("Say in which field your system writes the number of an invoice, such as FT1-2 or PID-18."),
        )
    if hl7.port and not hl7.allowed_senders:
        raise Misconfigured(
            m("hl7.allowed_senders names nobody."),
            advice=m("Name the addresses from which your system sends: MLLP asks for no password."),
        )
