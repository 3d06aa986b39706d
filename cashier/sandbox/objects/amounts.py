"""Which amounts and currencies Stripe charges. https://docs.stripe.com/currencies"""

from __future__ import annotations

import re

from cashier.errors import Refused
from cashier.money import Money, check_chargeable, maximum_charge, minimum_charge, smallest_step_of
from cashier.sandbox.engine.failures import invalid

_CURRENCIES = frozenset(
    re.findall(
        r"[a-z]{3}",
        "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf "
        "chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl hrk "
        "htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd "
        "mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd "
        "rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx usd uyu uzs "
        "vnd vuv wst xaf xcd xof xpf yer zar zmw ",
    )
)


def checked_currency(currency: str) -> str:
    """Return the currency in lower case; raise for one that Stripe does not take."""
    if currency.lower() not in _CURRENCIES:
        raise invalid(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: "
            f"{', '.join(sorted(_CURRENCIES))}",
            param="currency",
        )
    return currency.lower()


def check_amount(amount_minor: int, currency: str, *, param: str = "amount") -> None:
    """Raise for an amount that is not positive, too small, too large, or no whole step of its currency."""
    if amount_minor < 1:
        raise invalid("This value must be greater than or equal to 1.", param=param, code="parameter_invalid_integer")
    maximum = maximum_charge(currency.upper())
    if amount_minor > maximum.amount_minor:
        raise invalid(
            f"Amount must be no more than {maximum.digits()} {currency}",
            param=param,
            code="amount_too_large",
        )
    step = smallest_step_of(currency.upper())
    if amount_minor % step:
        raise invalid(
            f"Invalid amount: in {currency} the amount must be divisible by {step}.",
            param=param,
            code="invalid_charge_amount",
        )
    try:
        check_chargeable(Money(amount_minor, currency.upper()))
    except Refused as refusal:
        raise invalid(
            f"Amount must convert to at least the minimum charge amount in {currency}: {refusal.message.english}",
            param=param,
            code="amount_too_small",
        ) from None


def check_total(amount_minor: int, currency: str) -> None:
    """Raise for a Checkout Session's total that cannot be charged."""
    minimum = minimum_charge(currency.upper())
    if amount_minor < minimum.amount_minor:
        raise invalid(
            f"The Checkout Session's total amount due must add up to at least "
            f"{minimum.symbol}{minimum.digits()} {currency}",
            code="amount_too_small",
        )
    check_amount(amount_minor, currency, param="line_items")
