"""What may stand anywhere and what may not: our own random ids, and the keys and card numbers of others."""

from __future__ import annotations

import re
import uuid

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
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user and password in a database address
)


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
