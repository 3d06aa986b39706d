"""Bring the database to the schema of this program: ``cashier migrate``."""

from __future__ import annotations

import alembic.command
import alembic.config

from cashier.database import driver_url
from cashier.database.soundness import make_for_owner
from cashier.database.troubles import translated_errors
from cashier.resources import MIGRATIONS


def migrate(url: str, *, password: str | None = None, revision: str = "head") -> None:
    """Upgrade the database at ``url`` to ``revision``; nothing happens when it is there already.

    One migration runs at a time; each is one transaction, so a failure leaves the schema as it was.
    Raises ``Unreachable`` or ``Refused`` when the database does not answer or cannot be written.
    """
    make_for_owner(url)
    with translated_errors():
        alembic.command.upgrade(_config(url, password), revision)


def downgrade(url: str, *, revision: str, password: str | None = None) -> None:
    """Take the database at ``url`` back to ``revision`` (``base``: nothing left). Data of newer tables is lost."""
    alembic.command.downgrade(_config(url, password), revision)


def _config(url: str, password: str | None) -> alembic.config.Config:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = driver_url(url, password=password)
    return config
