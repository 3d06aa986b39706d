"""Reading a card: from a typed number, from a token, or from the name of a test card."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, invalid, missing_parameter, no_such
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.declines import DECLINES, card_failure, declined
from cashier.sandbox.objects.test_cards import TEST_CARDS, TestCard, card_named, card_numbered, is_luhn_valid


@dataclass(frozen=True, kw_only=True)
class Card:
    """A card that was read: which test card it is, its expiry, and whether a security code came with it."""

    test_card: TestCard
    exp_month: int
    exp_year: int
    cvc_given: bool

    def private(self) -> Json:
        """Return what is kept about the card beside its public object: never the number."""
        return {
            "test_card": self.test_card.name,
            "exp_month": self.exp_month,
            "exp_year": self.exp_year,
            "cvc_given": self.cvc_given,
        }


def read_card(account: Account, fields: Json, path: str) -> Card:
    """Read what was typed or posted under ``path``: ``number``, ``exp_month``, ``exp_year`` and perhaps ``cvc``.

    Raises Stripe's card errors for a wrong number, a past expiry and a malformed security code.
    """
    for name in ("number", "exp_month", "exp_year"):
        if fields.get(name) is None:
            raise missing_parameter(f"{path}[{name}]")
    number = re.sub(r"[\s-]", "", str(fields["number"]))
    if not re.fullmatch(r"\d{12,19}", number) or not is_luhn_valid(number):
        raise card_failure("incorrect_number", "Your card number is incorrect.", param="number")
    test_card = card_numbered(number)
    if test_card is None:
        raise declined(DECLINES["live_card"])
    month, year = _expiry(account, str(fields["exp_month"]), str(fields["exp_year"]))
    cvc = fields.get("cvc")
    if cvc is not None and not re.fullmatch(r"\d{4}" if test_card.brand == "amex" else r"\d{3}", cvc):
        raise card_failure("invalid_cvc", "Your card's security code is invalid.", param="cvc")
    return Card(test_card=test_card, exp_month=month, exp_year=year, cvc_given=cvc is not None)


def checked_expiry(account: Account, month: int, year: int) -> tuple[int, int]:
    """Return a month and a four-digit year that are not past; raise Stripe's card error otherwise."""
    now = datetime.fromtimestamp(account.now, UTC)
    if not 1 <= month <= 12:
        raise card_failure("invalid_expiry_month", "Your card's expiration month is invalid.", param="exp_month")
    year = year + 2000 if year < 100 else year
    if not now.year <= year <= now.year + 50:
        raise card_failure("invalid_expiry_year", "Your card's expiration year is invalid.", param="exp_year")
    if (year, month) < (now.year, now.month):
        raise card_failure("invalid_expiry_month", "Your card's expiration month is invalid.", param="exp_month")
    return month, year


def _expiry(account: Account, month: str, year: str) -> tuple[int, int]:
    if not re.fullmatch(r"\d{1,2}", month):
        raise card_failure("invalid_expiry_month", "Your card's expiration month is invalid.", param="exp_month")
    if not re.fullmatch(r"\d{2}|\d{4}", year):
        raise card_failure("invalid_expiry_year", "Your card's expiration year is invalid.", param="exp_year")
    return checked_expiry(account, int(month), int(year))


def card_of_test_id(account: Account, test_id: str) -> Card | None:
    """Return the card of ``pm_card_NAME`` or ``tok_NAME``: it expires next year, as Stripe's do."""
    name = re.fullmatch(r"(?:pm_card|tok)_(\w+)", test_id)
    test_card = card_named(name[1]) if name else None
    if test_card is None:
        return None
    now = datetime.fromtimestamp(account.now, UTC)
    return Card(test_card=test_card, exp_month=now.month, exp_year=now.year + 1, cvc_given=test_id.startswith("tok_"))


def card_of_token(account: Account, token_id: str, *, param: str) -> Card:
    """Use up a token, or take the card of a test token; raises when there is no such token or it was used."""
    test_card = card_of_test_id(account, token_id)
    if test_card is not None:
        return test_card
    token = account.store.find(token_id, "token")
    if token is None:
        raise no_such("token", token_id, param=param, status=400)
    if token["used"]:
        raise invalid(
            f"You cannot use a Stripe token more than once: {token_id}.", param=param, code="token_already_used"
        )
    account.save(token | {"used": True})
    return card_from_private(account.private(token_id))


def card_from_private(private: Json) -> Card:
    """Return the card that ``Card.private`` described."""
    return Card(
        test_card=TEST_CARDS[private["test_card"]],
        exp_month=private["exp_month"],
        exp_year=private["exp_year"],
        cvc_given=private["cvc_given"],
    )


def fingerprint(account: Account, card: TestCard) -> str:
    """Return what is the same for the same card in this account, and tells nothing else about it."""
    return fingerprint_of(account, card.name)


def fingerprint_of(account: Account, name: str) -> str:
    """Return the fingerprint of the card, or of the bank account, that is called ``name`` among those for tests."""
    digest = hashlib.sha256(f"{account.id}:{name}".encode()).digest()
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
    return "".join(letters[byte % len(letters)] for byte in digest[:16])


def legacy_card(account: Account, card: Card, card_id: str, owner: Json | None = None) -> Json:
    """Build the ``card`` object that tokens and the old charges carry."""
    owner = owner or {}
    return skeleton(
        "card",
        id=card_id,
        brand=_LEGACY_BRANDS[card.test_card.brand],
        country=card.test_card.country,
        cvc_check="unchecked" if card.cvc_given else None,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        fingerprint=fingerprint(account, card.test_card),
        funding=card.test_card.funding,
        last4=card.test_card.last4,
        metadata={},
        **{name: owner[name] for name in _OWNER if name in owner},
    )


_OWNER = ("name", "address_city", "address_country", "address_line1", "address_line2", "address_state", "address_zip")
_LEGACY_BRANDS = {
    "visa": "Visa", "mastercard": "MasterCard", "amex": "American Express", "discover": "Discover",
    "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay",
}  # fmt: skip
