"""How the page looks: the house's colours in the theme that the payer's device asks for, and ``static/page.css``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cashier.palette import SHADES, Theme

_MEDIA = {
    Theme.LIGHT: "all",
    Theme.DARK: "(prefers-color-scheme: dark)",
    Theme.CONTRAST_LIGHT: "(prefers-contrast: more)",
    Theme.CONTRAST_DARK: "(prefers-contrast: more) and (prefers-color-scheme: dark)",
}
"""Which device gets which theme; what comes later goes before what was earlier."""


@cache
def page_style() -> str:
    """Return the page's style sheet; each colour is a property called like it, such as ``--ink-soft``."""
    return "".join(_colours(theme) for theme in Theme) + Path(__file__).with_name("static").joinpath(
        "page.css"
    ).read_text(encoding="utf-8")


def _colours(theme: Theme) -> str:
    named = " ".join(
        f"--{colour.name.lower().replace('_', '-')}: {shade};" for colour, shade in SHADES[theme].items()
    )
    return f"@media {_MEDIA[theme]} {{ :root {{ {named} }} }}\n"
