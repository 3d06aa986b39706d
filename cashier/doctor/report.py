"""Showing the findings: for people at a terminal, for files, for programs."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Mapping, Sequence

from cashier.doctor.findings import Check, Finding, Level
from cashier.language import Message, m, mc

_SYMBOLS: Mapping[Level, str] = {Level.OK: "✓", Level.WARNING: "!", Level.WRONG: "✗"}
_COLOURS: Mapping[Level, str] = {Level.OK: "\033[32m", Level.WARNING: "\033[33m", Level.WRONG: "\033[31m"}
_END = "\033[0m"
_WORDS: Mapping[Level, Message] = {
    Level.OK: mc("a finding", "ok"),
    Level.WARNING: mc("a finding", "warning"),
    Level.WRONG: mc("a finding", "wrong"),
}
_CLOSING: Mapping[Level, Message] = {
    Level.OK: m("Everything works."),
    Level.WARNING: m("It works; look at the remarks."),
    Level.WRONG: m("Something is wrong; follow the remedies from the top."),
}


def worst_of(findings: Sequence[Finding]) -> Level:
    """Return the worst level among ``findings``."""
    return max((finding.level for finding in findings), key=list(Level).index, default=Level.OK)


def as_json(checks: Sequence[Check], findings: Sequence[Finding]) -> str:
    """Write the findings for a program: in English, whatever people read here."""
    entries = [
        {
            "name": check.name.english,
            "level": finding.level,
            "message": finding.message.english,
            "remedy": finding.remedy.english,
        }
        for check, finding in zip(checks, findings, strict=True)
    ]
    return json.dumps({"outcome": worst_of(findings), "checks": entries}, indent=2, ensure_ascii=False)


def as_text(checks: Sequence[Check], findings: Sequence[Finding], *, is_terminal: bool) -> str:
    """Write the findings for a person: with symbols and colours at a terminal, in plain words elsewhere."""
    beside = 1 if is_terminal else max(len(str(words)) for words in _WORDS.values())
    marks = {
        level: f"{_COLOURS[level]}{_SYMBOLS[level]}{_END}" if is_terminal else str(_WORDS[level]).ljust(beside)
        for level in Level
    }
    names = max(len(str(check.name)) for check in checks)
    indent = beside + 1 + names + 2
    width = shutil.get_terminal_size().columns if is_terminal else 0
    lines: list[str] = []
    for check, finding in zip(checks, findings, strict=True):
        name = str(check.name).ljust(names)
        lines.append(f"{marks[finding.level]} {name}  {_wrapped(str(finding.message), indent, width)}")
        if finding.remedy:
            lines.append(f"{' ' * indent}{_wrapped(f'→ {finding.remedy}', indent + 2, width)}")
    return "\n".join([*lines, "", str(_CLOSING[worst_of(findings)])])


def _wrapped(text: str, indent: int, width: int) -> str:
    """Break ``text`` into lines for a terminal of ``width`` columns; elsewhere it stays one line."""
    room = width - indent
    if room < 30:
        return text
    return f"\n{' ' * indent}".join(textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False))
