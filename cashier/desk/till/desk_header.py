"""The line at the top of the desk: whose hospital it is, and the ways to other pages."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton

from cashier.desk.commands.buttons import command_button
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import offer_in_menu
from cashier.desk.kit.controls import PlainButton, StatusPill, Text, announce, label
from cashier.desk.kit.icons import logo
from cashier.desk.scanning.recogniser import recogniser
from cashier.desk.till.pages import HeaderPlace
from cashier.language import NOTHING, joined, m, verbatim
from cashier.language.numbers import number


class DeskHeader(QFrame):
    """Hospital on the left, buttons on the right."""

    keys_wanted = Signal()
    sign_out_wanted = Signal()

    def __init__(self, hospital: str) -> None:
        """Show the name of the ``hospital``."""
        super().__init__()
        self.setObjectName("header")
        picture = QLabel()
        picture.setPixmap(logo().pixmap(32, 32))
        self._counts: dict[Command, tuple[HeaderPlace, QPushButton, StatusPill]] = {}
        self._pages = QHBoxLayout()
        self._pages.setSpacing(10)
        keys = command_button(Command.SHOW_KEYS, "show_keys", is_quiet=True)
        leave = command_button(Command.SIGN_OUT, "sign_out", is_quiet=True, has_hint=False)
        self._more = PlainButton(m("More"), name="show_more", quiet=True)
        self._menu = QMenu(self._more)
        self._menu.setObjectName("more_menu")
        self._more.setMenu(self._menu)
        recogniser().watch(self._menu)
        self._more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for button, wanted in ((keys, self.keys_wanted), (leave, self.sign_out_wanted)):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 12, 6)
        row.setSpacing(10)
        row.addWidget(picture)
        row.addWidget(label(verbatim(hospital), Text.TITLE, name="header_hospital"))
        row.addStretch(1)
        row.addLayout(self._pages)
        row.addWidget(keys)
        row.addWidget(self._more)
        row.addWidget(leave)

    def offer_page(self, command: Command, place: HeaderPlace, slot: Callable[[], object], *, is_there: bool) -> None:
        """Put the way to a page into the line; hidden where it ``is_there`` for others only."""
        button = command_button(command, f"show_{place.name}", is_quiet=True, has_hint=place.has_hint)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(slot)
        self._pages.addWidget(button)
        # Only now: a button without a place would open a window of its own, which takes the keyboard.
        button.setVisible(is_there)
        if place.waits:
            pill = StatusPill(NOTHING, place.tone, name=f"{place.name}_count")
            self._pages.addWidget(pill)
            pill.hide()
            self._counts[command] = (place, button, pill)

    def offer(self, command: Command, slot: Callable[[], object]) -> None:
        """Offer something under “More”, and by its key wherever the page of this header is shown."""
        offer_in_menu(self._menu, self, command, slot)

    def show_count(self, command: Command, count: int) -> None:
        """Show how much waits on the page to which ``command`` leads; nothing where nothing does."""
        place, button, pill = self._counts[command]
        words = joined(" ", [number(count), place.waits])
        is_new = bool(count) and str(words) != pill.text()
        pill.show_status(words, place.tone)
        pill.setVisible(bool(count))
        button.setAccessibleName(str(joined(", ", [command.words, words])))
        if is_new:
            announce(pill)
