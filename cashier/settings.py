"""The settings of one machine: a TOML file, overridden by the environment; never a secret.

What all desks share (the hospital's name, staff, desks) is kept in the database; secrets are in the
keychain. A variable such as ``CASHIER_DATABASE_URL`` overrides ``url`` in ``[database]``.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
import platformdirs

from cashier.asked_again.sums import AskedAgain
from cashier.errors import Misconfigured
from cashier.language import LANGUAGES, m
from cashier.language.number_style import style_of
from cashier.language.validation import in_words
from cashier.money import CURRENCIES
from cashier.tenders.tender import OFFERED_UNASKED, Tender

STRIPE_API = "https://api.stripe.com"
_LOCK_AFTER_MINUTES_MAX = 480
_SILENT_AFTER_SECONDS = range(20, 3601)
_KEY_GAP_MS_MAX = 50
"""Above this, quick typing would count as scans."""
_SCAN_LENGTH_MIN = 4
_SCAN_LENGTH_MAX = 40
_ASKED_AGAIN_MAX = 10_000


class DatabaseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the shared database is. A password belongs in the keychain, not in ``url``.

    With less than ``free_megabytes_min`` on the disk of an embedded one, ``doctor`` and ``/health`` say so.
    """

    url: str = ""
    free_megabytes_min: int = 500


class StripeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How Stripe is reached. ``mode`` guards against a live key in training and a test key at work.

    ``phone_base`` is for training alone: where phones on the network find the sandbox, if they can.
    ``publishable_key`` is no secret: the companion gives it to payers' browsers.
    """

    mode: Literal["test", "live"] = "test"
    api_base: str = STRIPE_API
    phone_base: str = ""
    page_hosts: tuple[str, ...] = ("checkout.stripe.com", "*.stripe.com", "*.stripe.network")
    timeout_seconds: float = 20.0
    publishable_key: str = ""


class CompanionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the companion listens, and where desks, browsers and Stripe find it (``url``).

    ``public_url`` is where patients' own phones find it, if that is another address. ``allowed_origins`` are those
    of the portals whose pages may call the API, and to which a bank's page may come back. Of ``trusted_proxies``
    (addresses or networks) it is believed from where a request comes. Each client may ask ``requests_per_minute``
    times (0: as often as it likes).
    """

    host: str = "127.0.0.1"
    port: int = 8400
    url: str = "http://127.0.0.1:8400"
    public_url: str = ""
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    requests_per_minute: Annotated[int, msgspec.Meta(ge=0)] = 600


class DeskSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which desk this machine is (its code in the database), where it prints (empty: ask), and what it takes.

    ``tenders`` are offered in this order, and nothing else is taken: without ``checkout`` and ``keyed`` nobody types
    a card at this desk. Orders by telephone or letter (``keyed``) have to be switched on here, and at Stripe.
    ``language`` is spoken until the database tells the hospital's (empty: as this machine's system does).
    ``locale`` is how amounts are written and read, whatever the language (empty: as the language has it).
    ``patient_language`` is what patients read on their screen (empty: the hospital's).
    ``patient_display`` is for a second screen (``auto``), a window of its own (``window``), or not there (``off``).
    After ``lock_after_minutes`` without a touch the desk locks itself (0: never). With ``shifts``, cash is taken only
    while a shift is open. What is used on another machine is free after ``silent_after_seconds`` without a word.
    """

    code: str = ""
    printer: str = ""
    tenders: tuple[Tender, ...] = OFFERED_UNASKED
    language: str = ""
    locale: str = ""
    patient_language: str = ""
    patient_display: Literal["auto", "window", "off"] = "auto"
    lock_after_minutes: int = 10
    silent_after_seconds: int = 60
    shifts: bool = True


class ScannerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How scans are told from typing: at most ``key_gap_ms`` between two keys, at least ``length_min`` characters.

    ``prefix`` and ``suffix`` are what the scanner puts around what it reads, before its Enter or Tab.
    """

    key_gap_ms: int = 30
    length_min: int = 6
    prefix: str = ""
    suffix: str = ""


class PaperSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Font files for scripts that Cashier has no font for, in this order; ``FILE#2`` is the third of a collection."""

    fonts: tuple[str, ...] = ()


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings of one machine."""

    database: DatabaseSettings = DatabaseSettings()
    stripe: StripeSettings = StripeSettings()
    companion: CompanionSettings = CompanionSettings()
    desk: DeskSettings = DeskSettings()
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

    def for_phones(self, url: str) -> str:
        """Return the address at which a phone opens the payment page that is at ``url`` for this machine."""
        base = self.stripe.api_base.rstrip("/")
        is_at_sandbox = bool(self.stripe.phone_base) and url.startswith(f"{base}/")
        return self.stripe.phone_base.rstrip("/") + url.removeprefix(base) if is_at_sandbox else url


def default_path() -> Path:
    """Where the settings are read from when nothing else is named."""
    return platformdirs.user_config_path("cashier", appauthor=False) / "cashier.toml"


def load(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from ``path``, or from ``CASHIER_SETTINGS``, or from the default place.

    The default file may be missing (all defaults apply); a named one may not. Raises ``Misconfigured``
    with the place and the remedy.
    """
    named = path or (Path(environment["CASHIER_SETTINGS"]) if environment.get("CASHIER_SETTINGS") else None)
    raw = _read(named or default_path(), required=named is not None)
    _override(raw, environment)
    try:
        settings = msgspec.convert(raw, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise Misconfigured(
            m(
                "The settings in {path} are not valid: {reason}.",
                path=named or default_path(),
                reason=in_words(str(error)),
            ),
            advice=m("Correct that entry; docs/SETTINGS.md lists all of them."),
        ) from None
    _check(settings)
    return settings


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not required:
            return {}
        raise Misconfigured(
            m("There is no settings file {path}.", path=path),
            advice=m("Create it (docs/SETTINGS.md shows one) or leave --settings out."),
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(
            m("The settings file {path} cannot be read: {reason}.", path=path, reason=str(error)),
            advice=m("Correct the file; it is TOML in UTF-8."),
        ) from None


def _override(raw: dict[str, Any], environment: Mapping[str, str]) -> None:
    """Lay ``CASHIER_<SECTION>_<ENTRY>`` variables over ``raw``; commas part lists and pairs (``EUR=500,CHF=100``)."""
    for section, type_ in Settings.__annotations__.items():
        if section == "data_folder":
            if "CASHIER_DATA_FOLDER" in environment:
                raw["data_folder"] = environment["CASHIER_DATA_FOLDER"]
            continue
        struct = globals()[type_]
        for field in struct.__struct_fields__:
            value = environment.get(f"CASHIER_{section}_{field}".upper())
            if value is not None:
                table = raw.setdefault(section, {})
                if isinstance(table, dict):
                    table[field] = _listed(field, value)


def _listed(field: str, value: str) -> object:
    """Return the ``value`` of a variable as the file would have it."""
    if field in ("page_hosts", "tenders", "fonts", "allowed_origins", "trusted_proxies"):
        return value.split(",")
    if field in ("deposit_minor", "float_minor", "cash_movement_minor"):
        pairs = [each.partition("=") for each in value.split(",") if each.strip()]
        return {currency.strip(): limit.strip() for currency, _, limit in pairs}
    return value


def _check(settings: Settings) -> None:
    _check_addresses(settings)
    _check_api(settings.companion)
    _check_desk(settings.desk)
    _check_scanner(settings.scanner)
    _check_asked_again(settings.asked_again)
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
    for proxy in companion.trusted_proxies:
        try:
            ip_network(proxy)
        except ValueError:
            raise Misconfigured(
                m("companion.trusted_proxies names “{proxy}”, which is no address and no network.", proxy=proxy),
                advice=m("Give addresses such as 10.0.0.5, or networks such as 10.0.0.0/24."),
            ) from None


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
