"""A patient's cards at Stripe, saved and changed there without our services hearing of it."""

from __future__ import annotations

import httpx

from tests.surroundings.plain_http import PLAIN
from tests.surroundings.running_sandbox import STRIPE_KEY, RunningSandbox


class Wallet:
    """The cards that Stripe keeps for one customer."""

    def __init__(self, sandbox: RunningSandbox, customer_id: str) -> None:
        self.sandbox, self.customer_id = sandbox, customer_id

    def save(self, card: str = "visa", *, agreed: bool = True) -> str:
        """Save a test card; return its id at Stripe. ``agreed``: the patient lets it be shown again."""
        method = self.sandbox.ask(f"/v1/payment_methods/pm_card_{card}/attach", customer=self.customer_id)
        if agreed:
            self.sandbox.ask(f"/v1/payment_methods/{method['id']}", allow_redisplay="always")
        return str(method["id"])

    def renew(self, stripe_id: str, *, month: int, year: int, card: str | None = None) -> None:
        """Have the bank replace a card: another expiry, perhaps another number."""
        order = {"payment_method": stripe_id, "exp_month": month, "exp_year": year}
        self.sandbox.order("cards", **order, **({} if card is None else {"card": card}))

    def detach(self, stripe_id: str) -> None:
        """Take a card from the customer, as Stripe's dashboard does."""
        self.sandbox.ask(f"/v1/payment_methods/{stripe_id}/detach", **{"expand[0]": "customer"})

    def delete_customer(self) -> None:
        """Delete the customer, as Stripe's dashboard does."""
        answer = httpx.delete(
            f"{self.sandbox.url}/v1/customers/{self.customer_id}",
            auth=(STRIPE_KEY, ""),
            trust_env=False,
            verify=PLAIN,
        )
        assert answer.status_code == 200, answer.text

    def held(self) -> set[str]:
        """Return the ids of the cards that can be charged at Stripe."""
        listed = self.sandbox.ask(f"/v1/customers/{self.customer_id}/payment_methods?limit=100")
        return {method["id"] for method in listed["data"]}
