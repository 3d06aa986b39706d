"""News for the screen: that something changed, at a pace that eyes can follow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from cashier.news import News

_PAUSE_SECONDS = 0.3
_WATCH_SECONDS = 60.0


async def changes_in(news: News) -> AsyncIterator[None]:
    """Yield when something changed, at a pace that the screen can follow; nothing gets lost between."""
    with news.watch() as watch:
        while True:
            if await watch.wait(_WATCH_SECONDS):
                yield None
                await asyncio.sleep(_PAUSE_SECONDS)
