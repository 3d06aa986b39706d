"""Webhook endpoints: where events are sent. https://docs.stripe.com/api/webhook_endpoints"""

from __future__ import annotations

from urllib.parse import urlsplit

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.api_description import description
from cashier.sandbox.engine.failures import Json, invalid
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.lists import answer_list, equal
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.skeletons import skeleton


@operation("POST", "/v1/webhook_endpoints")
def create(account: Account, params: Json) -> Json:
    """Make an endpoint; this answer alone tells its signing secret."""
    endpoint = add_endpoint(
        account,
        params["url"],
        new_id("whsec"),
        enabled_events=params["enabled_events"],
        api_version=params.get("api_version"),
        description_text=params.get("description"),
        metadata=merged_metadata({}, params.get("metadata") or {}),
    )
    return endpoint | {"secret": account.private(endpoint["id"])["secrets"][0]}


@operation("GET", "/v1/webhook_endpoints/{webhook_endpoint}")
def retrieve(account: Account, _params: Json, endpoint_id: str) -> Json:
    """Return an endpoint, without its secret."""
    return account.fetch("webhook_endpoint", endpoint_id, label="webhook endpoint")


@operation("POST", "/v1/webhook_endpoints/{webhook_endpoint}")
def update(account: Account, params: Json, endpoint_id: str) -> Json:
    """Change an endpoint; ``disabled`` stops and starts its deliveries."""
    endpoint = account.fetch("webhook_endpoint", endpoint_id, param="webhook_endpoint")
    if "url" in params:
        endpoint["url"] = _checked_url(params["url"])
    for name in ("description", "enabled_events"):
        if name in params:
            endpoint[name] = params[name]
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    if "metadata" in params:
        endpoint["metadata"] = merged_metadata(endpoint["metadata"], params["metadata"])
    return account.save(endpoint)


@operation("DELETE", "/v1/webhook_endpoints/{webhook_endpoint}")
def delete(account: Account, _params: Json, endpoint_id: str) -> Json:
    """Delete an endpoint; what was not delivered to it yet never will be."""
    account.fetch("webhook_endpoint", endpoint_id, param="webhook_endpoint")
    account.store.connection.execute(
        "UPDATE deliveries SET state = 'dropped' WHERE endpoint = ? AND state = 'pending'", (endpoint_id,)
    )
    return account.delete("webhook_endpoint", endpoint_id)


@operation("GET", "/v1/webhook_endpoints")
def list_all(account: Account, params: Json) -> Json:
    """List endpoints."""
    return answer_list(account, "webhook_endpoint", params, "/v1/webhook_endpoints")


def add_endpoint(
    account: Account,
    url: str,
    secret: str,
    *,
    enabled_events: list[str] | None = None,
    api_version: str | None = None,
    description_text: str | None = None,
    metadata: Json | None = None,
) -> Json:
    """Add an endpoint with this signing secret."""
    endpoint = skeleton(
        "webhook_endpoint",
        id=new_id("we"),
        api_version=api_version or description().version,
        created=account.now,
        description=description_text,
        enabled_events=enabled_events or ["*"],
        livemode=False,
        metadata=metadata or {},
        status="enabled",
        url=_checked_url(url),
    )
    return account.add(endpoint, {"secrets": [secret]})


def forward_to(account: Account, url: str, secret: str) -> None:
    """Send all events to ``url``, as ``stripe listen --forward-to`` does; a restart finds its endpoint again."""
    for endpoint in account.select("webhook_endpoint", equal("url", url)):
        account.save(endpoint | {"status": "enabled"}, {"secrets": [secret]})
        return
    add_endpoint(account, url, secret)


def roll_secret(account: Account, endpoint_id: str, *, overlap_seconds: float) -> str:
    """Give an endpoint a new secret; deliveries carry a signature of the old one too while they overlap."""
    account.fetch("webhook_endpoint", endpoint_id, param="webhook_endpoint")
    [current, *_] = account.private(endpoint_id)["secrets"]
    fresh = new_id("whsec")
    account.save(
        account.fetch("webhook_endpoint", endpoint_id),
        {"secrets": [fresh, current], "old_until": account.clock.precise() + overlap_seconds},
    )
    return fresh


def signing_secrets(account: Account, endpoint_id: str) -> list[str]:
    """Return the secrets that sign now: one, or two while a rolled one still counts."""
    private = account.private(endpoint_id)
    secrets: list[str] = private["secrets"]
    return secrets if account.clock.precise() < private.get("old_until", 0) else secrets[:1]


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid(
            "Invalid URL: An explicit scheme (such as https) must be provided.", param="url", code="url_invalid"
        )
    return url
