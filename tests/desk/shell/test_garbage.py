"""What nobody can reach is taken away on Qt's thread, whichever thread made it."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from cashier.desk.shell.garbage import GarbageOnQtsThread


class Ring:
    """Holds on to itself, so that only somebody who looks for garbage takes it away."""

    def __init__(self) -> None:
        self.me = self


def test_rings_of_another_thread_are_taken_away_on_qts_thread(qtbot: QtBot) -> None:
    parent = QObject()
    made, taken_on = GarbageOnQtsThread(parent), set[int]()

    def work() -> None:
        for _ in range(5_000):
            weakref.finalize(Ring(), lambda: taken_on.add(threading.get_ident()))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not taken_on, "nobody looks on the other thread"

    qtbot.waitUntil(lambda: bool(taken_on), timeout=10_000)
    assert taken_on == {threading.get_ident()}
    made.look()
    assert not gc.isenabled()
