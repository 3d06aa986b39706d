"""Payment links: an address that opens a new Checkout Session for everyone who visits it.

https://docs.stripe.com/api/payment_links
"""

from __future__ import annotations

from aiohttp import web

from cashier.sandbox.checkout import checkout_sessions
from cashier.sandbox.checkout.checkout_items import build_items
from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, StripeFailure, invalid
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.lists import answer_list, equal_where_given, whole_list
from cashier.sandbox.engine.operations import includable, operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.engine.store import Condition

_TAKEN = (
    "active", "after_completion", "allow_promotion_codes", "billing_address_collection", "custom_fields",
    "custom_text", "customer_creation", "inactive_message", "payment_method_collection", "phone_number_collection",
    "submit_type",
)  # fmt: skip


@operation("POST", "/v1/payment_links")
def create(account: Account, params: Json) -> Json:
    """Make a payment link for what its line items say; one for what recurs opens no page here."""
    _refuse_what_is_not_offered(params, also=("currency", "line_items", "metadata"))
    items = build_items(account, params["line_items"], may_recur=True)
    link_id = new_id("plink")
    link = skeleton(
        "payment_link",
        id=link_id,
        active=True,
        after_completion={"hosted_confirmation": {"custom_message": None}, "type": "hosted_confirmation"},
        allow_promotion_codes=False,
        automatic_tax={"enabled": False, "liability": None},
        billing_address_collection="auto",
        currency=items[0]["currency"],
        custom_fields=[],
        custom_text={},
        customer_creation="if_required",
        livemode=False,
        metadata={},
        payment_method_collection="always",
        phone_number_collection={"enabled": False},
        shipping_options=[],
        submit_type="auto",
        tax_id_collection={"enabled": False, "required": "never"},
        url=f"{account.base_url}/l/{link_id}",
    )
    for item in reversed(items):
        account.add(item, {"link": link_id})
    link = _taken(link, params)
    account.add(link, {"line_items": params["line_items"]})
    account.emit("payment_link.created", link)
    return link


@operation("GET", "/v1/payment_links/{payment_link}")
def retrieve(account: Account, _params: Json, link_id: str) -> Json:
    """Return a payment link."""
    return account.fetch("payment_link", link_id)


@operation("POST", "/v1/payment_links/{payment_link}")
def update(account: Account, params: Json, link_id: str) -> Json:
    """Change a payment link, or switch it off."""
    _refuse_what_is_not_offered(params, also=("metadata",))
    link = _taken(account.fetch("payment_link", link_id), params)
    account.save(link)
    account.emit("payment_link.updated", link, {})
    return link


@operation("GET", "/v1/payment_links")
def list_all(account: Account, params: Json) -> Json:
    """List payment links."""
    conditions = equal_where_given(params, "active")
    return answer_list(account, "payment_link", params, "/v1/payment_links", conditions, has_created=False)


@operation("GET", "/v1/payment_links/{payment_link}/line_items")
def list_items(account: Account, params: Json, link_id: str) -> Json:
    """List what a payment link charges for."""
    account.fetch("payment_link", link_id)
    url = f"/v1/payment_links/{link_id}/line_items"
    return answer_list(account, "item", params, url, [_of(link_id)], has_created=False)


@includable("payment_link", "line_items")
def _line_items(account: Account, link: Json) -> Json:
    return whole_list(account.select("item", _of(link["id"])), f"/v1/payment_links/{link['id']}/line_items")


def routes(account: Account) -> list[web.RouteDef]:
    """Return the route of the page that sends a visitor on to a Checkout Session of his own."""

    async def visit(request: web.Request) -> web.Response:
        with account.transaction():
            link = account.store.find(request.match_info["link"], "payment_link")
            if link is None or not link["active"]:
                text = (link or {}).get("inactive_message") or "This payment link is not active."
                return web.Response(status=404, text=text)
            completion = link["after_completion"]
            done = (completion.get("redirect") or {}).get("url") or f"{account.base_url}/l/{link['id']}"
            wanted = {
                "line_items": account.private(link["id"])["line_items"],
                "mode": "payment",
                "success_url": done,
            }
            try:
                session = checkout_sessions.create(account, wanted)
            except StripeFailure as failure:
                return web.Response(status=400, text=str(failure))
            account.save(session | {"payment_link": link["id"]})
        raise web.HTTPSeeOther(session["url"])

    return [web.get("/l/{link}", visit)]


def _of(link_id: str) -> Condition:
    return Condition(sql="json_extract(private, '$.link') = ?", values=(link_id,))


def _refuse_what_is_not_offered(params: Json, *, also: tuple[str, ...]) -> None:
    for name, value in params.items():
        if value and name not in (*_TAKEN, *also):
            raise invalid(f"The sandbox does not offer `{name}` for payment links.", param=name)


def _taken(link: Json, params: Json) -> Json:
    given = {name: params[name] for name in _TAKEN if params.get(name) is not None}
    if "inactive_message" in params:
        given["inactive_message"] = params["inactive_message"]
    metadata = merged_metadata(link["metadata"], params.get("metadata") or {})
    return link | given | {"metadata": metadata}
