"""Which commands somebody is offered."""

from __future__ import annotations

from cashier.books.staff import Role
from cashier.desk.commands.commands import Command
from cashier.staff.rights import ALLOWED


def is_offered(command: Command, role: Role) -> bool:
    """Tell whether somebody of this role is offered the command; services refuse everybody else anyway."""
    return command.right is None or role in ALLOWED[command.right]
