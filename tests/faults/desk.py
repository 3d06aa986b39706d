"""A desk without a window: a process that does what a line tells it, and says what the cashier is told."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from cashier import logs, settings
from cashier.assembly import Services, open_services
from cashier.errors import CashierError
from cashier.keychain import Keychain


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a cashier was told: a view, or an error's kind and words."""

    view: Any = None
    error: str | None = None
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A verb of one of the services, and what it is called with."""

    room: str
    verb: str
    arguments: tuple[Any, ...] = ()


def serve(settings_file: Path, line: Connection) -> None:
    """Do one order after the other until the line ends."""
    found = settings.load(settings_file)
    logs.start("desk", folder=found.folder / "logs")
    asyncio.run(_serve(found, line))


async def _serve(found: settings.Settings, line: Connection) -> None:
    async with open_services(found, Keychain()) as services:
        line.send(Told())
        while True:
            try:
                order: Order = await asyncio.to_thread(line.recv)
            except EOFError:
                return
            line.send(await _do(services, order))


async def _do(services: Services, order: Order) -> Told:
    call: Coroutine[Any, Any, Any] = getattr(getattr(services, order.room), order.verb)(*order.arguments)
    try:
        return Told(view=await call)
    except CashierError as error:
        return Told(error=type(error).__name__, words=str(error))
