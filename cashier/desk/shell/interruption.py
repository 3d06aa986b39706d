"""Ctrl+C and SIGTERM close the desk in good order."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication, QSocketNotifier


@contextlib.contextmanager
def quit_on_signals(application: QCoreApplication) -> Iterator[None]:
    """Inside the block, SIGINT and SIGTERM end ``application``'s event loop.

    Python runs its signal handlers between two lines of Python, which may be never while Qt waits. So the
    signal is written to a socket that Qt listens to: https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd
    """
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read)

    def leave() -> None:
        with contextlib.suppress(BlockingIOError):
            reading.recv(64)
        application.quit()

    notifier.activated.connect(leave)
    former_socket = signal.set_wakeup_fd(writing.fileno())
    former = {each: signal.signal(each, lambda *_: None) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in former.items():
            signal.signal(each, handler)
        signal.set_wakeup_fd(former_socket)
        notifier.setEnabled(False)
        reading.close()
        writing.close()
