"""The connection to Stripe, and what its errors mean at the counter."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

import stripe

from cashier.errors import CashierError, Contradiction, Misconfigured, Party, Refused, Unreachable
from cashier.language import m

log = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"
_RETRIES_MAX = 1

# No id of this machine, what it runs on and how long it waited in every request, and no file in somebody's home.
# https://github.com/stripe/stripe-python
stripe.enable_telemetry = False


def connect(key: str, *, api_base: str, http_client: stripe.HTTPXClient) -> stripe.StripeClient:
    """Make the one client of this process; requests are repeated once with the same key when the line breaks.

    https://docs.stripe.com/error-low-level#idempotency
    """
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses={"api": api_base},
        max_network_retries=_RETRIES_MAX,
        http_client=http_client,
    )


_NOT_UNDERSTOOD = (AttributeError, LookupError, TypeError, ValueError, RecursionError)
"""What the SDK and whoever reads an answer raise where it is not of the form that Stripe describes."""


@contextlib.contextmanager
def translated_errors() -> Iterator[None]:
    """Turn Stripe's exceptions into ours; a declined card (``CardError``) is a report, not an error, and passes.

    Inside the block are calls of the SDK and the reading of their answers, nothing else: what cannot be read there is
    ``Unreachable``, for whatever was asked for may be done. https://docs.stripe.com/error-handling
    """
    try:
        yield
    except stripe.CardError:
        raise
    except stripe.StripeError as error:
        log.warning(
            "stripe refused" if error.http_status else "stripe unreachable",
            extra={"status": error.http_status, "code": error.code, "request": error.request_id},
        )
        raise _translate(error) from error
    except _NOT_UNDERSTOOD as error:
        log.error("stripe not understood", exc_info=error)
        # Never ``Contradiction``: that is Stripe's own word for a key that was used before.
        raise Unreachable(
            m("Stripe answers something that cannot be understood."),
            advice=m("It is asked again. If this stays, show it to IT: the log tells more."),
            by=Party.STRIPE,
        ) from error


def _translate(error: stripe.StripeError) -> CashierError:
    translated = _put_into_words(error)
    translated.by = Party.STRIPE
    return translated


def _put_into_words(error: stripe.StripeError) -> CashierError:
    if error.code == "idempotency_key_in_use":
        return Unreachable(m("Stripe is still working on this."), advice=m("Wait a moment; it is asked again."))
    match error:
        # Without a status it is the SDK that says so, of a second page that it makes up for what is no list.
        case stripe.AuthenticationError() if error.http_status:
            return Misconfigured(
                m("Stripe does not accept our key."), advice=m("Ask IT to check the Stripe key of this desk.")
            )
        case stripe.PermissionError():
            return Misconfigured(
                m("Our Stripe key may not do this."),
                advice=m("Ask IT to give the restricted key the permission; see the log."),
            )
        case stripe.RateLimitError():
            # No word about charges: an earlier request for the same payment may have got through.
            return Unreachable(m("Stripe is busy."), advice=m("Wait a moment."))
        case stripe.IdempotencyError():
            return Contradiction(
                m("Stripe knows this payment with other details."), advice=m("Cancel it and begin a new one.")
            )
        case stripe.InvalidRequestError(code="resource_missing"):
            return Refused(
                m("Stripe does not have this any more: {reason}", reason=error.user_message),
                advice=m("Try it once more; if that does not help, show this to IT."),
            )
        case stripe.InvalidRequestError():
            return Refused(
                m("Stripe refused: {reason}", reason=error.user_message or error.code), advice=m("Show this to IT.")
            )
    # What it means for money is said by whoever asked: a list of readers is no payment.
    return Unreachable(m("Stripe does not answer."), advice=m("Check the internet connection."))


def has_answered(error: CashierError) -> bool:
    """Tell whether ``error`` is an answer of Stripe's, such as a 500, and not a line that broke."""
    cause = error.__cause__
    return isinstance(cause, stripe.StripeError) and (cause.http_status or 0) >= 500


def is_code(error: BaseException | None, *codes: str) -> bool:
    """Tell whether our error came from one of Stripe's error ``codes``."""
    cause = error.__cause__ if isinstance(error, CashierError) else error
    return isinstance(cause, stripe.StripeError) and cause.code in codes
