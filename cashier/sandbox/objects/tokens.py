"""Tokens: a card that can be used once. https://docs.stripe.com/api/tokens"""

from __future__ import annotations

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, invalid
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.cards import card_of_test_id, legacy_card, read_card


@operation("POST", "/v1/tokens")
def create(account: Account, params: Json) -> Json:
    """Make a token from typed card details."""
    fields = params.get("card")
    if not isinstance(fields, dict):
        raise invalid("The sandbox makes tokens from card details only.", param="card")
    card = read_card(account, fields, "card")
    token = skeleton(
        "token",
        id=new_id("tok"),
        card=legacy_card(account, card, new_id("card"), fields),
        created=account.now,
        livemode=False,
        type="card",
        used=False,
    )
    return account.add(token, card.private())


@operation("GET", "/v1/tokens/{token}")
def retrieve(account: Account, _params: Json, token_id: str) -> Json:
    """Return a token, also one of the test tokens such as ``tok_visa``."""
    card = card_of_test_id(account, token_id) if token_id.startswith("tok_") else None
    if card is None:
        return account.fetch("token", token_id)
    return skeleton(
        "token",
        id=token_id,
        card=legacy_card(account, card, new_id("card")),
        created=account.now,
        livemode=False,
        type="card",
        used=False,
    )
