"""The command ``cashier desk``."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QApplication

from cashier import logs, settings
from cashier.desk.shell.app import run as run_desk
from cashier.desk.shell.main_window import MainWindow
from cashier.desk.shell.screen import require_screen
from cashier.language import m


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tour to ``parser``."""
    parser.add_argument(
        "--tour",
        type=Path,
        metavar="DIR",
        help=str(m("show everything by itself and leave pictures in DIR (demo only)")),
    )
    parser.add_argument("--size", default="", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Run the desk until its window is closed; return the exit status."""
    found = settings.load(arguments.settings)
    require_screen()
    logs.start("desk", folder=found.folder / "logs")
    guide = partial(_show_everything, arguments.tour, arguments.size)
    return run_desk(found, guide=None if arguments.tour is None else guide)


def _show_everything(folder: Path, size: str, application: QApplication, window: MainWindow) -> None:
    from cashier.desk import tour  # noqa: PLC0415 - only where it is wanted, and after the application is there

    if size:
        width, _, height = size.partition("x")
        window.showNormal()
        window.resize(int(width), int(height))
    tour.start(application, window, folder)
