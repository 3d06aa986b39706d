"""Buttons of commands: words, key and picture are those of the table."""

from __future__ import annotations

from cashier.desk.commands.commands import Command
from cashier.desk.kit.controls import PlainButton


def command_button(command: Command, name: str, *, is_quiet: bool = False, has_hint: bool = True) -> PlainButton:
    """Make the button of ``command``; without a hint its key is told under the pointer only."""
    made = PlainButton(command.on_button() if has_hint else command.words, command.icon, name=name, quiet=is_quiet)
    if not has_hint:
        made.setToolTip(str(command.hint))
    return made
