"""``make test`` fails for whatever fails alone too, and names what failed only among all."""

from __future__ import annotations

import pytest

from tests.whole_suite import AGAIN_MAX, main

FAILS_ONCE = """
from pathlib import Path

import pytest

@pytest.mark.parametrize("n", range(%d))
def test_waits_for_too_little(n):
    seen = Path(__file__).with_name(f"seen{n}")
    is_first, _ = not seen.exists(), seen.touch()
    assert not is_first
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the tests of a text as the suite is run."""

    def run(text):
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        (tmp_path / "test_some.py").write_text(text)
        return main(["-q"], tmp_path)

    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return run


def test_what_fails_alone_too_fails_the_suite(run):
    assert run("def test_wrong():\n    assert False\n\ndef test_right():\n    pass\n") == 1


def test_what_passes_alone_passes_and_is_named(run, capfd):
    assert run(FAILS_ONCE % 1) == 0
    said = capfd.readouterr().out
    assert "UNSTEADY" in said
    assert said.rstrip().endswith("test_some.py::test_waits_for_too_little[0]")


@pytest.mark.parametrize("text", [FAILS_ONCE % (AGAIN_MAX + 1), "import nothing_of_that_name\n"])
def test_many_failures_and_files_that_cannot_be_read_are_not_tried_again(run, capfd, text):
    assert run(text) != 0
    assert "Once more" not in capfd.readouterr().out
