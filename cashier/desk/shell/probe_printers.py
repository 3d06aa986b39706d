"""``python -m cashier.desk.shell.probe_printers``: the printers that Qt finds as JSON, for ``cashier doctor``."""

from __future__ import annotations

import json
import sys

from PySide6.QtPrintSupport import QPrinterInfo
from PySide6.QtWidgets import QApplication

if __name__ == "__main__":
    app = QApplication([sys.argv[0]])
    found = {"printers": QPrinterInfo.availablePrinterNames(), "default": QPrinterInfo.defaultPrinterName()}
    sys.stdout.write(json.dumps(found) + "\n")
