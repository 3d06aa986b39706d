"""A profile: how one system writes its CSV files, in TOML. docs/IMPORT.md describes every key."""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cashier.errors import Misconfigured, why_not
from cashier.invoices.arriving.amounts import Mark
from cashier.invoices.arriving.days import check_pattern
from cashier.language import m, verbatim
from cashier.language.validation import in_words

_BYTES_MAX = 256 * 1024
OF_INVOICE = (
    "number",
    "record_number",
    "patient_name",
    "born",
    "phone",
    "email",
    "department",
    "currency",
    "issued_on",
    "due_on",
    "insurer",
    "insurer_share",
    "insurer_share_minor",
    "cancelled",
)
OF_LINE = (
    "description",
    "quantity",
    "quantity_milli",
    "unit_price",
    "unit_price_minor",
    "tax_rate",
    "tax_basis_points",
    "tax",
    "tax_minor",
    "total",
    "total_minor",
)
FIELDS = frozenset(OF_INVOICE + OF_LINE)
"""What a column may be. Those that end in minor, milli or points are whole numbers; the others have decimals."""

AMOUNTS = frozenset({"insurer_share", "quantity", "unit_price", "tax_rate", "tax", "total"})
_NEEDED = ("number", "record_number", "patient_name", "department", "currency", "issued_on", "due_on")
_EXACT = {
    "insurer_share": "insurer_share_minor",
    "quantity": "quantity_milli",
    "unit_price": "unit_price_minor",
    "tax_rate": "tax_basis_points",
    "tax": "tax_minor",
    "total": "total_minor",
}


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a file is written. What is left out is recognised, as far as that is safe.

    ``columns`` names the heading of each field, ``constants`` what stands in no column. A heading that is in neither
    is refused unless it is ``ignored``, or ``ignores_others``.
    """

    encoding: str = ""
    delimiter: Annotated[str, Meta(max_length=1)] = ""
    decimal: Mark | None = None
    dates: str = "YYYY-MM-DD"
    rows: Literal["invoice", "line"] = "invoice"
    """What one row is: a whole invoice, or one line of it; the rows of one invoice follow each other."""
    columns: Mapping[str, str] = {}
    constants: Mapping[str, str] = {}
    ignored: tuple[str, ...] = ()
    ignores_others: bool = False
    cancelled_when: tuple[str, ...] = ("true", "1")
    owed_when: tuple[str, ...] = ("false", "0", "")


def load_profile(path: Path) -> Profile:
    """Read a profile. Raises ``Misconfigured`` for one that cannot be read, or says what cannot be."""
    try:
        with path.open("rb") as file:
            raw = file.read(_BYTES_MAX)
        profile = msgspec.convert(tomllib.loads(raw.decode("utf-8-sig")), Profile)
    except OSError as error:
        raise _wrong(path, why_not(error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _wrong(path, verbatim(str(error))) from None
    except msgspec.ValidationError as error:
        raise _wrong(path, in_words(str(error))) from None
    check_profile(profile, path)
    return profile


def check_profile(profile: Profile, path: Path) -> None:
    """Raise ``Misconfigured`` for fields that there are not, an encoding or a form of dates that is not known."""
    for name in [*profile.columns, *profile.constants]:
        if name not in FIELDS:
            raise _wrong(path, m("there is no field {field}", field=name))
    known = {*profile.columns, *profile.constants}
    for one, other in _EXACT.items():
        if one in known and other in known:
            raise _wrong(path, m("{field} and {other} say the same", field=one, other=other))
    twice = set(profile.columns) & set(profile.constants)
    if twice:
        raise _wrong(path, m("{field} is a column and a constant", field=min(twice)))
    if profile.encoding and not _is_encoding_of_text(profile.encoding):
        raise _wrong(path, m("the encoding {name} is not known", name=profile.encoding))
    if profile.delimiter in ('"', "\n", "\r", "\0"):
        raise _wrong(path, m("this delimiter parts nothing"))
    if not check_pattern(profile.dates):
        raise _wrong(path, m("{form} is no form of dates such as DD.MM.YYYY", form=profile.dates))


def missing_in(fields: set[str]) -> list[str]:
    """Return which fields an invoice lacks when only ``fields`` are known of it."""
    total = [] if fields & {"total", "total_minor"} else ["total"]
    return [each for each in _NEEDED if each not in fields] + total


def _is_encoding_of_text(name: str) -> bool:
    try:
        return bool(codecs.lookup(name)._is_text_encoding)  # noqa: SLF001 - what open() itself asks
    except LookupError:
        return False


def _wrong(path: Path, reason: object) -> Misconfigured:
    return Misconfigured(
        m("The profile {name} cannot be used: {reason}.", name=path.name, reason=reason),
        advice=m("docs/IMPORT.md describes profiles."),
    )
