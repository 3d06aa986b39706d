"""What each event that we subscribe to makes us ask of Stripe: as the integration guide says it."""

from __future__ import annotations

from cashier.history.timeline import STEP_OF_EVENT
from cashier.stripe_gateway.webhooks import notice_of
from tests.companion.stripe_events import event
from tests.documents.reading import GUIDE, table_under
from tests.surroundings.orders import order_for

ASKED = {
    "the payment whose page it was": "/v1/checkout/sessions/",
    "the payment": "/v1/checkout/sessions/",
    "the payment that was charged": "/v1/checkout/sessions/",
    "the payment that the reader asks for": "/v1/checkout/sessions/",
    "the refund, also one that was made in the dashboard": "/v1/refunds/re_ours",
    "the disputes of that charge": "/v1/disputes?charge=ch_ours",
    "the saved cards of that patient": "/v1/customers/",
    "the saved cards of that patient; a deleted customer is made anew at the next payment": "/v1/customers/",
}
"""The path that shows it, by the words of the guide; the payment is one on Stripe's page."""


def told() -> dict[str, str]:
    """Return what the guide says of each event."""
    rows = table_under("en", GUIDE, "Events")
    return {kind: says for kinds, says in rows for kind in kinds.replace("`", "").split(", ")}


def subject_of(kind: str, *, payment_id: str, customer_id: str, card_id: str) -> dict[str, object]:
    """Make what an event of this kind is about, as far as we read it."""
    ours = {"cashier_payment": payment_id}
    match kind.split("."):
        case ["charge", "dispute", _]:
            return {"id": "dp_ours", "charge": "ch_ours"}
        case ["terminal", *_]:
            intent = {"payment_intent": "pi_ours"}
            return {"id": "tmr_1", "action": {"type": "process_payment_intent", "process_payment_intent": intent}}
        case ["refund", _]:
            return {"id": "re_ours"}
        case ["payment_method", _]:
            return {"id": card_id}
        case ["customer", _]:
            return {"id": customer_id}
        case _:
            return {"id": "pi_ours", "metadata": ours}


async def test_each_event_leads_where_the_guide_says(services, hospital, sandbox):
    order = order_for(hospital)
    await services.payments.begin(order, hospital.cashier)
    hospital.execute("UPDATE payment SET stripe_intent_id = 'pi_ours'")
    (customer,) = [row["stripe_id"] for row in hospital.execute("SELECT stripe_id FROM stripe_customer")]
    card = sandbox.ask("/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
    says = told()

    for kind in STEP_OF_EVENT:
        before = len(sandbox.exchanges())
        subject = subject_of(kind, payment_id=str(order.payment_id), customer_id=customer, card_id=card)
        await services.inbox.store([notice_of(event(type=kind, data={"object": subject}))])
        await services.inbox.process_waiting()

        asked = [each["path"] for each in sandbox.exchanges()[before:] if each.get("method") == "GET"]
        assert any(each.startswith(ASKED[says[kind]]) for each in asked), (kind, asked)
