"""How the sandbox says no: one exception, and a function for every refusal that several resources share.

Codes and status numbers are Stripe's: https://docs.stripe.com/error-codes and https://docs.stripe.com/api/errors
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

# Refusals of these codes come before an endpoint starts its work, so Stripe does not keep them for a repeated key.
# https://docs.stripe.com/api/idempotent_requests
_BEFORE_THE_WORK = frozenset({"resource_missing", "idempotency_key_in_use", "secret_key_required"})


class StripeFailure(Exception):  # noqa: N818 - what Stripe calls an error is an answer here
    """An answer that is not a success.

    ``keeps_changes`` is for declines: the failed charge and the state of the intent are saved although the
    answer is an error. Every other failure undoes whatever its request did. ``missing`` is the id in the path that
    names nothing.
    """

    missing: str | None = None

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keeps_changes: bool = False,
        **more: Any,
    ) -> None:
        """Keep the facts of Stripe's error object; ``more`` are further fields such as ``decline_code``."""
        super().__init__(message)
        self.status = status
        self.keeps_changes = keeps_changes
        facts = {"code": code, "message": message, "param": param, "type": kind, **more}
        self.error: Json = {name: value for name, value in facts.items() if value is not None}
        if code is not None:
            self.error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"

    @property
    def kept_for_repeats(self) -> bool:
        """Tell whether a repeated idempotency key gets this same answer again."""
        code = self.error.get("code")
        if self.status in (401, 403, 409) or code in _BEFORE_THE_WORK or (code or "").startswith("parameter_"):
            return False
        return code is not None or self.status >= 500


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> StripeFailure:
    """Refuse a parameter or a request as it stands: 400."""
    return StripeFailure(400, message, code=code, param=param)


def missing_parameter(param: str) -> StripeFailure:
    """Refuse a request that lacks ``param``."""
    return invalid(f"Missing required param: {param}.", param=param, code="parameter_missing")


def no_such(label: str, object_id: str, *, param: str, status: int = 404) -> StripeFailure:
    """Refuse an id that names nothing: 404 when it stands in the path, 400 when it is a parameter."""
    failure = StripeFailure(status, f"No such {label}: '{object_id}'", code="resource_missing", param=param)
    failure.missing = object_id if status == 404 else None
    return failure


_CALLED_ID = frozenset({"charge", "customer", "refund", "token"})
"""The placeholders of Stripe's oldest paths, in whose errors the parameter is called ``id``."""


def name_in_path(failure: StripeFailure, names: tuple[str, ...], values: tuple[str, ...]) -> None:
    """Let ``failure`` name the placeholder of the path whose value names nothing, as Stripe does."""
    if failure.missing is None or failure.error["param"] != "id":
        return
    named = [name for name, value in zip(names, values, strict=True) if value == failure.missing]
    failure.error["param"] = next((name for name in named if name not in _CALLED_ID), "id")
