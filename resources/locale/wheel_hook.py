"""The resources in a wheel: of the translators' files only what gettext reads, so that none is read slowly.

Hatch runs this: https://hatch.pypa.io/latest/plugins/build-hook/custom/
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LocaleHook(BuildHookInterface[Any]):
    """Puts the resources into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile every language; an editable install reads the translators' files themselves."""
        if version == "editable":
            return
        resources = Path(self.root) / "resources"
        inside: dict[str, str] = build_data["force_include"]
        for entry in resources.iterdir():
            if entry.name != "locale":
                inside[str(entry)] = f"cashier/_resources/{entry.name}"
        self._made = tempfile.TemporaryDirectory(prefix="cashier-locale-")
        for written in (resources / "locale").glob("*.po"):
            compiled = Path(self._made.name) / f"{written.stem}.mo"
            with written.open("rb") as source, compiled.open("wb") as target:
                write_mo(target, read_po(source, locale=written.stem, abort_invalid=True))
            inside[str(compiled)] = f"cashier/_resources/locale/{compiled.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave nothing behind."""
        if version != "editable":
            self._made.cleanup()
