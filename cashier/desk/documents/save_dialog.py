"""Asking where a file goes: the same for papers and for exports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from cashier.language import Message, m


def ask_where_to_save(
    owner: QWidget, *, name: str, title: Message, file_name: str, then: Callable[[Path], None]
) -> None:
    """Ask above ``owner`` where to save, beginning with ``file_name`` among the documents; its ending stays.

    The dialog, called ``name``, asks about a file that is there already.
    """
    ending = Path(file_name).suffix.removeprefix(".")
    dialog = QFileDialog(owner, str(title))
    dialog.setObjectName(name)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(f"{ending.upper()} (*.{ending})")
    dialog.setDefaultSuffix(ending)
    # The two words of its own dialog that Qt has in English only.
    dialog.setLabelText(QFileDialog.DialogLabel.LookIn, str(m("Folder:")))
    dialog.setLabelText(QFileDialog.DialogLabel.FileType, str(m("Kind of file:")))
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    dialog.setDirectory(documents if Path(documents).is_dir() else str(Path.home()))
    dialog.selectFile(file_name)
    dialog.fileSelected.connect(lambda chosen: then(Path(chosen)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
