"""Where tests keep their files: in memory, where the machine has room there, for nobody needs them afterwards.

Databases wait for their disk at each commit. Many of the tests' minutes were such waits.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # a folder of the tests' own is made below it
_ENOUGH = 3 * 1024**3
"""Bytes; a container may have far less there."""


def keep_files_in_memory() -> None:
    """From now on, temporary folders of this process, and of those it starts, are in memory, if that has room."""
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
