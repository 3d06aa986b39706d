"""A bank debit that is pending, as the main window shows it: told, left alone, and put on a slip for the patient."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from cashier.desk.documents.slip_dialog import SlipDialog
from cashier.settings import Settings
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.payments.patient import debit_on_page
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE, SampleHospital


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings of a hospital that takes debits."""
    stripe = msgspec.structs.replace(settings.stripe, payment_methods=("card", "sepa_debit"))
    return msgspec.structs.replace(settings, stripe=stripe)


def test_what_is_pending_is_told_with_its_days_and_nobody_takes_or_ends_it(
    qtbot: QtBot, counter: Counter, open_desk: DeskWindow, hospital: SampleHospital
) -> None:
    payments, actor = counter.services.payments, hospital.cashier
    begun = answer(qtbot, counter.thread, payments.begin(order_for(hospital), actor))
    asyncio.run(debit_on_page(begun.page_url, "DE89370400440532013000"))
    answer(qtbot, counter.thread, payments.refresh(begun.id))

    open_desk.page.list.choose(hospital.invoice_ids[DUE])
    words = "120.00 € by SEPA Direct Debit ending in 3000 is pending at the bank since"
    qtbot.waitUntil(lambda: words in open_desk.text("detail_notice_text"), timeout=15_000)
    open_desk.find(QPushButton, "pending_slip").click()
    qtbot.waitUntil(lambda: open_desk.window.findChild(SlipDialog) is not None)
    slip = open_desk.find(SlipDialog, "slip_dialog")
    qtbot.waitUntil(open_desk.find(QPushButton, "slip_print").isEnabled, timeout=15_000)
    slip.close()

    for button in ("take_payment", "cancel_payment", "resume_payment", "take_over_payment"):
        found = open_desk.find(QPushButton, button)
        assert not (found.isVisible() and found.isEnabled()), button
    assert "Do not take it a second time" in open_desk.text("detail_notice_text")
    assert not open_desk.find(QPushButton, "show_unfinished").isVisible()
