"""One API request from its bytes to its answer: everything that all resources have in common."""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cashier.sandbox.engine import publishable, wire
from cashier.sandbox.engine.account import Account, Request
from cashier.sandbox.engine.api_description import description
from cashier.sandbox.engine.expand import expanded
from cashier.sandbox.engine.failures import Json, StripeFailure, invalid, name_in_path
from cashier.sandbox.engine.idempotency import Kept, Keyed, in_progress, keep_answer, kept_answer, keyed
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.operations import Match, match
from cashier.sandbox.engine.parameters import check

log = logging.getLogger(__name__)

_TEST_KEY = re.compile(r"(sk|rk|pk)_test_\w+")
CORS_HEADERS = {
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Stripe-Version",
    "Access-Control-Allow-Methods": "GET, HEAD, PUT, PATCH, POST, DELETE",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Request-Id, Stripe-Should-Retry",
    "Access-Control-Max-Age": "300",
}
"""Pages of any site may ask the API, as Stripe.js does: keys protect it, not origins."""


@dataclass(kw_only=True)
class Exchange:
    """One request under way, and the answer once there is one."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: str = ""
    request_id: str = field(default_factory=lambda: new_id("req"))
    version: str = ""
    status: int = 0
    answer: bytes = b""
    answer_headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_of_a_browser(self) -> bool:
        """Tell whether Stripe.js asks, with a publishable key and perhaps with what was typed of a card."""
        return publishable.is_publishable(_api_key(self.headers))

    @property
    def idempotency_key(self) -> str | None:
        """The request's idempotency key, if it has one."""
        return self.headers.get("Idempotency-Key")


class Api:
    """Answers API requests for one account."""

    def __init__(self, account: Account, only_key: str | None = None) -> None:
        """Serve ``account``; with ``only_key`` any other API key is refused."""
        self.account = account
        self.only_key = only_key
        self._under_way: set[tuple[str, str]] = set()

    def begin(self, exchange: Exchange) -> bool:
        """Claim the request's idempotency key; answer 409 and return false when another request holds it."""
        claim = self._claim(exchange)
        if claim in self._under_way:
            self._fail(exchange, in_progress(claim[1]))
            return False
        if claim:
            self._under_way.add(claim)
        return True

    def end(self, exchange: Exchange) -> None:
        """Release the idempotency key that ``begin`` claimed."""
        claim = self._claim(exchange)
        if claim:
            self._under_way.discard(claim)

    def answer(self, exchange: Exchange) -> None:
        """Do what the request asks and put the answer into ``exchange``; whatever it changed is saved by then."""
        try:
            owner = self._authenticated(exchange.headers)
            pinned = self._version_pinned(exchange.headers)
            exchange.version = pinned or description().version
            found = _found(exchange)
            self._check_right(owner, exchange)
            form = wire.decode_form("&".join(part for part in (exchange.query, exchange.body) if part))
            use = keyed(exchange.idempotency_key, owner, exchange.path, form) if exchange.method == "POST" else None
            asked = Request(
                id=exchange.request_id, idempotency_key=use.key if use else None, is_pinned=pinned is not None
            )
            with self.account.transaction(asked):
                kept = kept_answer(self.account, use) if use else None
                if kept is None:
                    kept = self._worked(exchange, found, form, use, pinned=pinned is not None)
                else:
                    exchange.answer_headers["Idempotent-Replayed"] = "true"
            if use:
                exchange.answer_headers |= {"Idempotency-Key": use.key, "Original-Request": kept.request_id}
            self._finish(exchange, kept.status, kept.body)
        except StripeFailure as failure:
            self._fail(exchange, failure)
        except Exception:
            log.exception("the sandbox failed", extra={"request": exchange.request_id})
            self._fail(exchange, _our_mistake())

    def refuse(self, exchange: Exchange, status: int, message: str) -> None:
        """Answer with a failure that the API itself does not know, such as one that was ordered."""
        self._fail(exchange, StripeFailure(status, message, kind="api_error"))

    def _worked(self, exchange: Exchange, found: Match, form: Json, use: Keyed | None, *, pinned: bool) -> Kept:
        """Run the operation; undo its changes when it fails, unless the failure is itself a result."""
        kept_failure = True
        try:
            with self.account.store.savepoint():
                try:
                    status, answer = 200, self._run(exchange, found, form, pinned=pinned)
                except StripeFailure as failure:
                    if not failure.keeps_changes:
                        raise
                    status, answer = failure.status, self._error_body(exchange, failure)
        except StripeFailure as failure:
            kept_failure = failure.kept_for_repeats
            status, answer = failure.status, self._error_body(exchange, failure)
        except Exception:
            log.exception("the sandbox failed", extra={"request": exchange.request_id})
            status, answer = 500, self._error_body(exchange, _our_mistake())
        kept = Kept(status=status, body=wire.encode(answer), request_id=exchange.request_id)
        if use and kept_failure:
            keep_answer(self.account, use, kept)
        return kept

    def _run(self, exchange: Exchange, found: Match, form: Json, *, pinned: bool) -> Json:
        if not exchange.is_of_a_browser:
            return self._performed(found, form, pinned=pinned)
        try:
            return publishable.shown(
                self._performed(found, publishable.admitted(self.account, found, form), pinned=pinned)
            )
        except StripeFailure as failure:
            raise publishable.shown_failure(failure) from None

    def _performed(self, found: Match, form: Json, *, pinned: bool) -> Json:
        params = check(found.operation, form, version_pinned=pinned) if found.operation else form
        paths = params.pop("expand", [])
        try:
            answer = found.action(self.account, params, *found.values)
        except StripeFailure as failure:
            name_in_path(failure, found.names, found.values)
            raise
        return expanded(self.account, answer, paths)

    def _authenticated(self, headers: Mapping[str, str]) -> str:
        key = _api_key(headers)
        if not key:
            raise StripeFailure(
                401,
                "You did not provide an API key. You need to provide your API key in the Authorization header, using "
                "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            )
        if re.match(r"(sk|rk|pk)_live_", key):
            raise StripeFailure(
                401, "Invalid API Key provided: this is a live key. The sandbox takes test keys (sk_test_…) only."
            )
        is_the_one = self.only_key in (None, key) or publishable.is_publishable(key)
        if not _TEST_KEY.fullmatch(key) or not is_the_one:
            raise StripeFailure(401, f"Invalid API Key provided: {masked(key)}")
        return key

    def _check_right(self, key: str, exchange: Exchange) -> None:
        """Refuse what a restricted key may not do: https://docs.stripe.com/keys#limit-access."""
        rights = self.account.restricted_keys.get(key)
        if rights is None:
            return
        resource = exchange.path.removeprefix("/v1/")
        granted = [level for each, level in rights.items() if resource == each or resource.startswith(f"{each}/")]
        if not any(level == "write" or exchange.method == "GET" for level in granted):
            raise StripeFailure(
                403,
                f"The provided key '{masked(key)}' does not have the required permissions for this endpoint on "
                f"account '{self.account.id}'.",
            )

    def _version_pinned(self, headers: Mapping[str, str]) -> str | None:
        """Return the version that the request names; of one major release, all versions have the same shape.

        https://docs.stripe.com/api/versioning
        """
        version = headers.get("Stripe-Version")
        release = description().version.partition(".")[2]
        if version and not re.fullmatch(rf"20\d\d-(0[1-9]|1[0-2])-([0-2]\d|3[01])\.{release}", version):
            raise invalid(
                f"Invalid Stripe API version: {version}. The sandbox speaks the versions of the release {release}, "
                f"such as {description().version}."
            )
        return version or None

    def _claim(self, exchange: Exchange) -> tuple[str, str] | None:
        if exchange.method != "POST" or not exchange.idempotency_key:
            return None
        return _api_key(exchange.headers), exchange.idempotency_key

    def _fail(self, exchange: Exchange, failure: StripeFailure) -> None:
        self._finish(exchange, failure.status, wire.encode(self._error_body(exchange, failure)))

    def _error_body(self, exchange: Exchange, failure: StripeFailure) -> Json:
        address = f"https://dashboard.stripe.com/{self.account.id}/test/workbench/logs?object={exchange.request_id}"
        return {"error": dict(sorted({**failure.error, "request_log_url": address}.items()))}

    def _finish(self, exchange: Exchange, status: int, answer: bytes) -> None:
        exchange.status, exchange.answer = status, answer
        exchange.answer_headers |= {
            **CORS_HEADERS,
            "Content-Type": "application/json",
            "Request-Id": exchange.request_id,
            "Stripe-Version": exchange.version or description().version,
        }


def masked(key: str) -> str:
    """Hide an API key but for its kind and last four characters, as Stripe's messages do."""
    prefix = re.match(r"(?:[a-z]{2}_(?:test|live)_)?", key)
    kind = prefix[0] if prefix else ""
    return f"{kind}{'*' * 8}{key[-4:]}" if len(key) > len(kind) + 8 else f"{kind}{'*' * 8}"


def _api_key(headers: Mapping[str, str]) -> str:
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def _found(exchange: Exchange) -> Match:
    found = match(exchange.method, exchange.path)
    if found is None:
        raise StripeFailure(
            404,
            f"Unrecognized request URL ({exchange.method}: {exchange.path}). Please see https://stripe.com/docs or "
            "we can help at https://support.stripe.com/.",
        )
    return found


def _our_mistake() -> StripeFailure:
    return StripeFailure(500, "An unknown error occurred inside the sandbox.", kind="api_error")
