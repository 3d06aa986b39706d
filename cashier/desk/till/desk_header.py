"""The line at the top of the desk: whose hospital it is, and the ways to other pages."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu

from cashier.desk.commands.buttons import command_button
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import offer_in_menu
from cashier.desk.kit.controls import PlainButton, StatusPill, Text, Tone, announce, label
from cashier.desk.kit.icons import logo


class DeskHeader(QFrame):
    """Hospital on the left, buttons on the right. The differences are there for those who may see them."""

    keys_wanted = Signal()
    differences_wanted = Signal()
    history_wanted = Signal()
    refunds_wanted = Signal()
    sign_out_wanted = Signal()

    def __init__(self, hospital: str, *, sees_differences: bool) -> None:
        """Show the name of the ``hospital``."""
        super().__init__()
        self.setObjectName("header")
        picture = QLabel()
        picture.setPixmap(logo().pixmap(32, 32))
        self._differences = command_button(Command.SHOW_DIFFERENCES, "show_differences", is_quiet=True)
        self._count = StatusPill("", Tone.BAD, name="differences_count")
        self._count.hide()
        self._refunds = command_button(Command.SHOW_REFUNDS, "show_refunds", is_quiet=True, has_hint=False)
        self._refunds_count = StatusPill("", Tone.CAUTION, name="refunds_count")
        self._refunds_count.hide()
        history = command_button(Command.SHOW_PAYMENTS, "show_history", is_quiet=True)
        keys = command_button(Command.SHOW_KEYS, "show_keys", is_quiet=True)
        leave = command_button(Command.SIGN_OUT, "sign_out", is_quiet=True, has_hint=False)
        self._differences.setVisible(sees_differences)
        self._more = PlainButton("More", name="show_more", quiet=True)
        self._menu = QMenu(self._more)
        self._menu.setObjectName("more_menu")
        self._more.setMenu(self._menu)
        self._more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for button, wanted in (
            (self._differences, self.differences_wanted),
            (self._refunds, self.refunds_wanted),
            (history, self.history_wanted),
            (keys, self.keys_wanted),
            (leave, self.sign_out_wanted),
        ):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 12, 6)
        row.setSpacing(10)
        row.addWidget(picture)
        row.addWidget(label(hospital, Text.TITLE, name="header_hospital"))
        row.addStretch(1)
        row.addWidget(self._differences)
        row.addWidget(self._count)
        row.addWidget(self._refunds)
        row.addWidget(self._refunds_count)
        row.addSpacing(8)
        row.addWidget(history)
        row.addWidget(keys)
        row.addWidget(self._more)
        row.addWidget(leave)

    def offer(self, command: Command, slot: Callable[[], object]) -> None:
        """Offer something under “More”, and by its key wherever the page of this header is shown."""
        offer_in_menu(self._menu, self, command, slot)

    def show_open_differences(self, count: int) -> None:
        """Show how many differences nobody has settled yet; nothing where there is none."""
        words = f"{count:,} open"
        is_new = bool(count) and words != self._count.text()
        self._count.show_status(words, Tone.BAD)
        self._count.setVisible(bool(count))
        self._differences.setAccessibleName(f"Differences, {words}")
        if is_new:
            announce(self._count)

    def show_waiting_refunds(self, count: int) -> None:
        """Show how many refunds wait for a decision; nothing where there is none."""
        words = f"{count:,} to decide"
        is_new = bool(count) and words != self._refunds_count.text()
        self._refunds_count.show_status(words, Tone.CAUTION)
        self._refunds_count.setVisible(bool(count))
        self._refunds.setAccessibleName(f"Refunds, {words}")
        if is_new:
            announce(self._refunds_count)
