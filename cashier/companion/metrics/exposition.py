"""The text form of Prometheus: families of figures, each with its help, its type and its series.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LABEL = re.compile(r"(?!__)[a-z][a-z0-9_]*")

Value = int | float


@dataclass(frozen=True, kw_only=True)
class Family:
    """What one name stands for. ``series`` are the labels of each with its value; a gauge may fall, a counter not.

    Raises ``ValueError`` for a name or label that is none, and for a counter that is not called one.
    """

    name: str
    help: str
    kind: Literal["gauge", "counter"]
    series: Sequence[tuple[Mapping[str, str], Value]]

    def __post_init__(self) -> None:
        """Refuse what Prometheus would refuse."""
        if not _NAME.fullmatch(self.name) or (self.kind == "counter") != self.name.endswith("_total"):
            raise ValueError(f"{self.name} is no name of a {self.kind}")
        for labels, _value in self.series:
            if not all(_LABEL.fullmatch(label) for label in labels):
                raise ValueError(f"{self.name} has a label that is none")


def gauge(name: str, help_: str, value: Value | None, **labels: str) -> Family:
    """Return a family with one series; with none where the value is not known."""
    return Family(name=name, help=help_, kind="gauge", series=[] if value is None else [(labels, value)])


def written(families: Iterable[Family]) -> str:
    """Write ``families`` in their order; those without a series are left out."""
    return "".join(line + "\n" for family in families if family.series for line in _lines(family))


def _lines(family: Family) -> Iterable[str]:
    yield f"# HELP {family.name} {_escaped(family.help)}"
    yield f"# TYPE {family.name} {family.kind}"
    for labels, value in family.series:
        inside = ",".join(f'{name}="{_quoted(text)}"' for name, text in sorted(labels.items()))
        yield f"{family.name}{{{inside}}} {value}" if inside else f"{family.name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')
