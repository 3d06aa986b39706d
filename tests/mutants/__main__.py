"""``make mutants``: puts each named break into a copy of the tree, and tells which the tests notice.

python -m tests.mutants [--only TEXT [TEXT ...]] [--markdown FILE] [--unbroken]

Ends with 1 where a break is not noticed and the table does not say why, or where fewer than 95 of 100 are. With
``--unbroken`` the same tests run on the copy as it is: a test that fails there notices nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LEFT_OUT = (".*", "__pycache__", "demo-output", "node_modules")


def main(options: list[str]) -> int:
    """Try the breaks in a copy, gone afterwards: the tree itself is never touched. Return the exit status."""
    with tempfile.TemporaryDirectory(prefix="cashier-mutants-") as folder:
        root = Path(folder) / "cashier"
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        here = [str(Path(each).absolute()) if Path(each).suffix == ".md" else each for each in options]
        command = [sys.executable, "-m", "tests.mutants.trying", *here]
        environment = {**os.environ, "PYTHONPATH": str(root)}
        return subprocess.run(command, cwd=root, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
