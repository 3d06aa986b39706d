"""Reading the documents that are kept in two languages: their sections, examples, names and links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
FOLDERS = {"en": DOCS, "es": DOCS / "es"}
NAMES = ("QUICKSTART.md", "STRIPE.md")
GUIDE, QUICK = "STRIPE.md", "QUICKSTART.md"
_FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_COMMAND = re.compile(r"(?<![\w/.-])cashier (?P<rest>[^|>&;)\n]*)")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block: its kind (``sh``, ``http``, ``json``; empty for a drawing) and its text."""

    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """What stands below one heading. ``prose`` has no fenced blocks."""

    level: int
    title: str
    prose: str
    blocks: tuple[Block, ...] = field(default=())

    @property
    def spans(self) -> list[str]:
        """Everything that is written as code within a line."""
        return _SPAN.findall(self.prose)

    @property
    def tables(self) -> list[list[list[str]]]:
        """Its tables: each a list of rows, the headings first."""
        drawn = re.findall(r"(?:^\|.*\n?)+", self.prose, re.MULTILINE)
        return [
            [
                [cell.strip() for cell in line.strip("|").split(" | ")]
                for line in table.splitlines()
                if not line.startswith("|-")
            ]
            for table in drawn
        ]

    @property
    def items(self) -> int:
        """How many points its lists have."""
        return len(re.findall(r"^(?:\*|\d+\.) ", self.prose, re.MULTILINE))


def text_of(language: str, name: str) -> str:
    """Return the whole document."""
    return (FOLDERS[language] / name).read_text(encoding="utf-8")


@cache
def sections_of(language: str, name: str) -> tuple[Section, ...]:
    """Return the document by its headings, in their order."""
    text = text_of(language, name)
    fences = [(match.start(), match.end()) for match in _FENCE.finditer(text)]
    heads = [
        match for match in _HEADING.finditer(text) if not any(start <= match.start() < end for start, end in fences)
    ]
    ends = [match.start() for match in heads[1:]] + [len(text)]
    return tuple(_section(head, text[head.end() : end]) for head, end in zip(heads, ends, strict=True))


def blocks_of(language: str, name: str, kind: str = "") -> list[str]:
    """Return the examples of a document, or those of one kind; drawings are none."""
    found = [block for section in sections_of(language, name) for block in section.blocks if block.kind]
    return [block.text for block in found if kind in ("", block.kind)]


def spans_of(language: str, name: str) -> list[str]:
    """Return everything that a document writes as code within a line."""
    return [span for section in sections_of(language, name) for span in section.spans]


def table_under(language: str, name: str, heading: str) -> list[list[str]]:
    """Return the rows of the table whose first heading is ``heading``; there has to be one."""
    for section in sections_of(language, name):
        for headings, *rows in section.tables:
            if headings[0] == heading:
                return rows
    raise AssertionError(f"{name} ({language}) has no table that begins with “{heading}”")


def commands_of(language: str, name: str) -> Iterator[list[str]]:
    """Yield the words of every ``cashier …`` that a document tells to type."""
    shell = "\n".join(blocks_of(language, name, "sh")).replace("\\\n", " ")
    spans = "\n".join(span for span in spans_of(language, name) if span.startswith("cashier "))
    for match in _COMMAND.finditer(f"{shell}\n{spans}"):
        yield [word for word in shlex.split(match["rest"]) if word != "…"]


def anchor_of(title: str) -> str:
    """Return by which name a link finds a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.replace("`", "").lower()).strip().replace(" ", "-")


def _section(head: re.Match[str], below: str) -> Section:
    blocks = tuple(Block(kind=match["kind"], text=match["text"]) for match in _FENCE.finditer(below))
    return Section(level=len(head[1]), title=head[2], prose=_FENCE.sub("", below), blocks=blocks)
