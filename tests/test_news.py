"""News: a change in one process wakes the watchers of another."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from cashier.books.hospital import Desk
from cashier.database import Database
from cashier.news import News

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def news(database):
    news = News(database)
    running = asyncio.create_task(news.run())
    with news.watch() as listening:
        assert await listening.wait(5)
    yield news
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def change(database, subject="payment:1"):
    async with database.transaction() as session:
        session.add(Desk(code="D9", name="Pharmacy", is_active=True))
        await News.announce(session, subject)


async def test_a_change_by_another_connection_wakes_a_watcher(news, database_url):
    other = Database(database_url)
    with news.watch("payment:1") as watch:
        await change(other)

        assert await watch.wait(5)
    await other.close()


async def test_a_change_of_our_own_wakes_a_watcher_too(news, database):
    with news.watch() as watch:
        await change(database)

        assert await watch.wait(5)


async def test_without_a_change_nobody_is_woken(news):
    with news.watch() as watch:
        assert not await watch.wait(0.5)


async def test_a_change_between_two_waits_is_not_missed(news, database):
    with news.watch() as watch:
        await change(database)
        await asyncio.sleep(0.4)

        assert await watch.wait(0)


async def test_reading_is_no_news(news, database):
    with news.watch() as watch:
        async with database.reading() as session:
            await session.connection()

        assert not await watch.wait(0.4)
