"""The page about threats names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent
_NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", (_ROOT / "docs" / "SECURITY.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("file", "name"), _NAMED, ids=[name for _file, name in _NAMED])
def test_what_shows_it_is_there(file: str, name: str) -> None:
    source = (_ROOT / file).read_text(encoding="utf-8")

    assert re.search(rf"^(?:async )?def {name}\(", source, flags=re.MULTILINE)


def test_every_actor_has_tests() -> None:
    assert len(_NAMED) > 30
