"""Which guards the auditor's program expects, read from fresh databases: ``python -m tests.verify.expected``.

Run it after every migration that changes a guard, an index or a function of the database.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from cashier.books.schema.migration import migrate
from cashier.books.schema.revision import SCHEMA_REVISION
from cashier_verify import books, schema, tables
from tests.surroundings.postgres import running_cluster


def guards_of(path: Path) -> dict[str, str]:
    """Return the digests of what stands in a file, or in an export."""
    with books.opened(path) as opened:
        return schema.objects_of(opened)


def export(url: str, folder: Path) -> Path:
    """Let psql write an export, by the program's own script."""
    folder.mkdir()
    subprocess.run(
        ["psql", "--no-psqlrc", "--quiet", url], input=tables.export_script(), cwd=folder, check=True, text=True,
        capture_output=True, timeout=60,
    )  # fmt: skip
    return folder


def text_of(sqlite: Path, exported: Path) -> str:
    """Write down both, as the program reads them."""
    content = {"revision": SCHEMA_REVISION, "sqlite": guards_of(sqlite), "postgresql": guards_of(exported)}
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Make both databases anew, and write the file."""
    with tempfile.TemporaryDirectory() as name, running_cluster() as cluster:
        folder = Path(name)
        file = folder / "fresh.sqlite"
        migrate(f"sqlite:///{file}")
        url = cluster.create("fresh")
        migrate(url)
        schema.EXPECTED.write_text(text_of(file, export(url, folder / "export")), encoding="utf-8")


if __name__ == "__main__":
    main()
