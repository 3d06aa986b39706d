"""Asking where an export goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from cashier.desk.kit.controls import Words


def choose_csv_file(owner: QWidget, *, title: Words, name: str, then: Callable[[Path], None]) -> None:
    """Ask above ``owner`` for a file, beginning with ``name`` among the documents; it asks about an existing one."""
    dialog = QFileDialog(owner, str(title))
    dialog.setObjectName("export_dialog")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter("CSV (*.csv)")
    dialog.setDefaultSuffix("csv")
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    dialog.setDirectory(documents if Path(documents).is_dir() else str(Path.home()))
    dialog.selectFile(name)
    dialog.fileSelected.connect(lambda chosen: then(Path(chosen)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
