"""A page of the hospital's own: a portal asks for the card with Stripe.js, or charges one that was saved."""

from __future__ import annotations

from datetime import timedelta

from cashier.books.from_stripe.payment_report import PaymentReport
from cashier.books.payment import Payment
from cashier.channels.at_stripe import AtStripe, description_of
from cashier.channels.saved_card import card_of_patient
from cashier.errors import Refused
from cashier.failpoints import FailPoint, reach
from cashier.language import m
from cashier.stripe_gateway.gateway import IntentOrder

OWN_PAGE_LIFETIME = timedelta(minutes=30)
"""How long somebody may think at home: meanwhile their invoice waits for them at every desk.

An intent does not end by itself at Stripe, other than Stripe's page; recovery withdraws it.
"""


class OnOwnPage(AtStripe):
    """Opens an intent; who holds its client secret pays it, once."""

    lifetime = OWN_PAGE_LIFETIME

    async def _send(self, payment: Payment, customer_id: str, entry: str) -> PaymentReport:
        order = IntentOrder(
            payment_id=payment.id,
            entry=entry,
            amount=payment.amount,
            description=description_of(payment),
            customer_id=customer_id,
            saves_card=payment.saves_card,
        )
        return await self._gateway.open_intent(order)

    async def charge(
        self, payment: Payment, intent_id: str, *, card_id: int, return_url: str | None
    ) -> PaymentReport:
        """Charge a saved card of the patient on the open intent.

        Raises ``Refused`` for a card that is not saved for the patient any more, or with another customer at Stripe
        than the intent's: of a patient whom the hospital merged, each record has its own.
        """
        async with self._database.reading() as session:
            card = await card_of_patient(session, card_id, patient_id=payment.patient_id)
        if card.patient_id != payment.patient_id:
            raise Refused(
                m("This card is saved with an old record of the patient."), advice=m("Enter the card on the page.")
            )
        reach(FailPoint.PAYMENT_CHARGING)
        report = await self._gateway.confirm_intent(intent_id, card_id=card.stripe_id, return_url=return_url)
        reach(FailPoint.PAYMENT_CHARGED)
        return report
