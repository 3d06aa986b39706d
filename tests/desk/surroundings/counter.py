"""A desk in front of the sandbox, for tests in which things happen behind its window."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from cashier.assembly import Services
from cashier.books.journal import Actor
from cashier.books.payment import PaymentState
from cashier.desk.service_thread import ServiceThread
from cashier.payments.views import PaymentView
from tests.desk.surroundings.acting import answer
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import SampleHospital


class Counter:
    """A desk in front of the sandbox, and what happens behind its window."""

    services: Services

    def __init__(self, qtbot: QtBot, thread: ServiceThread, hospital: SampleHospital) -> None:
        """Open the services; a window may open them once more."""
        self.qtbot, self.thread, self.hospital = qtbot, thread, hospital
        thread.services_opened.connect(self._take_over)
        with qtbot.waitSignal(thread.services_opened, timeout=15_000):
            thread.start()

    def _take_over(self, services: Services) -> None:
        self.services = services

    def begin(self, actor: Actor) -> PaymentView:
        """Open a payment of the due invoice at Stripe, without a window."""
        order = order_for(self.hospital)
        return answer(self.qtbot, self.thread, self.services.payments.begin(order, actor))

    def state(self, payment: PaymentView) -> PaymentState:
        """Return how a payment stands."""
        return answer(self.qtbot, self.thread, self.services.payments.view(payment.id)).state
