"""The page's script fits Stripe's own types, its words and its page; its colours are the house's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cashier.companion.payment_page import document, words
from cashier.companion.payment_page.style import page_style
from cashier.palette import SHADES, Colour, Theme

STATIC = Path(document.__file__).with_name("static")
SCRIPT = (STATIC / "page.js").read_text(encoding="utf-8")
STYLE = (STATIC / "page.css").read_text(encoding="utf-8")

_TOOLS = Path(sys.prefix) / "page-script" / "node_modules"
_OPTIONS = {
    "allowJs": True,
    "checkJs": True,
    "exactOptionalPropertyTypes": True,
    "lib": ["es2022", "dom", "dom.iterable"],
    "module": "preserve",
    "noEmit": True,
    "noUncheckedIndexedAccess": True,
    "noUnusedLocals": True,
    "noUnusedParameters": True,
    "paths": {"@stripe/stripe-js": [str(_TOOLS / "@stripe" / "stripe-js")]},
    "strict": True,
    "target": "es2022",
    "types": [],
}


@pytest.mark.skipif(not _TOOLS.is_dir(), reason=f"nothing checks types at {_TOOLS}; `make test` installs it")
def test_the_script_fits_the_types_of_stripe_js(tmp_path):
    project = tmp_path / "tsconfig.json"
    project.write_text(json.dumps({"compilerOptions": _OPTIONS, "files": [str(STATIC / "page.js")]}))

    checked = subprocess.run(
        [_TOOLS / ".bin" / "tsc", "--project", project], capture_output=True, text=True, timeout=60, check=False
    )

    assert (checked.returncode, checked.stdout) == (0, "")


def test_the_script_shows_the_words_that_it_is_given_and_each_of_them():
    used = set(re.findall(r"words\.(\w+)", SCRIPT))
    named = re.search(r"@typedef \{(.*)\} Word$", SCRIPT, re.MULTILINE)

    assert named is not None
    assert used == words.WORDS.keys() == set(re.findall(r"\w+", named[1]))


def test_the_script_has_no_words_and_no_addresses_of_its_own():
    code = re.sub(r"/\*.*?\*/|//.*", "", SCRIPT, flags=re.DOTALL)

    assert not re.findall(r'"[A-Z][a-z]+ [^"]*"', code)
    assert "http" not in code
    assert "innerHTML" not in code


def test_what_the_script_works_with_is_on_the_page():
    wanted = set(re.findall(r'part\("([\w-]+)"', SCRIPT)) - {"payment"}

    page = Path(document.__file__).read_text(encoding="utf-8")

    assert len(wanted) > 5
    assert [name for name in wanted if f'id="{name}"' not in page] == []


def test_each_colour_of_the_page_is_one_of_the_palette_in_the_theme_that_the_device_asks_for():
    used = set(re.findall(r"var\(--([\w-]+)\)", STYLE)) | set(re.findall(r'colour\("--([\w-]+)"\)', SCRIPT))
    named = {colour.name.lower().replace("_", "-"): colour for colour in Colour}

    assert used <= named.keys()
    assert not re.search(r"#[0-9A-Fa-f]{3,8}\b|rgb|hsl", re.sub(r"#[a-z-]+", "", STYLE))
    blocks = page_style().split("@media ")[1:5]
    for block, theme in zip(blocks, Theme, strict=True):
        assert all(f"--{name}: {SHADES[theme][colour]};" in block for name, colour in named.items())
        assert theme.is_dark is ("dark" in block.partition("{")[0])
        assert theme.is_high_contrast is ("contrast" in block.partition("{")[0])
