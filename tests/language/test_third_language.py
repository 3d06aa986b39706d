"""A further language is one file, which a translator writes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import cashier

_PROJECT = Path(cashier.__file__).parent.parent
_ESPERANTO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: eo\\n"
"Plural-Forms: nplurals=2; plural=n != 1;\\n"

msgctxt "the language of this file"
msgid "English"
msgstr "Esperanto"

msgid "Take payment"
msgstr "Enkasigi"
"""
_LOOK = """
from cashier.language import LANGUAGES, m, name_of_language
print(*LANGUAGES)
print(name_of_language("eo"), m("Take payment").in_("eo"), m("Keys").in_("eo"), sep="; ")
"""


def test_a_file_is_all_that_a_language_needs(tmp_path):
    shutil.copytree(_PROJECT / "cashier", tmp_path / "cashier", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(_PROJECT / "resources", tmp_path / "resources")
    (tmp_path / "resources" / "locale" / "eo.po").write_text(_ESPERANTO, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-c", _LOOK],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    assert done.stdout.splitlines() == ["en eo es es_419", "Esperanto; Enkasigi; Keys"]
