"""Between signing in and the desk's page: is the desk used somewhere else, and is it to be used here all the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier.assembly import Services
from cashier.books.journal import staff_at
from cashier.desk.commands.commands import Command
from cashier.desk.kit.controls import PlainButton, PrimaryButton, Text, label
from cashier.desk.kit.look import scaled
from cashier.desk.kit.sheets.scrolled import scrolled_column
from cashier.desk.kit.sheets.sheet import Question
from cashier.desk.kit.words import day_and_time
from cashier.desk.service_thread import ServiceThread
from cashier.errors import CashierError
from cashier.hospital.desk_uses import DeskInUse, OtherUse
from cashier.hospital.service import Station
from cashier.language import Message, m, sentences
from cashier.staff.service import SignedIn


class DeskInUseDialog(Question):
    """Says who uses the desk and where, and asks once. Deletes itself when it closes; ``accepted`` means go on."""

    def __init__(self, other: OtherUse, time_zone: str, parent: QWidget) -> None:
        """Ask about ``other``."""
        super().__init__(parent)
        self.setObjectName("desk_in_use_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(m("Desk {desk} is in use", desk=other.desk)))
        self.setFixedWidth(scaled(520))
        not_here = Command.DIALOG_GO_ON.on_button(Command.DIALOG_LEAVE.on_button(m("Do not sign in here")))
        leave = PrimaryButton(not_here, name="desk_in_use_leave")
        # Enter leaves: going on has no key, so that nobody does it unawares.
        go_on = PlainButton(m("Use it here"), "check", name="desk_in_use_go_on")
        leave.clicked.connect(self.reject)
        go_on.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addStretch(1)
        buttons.addWidget(go_on)
        buttons.addWidget(leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(
            label(m("Desk {desk} is used on another machine", desk=other.desk), Text.HEADLINE, wraps=True)
        )
        column = scrolled_column(layout)
        column.addWidget(label(where_used(other, time_zone), Text.TITLE, name="desk_in_use_where", wraps=True))
        meaning = m(
            "Two machines with one desk share its drawer, its shift and its receipt numbers. If this machine has the "
            "wrong desk in its settings, do not sign in here and tell IT. If you go on, the journal keeps that you "
            "decided so, and the other screen says so."
        )
        column.addWidget(label(meaning, name="desk_in_use_meaning", wraps=True))
        layout.addLayout(buttons)
        self.setAccessibleDescription(str(sentences(where_used(other, time_zone), meaning)))
        leave.setFocus()


def where_used(other: OtherUse, time_zone: str) -> Message:
    """Say who uses a desk on which machine, since when, and when that was last known."""
    return m(
        "{person} is signed in on the machine {machine} since {moment}. It was last heard of {seconds} seconds ago.",
        person=other.person,
        machine=other.machine,
        moment=day_and_time(other.since, time_zone),
        seconds=other.silent_seconds,
    )


def claim_desk(
    window: QWidget,
    thread: ServiceThread,
    services: Services,
    station: Station,
    signed_in: SignedIn,
    *,
    then: Callable[[SignedIn], object],
    failed: Callable[[CashierError], object],
) -> None:
    """Use the desk here for ``signed_in``, after a question where it is in use elsewhere; ``failed`` has why not."""
    actor = staff_at(staff_id=signed_in.staff_id, desk_id=station.desk_id)

    def give_up(error: CashierError) -> None:
        thread.ask(window, services.staff.note_sign_out(signed_in.staff_id, desk_id=station.desk_id))
        failed(error)

    def ask(error: CashierError) -> None:
        if not isinstance(error, DeskInUse):
            give_up(error)
            return
        dialog = DeskInUseDialog(error.other, station.time_zone, window)
        dialog.rejected.connect(partial(give_up, error))
        claiming = partial(services.desk_uses.claim, actor, despite_others=True)
        dialog.accepted.connect(
            lambda: thread.ask(window, claiming(), then=lambda _none: then(signed_in), failed=give_up)
        )
        dialog.open()

    thread.ask(window, services.desk_uses.claim(actor), then=lambda _none: then(signed_in), failed=ask)
