"""A real browser: Debian's Chromium, without a window, that reaches this machine alone and keeps nothing.

What a page complains about (scripts that fail, a policy that is broken, files that are not there) fails the test.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

_CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(not _CHROMIUM, reason="Chromium is not installed; `make test` installs it")

_WAIT_MAX_MS = 10_000
_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-crash-reporter",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@dataclass(kw_only=True)
class Payer:
    """Somebody at a browser: a profile of its own, and what its pages complained about."""

    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    async def open(self, address: str) -> Page:
        """Open a tab with the page at ``address``."""
        page = await self.context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await page.goto(address)
        return page

    def expect(self, pattern: str) -> None:
        """Take away the complaints that a step had to bring about; there has to be one."""
        left = [each for each in self.complaints if not re.search(pattern, each)]
        assert len(left) < len(self.complaints), f"nobody complained of {pattern}"
        self.complaints = left

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start a browser with an empty profile; it is gone at the end."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_OPTIONS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def payer_at(browser: Browser, **profile: Any) -> AsyncIterator[Payer]:
    """Give a payer a profile, by default on a telephone that speaks English; complaints fail the test at the end."""
    usual = {"viewport": {"width": 360, "height": 740}, "locale": "en-GB"}
    context = await browser.new_context(**usual | profile)
    context.set_default_timeout(_WAIT_MAX_MS)
    payer = Payer(context=context)
    try:
        yield payer
    finally:
        await context.close()
    assert payer.complaints == []
