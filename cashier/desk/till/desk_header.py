"""The line at the top of the desk: which desk it is, who is there, and the ways to other pages."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout

from cashier.desk.commands.buttons import command_button
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import offer_in_menu
from cashier.desk.kit.controls import PlainButton, StatusPill, Text, announce, label
from cashier.desk.kit.giving_way import GivingWay
from cashier.desk.kit.icons import LogoPicture, icon
from cashier.desk.scanning.recogniser import recogniser
from cashier.desk.till.pages import HeaderPlace
from cashier.language import NOTHING, joined, m, verbatim
from cashier.language.numbers import number
from cashier.palette import Colour


class DeskHeader(GivingWay):
    """Desk and person on the left, buttons on the right; whose hospital it is stands in the window's title.

    Where there is no room for all of it, this gives way, in this order: the desk's name beside its code, the pictures
    of the buttons, the words beside the counts, the keys on the buttons, and the buttons of pages, which go under
    “More”.
    """

    keys_wanted = Signal()
    sign_out_wanted = Signal()

    def __init__(self, *, code: str, name: str, person: str) -> None:
        """Show the desk of this ``code`` and ``name``, and the ``person`` who is signed in."""
        super().__init__()
        self.setObjectName("header")
        picture = LogoPicture(side=32)
        self._counts: dict[Command, tuple[HeaderPlace, QPushButton, StatusPill]] = {}
        self._waiting: dict[Command, int] = {}
        self._ways: list[tuple[QPushButton, QAction]] = []
        self._says_what_waits = True
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
        row.setContentsMargins(16, 4, 12, 4)
        row.setSpacing(10)
        row.addWidget(picture)
        desk = label(verbatim(f"{code} · {name}"), Text.TITLE, name="header_desk")
        where = QVBoxLayout()
        where.setSpacing(0)
        where.addWidget(desk)
        where.addWidget(label(verbatim(person), Text.CAPTION, name="header_person"))
        row.addLayout(where)
        row.addStretch(1)
        row.addLayout(self._pages)
        row.addWidget(keys)
        row.addWidget(self._more)
        row.addWidget(leave)
        self._buttons: dict[QPushButton, tuple[QIcon, str, str]] = {}
        for button, command in ((keys, Command.SHOW_KEYS), (leave, Command.SIGN_OUT)):
            self._buttons[button] = (button.icon(), button.text(), str(command.words))
        self.give_way_by(
            lambda gives_way: desk.setText(code if gives_way else f"{code} · {name}"),
            self._show_no_pictures,
            self._say_numbers_alone,
            self._show_no_keys,
            self._keep_pages_under_more,
        )

    def offer_page(self, command: Command, place: HeaderPlace, slot: Callable[[], object], *, is_there: bool) -> None:
        """Put the way to a page into the line; hidden where it ``is_there`` for others only."""
        button = command_button(command, f"show_{place.name}", is_quiet=True, has_hint=place.has_hint)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(slot)
        self._pages.addWidget(button)
        # Only now: a button without a place would open a window of its own, which takes the keyboard.
        button.setVisible(is_there)
        self._buttons[button] = (button.icon(), button.text(), str(command.words))
        if is_there:
            way = QAction(icon(command.icon, Colour.INK_SOFT), str(command.words), self)
            way.triggered.connect(slot)
            way.setVisible(False)
            self._menu.addAction(way)
            self._ways.append((button, way))
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
        is_new = bool(count) and count != self._waiting.get(command)
        self._waiting[command] = count
        pill.show_status(words if self._says_what_waits else number(count), place.tone)
        pill.setToolTip(str(words))
        pill.setVisible(bool(count))
        button.setAccessibleName(str(joined(", ", [command.words, words])))
        if is_new:
            announce(pill)

    def _show_no_pictures(self, gives_way: bool) -> None:
        for button, (picture, _full, _short) in self._buttons.items():
            button.setIcon(QIcon() if gives_way else picture)

    def _say_numbers_alone(self, gives_way: bool) -> None:
        self._says_what_waits = not gives_way
        for command, count in self._waiting.items():
            self.show_count(command, count)

    def _show_no_keys(self, gives_way: bool) -> None:
        for button, (_picture, full, short) in self._buttons.items():
            button.setText(short if gives_way else full)

    def _keep_pages_under_more(self, gives_way: bool) -> None:
        for button, way in self._ways:
            button.setHidden(gives_way)
            way.setVisible(gives_way)
