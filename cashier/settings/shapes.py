"""What can be set on a machine, by its sections; the names are those of the file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import platformdirs

from cashier.asked_again.sums import AskedAgain
from cashier.tenders.methods import CARD
from cashier.tenders.tender import OFFERED_UNASKED, Tender

STRIPE_API = "https://api.stripe.com"


class DatabaseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the shared database is. A password belongs in the keychain, not in ``url``.

    With less than ``free_megabytes_min`` on the disk of an embedded one, ``doctor`` and ``/health`` say so.
    """

    url: str = ""
    free_megabytes_min: int = 500


class StripeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How Stripe is reached. ``mode`` guards against a live key in training and a test key at work.

    ``phone_base`` is for training alone: where phones on the network find the sandbox, if they can.
    ``publishable_key`` is no secret: the companion gives it to payers' browsers. ``payment_methods`` are what
    Stripe's page may offer, as Stripe calls them; each is offered only for its currencies. ``page_hosts`` are the
    hospital's own names at which Stripe shows its page, beside Stripe's.
    """

    mode: Literal["test", "live"] = "test"
    api_base: str = STRIPE_API
    phone_base: str = ""
    page_hosts: tuple[str, ...] = ()
    timeout_seconds: float = 20.0
    publishable_key: str = ""
    payment_methods: tuple[str, ...] = (CARD,)


class CompanionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the companion listens, and where desks, browsers and Stripe find it (``url``).

    ``public_url`` is where patients' own phones find it, if that is another address. ``allowed_origins`` are those
    of the portals whose pages may call the API, and to which a bank's page may come back. Of ``trusted_proxies``
    (addresses or networks) it is believed from where a request comes. Each client may ask ``requests_per_minute``
    times (0: as often as it likes). ``metrics`` says who may read figures. With ``tls_certificate`` (the whole chain)
    and ``tls_key``, files in PEM form, it speaks TLS itself.
    """

    host: str = "127.0.0.1"
    port: int = 8400
    url: str = "http://127.0.0.1:8400"
    public_url: str = ""
    tls_certificate: str = ""
    tls_key: str = ""
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    requests_per_minute: Annotated[int, msgspec.Meta(ge=0)] = 600
    metrics: Literal["loopback", "token", "off"] = "loopback"

    @property
    def speaks_tls(self) -> bool:
        """Tell whether the companion has a certificate of its own; otherwise TLS is a proxy's."""
        return bool(self.tls_certificate)

    @property
    def tls_files(self) -> tuple[Path, Path]:
        """Where its certificate and key are; of use only where it speaks TLS."""
        return Path(self.tls_certificate).expanduser(), Path(self.tls_key).expanduser()


class EventSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Events that are sent to other systems. Of private addresses only those in ``private_networks`` are reached."""

    private_networks: tuple[str, ...] = ()


class AnchorSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the companion tells the journal's newest entry besides Stripe, once an hour (empty: nowhere).

    ``syslog`` is the system's log: ``local``, or of another machine, ``udp://host:514`` or ``tcp://host:601``.
    ``file`` is only added to: let it lie on another machine.
    """

    syslog: str = ""
    file: str = ""


class PaymentPageSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The page on which patients pay by a link. ``client`` is the client of the API that takes what comes by links
    made at desks; without, desks make none. A link holds for ``link_days``.
    """

    client: str = ""
    link_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 14


class Hl7Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How messages of HL7 version 2 are read, and where they are taken (``port``; 0: only from files).

    ``invoice_number`` is where the hospital's system writes the number of an invoice, such as ``FT1-2``, ``PID-18``,
    ``PV1-19`` or ``ZIV-1``. The number of a record is the identifier of ``record_number_type``, and of
    ``record_number_authority`` if there is one. What a message leaves out: its ``currency``, the ``department``,
    in which ``character_set`` it is, and that an invoice is due after ``due_days``.

    Only ``allowed_senders`` (addresses or networks) are listened to. With ``tls_certificate`` and ``tls_key`` it
    speaks TLS, and with ``tls_senders``, a file of certificates, only with those who show one of them.
    """

    host: str = "127.0.0.1"
    port: int = 0
    allowed_senders: tuple[str, ...] = ("127.0.0.1", "::1")
    tls_certificate: str = ""
    tls_key: str = ""
    tls_senders: str = ""
    invoice_number: str = ""
    record_number_type: str = "MR"
    record_number_authority: str = ""
    currency: str = ""
    department: str = ""
    due_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 30
    character_set: str = "UNICODE UTF-8"


class FhirSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How invoices of FHIR are read.

    ``invoice_system`` and ``record_number_system`` are the systems of the identifiers that are an invoice's number
    and a record's; empty: the only one, and the one of the type MR. What FHIR has no element for: the ``department``
    (where no issuer is named), and that an invoice is due after ``due_days``.
    """

    invoice_system: str = ""
    record_number_system: str = ""
    department: str = ""
    due_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 30


class InvoiceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A ``folder`` that another system writes files of invoices into, which the companion of this machine takes in;
    without, it watches none. CSV is read as ``profile`` says. A file is whole when it has not changed for
    ``settles_seconds``.
    """

    folder: str = ""
    profile: str = ""
    settles_seconds: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 10


class DeskSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which desk this machine is (its code in the database), where it prints (empty: ask), and what it takes.

    Receipts for rolls go to ``receipt_printer`` (``escpos://HOST``, a thermal printer on the network) where one is
    named; with ``receipt_printer_tells`` it is one that says when something is on paper.
    With ``prints_receipts``, the receipt of what was paid is printed at once, unasked.
    The first of ``tenders`` is preset, and nothing else is taken: without ``checkout`` and ``keyed`` nobody types
    a card at this desk. Orders by telephone or letter (``keyed``) have to be switched on here, and at Stripe.
    ``language`` is spoken until the database tells the hospital's (empty: as this machine's system does).
    ``locale`` is how amounts are written and read, whatever the language (empty: as the language has it).
    ``patient_language`` is what patients read on their screen (empty: the hospital's).
    ``patient_display`` is for a second screen (``auto``), a window of its own (``window``), or not there (``off``).
    After ``lock_after_minutes`` without a touch the desk locks itself (0: never). With ``shifts``, cash is taken only
    while a shift is open. What is used on another machine is free after ``silent_after_seconds`` without a word. Of
    ``own_domains`` the browser with Stripe's page opens nothing.
    """

    code: str = ""
    printer: str = ""
    receipt_printer: str = ""
    receipt_printer_tells: bool = False
    prints_receipts: bool = False
    tenders: tuple[Tender, ...] = OFFERED_UNASKED
    language: str = ""
    locale: str = ""
    patient_language: str = ""
    patient_display: Literal["auto", "window", "off"] = "auto"
    lock_after_minutes: int = 10
    silent_after_seconds: int = 60
    shifts: bool = True
    own_domains: tuple[str, ...] = ()


class LookSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the desk's windows look.

    ``theme`` may be what the machine's system is asked to show; text has 100, 115, 130 or 150 percent of its size;
    controls are made for the keyboard or for fingers. With ``motion`` what appears fades in where the system
    allows it; ``sounds`` are heard at the desk, or not at all.
    """

    theme: Literal["system", "light", "dark", "contrast-light", "contrast-dark"] = "system"
    text_percent: int = 100
    density: Literal["keyboard", "touch"] = "keyboard"
    motion: bool = True
    sounds: Literal["off", "desk"] = "off"


class ScannerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How scans are told from typing: at most ``key_gap_ms`` between two keys, at least ``length_min`` characters.

    ``prefix`` and ``suffix`` are what the scanner puts around what it reads, before its Enter or Tab.
    """

    key_gap_ms: int = 30
    length_min: int = 6
    prefix: str = ""
    suffix: str = ""


class PaperSize(StrEnum):
    """The sheets that printers of hospitals take."""

    A4 = "a4"
    LETTER = "letter"


class ReceiptPaper(StrEnum):
    """What receipts are made for: the sheet of all papers, or the roll of a thermal printer, by its width in mm."""

    SHEET = "sheet"
    ROLL_80 = "roll80"
    ROLL_58 = "roll58"


class PaperSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What papers are printed on, and font files for scripts that Cashier has no font for.

    The ``fonts`` are asked in this order; ``FILE#2`` is the third of a collection.
    """

    size: PaperSize = PaperSize.A4
    receipts: ReceiptPaper = ReceiptPaper.SHEET
    fonts: tuple[str, ...] = ()


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings of one machine."""

    database: DatabaseSettings = DatabaseSettings()
    stripe: StripeSettings = StripeSettings()
    companion: CompanionSettings = CompanionSettings()
    anchors: AnchorSettings = AnchorSettings()
    payment_page: PaymentPageSettings = PaymentPageSettings()
    invoices: InvoiceSettings = InvoiceSettings()
    events: EventSettings = EventSettings()
    hl7: Hl7Settings = Hl7Settings()
    fhir: FhirSettings = FhirSettings()
    desk: DeskSettings = DeskSettings()
    look: LookSettings = LookSettings()
    scanner: ScannerSettings = ScannerSettings()
    paper: PaperSettings = PaperSettings()
    asked_again: AskedAgain = AskedAgain()
    data_folder: str = ""

    @property
    def folder(self) -> Path:
        """Where this machine keeps its embedded database and logs."""
        return Path(self.data_folder) if self.data_folder else platformdirs.user_data_path("cashier", appauthor=False)

    @property
    def database_url(self) -> str:
        """The address of the database: the configured one, or an SQLite file in the data folder."""
        return self.database.url or f"sqlite:///{self.folder / 'cashier.sqlite'}"

    @property
    def training(self) -> bool:
        """Tell whether Stripe is a sandbox on this machine's network and no money moves."""
        return self.stripe.api_base != STRIPE_API

    @property
    def moves_money(self) -> bool:
        """Tell whether payments are real: neither a sandbox nor Stripe's own test mode."""
        return self.stripe.mode == "live" and not self.training

    @property
    def patients_url(self) -> str:
        """Where patients' own phones find the companion."""
        return (self.companion.public_url or self.companion.url).rstrip("/")

    def for_phones(self, url: str) -> str:
        """Return the address at which a phone opens the payment page that is at ``url`` for this machine."""
        base = self.stripe.api_base.rstrip("/")
        is_at_sandbox = bool(self.stripe.phone_base) and url.startswith(f"{base}/")
        return self.stripe.phone_base.rstrip("/") + url.removeprefix(base) if is_at_sandbox else url
