"""A real browser: Debian's Chromium, without a window, that reaches this machine alone and keeps nothing.

One runs for all tests of a process; each test has a profile of its own in it. What a page complains about (scripts
that fail, a policy that is broken, files that are not there) fails the test.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, ConsoleMessage, Page, async_playwright

from tests.surroundings.postgres import running_servers

_CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(not _CHROMIUM, reason="Chromium is not installed; `make test` installs it")

_START_SECONDS = 20.0
_WAIT_MAX_MS = 15_000
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-dev-shm-usage",
    "--password-store=basic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
)


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


@contextmanager
def running_chromium(folder: Path) -> Iterator[str]:
    """Run a browser with its profile in ``folder``; yields where it is driven from. It ends with this process."""
    assert _CHROMIUM is not None
    with (folder / "errors.txt").open("w") as errors:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", _CHROMIUM, *_OPTIONS, f"--user-data-dir={folder}"],
            stdout=errors,
            stderr=errors,
        )
    running_servers.add(process.pid)
    try:
        yield _address(folder / "DevToolsActivePort", process)
    finally:
        process.terminate()
        process.wait(timeout=_START_SECONDS)
        running_servers.discard(process.pid)


@asynccontextmanager
async def payer_at(chromium: str, **profile: Any) -> AsyncIterator[Payer]:
    """Give a payer a profile, by default on a telephone that speaks English; complaints fail the test at the end."""
    usual = {"viewport": {"width": 360, "height": 740}, "locale": "en-GB"}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(chromium)
        context = await browser.new_context(**usual | profile)
        context.set_default_timeout(_WAIT_MAX_MS)
        payer = Payer(context=context)
        try:
            yield payer
        finally:
            await context.close()
            await browser.close()
    assert not payer.complaints, "the browser complains:\n" + "\n".join(payer.complaints)


def _address(port_file: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        lines = port_file.read_text().splitlines() if port_file.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise AssertionError((port_file.parent / "errors.txt").read_text())
