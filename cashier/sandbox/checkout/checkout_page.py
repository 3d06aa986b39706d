"""The hosted Checkout page at ``/c/pay/SESSION``: the customer sees the amount, types a card, and pays.

It works on the same objects as the API and inside the same transactions, so what the page shows and what the API
answers cannot differ. Every answer is made from the session's state: reloading, going back and pressing twice are
harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from aiohttp import web

from cashier.sandbox.checkout.checkout_form import (
    Complaints,
    Typed,
    email_complaint,
    read_typed,
    read_typed_card,
)
from cashier.sandbox.checkout.checkout_html import CheckoutView, bank_window_page, checkout_page
from cashier.sandbox.checkout.checkout_items import items_of
from cashier.sandbox.checkout.checkout_payment import Wish, offers_saving, submit
from cashier.sandbox.checkout.page_design import notice_page, redirect
from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, StripeFailure
from cashier.sandbox.engine.lists import equal
from cashier.sandbox.objects.authentication import challenge_address
from cashier.sandbox.objects.bank_accounts import read_account
from cashier.sandbox.objects.method_types import DEBITS, METHOD_TYPES
from cashier.sandbox.objects.payment_methods import add_bank_account, add_card, add_other
from cashier.sandbox.objects.vouchers import open_voucher, voucher_path

_SAVED_CARDS_MAX = 50
_NOT_AUTHENTICATED = (
    "We are unable to authenticate your payment method. Please choose a different payment method and try again."
)


def routes(account: Account) -> Iterable[web.RouteDef]:
    """Return the routes of the page."""
    counter = _Counter(account)
    return [
        web.get("/c/pay/{session}", counter.show),
        web.post("/c/pay/{session}", counter.submit),
        web.get("/c/pay/{session}/return", counter.come_back),
        web.get("/c/pay/{session}/bank", counter.wait_for_bank),
        web.get("/legal/terms", _show_terms),
        web.get("/legal/privacy", _show_privacy),
    ]


async def _show_terms(_request: web.Request) -> web.Response:
    return notice_page("Terms", "This is a sandbox. No money moves, and nothing is agreed to.")


async def _show_privacy(_request: web.Request) -> web.Response:
    return notice_page("Privacy", "This is a sandbox. What you type is not kept.")


class _Counter:
    def __init__(self, account: Account) -> None:
        self.account = account

    async def show(self, request: web.Request) -> web.Response:
        """Show the page as the session stands."""
        return self._answered(request, self._shown)

    async def submit(self, request: web.Request) -> web.Response:
        """Try to pay with what was typed."""
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        return self._answered(request, lambda session: self._submitted(session, form))

    async def come_back(self, request: web.Request) -> web.Response:
        """Go on after a 3-D Secure challenge: to the shop when it is paid, to the page when it is not."""
        return self._answered(request, self._way_on)

    async def wait_for_bank(self, request: web.Request) -> web.Response:
        """Wait for a challenge that is answered in a window of its own; the page asks again every second."""
        return self._answered(request, self._waiting)

    def _answered(self, request: web.Request, answer: Callable[[Json], web.Response]) -> web.Response:
        with self.account.transaction():
            session = self.account.store.find(request.match_info["session"], "checkout.session")
            if session is None:
                return _with_status(notice_page("Nothing here", "This payment page does not exist."), 404)
            return answer(session)

    def _shown(self, session: Json) -> web.Response:
        if session["status"] != "open":
            return _closed_page(session)
        return self._form(session, Typed(), self._last_complaint(session))

    def _way_on(self, session: Json) -> web.Response:
        intent = self._intent(session)
        voucher = open_voucher(self.account, intent) if intent else None
        if voucher is not None:
            return redirect(voucher_path(voucher))
        if session["status"] == "complete":
            return redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))
        return redirect(f"/c/pay/{session['id']}")

    def _submitted(self, session: Json, form: Mapping[str, str]) -> web.Response:
        if session["status"] == "complete":
            # The second press of the button: the first one paid.
            return self._way_on(session)
        if session["status"] != "open":
            return _closed_page(session)
        typed = read_typed(form)
        wish = self._wish(session, typed, form)
        if isinstance(wish, Complaints):
            return self._form(session, typed, wish)
        decline = submit(self.account, session, wish)
        if decline:
            return self._form(session, typed, Complaints(message=decline.message))
        challenge = self._open_challenge(session)
        if challenge and self.account.challenges_in_window:
            return redirect(f"/c/pay/{session['id']}/bank")
        return redirect(challenge) if challenge else self._way_on(self._fresh(session))

    def _waiting(self, session: Json) -> web.Response:
        challenge = self._open_challenge(session)
        if not challenge or session["status"] != "open":
            return self._way_on(session)
        return bank_window_page(session, challenge)

    def _wish(self, session: Json, typed: Typed, form: Mapping[str, str]) -> Wish | Complaints:
        """Return the payment method that the customer chose or typed, or what is wrong with it."""
        for method in self._saved_cards(session):
            if method["id"] == typed.method:
                return Wish(method=method)
        if typed.method in METHOD_TYPES and typed.method in session["payment_method_types"]:
            typed = replace(typed, email=typed.email or (session["customer_details"] or {}).get("email") or "")
            return self._debit(typed, form) if typed.method in DEBITS else self._other(typed)
        complaints = email_complaint(typed.email)
        card = read_typed_card(self.account, form)
        if isinstance(card, Complaints):
            complaints.fields |= card.fields
            complaints.message = card.message
        if isinstance(card, Complaints) or complaints:
            return complaints
        method = add_card(self.account, card, billing_details=typed.billing_details())
        return Wish(method=method, save_agreed=typed.save and offers_saving(session))

    def _other(self, typed: Typed) -> Wish | Complaints:
        """Return a voucher, or a bank to be redirected to, or what it lacks of the customer."""
        complaints = _person_complaint(typed)
        if complaints:
            return complaints
        return Wish(method=add_other(self.account, typed.method, billing_details=typed.billing_details()))

    def _debit(self, typed: Typed, form: Mapping[str, str]) -> Wish | Complaints:
        """Return the account that the customer typed and lets be debited, or what is wrong with it."""
        complaints = _person_complaint(typed)
        try:
            fields = {name: form.get(name, "") for name in ("iban", "account_number", "routing_number")}
            account = read_account(typed.method, fields)
        except StripeFailure as failure:
            complaints.fields["iban" if typed.method == "sepa_debit" else "account_number"] = str(failure)
            return complaints
        if complaints:
            return complaints
        return Wish(method=add_bank_account(self.account, account, billing_details=typed.billing_details()))

    def _form(self, session: Json, typed: Typed, complaints: Complaints) -> web.Response:
        details = session["customer_details"] or {}
        return checkout_page(
            CheckoutView(
                session=session,
                items=items_of(self.account, session["id"]),
                business_name=self.account.business_name,
                email=details.get("email"),
                saved_cards=self._saved_cards(session),
                offers_saving=offers_saving(session),
                typed=typed,
                complaints=complaints,
                challenge_url=self._open_challenge(session),
                month=datetime.fromtimestamp(self.account.now, UTC).strftime("%Y%m"),
            )
        )

    def _saved_cards(self, session: Json) -> list[Json]:
        """Return the cards that the customer agreed to see again and that have not expired, newest first."""
        options = session["saved_payment_method_options"]
        if not options or not session["customer"]:
            return []
        now = datetime.fromtimestamp(self.account.now, UTC)
        return [
            method
            for method in self.account.select("payment_method", equal("customer", session["customer"]))
            if method["type"] == "card"
            and method["allow_redisplay"] in options["allow_redisplay_filters"]
            and (method["card"]["exp_year"], method["card"]["exp_month"]) >= (now.year, now.month)
        ][:_SAVED_CARDS_MAX]

    def _fresh(self, session: Json) -> Json:
        return self.account.fetch("checkout.session", session["id"])

    def _intent(self, session: Json) -> Json | None:
        fresh = self._fresh(session)
        intent_id = fresh["payment_intent"] or fresh["setup_intent"]
        return self.account.store.find(intent_id) if intent_id else None

    def _open_challenge(self, session: Json) -> str | None:
        intent = self._intent(session)
        return challenge_address(self.account, intent) if intent else None

    def _last_complaint(self, session: Json) -> Complaints:
        """Say how the last attempt failed, so that a customer who comes back from 3-D Secure learns it."""
        intent = self._intent(session)
        if intent is None or intent["status"] != "requires_payment_method":
            return Complaints()
        error = intent.get("last_payment_error") or intent.get("last_setup_error")
        if not error:
            return Complaints()
        failed_authentication = error["code"].endswith("_authentication_failure")
        return Complaints(message=_NOT_AUTHENTICATED if failed_authentication else error["message"])


def _person_complaint(typed: Typed) -> Complaints:
    """Say what of the customer the chosen type of payment method lacks."""
    needs = METHOD_TYPES[typed.method].needs
    complaints = email_complaint(typed.email, is_needed="email" in needs)
    if "name" in needs and not typed.name:
        complaints.fields["billingName"] = "Your name is incomplete."
    return complaints


def _closed_page(session: Json) -> web.Response:
    if session["status"] == "complete" and session["payment_status"] == "unpaid":
        return notice_page(
            "You're all done here",
            "Your payment is not certain yet: your bank decides within a few days, or you have a voucher to pay.",
        )
    if session["status"] == "complete":
        return notice_page("You're all done here", "This payment is complete. You will not be charged again.")
    return notice_page(
        "This page has expired",
        "Nothing was charged, and nothing can be paid here any more. Please ask for a new payment page.",
        way_on=session["cancel_url"],
        label="Back",
    )


def _with_status(response: web.Response, status: int) -> web.Response:
    response.set_status(status)
    return response
