"""Random identifiers that may stand in logs, addresses and requests to Stripe."""

from __future__ import annotations

import re
import uuid

# As long as the shortest card number, with or without the hyphens between the groups of a UUID.
_LIKE_A_CARD_NUMBER = re.compile(r"(?:\d-?){13}")


def new_id() -> uuid.UUID:
    """Make a random id whose text nobody can take for a card number.

    A few UUIDs in a thousand hold so many digits in a row that whoever searches logs or traffic for leaked
    cards stumbles over them, and one in ten of those even has the right check digit.
    """
    while _LIKE_A_CARD_NUMBER.search(str(made := uuid.uuid4())):
        pass
    return made
