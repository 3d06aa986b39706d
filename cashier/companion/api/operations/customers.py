"""Patients as Stripe's customers, and the cards that they saved: references, never card data."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from cashier.books.api_client import Scope
from cashier.cards.service import SavedCardView
from cashier.companion.api.operation import Answer, AnyAsk, Ask, Nothing, Operation
from cashier.companion.api.operations.lookup import card_named, patient_recorded
from cashier.companion.api.problems import Problem, ProblemKind
from cashier.companion.api.shapes import (
    MethodId,
    StripeCustomerResponse,
    StripePaymentMethodList,
    StripePaymentMethodResponse,
)
from cashier.language import m


class PageOfMethods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many, after the one that is named."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 100
    starting_after: MethodId | None = None


async def of_patient(ask: Ask[Nothing, Nothing]) -> Answer:
    """Tell what a patient is called at Stripe."""
    patient_id = await patient_recorded(ask, ask.path["id"])
    methods = await _methods_of(ask, patient_id)
    return Answer(
        value=StripeCustomerResponse(
            id=await ask.services.cards.known_customer_of(patient_id),
            patient_id=ask.path["id"],
            default_payment_method=next((each for each in methods if each.is_default), None),
        )
    )


async def methods_of_customer(ask: Ask[Nothing, PageOfMethods]) -> Answer:
    """List a customer's saved cards."""
    patient_id = await ask.services.cards.patient_of_customer(ask.path["id"])
    if patient_id is None or ask.caller.patient_id not in (None, patient_id):
        raise Problem(ProblemKind.NOT_FOUND, m("There is no customer {id}.", id=ask.path["id"]))
    methods = list(await _methods_of(ask, patient_id))
    if ask.query.starting_after is not None:
        places = [place for place, each in enumerate(methods) if each.id == ask.query.starting_after]
        methods = methods[places[0] + 1 :] if places else []
    shown = tuple(methods[: ask.query.limit])
    return Answer(value=StripePaymentMethodList(data=shown, has_more=len(methods) > len(shown)))


async def remove(ask: Ask[Nothing, Nothing]) -> Answer:
    """Forget a saved card, at Stripe first."""
    await ask.services.cards.remove(await card_named(ask, ask.path["id"]), ask.caller.actor)
    return Answer(status=204)


async def make_default(ask: Ask[Nothing, Nothing]) -> Answer:
    """Offer this card first from now on."""
    card_id = await card_named(ask, ask.path["id"])
    await ask.services.cards.set_default(card_id, ask.caller.actor)
    found = await ask.services.cards.find_by_stripe_id(ask.path["id"])
    methods = () if found is None else await _methods_of(ask, found.patient_id)
    method = next((each for each in methods if each.id == ask.path["id"]), None)
    if method is None:
        raise Problem(ProblemKind.REFUSED, m("This card was removed meanwhile."))
    return Answer(value=method)


async def _methods_of(ask: AnyAsk, patient_id: int) -> tuple[StripePaymentMethodResponse, ...]:
    """Ask Stripe which cards are saved: one that was saved just now, or removed elsewhere, counts at once."""
    await ask.services.cards.refresh(patient_id, ask.caller.actor)
    return tuple(_method(card) for card in await ask.services.cards.of_patient(patient_id))


def _method(card: SavedCardView) -> StripePaymentMethodResponse:
    return StripePaymentMethodResponse(
        id=card.stripe_id,
        brand=card.brand,
        last4=card.last_four,
        exp_month=card.expires_month,
        exp_year=card.expires_year,
        is_default=card.is_default,
    )


_PREFIX = "/api/v1/payments/stripe"
_CARD = {"id": m("What Stripe calls the saved card: pm_…")}

OPERATIONS = (
    Operation(
        name="getCustomerOfPatient",
        method="GET",
        path=f"{_PREFIX}/customers/patient/{{id}}",
        summary=m("A patient as Stripe's customer, with the default payment method"),
        about=m("The id is null until the patient's first payment at Stripe."),
        group="Saved cards",
        scope=Scope.CARDS_READ,
        handler=of_patient,
        answer=StripeCustomerResponse,
        parts={"id": m("The patient's record number.")},
        examples={"id": "MRN-0000101"},
        problems=(ProblemKind.NOT_FOUND, ProblemKind.UNAVAILABLE),
    ),
    Operation(
        name="listPaymentMethods",
        method="GET",
        path=f"{_PREFIX}/customers/{{id}}/payment-methods",
        summary=m("A customer's saved cards"),
        about=m("Brand, last four digits and expiry; the default one first."),
        group="Saved cards",
        scope=Scope.CARDS_READ,
        handler=methods_of_customer,
        answer=StripePaymentMethodList,
        query=PageOfMethods,
        parts={"id": m("What Stripe calls the customer: cus_…")},
        problems=(ProblemKind.NOT_FOUND, ProblemKind.UNAVAILABLE),
    ),
    Operation(
        name="removePaymentMethod",
        method="DELETE",
        path=f"{_PREFIX}/payment-methods/{{id}}",
        summary=m("Remove a saved card, at Stripe and here"),
        about=m("409 while a payment uses it."),
        group="Saved cards",
        scope=Scope.CARDS_WRITE,
        handler=remove,
        answer=None,
        status=204,
        parts=_CARD,
        problems=(ProblemKind.NOT_FOUND, ProblemKind.REFUSED, ProblemKind.UNAVAILABLE),
    ),
    Operation(
        name="makePaymentMethodDefault",
        method="POST",
        path=f"{_PREFIX}/payment-methods/{{id}}/default",
        summary=m("Make a saved card the default"),
        about=m(
            "It is offered first from now on, and is the customer's default at Stripe as well "
            "(`invoice_settings.default_payment_method`). Safe to repeat."
        ),
        group="Saved cards",
        scope=Scope.CARDS_WRITE,
        handler=make_default,
        answer=StripePaymentMethodResponse,
        parts=_CARD,
        problems=(ProblemKind.NOT_FOUND, ProblemKind.REFUSED, ProblemKind.UNAVAILABLE),
    ),
)
