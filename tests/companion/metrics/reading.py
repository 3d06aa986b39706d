"""Reads the text form of Prometheus, and refuses whatever is not quite in it.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
"""

from __future__ import annotations

import re

_COMMENT = re.compile(r"# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)")
_SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.+)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?!$)|$)')

Series = tuple[str, frozenset[tuple[str, str]]]


def read(text: str) -> dict[Series, float]:
    """Return the value of each series, by its name and labels. Fails for what Prometheus would not take."""
    assert text.endswith("\n")
    found: dict[Series, float] = {}
    helped: list[str] = []
    typed: dict[str, str] = {}
    for line in text.removesuffix("\n").split("\n"):
        comment = _COMMENT.fullmatch(line)
        if comment:
            what, name, told = comment.groups()
            known = helped if what == "HELP" else typed
            assert name not in known, f"{what} of {name} twice"
            if what == "HELP":
                helped.append(name)
            else:
                assert told in ("gauge", "counter")
                assert name == helped[-1], "the type stands right behind the help"
                typed[name] = told
            continue
        sample = _SAMPLE.fullmatch(line)
        assert sample, f"not understood: {line}"
        name, labels, value = sample.groups()
        assert name == helped[-1], f"{name} stands in another family"
        assert name in typed, f"{name} has no type"
        series = (name, frozenset(_labels(labels or "")))
        assert series not in found, f"{line} twice"
        found[series] = float(value)
    return found


def _labels(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text):
        label = _LABEL.match(text, at)
        assert label, f"no labels: {text}"
        found.append((label[1], label[2]))
        at = label.end()
    assert len({name for name, _ in found}) == len(found)
    return found
