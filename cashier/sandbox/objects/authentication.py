"""3-D Secure challenges: the sandbox's page at ``/3ds/authenticate/CHALLENGE`` asks, the intent's room goes on.

A challenge is known by an id that cannot be guessed. ``answer_challenge`` is what the page calls; each kind of
intent registers with ``answers_challenge`` how it goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit, urlunsplit

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, invalid
from cashier.sandbox.engine.ids import new_id

Answered = Callable[[Account, Json, bool], Json]
_answered: dict[str, Answered] = {}


def answers_challenge(kind: str) -> Callable[[Answered], Answered]:
    """Register ``function(account, intent, passed)`` that goes on with an intent and returns it."""

    def register(action: Answered) -> Answered:
        _answered[kind] = action
        return action

    return register


def way_back(account: Account, params: Json) -> str | None:
    """Return where the bank's page leads back to, or nothing where Stripe.js shows it in a frame of the page.

    A bank that was ordered to redirect does so in spite of Stripe.js.
    """
    in_frame = params.get("use_stripe_sdk") and not account.challenges_redirect
    return None if in_frame else params.get("return_url")


def open_challenge(account: Account, intent: Json, return_url: str | None) -> Json:
    """Open a challenge for a payment or setup intent and return the ``next_action`` that leads there."""
    challenge: Json = {
        "id": new_id("payatt"),
        "object": "sandbox.challenge",
        "intent": intent["id"],
        "kind": intent["object"],
        "return_url": return_url,
        "state": "open",
    }
    account.add(challenge)
    url = f"{account.base_url}/3ds/authenticate/{challenge['id']}"
    account.save(intent, account.private(intent["id"]) | {"challenge": challenge["id"]})
    if return_url:
        return {"redirect_to_url": {"return_url": return_url, "url": url}, "type": "redirect_to_url"}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"stripe_js": url, "type": "three_d_secure_redirect"}}


def close_challenge(account: Account, intent: Json) -> None:
    """Close the open challenge of an intent, because it was answered or is no longer wanted."""
    challenge = account.store.find(account.private(intent["id"]).get("challenge", ""))
    if challenge and challenge["state"] == "open":
        account.save(challenge | {"state": "closed"})


def answer_challenge(account: Account, challenge_id: str, *, passed: bool) -> Json:
    """Go on with the intent after the customer passed or failed, and return it.

    Inside a transaction only. A challenge that was answered before, or that its intent has left behind, changes
    nothing. Raises ``resource_missing`` for an unknown challenge.
    """
    challenge = account.fetch("sandbox.challenge", challenge_id)
    intent = account.fetch(challenge["kind"], challenge["intent"])
    if challenge["state"] != "open" or intent["status"] != "requires_action":
        return intent
    close_challenge(account, intent)
    return _answered[challenge["kind"]](account, intent, passed)


def return_address(account: Account, challenge_id: str) -> str:
    """Return where the customer goes after the challenge: the return URL with the intent's id, secret and result."""
    challenge = account.fetch("sandbox.challenge", challenge_id)
    if not challenge["return_url"]:
        raise invalid("This intent was confirmed without a return_url.")
    intent = account.fetch(challenge["kind"], challenge["intent"])
    result = "succeeded" if intent["status"] in ("succeeded", "requires_capture", "processing") else "failed"
    parts = urlsplit(challenge["return_url"])
    query = urlencode(
        {
            challenge["kind"]: intent["id"],
            f"{challenge['kind']}_client_secret": intent["client_secret"],
            "redirect_status": result,
        }
    )
    return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, query) if part)))


def is_open(account: Account, challenge: Json) -> bool:
    """Tell whether the challenge still waits for its answer."""
    intent = account.fetch(challenge["kind"], challenge["intent"])
    return bool(challenge["state"] == "open" and intent["status"] == "requires_action")


def challenge_address(account: Account, intent: Json) -> str | None:
    """Return the address of the page on which the customer answers for ``intent``, if it waits for that."""
    challenge = account.store.find(account.private(intent["id"]).get("challenge", ""))
    if challenge is None or not is_open(account, challenge):
        return None
    return f"/3ds/authenticate/{challenge['id']}"
