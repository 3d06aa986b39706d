"""What may stand anywhere and what may not: our own random ids, and the keys and card numbers of others."""

from __future__ import annotations

import re
import secrets
import string
import uuid
import zlib

from cashier.errors import Refused
from cashier.language import Message, m

# As long as the shortest card number, with or without the hyphens between the groups of a UUID.
_LIKE_A_CARD_NUMBER = re.compile(r"(?:\d-?){13}")
_CARD_NUMBER = re.compile(r"(?<![\w.-])(?:\d[ -]?){13,19}(?![\w-])")
_SECRETS = re.compile(
    r"\b(?:sk|rk|pk)_(?:test|live)_\w+"  # Stripe's API keys
    r"|\bwhsec_\w+"  # webhook signing secrets
    r"|\bcashier_(?:test|live|token)_\w+"  # keys of our own API, and tokens
    r"|\b(?:pi|seti|cs)_\w+_secret_\w+"  # client secrets
    r"|(?<=/pay/)(?!static/|{)[^/\s\"?#]+"  # links to the page on which patients pay
    r"|(?<![0-9A-Za-z])[0-9A-Za-z]{49}(?![0-9A-Za-z])"  # what is secret in them, wherever it stands
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user and password in a database address
)

_LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
CHECK_LENGTH = 6

NO_CARD_NUMBER = m("Card numbers are never kept: leave it out.")
"""What to do with a card number that somebody has typed."""


def new_id() -> uuid.UUID:
    """Make a random id whose text nobody can take for a card number.

    A few UUIDs in a thousand hold so many digits in a row that whoever searches logs or traffic for leaked
    cards stumbles over them, and one in ten of those even has the right check digit.
    """
    while _LIKE_A_CARD_NUMBER.search(str(made := uuid.uuid4())):
        pass
    return made


def id_below(parent: uuid.UUID, name: str) -> uuid.UUID:
    """Return the id that ``name`` always has below ``parent``, as good as a random one for whoever does not know it.

    Like ``new_id``, it is nothing that could be taken for a card number.
    """
    made = uuid.uuid5(parent, name)
    while _LIKE_A_CARD_NUMBER.search(str(made)):
        made = uuid.uuid5(parent, str(made))
    return made


def random_letters(length: int) -> str:
    """Return so many random letters and digits: 43 of them have 256 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def check_letters(text: str) -> str:
    """Return ``CHECK_LENGTH`` letters and digits by which a slip of the pen in ``text`` is found."""
    number = zlib.crc32(text.encode())
    digits = []
    for _ in range(CHECK_LENGTH):
        number, digit = divmod(number, len(_LETTERS))
        digits.append(_LETTERS[digit])
    return "".join(reversed(digits))


def id_from(reference: str | None) -> uuid.UUID | None:
    """Read one of our ids from Stripe's metadata, where anybody may have written anything; None: it is not ours."""
    try:
        return uuid.UUID(reference) if reference else None
    except ValueError:
        return None


def redact(text: str) -> str:
    """Replace keys (Stripe's and ours), other secrets, passwords in addresses and card numbers by ``[…]``."""
    return _CARD_NUMBER.sub(_strike_card, _SECRETS.sub("[…]", text))


def refuse_card_number(text: str, *, advice: Message = NO_CARD_NUMBER) -> None:
    """Raise ``Refused`` when ``text``, which is about to be kept, holds what looks like a card number or a key."""
    if redact(text) != text:
        raise Refused(m("This looks like a card number."), advice=advice)


def _strike_card(match: re.Match[str]) -> str:
    digits = [int(character) for character in match.group() if character.isdigit()]
    doubled = sum(digits[-1::-2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return "[…]" if doubled % 10 == 0 else match.group()
