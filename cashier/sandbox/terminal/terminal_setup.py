"""What readers need around them: locations, configurations, connection tokens. https://docs.stripe.com/api/terminal"""

from __future__ import annotations

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, invalid, missing_parameter
from cashier.sandbox.engine.ids import new_id, random_text
from cashier.sandbox.engine.lists import answer_list, equal, equal_where_given
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.skeletons import skeleton

_LOCATION = "terminal.location"
_CONFIGURATION = "terminal.configuration"
_LOCATION_TEXTS = ("configuration_overrides", "display_name", "display_name_kana", "display_name_kanji", "phone")
_ADDRESSES = ("address_kana", "address_kanji")
_SETTINGS = (
    "bbpos_wisepad3", "bbpos_wisepos_e", "cellular", "name", "offline", "reader_security", "reboot_window",
    "stripe_s700", "stripe_s710", "stripe_t600", "tipping", "verifone_m425", "verifone_p400", "verifone_p630",
    "verifone_ux700", "verifone_v660p", "wifi",
)  # fmt: skip


@operation("POST", "/v1/terminal/locations")
def create_location(account: Account, params: Json) -> Json:
    """Make a location, such as one hall with its desks."""
    for name in ("display_name", "address"):
        if not params.get(name):
            raise missing_parameter(name)
    location = skeleton(
        _LOCATION,
        id=new_id("tml"),
        address=skeleton("location.Location.Address"),
        display_name=params["display_name"],
        livemode=False,
        metadata={},
    )
    return account.add(_taken(account, location, params))


@operation("GET", "/v1/terminal/locations/{location}")
def retrieve_location(account: Account, _params: Json, location_id: str) -> Json:
    """Return a location."""
    return account.fetch(_LOCATION, location_id)


@operation("POST", "/v1/terminal/locations/{location}")
def update_location(account: Account, params: Json, location_id: str) -> Json:
    """Change a location. Its country stays, because readers are set up for it."""
    location = account.fetch_existing(_LOCATION, location_id)
    country = (params.get("address") or {}).get("country", location["address"]["country"])
    if country != location["address"]["country"]:
        raise invalid("The country of a location cannot be changed.", param="address[country]")
    return account.save(_taken(account, location, params))


@operation("GET", "/v1/terminal/locations")
def list_locations(account: Account, params: Json) -> Json:
    """List locations."""
    return answer_list(account, _LOCATION, params, "/v1/terminal/locations", has_created=False)


@operation("DELETE", "/v1/terminal/locations/{location}")
def delete_location(account: Account, _params: Json, location_id: str) -> Json:
    """Delete a location that has no readers any more."""
    account.fetch_existing(_LOCATION, location_id)
    if account.select("terminal.reader", equal("location", location_id), limit=1):
        raise invalid("You cannot delete a location that still has readers. Delete the readers first.")
    return account.delete(_LOCATION, location_id)


@operation("POST", "/v1/terminal/configurations")
def create_configuration(account: Account, params: Json) -> Json:
    """Make a set of reader settings."""
    settings = {name: params[name] for name in _SETTINGS if params.get(name) is not None}
    configuration = skeleton(_CONFIGURATION, id=new_id("tmc"), is_account_default=False, livemode=False, **settings)
    return account.add(configuration)


@operation("GET", "/v1/terminal/configurations/{configuration}")
def retrieve_configuration(account: Account, _params: Json, configuration_id: str) -> Json:
    """Return a configuration."""
    return account.fetch(_CONFIGURATION, configuration_id)


@operation("POST", "/v1/terminal/configurations/{configuration}")
def update_configuration(account: Account, params: Json, configuration_id: str) -> Json:
    """Change a configuration; an empty setting goes back to the account's default."""
    configuration = account.fetch_existing(_CONFIGURATION, configuration_id)
    return account.save(configuration | {name: params[name] for name in _SETTINGS if name in params})


@operation("GET", "/v1/terminal/configurations")
def list_configurations(account: Account, params: Json) -> Json:
    """List configurations."""
    conditions = equal_where_given(params, "is_account_default")
    return answer_list(account, _CONFIGURATION, params, "/v1/terminal/configurations", conditions, has_created=False)


@operation("DELETE", "/v1/terminal/configurations/{configuration}")
def delete_configuration(account: Account, _params: Json, configuration_id: str) -> Json:
    """Delete a configuration."""
    account.fetch_existing(_CONFIGURATION, configuration_id)
    return account.delete(_CONFIGURATION, configuration_id)


@operation("POST", "/v1/terminal/connection_tokens")
def create_connection_token(account: Account, params: Json) -> Json:
    """Make the short-lived secret by which a reader's SDK connects; it is never kept."""
    if params.get("location"):
        account.fetch(_LOCATION, params["location"], param="location")
    return skeleton(
        "terminal.connection_token", location=params.get("location"), secret=f"pst_test_{random_text(32)}"
    )


def _taken(account: Account, location: Json, params: Json) -> Json:
    if params.get("configuration_overrides"):
        account.fetch(_CONFIGURATION, params["configuration_overrides"], param="configuration_overrides")
    texts = {name: params[name] for name in _LOCATION_TEXTS if name in params}
    addresses = {name: params[name] for name in _ADDRESSES if name in params}
    address = location["address"] | (params.get("address") or {})
    metadata = location["metadata"]
    if "metadata" in params:
        metadata = merged_metadata(metadata, params["metadata"])
    return location | texts | addresses | {"address": address, "metadata": metadata}
