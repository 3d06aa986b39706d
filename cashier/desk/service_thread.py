"""The one way from a window to a service: a thread of its own with an asyncio loop, and two verbs.

Services are plain asyncio and never run on Qt's thread, so a slow one cannot freeze a window, and they run
unchanged in the companion. Only immutable values cross, by a queued signal:
https://doc.qt.io/qt-6/threads-qobject.html#signals-and-slots-across-threads
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Signal, Slot

from cashier.desk.kit.problems import show_problem
from cashier.errors import CashierError
from cashier.language import m
from cashier.logs import new_reference

if TYPE_CHECKING:
    from cashier.assembly import Services
    from cashier.settings import Settings

log = logging.getLogger(__name__)

T = TypeVar("T")
Failed = Callable[[CashierError], object]

STOP_SECONDS_MAX = 25.0
"""How long ``stop`` waits for what is under way: a call to Stripe may take as long as its time limit."""


class Unexpected(CashierError):  # noqa: N818 - named like its siblings, by what it means at the counter
    """Something went wrong that Cashier did not expect."""

    default = m("Something went wrong that Cashier did not expect.")

    def __init__(self, reference: str) -> None:
        """Keep the ``reference`` under which the log tells more."""
        self.reference = reference
        super().__init__(
            advice=m(
                "Tell IT the reference {reference}. Before you repeat a payment, look at the invoice's payments.",
                reference=reference,
            )
        )


def as_cashier_error(error: Exception) -> CashierError:
    """Return ``error`` if a cashier can read it; log anything else and return ``Unexpected`` with its reference."""
    if isinstance(error, CashierError):
        return error
    reference = new_reference()
    log.error("unexpected error", exc_info=error, extra={"reference": reference})
    return Unexpected(reference)


class Following:
    """A watch that runs until its source ends, its owner goes, or somebody stops it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Belong to the service thread's ``loop``."""
        self._loop = loop
        self._task: asyncio.Task[None] | None = None
        self._stopped = False

    @property
    def is_stopped(self) -> bool:
        """Tell whether no more values will be delivered."""
        return self._stopped

    def stop(self) -> None:
        """Deliver nothing more, from this moment on. Call it on Qt's thread; safe to repeat."""
        if self._stopped:
            return
        self._stopped = True
        with contextlib.suppress(RuntimeError):  # the loop is closed: the watch has ended with it
            self._loop.call_soon_threadsafe(self._cancel)

    def begin(self, task: asyncio.Task[None]) -> None:
        """Take over the running ``task``; only the service thread calls this, on its own thread."""
        self._task = task
        if self._stopped:
            task.cancel()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


class _Life:
    """One life of the thread: from ``start`` to ``stop``, or to a failure to open the services."""

    def __init__(self) -> None:
        """Prepare the loop; it runs in ``run``, on the thread itself."""
        self.loop = asyncio.new_event_loop()
        self.asks: set[asyncio.Task[None]] = set()
        self.follows: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    def run(self, serve: Coroutine[Any, Any, None]) -> None:
        """Run ``serve`` to its end. Raises what it raises."""
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(serve)

    def begin(self, coroutine: Coroutine[Any, Any, None], into: set[asyncio.Task[None]]) -> asyncio.Task[None]:
        """Run ``coroutine`` as a task that is kept in ``into`` until it ends. Call it on the loop."""
        task = self.loop.create_task(coroutine)
        into.add(task)
        task.add_done_callback(into.discard)
        return task

    def end(self) -> None:
        """Ask this life to end. Call it on the loop. An opening that is under way is finished first."""
        self._stopping.set()

    async def wait_for_end(self) -> None:
        """Wait for ``end``; then end all watches and let every ask finish, within limits.

        What has not finished by then is taken up by the recovery at the next start.
        """
        await self._stopping.wait()
        for task in tuple(self.follows):
            task.cancel()
        if self.asks:
            _done, late = await asyncio.wait(tuple(self.asks), timeout=STOP_SECONDS_MAX)
            for task in late:
                log.warning("stopped before the end")
                task.cancel()
        await asyncio.gather(*self.follows, *self.asks, return_exceptions=True)


class ServiceThread(QObject):
    """Opens the services on a thread of its own and carries questions there and answers back.

    ``start`` may be called again after ``services_failed``. All methods are called on Qt's thread.
    """

    services_opened = Signal(object)
    """The services are there; carries ``Services``."""
    services_failed = Signal(object)
    """They could not be opened; carries a ``CashierError``."""
    _delivery = Signal(object)
    _ended = Signal(object)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        """Work with ``settings``; nothing is opened before ``start``."""
        super().__init__(parent)
        self._settings = settings
        self._thread: threading.Thread | None = None
        self._life: _Life | None = None
        self._is_open = False
        # The last to let go of what belongs to Qt is Qt's thread: elsewhere PySide waits for Python while it holds a
        # lock of Qt's, and Qt's thread for that lock while it holds Python, for ever.
        self._kept: dict[int, tuple[object, ...]] = {}
        self._keys = itertools.count()
        self._delivery.connect(self._run_delivery)
        self._ended.connect(self._let_go)

    def start(self) -> None:
        """Begin to open the services; ``services_opened`` or ``services_failed`` tells how it went."""
        self.stop()
        life = self._life = _Life()
        self._thread = threading.Thread(target=self._live, args=(life,), name="services")
        self._thread.start()

    def ask(
        self,
        owner: QObject,
        coroutine: Coroutine[Any, Any, T],
        then: Callable[[T], object] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Run ``coroutine`` to its end, whatever becomes of ``owner``; then call ``then`` with its result.

        ``then`` and ``failed`` are called on Qt's thread, and only while ``owner`` lives. Without ``failed``
        an error is shown to the cashier. Every error arrives as a ``CashierError``.
        """
        life = self._life
        if life is None or not self._is_open:
            coroutine.close()
            raise RuntimeError("the services are not open")
        answer = self._answer(owner, coroutine, then, failed)
        key = self._keep(owner, then, failed)

        def begin() -> None:
            life.begin(answer, life.asks).add_done_callback(lambda _task: self._ended.emit(key))

        life.loop.call_soon_threadsafe(begin)

    def follow(
        self,
        owner: QObject,
        source: AsyncIterator[T],
        each: Callable[[T], object],
        failed: Failed | None = None,
    ) -> Following:
        """Call ``each`` on Qt's thread with every value of ``source``, until it ends or ``owner`` is deleted.

        ``owner`` has to have a parent or be deleted when it closes: ``each`` keeps the Python side of it alive.
        """
        life = self._life
        if life is None or not self._is_open:
            raise RuntimeError("the services are not open")
        following = Following(life.loop)
        owner.destroyed.connect(following.stop)
        watch = self._watch(owner, source, each, failed, following)
        key = self._keep(owner, each, failed)

        def begin() -> None:
            task = life.begin(watch, life.follows)
            task.add_done_callback(lambda _task: self._ended.emit(key))
            following.begin(task)

        life.loop.call_soon_threadsafe(begin)
        return following

    def stop(self) -> None:
        """End all watches, wait for what is under way (with a limit), and close the services. Safe to repeat."""
        life, self._life, self._is_open = self._life, None, False
        if life is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                life.loop.call_soon_threadsafe(life.end)
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _live(self, life: _Life) -> None:
        """Be the thread."""
        try:
            life.run(self._serve(life))
        except Exception as error:  # the edge: whatever it was, the cashier has to hear of it
            self._deliver(_Call(self, self._give_up, (life, as_cashier_error(error))))

    async def _serve(self, life: _Life) -> None:
        # Imported here, on this thread: the first window is on the screen long before these are.
        from cashier.assembly import open_services  # noqa: PLC0415
        from cashier.keychain import Keychain  # noqa: PLC0415

        async with open_services(self._settings, Keychain()) as services:
            log.info("services opened")
            self._deliver(_Call(self, self._take_over, (life, services)))
            await life.wait_for_end()
        log.info("services closed")

    def _take_over(self, opened: tuple[_Life, Services]) -> None:
        life, services = opened
        if life is self._life:
            self._is_open = True
            self.services_opened.emit(services)

    def _give_up(self, ended: tuple[_Life, CashierError]) -> None:
        life, error = ended
        if life is self._life:
            self._life, self._is_open = None, False
            self.services_failed.emit(error)

    async def _answer(
        self,
        owner: QObject,
        coroutine: Coroutine[Any, Any, T],
        then: Callable[[T], object] | None,
        failed: Failed | None,
    ) -> None:
        try:
            result = await coroutine
        except Exception as error:
            self._deliver_failure(owner, error, failed)
        else:
            if then is not None:
                self._deliver(_Call(owner, then, result))

    async def _watch(
        self,
        owner: QObject,
        source: AsyncIterator[T],
        each: Callable[[T], object],
        failed: Failed | None,
        following: Following,
    ) -> None:
        try:
            async for value in source:
                self._deliver(_Call(owner, each, value, following))
        except Exception as error:
            self._deliver_failure(owner, error, failed, following)

    def _deliver_failure(
        self, owner: QObject, error: Exception, failed: Failed | None, following: Following | None = None
    ) -> None:
        readable = as_cashier_error(error)

        def show(problem: CashierError) -> None:
            show_problem(owner, problem)

        self._deliver(_Call(owner, failed or show, readable, following))

    def _deliver(self, call: _Call) -> None:
        self._delivery.emit(call)

    def _keep(self, *these: object) -> int:
        key = next(self._keys)
        self._kept[key] = these
        return key

    @Slot(object)
    def _let_go(self, key: int) -> None:
        self._kept.pop(key, None)

    @Slot(object)
    def _run_delivery(self, call: _Call) -> None:
        is_too_late = not self._is_open and call.owner is not self
        is_stopped = call.following is not None and call.following.is_stopped
        if is_too_late or is_stopped or not shiboken6.isValid(call.owner):
            if isinstance(call.value, CashierError):
                log.warning("error without a window", extra={"reason": call.value.message.english})
            return
        call.slot(call.value)


@dataclass(frozen=True)
class _Call:
    """A slot to be called on Qt's thread if ``owner`` still lives and ``following`` still goes on."""

    owner: QObject
    slot: Callable[[Any], object]
    value: Any
    following: Following | None = None
