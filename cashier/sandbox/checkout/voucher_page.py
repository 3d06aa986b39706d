"""The page at ``/c/voucher/VOUCHER``: what the customer has to pay by, where, and until when.

Stripe's page shows the same. Its test mode decides by the customer's e-mail address what becomes of a voucher; here
two buttons do it at once as well, so that training need not wait.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape

from aiohttp import web

from cashier.sandbox.checkout.page_design import amount_of, notice_page, page, redirect
from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json
from cashier.sandbox.objects.payment_attempts import end_voucher
from cashier.sandbox.objects.vouchers import VOUCHERS, open_voucher

_LABELS = {"entity": "Entity", "number": "Number", "reference": "Reference"}
_WHERE = {
    "multibanco": "Pay it at a cash machine of Multibanco, or in the app of your bank.",
    "oxxo": "Pay it in cash at any OXXO.",
}


def routes(account: Account) -> Iterable[web.RouteDef]:
    """Return the routes of the page."""
    desk = _Vouchers(account)
    return [web.get("/c/voucher/{voucher}", desk.show), web.post("/c/voucher/{voucher}", desk.end)]


class _Vouchers:
    def __init__(self, account: Account) -> None:
        self.account = account

    async def show(self, request: web.Request) -> web.Response:
        """Show the voucher as it stands; reloading is harmless."""
        with self.account.transaction():
            return self._page(request)

    async def end(self, request: web.Request) -> web.Response:
        """Let it be paid, or run out; what ended before stays as it is."""
        form = await request.post()
        with self.account.transaction():
            if self._voucher(request) is not None:
                end_voucher(self.account, request.match_info["voucher"], paid=form.get("answer") == "paid")
            return redirect(request.path)

    def _voucher(self, request: web.Request) -> Json | None:
        return self.account.store.find(request.match_info["voucher"], "sandbox.voucher")

    def _page(self, request: web.Request) -> web.Response:
        voucher = self._voucher(request)
        if voucher is None:
            response = notice_page("Nothing here", "This voucher does not exist.")
            response.set_status(404)
            return response
        intent = self.account.fetch("payment_intent", voucher["intent"])
        current = open_voucher(self.account, intent)
        if current is not None and current["id"] == voucher["id"]:
            return _open_page(request, voucher, intent)
        if intent["status"] == "succeeded":
            return notice_page("This voucher is paid", "Thank you. You need do nothing more.")
        return notice_page("This voucher has run out", "Nothing was charged. Please ask for a new way to pay.")


def _open_page(request: web.Request, voucher: Json, intent: Json) -> web.Response:
    shown = intent["next_action"][intent["next_action"]["type"]]
    until = datetime.fromtimestamp(voucher["runs_out"], UTC).strftime("%d %B %Y, %H:%M UTC")
    numbers = "".join(
        f'<dt>{label}</dt><dd id="{name}">{escape(_in_groups(shown[name]))}</dd>'
        for name, label in _LABELS.items()
        if shown.get(name)
    )
    name = VOUCHERS[voucher["type"]].name
    content = f"""<main class="notice voucher">
<h1>{escape(name)}</h1>
<p>{escape(_WHERE[voucher["type"]])}</p>
<dl><dt>Amount</dt><dd>{escape(str(amount_of(intent)))}</dd>{numbers}<dt>Until</dt><dd>{until}</dd></dl>
<p>In this sandbox you decide what becomes of it:</p>
<form method="post" action="{escape(request.path)}" class="answers">
<button type="submit" class="button" id="paid" name="answer" value="paid">Pay the voucher</button>
<button type="submit" class="button plain" id="expired" name="answer" value="expired">Let it run out</button>
</form>
</main>"""
    return page(f"{name} voucher", content)


def _in_groups(number: str) -> str:
    """Write a number as people read it: ``123 456 789``, and ``1234 5678 9012 34``."""
    size = 3 if len(number) % 3 == 0 else 4
    return number if len(number) <= 5 else " ".join(number[at : at + size] for at in range(0, len(number), size))
