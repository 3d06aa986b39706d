"""Writes ``docs/KEYS.md`` from the table of commands: ``make keys``. A test says when it is not true any more."""

from __future__ import annotations

import sys
from pathlib import Path

from cashier.desk.commands.command import Place
from cashier.desk.commands.commands import Command
from cashier.desk.commands.key import Key

_HEAD = """# Keys

Everything works without a mouse. This page is written by `make keys` from `desk/commands/commands.py`.
What a right allows, and to whom, is in `staff/rights.py`; a key that cannot do anything just now does nothing.

A key means one thing, on every page and sheet; what it does there is in the tables below.

| Key | What it means |
| --- | --- |
"""


def keys_document() -> str:
    """Return the page: what the keys mean, and a table for each place, in the order of the commands."""
    meanings = "".join(f"| {_shown(key)} | {key.means} |\n" for key in Key)
    return "\n".join([_HEAD + meanings, *(_section(place) for place in Place)])


def _shown(key: Key) -> str:
    command = next(each for each in Command if each.value.key is key)
    return f"`{command.key_in_words}`"


def _section(place: Place) -> str:
    around = f" (and the keys of “{place.within.words}”)" if place.within is not None else ""
    lines = [f"## {place.words}{around}", "", "| Key | What it does | When | Right |", "| --- | --- | --- | --- |"]
    for command in Command:
        if command.place is place:
            right = command.right.value if command.right is not None else ""
            key = f"`{command.key_in_words}`" if command.key else command.words.english
            lines.append(f"| {key} | {command.meaning.english} | {command.value.when} | {right} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(keys_document(), encoding="utf-8")
