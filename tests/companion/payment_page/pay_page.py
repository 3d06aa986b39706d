"""The page in a real browser: what a payer types, presses and reads."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import FrameLocator, Page

from tests.surroundings.chromium import Payer

VISA, NO_FUNDS, ASKS = "4242 4242 4242 4242", "4000 0000 0000 9995", "4000 0027 6000 3184"


@dataclass(frozen=True, kw_only=True)
class PayPage:
    """One tab with the page of a link."""

    page: Page

    @property
    def card(self) -> FrameLocator:
        """Stripe's frame."""
        return self.page.frame_locator("#card iframe")

    @property
    def bank(self) -> FrameLocator:
        """The frame in which the bank asks."""
        return self.page.frame_locator('iframe[title="3-D Secure"]')

    async def type_card(self, number: str = VISA) -> None:
        """Type a card from Germany, where Stripe asks for no postal code."""
        await self.card.locator("#number").fill(number)
        await self.card.locator("#expiry").fill("12 / 40")
        await self.card.locator("#cvc").fill("123")
        await self.card.locator("#country").select_option("DE")

    async def press_pay(self) -> None:
        """Press “Pay”."""
        await self.page.locator("#pay:enabled").click()

    async def pay(self, number: str = VISA) -> None:
        """Type a card and press “Pay”."""
        await self.type_card(number)
        await self.press_pay()

    async def told(self, tone: str) -> str:
        """Wait for a message in this tone and return it."""
        message = self.page.locator(f'#message[data-tone="{tone}"]:not(:empty)')
        await message.wait_for()
        return await message.inner_text()

    async def is_wider_than_the_screen(self) -> bool:
        """Tell whether something is cut at the side, or has to be scrolled to."""
        return bool(await self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


async def open_page(payer: Payer, address: str, language: str = "en") -> PayPage:
    """Open the page of a link and wait for what can be done there: the form, or what is said in its place."""
    page = await payer.open(f"{address}?lang={language}")
    await page.locator("#pay:enabled, #message:not(:empty)").first.wait_for()
    return PayPage(page=page)
