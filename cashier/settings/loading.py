"""Reading the settings: a TOML file, and variables over it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import platformdirs

from cashier.errors import Misconfigured
from cashier.language import m
from cashier.language.validation import in_words
from cashier.settings.checks import check
from cashier.settings.reading import why_unreadable
from cashier.settings.shapes import Settings

_LISTS = (
    *("page_hosts", "own_domains", "payment_methods", "tenders"),
    *("fonts", "allowed_origins", "trusted_proxies", "allowed_senders"),
)


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
    check(settings)
    return settings


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        if not required:
            return {}
        raise Misconfigured(
            m("There is no settings file {path}.", path=path),
            advice=m("Create it (docs/SETTINGS.md shows one) or leave --settings out."),
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(
            m("The settings file {path} cannot be read: {reason}.", path=path, reason=why_unreadable(error)),
            advice=m("Correct the file; it is TOML in UTF-8."),
        ) from None


def _override(raw: dict[str, Any], environment: Mapping[str, str]) -> None:
    """Lay ``CASHIER_<SECTION>_<ENTRY>`` variables over ``raw``; commas part lists and pairs (``EUR=500,CHF=100``)."""
    for section, struct in get_type_hints(Settings).items():
        if section == "data_folder":
            if "CASHIER_DATA_FOLDER" in environment:
                raw["data_folder"] = environment["CASHIER_DATA_FOLDER"]
            continue
        for field in struct.__struct_fields__:
            value = environment.get(f"CASHIER_{section}_{field}".upper())
            if value is not None:
                table = raw.setdefault(section, {})
                if isinstance(table, dict):
                    table[field] = _listed(field, value)


def _listed(field: str, value: str) -> object:
    """Return the ``value`` of a variable as the file would have it."""
    if field in _LISTS:
        return value.split(",")
    if field in ("deposit_minor", "float_minor", "cash_movement_minor"):
        pairs = [each.partition("=") for each in value.split(",") if each.strip()]
        return {currency.strip(): limit.strip() for currency, _, limit in pairs}
    return value
