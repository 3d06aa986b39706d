"""The command ``cashier companion``."""

from __future__ import annotations

import argparse
import asyncio

from cashier import logs, settings
from cashier.companion.server import serve
from cashier.keychain import Keychain


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Add nothing: everything about the companion is in the settings."""


def run(arguments: argparse.Namespace) -> int:
    """Run the companion until it is told to stop; return the exit status."""
    found = settings.load(arguments.settings)
    logs.start("companion", folder=found.folder / "logs")
    asyncio.run(serve(found, Keychain()))
    return 0
