"""The table of commands: nothing in it clashes, everything in it works, and nothing works that is not in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.commands.command import Group, Heard, Place
from cashier.desk.commands.commands import Command
from cashier.desk.commands.key import Key
from cashier.desk.commands.keys_dialog import keys_of
from cashier.desk.commands.keys_document import keys_document
from cashier.desk.commands.shortcuts import COMMAND_PROPERTY, combination
from cashier.resources import RESOURCES
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.sample_hospital import SampleHospital

PROJECT = Path(__file__).parents[3]
DESK = PROJECT / "cashier" / "desk"
COMMANDS = DESK / "commands"
PAGES = tuple(command for command in Command if command.value.leads_to is not None)


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for file in sorted(DESK.rglob("*.py")):
        yield file, ast.parse(file.read_text(encoding="utf-8"))


def around(place: Place) -> Iterator[Place]:
    """Yield a place and all places around it."""
    yield place
    if place.within is not None:
        yield from around(place.within)


def named(*places: Place) -> set[str]:
    """Return the commands of places that are heard by a shortcut or a button."""
    return {each.name for each in Command if each.place in places and each.value.heard is not Heard.FIELD}


def heard_in(widget: QWidget) -> set[str]:
    """Return the commands whose keys belong to a widget or to what is in it."""
    return {
        str(name)
        for kind in (QShortcut, QAction, QWidget)
        for each in widget.findChildren(QObject)
        if isinstance(each, kind) and (name := each.property(COMMAND_PROPERTY)) is not None
    }


@pytest.mark.parametrize("place", Place)
def test_no_key_means_two_things_in_one_place(place: Place) -> None:
    places = set(around(place))
    keys = [key for command in Command if command.place in places for key in command.keys]

    assert sorted(keys) == sorted(set(keys))


def test_a_key_means_one_thing_and_what_means_the_same_has_one_key() -> None:
    assert len({key.written for key in Key}) == len({key.means for key in Key}) == len(Key)
    assert {command.value.key for command in Command} - {None} == set(Key)


@pytest.mark.parametrize("command", Command)
def test_every_key_is_one_and_every_picture_exists(command: Command) -> None:
    for key in command.keys:
        assert QKeySequence(key).toString() == key

    assert not command.icon or (RESOURCES / "icons" / f"{command.icon}.svg").exists()


def test_every_command_is_bound_somewhere() -> None:
    bound = {
        node.attr
        for file, tree in sources()
        if file.parent != COMMANDS
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Command"
    }

    assert {each.name for each in Command if each.value.heard is not Heard.FIELD} - bound == set()


def test_nothing_else_makes_a_shortcut() -> None:
    made = {"QShortcut", "QKeySequence", "setShortcut", "setShortcuts", "grabShortcut"}

    found = {
        f"{file.relative_to(PROJECT)}:{node.lineno}"
        for file, tree in sources()
        if file != COMMANDS / "shortcuts.py"
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id in made)
        or (isinstance(node, ast.Attribute) and node.attr in made)
        or (isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(("  ⏎", "  Esc")))
    }

    assert found == set()


def test_every_page_has_one_command_that_leads_there() -> None:
    pages = [place for place in Place if place.within is Place.DESK and place is not Place.TILL]

    led_to = [command.value.leads_to for command in PAGES]

    assert sorted(map(str, led_to)) == sorted(map(str, pages))
    assert {command.place for command in PAGES} == {Place.DESK}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_left_by_esc(page: Command) -> None:
    assert any(each.key == "Esc" and each.place is page.value.leads_to for each in Command)


def test_what_is_beside_a_page_on_the_sheet_can_be_done_there() -> None:
    on_sheet = " ".join(f"{key} {meaning}" for group in Group for key, meaning in keys_of(group))

    for command in Command:
        if command.value.beside:
            assert f"{command.key} {command.value.beside}" in on_sheet


def test_the_document_of_keys_is_true() -> None:
    assert (PROJECT / "docs" / "KEYS.md").read_text(encoding="utf-8") == keys_document(), "run `make keys`"


def is_seen(desk: DeskWindow, name: str) -> bool:
    found = desk.window.findChild(QWidget, name)
    return found is not None and found.isVisible()


@pytest.fixture
def office(hospital: SampleHospital, request: pytest.FixtureRequest) -> DeskWindow:
    """The window of an administrator, who may do everything."""
    hospital.execute("UPDATE staff SET role = 'administrator' WHERE id = 1")
    desk: DeskWindow = request.getfixturevalue("open_desk")
    return desk


def test_every_key_of_the_till_and_of_every_page_is_heard(qtbot: QtBot, office: DeskWindow) -> None:
    rooms = {"history_page", "refunds_page", "differences_page", "shift_page"}
    of_rooms = set().union(*(heard_in(office.find(QWidget, name)) for name in rooms))

    assert heard_in(office.page) - of_rooms == named(Place.DESK, Place.TILL)
    for page, name in (
        (Command.SHOW_PAYMENTS, "history_page"),
        (Command.SHOW_REFUNDS, "refunds_page"),
        (Command.SHOW_DIFFERENCES, "differences_page"),
        (Command.SHOW_SHIFT, "shift_page"),
        (Command.SHOW_PAST_SHIFTS, "past_shifts_page"),
        (Command.SHOW_JOURNAL, "audit_page"),
        (Command.SHOW_STAFF, "staff_page"),
        (Command.SHOW_LIMITS, "limits_page"),
    ):
        place = page.value.leads_to
        assert place is not None
        pressed = combination(page)
        office.press(pressed.key(), pressed.keyboardModifiers())
        qtbot.waitUntil(partial(is_seen, office, name))
        heard = heard_in(office.find(QWidget, name))
        inner = named(*(each for each in Place if place in around(each)))
        assert named(place) <= heard <= inner, name
