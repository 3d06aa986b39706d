"""PINs and passwords: which ones are good enough, and how they are kept.

Six digits are guessed with ten attempts in one of a hundred thousand cases, and after ten the name is locked: good
enough at a counter. Whoever steals the database has no such limit, so longer passwords are welcome, and keys are
derived slowly. https://pages.nist.gov/800-63-3/sp800-63b.html#memsecret
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

import argon2
import argon2.low_level

from cashier.books.staff import StaffSecret
from cashier.errors import Refused
from cashier.language import Message, m

LIFETIME = timedelta(days=180)
"""After so long, a PIN has to be changed at the next sign-in."""
FORMER_KEPT = 5
"""So many PINs that somebody had before are not taken again."""

_DIGITS_MIN = 6
_PASSWORD_MIN = 10
_LENGTH_MAX = 80
_DIFFERENT_MIN = 5
RULE = m(
    "Choose at least {digits} digits, no series and no date, or a password of {characters} characters.",
    digits=_DIGITS_MIN,
    characters=_PASSWORD_MIN,
)
"""What is good enough, in one sentence."""

# The lines of a number pad, which fingers find by themselves.
_PAD_LINES = ("147", "258", "369", "159", "357")
_YEARS = range(1920, 2040)

HASHER = argon2.PasswordHasher()
"""With what keys are derived: argon2id with the library's parameters, which follow RFC 9106, section 4."""
_SALT_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class Salt:
    """With what somebody's key is derived from their PIN. ``parameters`` are those of argon2id, as they are kept."""

    salt: bytes
    parameters: str


@dataclass(frozen=True, kw_only=True)
class NewSecret:
    """A salt that was drawn for a PIN, and the key that it makes of it."""

    salt: Salt
    key: bytes = field(repr=False)


def derive(pin: str, salt: Salt) -> bytes:
    """Return the key that ``salt`` makes of a PIN or password. Takes some 50 ms of processor time on purpose."""
    given = dict(each.split("=") for each in salt.parameters.split(","))
    return argon2.low_level.hash_secret_raw(
        _normal(pin).encode(),
        salt.salt,
        time_cost=int(given["t"]),
        memory_cost=int(given["m"]),
        parallelism=int(given["p"]),
        hash_len=int(given["l"]),
        type=argon2.low_level.Type.ID,
    )


def drawn_for(pin: str) -> NewSecret:
    """Draw a salt for a PIN and derive its key with the parameters that are used now, as slowly as ``derive``."""
    salt = Salt(salt=secrets.token_bytes(_SALT_BYTES), parameters=parameters_of_today())
    return NewSecret(salt=salt, key=derive(pin, salt))


def parameters_of_today() -> str:
    """Return the parameters that are used for new keys."""
    return f"m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism},l={HASHER.hash_len}"


def digest_of_key(key: bytes) -> bytes:
    """Return what is kept of a key: whoever reads it cannot show the key."""
    return hashlib.sha256(key).digest()


def secret_of(staff_id: int, made: NewSecret) -> StaffSecret:
    """Return what is kept of a PIN of somebody whose first one it is."""
    return StaffSecret(
        staff_id=staff_id,
        salt=made.salt.salt,
        parameters=made.salt.parameters,
        verifier=digest_of_key(made.key),
        mark_key=secrets.token_bytes(_SALT_BYTES),
    )


def check_new(pin: str, *, sign_in_name: str) -> None:
    """Raise ``Refused``, with what is wrong, for a PIN or password that is guessed too easily."""
    pin = _normal(pin)
    if len(pin) > _LENGTH_MAX:
        raise Refused(m("This password is too long."), advice=m("Use at most {most} characters.", most=_LENGTH_MAX))
    if re.fullmatch(r"[0-9]*", pin):
        _check_digits(pin)
    else:
        _check_password(pin, sign_in_name)


def first_pin() -> str:
    """Draw a PIN at random for somebody who has to change it at once."""
    while True:
        drawn = f"{secrets.randbelow(10**_DIGITS_MIN):0{_DIGITS_MIN}}"
        if _weakness(drawn) is None:
            return drawn


def _check_digits(pin: str) -> None:
    if len(pin) < _DIGITS_MIN:
        raise Refused(m("This PIN is too short."), advice=RULE)
    weakness = _weakness(pin)
    if weakness is not None:
        raise Refused(weakness, advice=RULE)


def _check_password(pin: str, sign_in_name: str) -> None:
    if len(pin) < _PASSWORD_MIN:
        raise Refused(m("This password is too short."), advice=RULE)
    if len(set(pin.casefold())) < _DIFFERENT_MIN:
        raise Refused(m("This password is easy to guess: it repeats the same few characters."), advice=RULE)
    if sign_in_name and sign_in_name.casefold() in pin.casefold():
        raise Refused(m("This password is easy to guess: the name is in it."), advice=RULE)


def _weakness(digits: str) -> Message | None:
    """Say what makes these digits easy to guess; None where they are not."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    if steps <= {0}:
        return m("This PIN is easy to guess: it is one digit.")
    if steps in ({1}, {9}):
        return m("This PIN is easy to guess: it is a series.")
    for length in (2, 3, 4):
        if digits == (digits[:length] * len(digits))[: len(digits)]:
            return m("This PIN is easy to guess: it repeats itself.")
    lines = {*_PAD_LINES, *(line[::-1] for line in _PAD_LINES)}
    if len(digits) % 3 == 0 and all(digits[at : at + 3] in lines for at in range(0, len(digits), 3)):
        return m("This PIN is easy to guess: it follows the lines of the number pad.")
    return m("This PIN is easy to guess: it could be a date.") if _is_date(digits) else None


def _is_date(digits: str) -> bool:
    """Tell whether these are a day, or a month of a year, in any order in which people write them."""
    if len(digits) == 6:
        halves = ((digits[:4], digits[4:]), (digits[2:], digits[:2]))
        if any(int(year) in _YEARS and 1 <= int(month) <= 12 for year, month in halves):
            return True
        first, second, third = digits[0:2], digits[2:4], digits[4:6]
        return any(_is_day(month, day) for month, day in ((second, first), (first, second), (second, third)))
    if len(digits) == 8:
        for year, first, second in ((digits[:4], digits[4:6], digits[6:]), (digits[4:], digits[:2], digits[2:4])):
            if int(year) in _YEARS and (_is_day(first, second) or _is_day(second, first)):
                return True
    return False


def _is_day(month: str, day: str) -> bool:
    try:
        # A leap year, so that the 29th of February counts.
        date(2000, int(month), int(day))
    except ValueError:
        return False
    return True


def _normal(pin: str) -> str:
    """Write the same characters in the same way, whichever keyboard they come from."""
    return unicodedata.normalize("NFKC", pin)
