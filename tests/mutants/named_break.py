"""A named break: one rule of money, changed at one place of the source, and the tests that should notice."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Break:
    """``name`` says what is wrong afterwards; ``file`` is below ``cashier/``, ``tests`` are below ``tests/``.

    ``before`` stands in the file exactly once, and ``after`` takes its place. Locks show on PostgreSQL alone, so that
    such a break names it as its ``database``. ``unnoticed`` says why no test can notice it.
    """

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]
    database: str = "sqlite"
    unnoticed: str = ""

    @property
    def room(self) -> str:
        """The room whose rule is broken."""
        return self.file.split("/", maxsplit=1)[0].removesuffix(".py")

    def applied_to(self, source: str) -> str:
        """Return ``source`` with the break in it.

        Raises ``ValueError`` where it does not stand there exactly once, and where nothing is different afterwards.
        """
        found = source.count(self.before)
        if found != 1:
            raise ValueError(f"“{self.name}”: what it changes stands {found} times in cashier/{self.file}")
        broken = source.replace(self.before, self.after)
        if ast.dump(ast.parse(source)) == ast.dump(ast.parse(broken)):
            raise ValueError(f"“{self.name}” changes nothing in cashier/{self.file}")
        return broken

    def source_in(self, root: Path) -> Path:
        """Return its file in a tree."""
        return root / "cashier" / self.file
