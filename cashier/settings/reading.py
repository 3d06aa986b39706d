"""Why a settings file cannot be read, in the reader's language: where it is, and what is commonly wrong there."""

from __future__ import annotations

import re
import tomllib

from cashier.errors import why_not
from cashier.language import Message, m

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_KINDS: tuple[tuple[str, Message], ...] = (
    (r"Invalid value", m("there is no value, or one that is none; texts stand in quotes")),
    (r"Cannot (overwrite|declare|mutate)|[Dd]uplicate", m("an entry or a section is there twice")),
    (
        r"Expected '\]'|Expected \S+$|Unclosed|Unterminated|Illegal character '\\n'",
        m("a bracket or a quote is not closed"),
    ),
    (
        r"Unescaped|Invalid hex|Illegal character",
        m("a text holds what cannot stand there; folders of Windows are written in single quotes: 'C:\\data'"),
    ),
    (r"Expected '='|Invalid statement|Invalid initial", m("this is no entry: an entry is a name, = and a value")),
    (r"Expected newline", m("something stands behind the value that does not belong to it")),
)
"""What the parser says, the first that fits, and how it is said here."""
_OTHERWISE = m("this is not TOML")


def why_unreadable(error: OSError | UnicodeDecodeError | tomllib.TOMLDecodeError) -> Message:
    """Return the reason, with the line where it is known; what stands in that line is not repeated."""
    if isinstance(error, OSError):
        return why_not(error)
    if isinstance(error, UnicodeDecodeError):
        return m("it is not written in UTF-8")
    said = str(error)
    what = next((words for pattern, words in _KINDS if re.search(pattern, _AT.sub("", said))), _OTHERWISE)
    found = _AT.search(said)
    if found is None:
        return what
    line, column = found.groups()
    if line is None:
        return m("at its end, {what}", what=what)
    return m("in line {line}, at character {column}, {what}", line=int(line), column=int(column), what=what)
