"""Which settings cannot be right, whatever their form: said at the start, with what to do."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from cashier.asked_again.sums import AskedAgain
from cashier.errors import Misconfigured
from cashier.language import LANGUAGES, m
from cashier.language.number_style import style_of
from cashier.money import CURRENCIES
from cashier.settings.hl7_checks import check_hl7
from cashier.settings.shapes import (
    STRIPE_API,
    AnchorSettings,
    CompanionSettings,
    DeskSettings,
    LookSettings,
    ReceiptPaper,
    ScannerSettings,
    Settings,
)
from cashier.tenders.methods import CARD, METHODS

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_LOCK_AFTER_MINUTES_MAX = 480
_SILENT_AFTER_SECONDS = range(20, 3601)
_KEY_GAP_MS_MAX = 50
"""Above this, quick typing would count as scans."""
_SCAN_LENGTH_MIN = 4
_SCAN_LENGTH_MAX = 40
_ASKED_AGAIN_MAX = 10_000
_TEXT_PERCENTS = (100, 115, 130, 150)
"""The sizes of text that the windows are made for."""


def check(settings: Settings) -> None:
    """Raise ``Misconfigured``, with the remedy, for what cannot be right."""
    _check_addresses(settings)
    _check_names("stripe.page_hosts", settings.stripe.page_hosts)
    _check_names("desk.own_domains", settings.desk.own_domains)
    _check_methods(settings.stripe.payment_methods)
    _check_tls(settings.companion)
    _check_api(settings.companion)
    _check_networks("events.private_networks", settings.events.private_networks)
    _check_anchors(settings.anchors)
    _check_desk(settings.desk)
    _check_receipt_printer(settings)
    _check_look(settings.look)
    _check_scanner(settings.scanner)
    _check_asked_again(settings.asked_again)
    check_hl7(settings.hl7)
    if not 0 < settings.companion.port < 65536:
        raise Misconfigured(
            m("companion.port is {port}.", port=settings.companion.port), advice=m("Choose one from 1 to 65535.")
        )
    if urlsplit(settings.database_url).password:
        raise Misconfigured(
            m("The database address holds a password."),
            advice=m("Remove it there and store it with: cashier secret set database-password."),
        )


def _check_addresses(settings: Settings) -> None:
    for name, address in (
        ("stripe.api_base", settings.stripe.api_base),
        ("stripe.phone_base", settings.stripe.phone_base or settings.stripe.api_base),
        ("companion.url", settings.companion.url),
        ("companion.public_url", settings.companion.public_url or settings.companion.url),
    ):
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Misconfigured(
                m("{setting} is “{address}”, which is not a web address.", setting=name, address=address),
                advice=m("Give it as https://host or http://127.0.0.1:port."),
            )
    if settings.training and settings.stripe.mode == "live":
        raise Misconfigured(
            m("stripe.mode is live, but stripe.api_base is not Stripe's address."),
            advice=m("Remove api_base (Stripe is at {address}) or set mode to test.", address=STRIPE_API),
        )
    if settings.stripe.phone_base and not settings.training:
        raise Misconfigured(
            m("stripe.phone_base is for training with the sandbox."),
            advice=m("Remove it: phones find Stripe's own pages."),
        )
    base = urlsplit(settings.stripe.api_base)
    if base.scheme == "http" and not is_on_this_machine(settings.stripe.api_base):
        raise Misconfigured(
            m("stripe.api_base is reached without encryption."),
            advice=m("Use https; plain http is for this machine only."),
        )


def _check_names(setting: str, names: tuple[str, ...]) -> None:
    """Raise ``Misconfigured`` for what is no name of a host or a domain, as browsers write it."""
    for name in names:
        if _HOST.fullmatch(name) is None:
            raise Misconfigured(
                m("{setting} names “{name}”, which is no name of a host.", setting=setting, name=name),
                advice=m(
                    "Write each in small letters, without “https://”, port and “*”, such as pay.hospital.example. "
                    "Stripe's own hosts are known and names below a domain are meant as well."
                ),
            )


def _check_methods(methods: tuple[str, ...]) -> None:
    if CARD not in methods or len(set(methods)) != len(methods):
        raise Misconfigured(
            m("stripe.payment_methods lacks “card”, or names the same method twice."),
            advice=m('Name each method once, cards among them: ["card", "sepa_debit"].'),
        )
    for method in methods:
        if method not in METHODS:
            raise Misconfigured(
                m("stripe.payment_methods names “{method}”, which Cashier does not know.", method=method),
                advice=m("Name some of these: {methods}.", methods=", ".join(METHODS)),
            )


def _check_tls(companion: CompanionSettings) -> None:
    if bool(companion.tls_certificate) is not bool(companion.tls_key):
        raise Misconfigured(
            m("Of companion.tls_certificate and companion.tls_key only one is named."),
            advice=m("Name both files, or none where a proxy speaks TLS."),
        )
    if companion.speaks_tls and urlsplit(companion.url).scheme != "https":
        raise Misconfigured(
            m("The companion speaks TLS, but companion.url is “{address}”.", address=companion.url),
            advice=m("Give the name that the certificate is for: https://pay.hospital.example:8400."),
        )


def _check_anchors(anchors: AnchorSettings) -> None:
    if anchors.syslog not in ("", "local") and not _is_log_elsewhere(anchors.syslog):
        raise Misconfigured(
            m("anchors.syslog is “{place}”, which is no log.", place=anchors.syslog),
            advice=m("Write “local”, or another machine's as udp://log.hospital.example:514 or tcp://…"),
        )
    if anchors.file and not Path(anchors.file).expanduser().is_absolute():
        raise Misconfigured(
            m("anchors.file is “{place}”, which says no folder.", place=anchors.file),
            advice=m("Give the whole path, such as /mnt/other-machine/journal.log."),
        )


def _is_log_elsewhere(place: str) -> bool:
    try:
        parts = urlsplit(place)
        port = parts.port
    except ValueError:
        return False
    has_more = bool(parts.path or parts.query or parts.fragment or parts.username)
    return parts.scheme in ("udp", "tcp") and bool(parts.hostname) and port != 0 and not has_more


def _check_api(companion: CompanionSettings) -> None:
    for origin in companion.allowed_origins:
        parts = urlsplit(origin)
        if (
            parts.scheme not in ("http", "https")
            or origin != f"{parts.scheme}://{parts.netloc}"
            or not parts.hostname
        ):
            raise Misconfigured(
                m("companion.allowed_origins names “{origin}”, which is no origin.", origin=origin),
                advice=m("Give it as https://host, without a path and without a slash at the end."),
            )
    _check_networks("companion.trusted_proxies", companion.trusted_proxies)


def _check_networks(setting: str, networks: tuple[str, ...]) -> None:
    for network in networks:
        try:
            ip_network(network)
        except ValueError:
            raise Misconfigured(
                m(
                    "{setting} names “{network}”, which is no address and no network.",
                    setting=setting,
                    network=network,
                ),
                advice=m("Give addresses such as 10.0.0.5, or networks such as 10.0.0.0/24."),
            ) from None


def _check_receipt_printer(settings: Settings) -> None:
    address = settings.desk.receipt_printer
    if not address:
        return
    if not _is_receipt_printer(address):
        raise Misconfigured(
            m("desk.receipt_printer is “{address}”, which is no address of a receipt printer.", address=address),
            advice=m("Write escpos:// and its name or address in the network, such as escpos://192.168.1.50."),
        )
    if settings.paper.receipts is ReceiptPaper.SHEET:
        raise Misconfigured(
            m("desk.receipt_printer is named, and paper.receipts is “sheet”."),
            advice=m("Set receipts in [paper] to the roll that is in it: roll80 or roll58."),
        )


def _is_receipt_printer(address: str) -> bool:
    parts = urlsplit(address)
    try:
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_plain = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    return parts.scheme == "escpos" and bool(parts.hostname) and has_port and is_plain


def _check_desk(desk: DeskSettings) -> None:
    if not desk.tenders or len(set(desk.tenders)) != len(desk.tenders):
        raise Misconfigured(
            m("desk.tenders names nothing, or the same way to pay twice."),
            advice=m("Name each way to pay once, in the order in which the desk shows them."),
        )
    if any(not tender.row.brings_money for tender in desk.tenders):
        raise Misconfigured(
            m("desk.tenders names credit notes, which nobody pays with."),
            advice=m("Leave them out: their credit is used from the patient's account."),
        )
    for tender in desk.tenders:
        if not tender.row.is_at_desk:
            raise Misconfigured(
                m("desk.tenders names “{tender}”, which is not taken at desks.", tender=tender.value),
                advice=m("Remove it there: clients of the API take it without being named."),
            )
    if not 0 <= desk.lock_after_minutes <= _LOCK_AFTER_MINUTES_MAX:
        raise Misconfigured(
            m(
                "desk.lock_after_minutes is {minutes}.",
                minutes=desk.lock_after_minutes,
            ),
            advice=m(
                "Choose one from 1 to {most}, or 0 for a desk that never locks itself.",
                most=_LOCK_AFTER_MINUTES_MAX,
            ),
        )
    if desk.silent_after_seconds not in _SILENT_AFTER_SECONDS:
        raise Misconfigured(
            m("desk.silent_after_seconds is {seconds}.", seconds=desk.silent_after_seconds),
            advice=m("Choose one from {least} to {most}.", least=_SILENT_AFTER_SECONDS[0], most=3600),
        )
    for name, language in (("desk.language", desk.language), ("desk.patient_language", desk.patient_language)):
        if language and language not in LANGUAGES:
            raise Misconfigured(
                m("{name} is “{language}”, which Cashier does not speak.", name=name, language=language),
                advice=m("Name one of these: {languages}.", languages=", ".join(LANGUAGES)),
            )
    try:
        style_of(desk.locale or "en")
    except ValueError:
        raise Misconfigured(
            m("desk.locale is “{locale}”, which is no language and country.", locale=desk.locale),
            advice=m("Name one such as en, en_US, es, es_MX, de_CH or fr."),
        ) from None


def _check_look(look: LookSettings) -> None:
    if look.text_percent not in _TEXT_PERCENTS:
        raise Misconfigured(
            m("look.text_percent is {percent}.", percent=look.text_percent),
            advice=m("Choose one of these: {numbers}.", numbers=", ".join(map(str, _TEXT_PERCENTS))),
        )


def _check_scanner(scanner: ScannerSettings) -> None:
    for name, value, least, most in (
        ("scanner.key_gap_ms", scanner.key_gap_ms, 1, _KEY_GAP_MS_MAX),
        ("scanner.length_min", scanner.length_min, _SCAN_LENGTH_MIN, _SCAN_LENGTH_MAX),
    ):
        if not least <= value <= most:
            raise Misconfigured(
                m("{setting} is {value}.", setting=name, value=value),
                advice=m("Choose one from {least} to {most}.", least=least, most=most),
            )


def _check_asked_again(asked: AskedAgain) -> None:
    for name in ("deposit_minor", "float_minor", "cash_movement_minor"):
        for currency, limit_minor in getattr(asked, name).items():
            if currency not in CURRENCIES or limit_minor < 0:
                raise Misconfigured(
                    m(
                        "asked_again.{name} has {currency} = {limit}.",
                        name=name,
                        currency=currency,
                        limit=limit_minor,
                    ),
                    advice=m("Name currencies by three capitals and limits in their smallest unit: EUR = 500000."),
                )
    for name, value, least in (
        ("times_due", asked.times_due, 2),
        ("same_minutes", asked.same_minutes, 0),
        ("reference_days", asked.reference_days, 0),
    ):
        if not least <= value <= _ASKED_AGAIN_MAX:
            raise Misconfigured(
                m("asked_again.{name} is {number}.", name=name, number=value),
                advice=m("Choose one from {least} to {most}.", least=least, most=_ASKED_AGAIN_MAX),
            )


def is_on_this_machine(url: str) -> bool:
    """Tell whether ``url`` leads to the machine itself that opens it, whichever that is."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
