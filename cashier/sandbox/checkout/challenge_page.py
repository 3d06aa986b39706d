"""The page at ``/3ds/authenticate/CHALLENGE``, where the customer's bank asks: for 3-D Secure, or for its payment.

As on Stripe's test pages the customer chooses how it ends. Reloading shows it again until it is answered. With
``?frame`` Stripe.js shows it in a frame of the merchant's page, and hears when it was answered.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from aiohttp import web

from cashier.sandbox.checkout.checkout_ownership import session_of
from cashier.sandbox.checkout.page_design import amount_of, notice_page, page, redirect
from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json
from cashier.sandbox.objects.authentication import answer_challenge, is_open, return_address
from cashier.sandbox.objects.bank_redirects import REDIRECTS


def routes(account: Account) -> Iterable[web.RouteDef]:
    """Return the routes of the page."""
    bank = _Bank(account)
    return [
        web.get("/3ds/authenticate/{challenge}", bank.ask),
        web.post("/3ds/authenticate/{challenge}", bank.answer),
    ]


class _Bank:
    def __init__(self, account: Account) -> None:
        self.account = account

    async def ask(self, request: web.Request) -> web.Response:
        """Show the challenge, or go on when it was answered already."""
        with self.account.transaction():
            challenge = self._challenge(request)
            if challenge is None:
                return _unknown()
            if not is_open(self.account, challenge):
                return self._way_on(challenge, request)
            intent = self.account.fetch(challenge["kind"], challenge["intent"])
            method = self.account.fetch("payment_method", intent["payment_method"])
            leads_to = self._leads_to(challenge)
            return _question(request, intent, method["type"], self.account.business_name, leads_to)

    async def answer(self, request: web.Request) -> web.Response:
        """Pass or fail the challenge, and send the customer back."""
        form = await request.post()
        with self.account.transaction():
            challenge = self._challenge(request)
            if challenge is None:
                return _unknown()
            answer_challenge(self.account, challenge["id"], passed=form.get("answer") == "complete")
            return self._way_on(challenge, request)

    def _challenge(self, request: web.Request) -> Json | None:
        return self.account.store.find(request.match_info["challenge"], "sandbox.challenge")

    def _session(self, challenge: Json) -> Json | None:
        return session_of(self.account, self.account.fetch(challenge["kind"], challenge["intent"]))

    def _way_on(self, challenge: Json, request: web.Request) -> web.Response:
        # In a window of its own, and in a frame, the page that opened it goes on, not this one.
        if "frame" in request.query:
            return notice_page("Thank you", "One moment…", scripts=("tell_answered.js",), framed=True)
        if "window" in request.query:
            return _thanks()
        session = self._session(challenge)
        if session:
            return redirect(f"/c/pay/{session['id']}/return")
        if challenge["return_url"]:
            return redirect(return_address(self.account, challenge["id"]))
        return _thanks()

    def _leads_to(self, challenge: Json) -> tuple[str | None, ...]:
        session = self._session(challenge) or {}
        return challenge["return_url"], session.get("success_url")


def _question(
    request: web.Request, intent: Json, kind: str, merchant: str, leads_to: tuple[str | None, ...]
) -> web.Response:
    amount = f"<dt>Amount</dt><dd>{escape(str(amount_of(intent)))}</dd>" if "amount" in intent else ""
    bank = REDIRECTS.get(kind)
    heading = f"{bank.name} test payment page" if bank else "3-D Secure test page"
    text = (
        "In real life, the customer signs in to a bank here and lets it pay."
        if bank
        else "With a real card, the customer's bank asks here for a code or a tap in its app."
    )
    yes, no = (
        ("Authorize test payment", "Fail test payment")
        if bank
        else ("Complete authentication", "Fail authentication")
    )
    content = f"""<main class="notice challenge">
<h1>{escape(heading)}</h1>
<p>{text}</p>
<dl><dt>Merchant</dt><dd>{escape(merchant)}</dd>{amount}</dl>
<form method="post" action="{escape(request.path_qs)}" class="answers">
<button type="submit" class="button" id="complete" name="answer" value="complete">{yes}</button>
<button type="submit" class="button plain" id="fail" name="answer" value="fail">{no}</button>
</form>
</main>"""
    return page("Confirm your payment", content, leads_to=leads_to, framed="frame" in request.query)


def _thanks() -> web.Response:
    return notice_page(
        "Thank you", "Your bank has your answer. You can close this window.", scripts=("close_window.js",)
    )


def _unknown() -> web.Response:
    response = notice_page("Nothing here", "This authentication does not exist.")
    response.set_status(404)
    return response
