"""The way from a window to a service and back."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator

import pytest
import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cashier.assembly import Services
from cashier.desk.kit.problems import ProblemDialog
from cashier.desk.service_thread import ServiceThread, Unexpected
from cashier.errors import CashierError, Refused
from cashier.keychain import Secret
from cashier.language import m
from tests.surroundings.running_sandbox import STRIPE_KEY


async def seven() -> int:
    return 7


async def refuse() -> None:
    raise Refused(m("The drawer is locked."), advice=m("Unlock it."))


async def break_down() -> None:
    raise ZeroDivisionError


async def count_without_end() -> AsyncIterator[int]:
    number = 0
    while True:
        yield number
        number += 1
        await asyncio.sleep(0.001)


def delete(qtbot: QtBot, owner: QObject) -> None:
    owner.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(owner))


def test_an_answer_arrives_on_qts_thread(
    qtbot: QtBot, offline_thread: ServiceThread, offline_services: Services
) -> None:
    answers: list[tuple[int, threading.Thread]] = []

    owner = QObject()
    offline_thread.ask(owner, seven(), then=lambda value: answers.append((value, threading.current_thread())))

    qtbot.waitUntil(lambda: answers == [(7, threading.main_thread())])


def test_a_refusal_goes_to_who_asked(qtbot: QtBot, offline_thread: ServiceThread, offline_services: Services) -> None:
    owner = QObject()
    refusals: list[CashierError] = []

    offline_thread.ask(owner, refuse(), failed=refusals.append)

    qtbot.waitUntil(lambda: [str(each.message) for each in refusals] == ["The drawer is locked."])


def test_a_refusal_that_nobody_takes_is_shown_once(
    qtbot: QtBot, offline_thread: ServiceThread, offline_services: Services
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()

    offline_thread.ask(window, refuse())
    offline_thread.ask(window, refuse())
    last: list[int] = []
    offline_thread.ask(window, seven(), then=last.append)

    qtbot.waitUntil(lambda: bool(last))
    assert [str(each.error.advice) for each in window.findChildren(ProblemDialog)] == ["Unlock it."]


def test_an_unexpected_error_gets_a_reference_that_is_in_the_log(
    qtbot: QtBot, offline_thread: ServiceThread, offline_services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    owner = QObject()
    errors: list[CashierError] = []

    with caplog.at_level(logging.ERROR):
        offline_thread.ask(owner, break_down(), failed=errors.append)
        qtbot.waitUntil(lambda: bool(errors))

    (error,), (record,) = errors, caplog.records
    assert isinstance(error, Unexpected)
    assert record.__dict__["reference"] == error.reference
    assert error.reference in str(error.advice)
    assert record.exc_info is not None


def test_what_was_ordered_ends_though_its_window_is_gone(
    qtbot: QtBot, offline_thread: ServiceThread, offline_services: Services
) -> None:
    owner, witness = QObject(), QObject()
    go, done = threading.Event(), threading.Event()
    delivered: list[object] = []

    async def take_long() -> None:
        await asyncio.to_thread(go.wait)
        done.set()

    offline_thread.ask(owner, take_long(), then=delivered.append)
    delete(qtbot, owner)
    go.set()
    offline_thread.ask(witness, asyncio.to_thread(done.wait, 5), then=delivered.append)

    qtbot.waitUntil(lambda: delivered == [True])


def test_a_watch_ends_with_its_owner(qtbot: QtBot, offline_thread: ServiceThread, offline_services: Services) -> None:
    owner = QObject()
    ended = threading.Event()
    values: list[int] = []

    async def watch() -> AsyncIterator[int]:
        try:
            async for number in count_without_end():
                yield number
        finally:
            ended.set()

    offline_thread.follow(owner, watch(), each=values.append)
    qtbot.waitUntil(lambda: len(values) > 3)
    delete(qtbot, owner)

    qtbot.waitUntil(ended.is_set)


def test_a_stopped_watch_delivers_nothing_more(
    qtbot: QtBot, offline_thread: ServiceThread, offline_services: Services
) -> None:
    owner = QObject()
    values: list[int] = []
    following = offline_thread.follow(owner, count_without_end(), each=values.append)
    qtbot.waitUntil(lambda: len(values) > 3)

    following.stop()
    seen = len(values)

    later: list[int] = []
    offline_thread.follow(owner, count_without_end(), each=later.append)
    qtbot.waitUntil(lambda: len(later) > 20)
    assert len(values) == seen


def test_stopping_waits_for_what_was_ordered(
    qtbot: QtBot, offline_thread: ServiceThread, offline_services: Services
) -> None:
    owner = QObject()
    done = threading.Event()

    async def take_a_moment() -> None:
        await asyncio.sleep(0.2)
        done.set()

    offline_thread.ask(owner, take_a_moment())
    offline_thread.follow(owner, count_without_end(), each=lambda _: None)
    offline_thread.stop()

    assert done.is_set()


def test_nothing_can_be_asked_after_stopping(
    qtbot: QtBot, offline_thread: ServiceThread, offline_services: Services
) -> None:
    offline_thread.stop()

    with pytest.raises(RuntimeError):
        offline_thread.ask(QObject(), seven())


def test_stopping_during_the_start_leaves_nothing_open(qtbot: QtBot, offline_thread: ServiceThread) -> None:
    offline_thread.start()

    offline_thread.stop()

    assert not [thread for thread in threading.enumerate() if thread.name == "services"]


def test_a_start_that_failed_can_be_repeated(
    qtbot: QtBot, offline_thread: ServiceThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(Secret.STRIPE_KEY.variable)
    with qtbot.waitSignal(offline_thread.services_failed, timeout=15_000) as failed:
        offline_thread.start()
    assert failed.args is not None
    assert str(failed.args[0].message) == "There is no Stripe key."

    monkeypatch.setenv(Secret.STRIPE_KEY.variable, STRIPE_KEY)
    with qtbot.waitSignal(offline_thread.services_opened, timeout=15_000):
        offline_thread.start()
