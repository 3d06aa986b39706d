"""A customer at a browser without JavaScript: follows redirects inside the sandbox, and posts forms."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import stripe

SUCCESS_URL = "https://cashier.invalid/paid?session={CHECKOUT_SESSION_ID}"
CANCEL_URL = "https://cashier.invalid/back"

VISA = "4242424242424242"
DECLINED = "4000000000000002"
NO_FUNDS = "4000000000009995"
AUTHENTICATED = "4000002760003184"


async def open_session(client: stripe.StripeClient, amount: int = 12_500, **more: Any) -> Any:
    """Open a session over one item of ``amount`` euro cents."""
    params: Any = {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "eur",
                    "unit_amount": amount,
                    "product_data": {"name": "Hospital services"},
                },
            }
        ],
        "success_url": SUCCESS_URL,
        "cancel_url": CANCEL_URL,
        **more,
    }
    return await client.v1.checkout.sessions.create_async(params)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page, or the address outside the sandbox at which the customer arrived."""

    address: str
    text: str
    headers: dict[str, str]
    status: int

    @property
    def is_outside(self) -> bool:
        """Tell whether the customer left the sandbox."""
        return self.address.startswith("https://cashier.invalid/")

    def error(self, field: str) -> str:
        """Return the error shown under a field, or nothing."""
        found = re.search(rf'id="{field}-error"[^>]*>([^<]*)<', self.text)
        return html.unescape(found[1]) if found else ""

    @property
    def decline_message(self) -> str:
        """Return the message above the form."""
        found = re.search(r'class="decline-message"[^>]*>([^<]*)<', self.text)
        return html.unescape(found[1]) if found else ""


class Browser:
    """Opens pages and presses their buttons."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def open(self, url: str | None) -> Shown:
        """Open a page."""
        assert url is not None
        return await self._follow("GET", url, None)

    async def pay(self, url: str | None, number: str = VISA, **more: str) -> Shown:
        """Type a card into the Checkout page at ``url`` and press the button."""
        assert url is not None
        return await self._follow(
            "POST", url, {"cardNumber": number, "cardExpiry": "12 / 40", "cardCvc": "123", **more}
        )

    async def answer(self, challenge: Shown, answer: str) -> Shown:
        """Press ``complete`` or ``fail`` on the 3-D Secure page."""
        assert f'id="{answer}"' in challenge.text
        return await self._follow("POST", challenge.address, {"answer": answer})

    async def _follow(self, method: str, url: str, form: dict[str, str] | None) -> Shown:
        for _ in range(5):
            async with self.session.request(method, url, data=form, allow_redirects=False) as answer:
                text, headers, status = await answer.text(), dict(answer.headers), answer.status
            if status != 303:
                return Shown(address=url, text=text, headers=headers, status=status)
            target = headers["Location"]
            if target.startswith("https://"):
                return Shown(address=target, text="", headers=headers, status=status)
            parts = urlsplit(url)
            url, method, form = f"{parts.scheme}://{parts.netloc}{target}", "GET", None
        raise AssertionError("the pages send the customer in circles")
