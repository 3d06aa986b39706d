"""A message of HL7 version 2 taken apart: segments, fields, repetitions, components, and the escapes in them.

The separators are those that the message names itself. Segments may end with CR, LF or both. Whatever the text is,
nothing but ``Unreadable`` and ``MessageRefused`` comes of it.
https://www.hl7.eu/HL7v2x/v251/std251/ch02.html
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from cashier.hl7.codes import CHARACTER_SETS, ErrorCode
from cashier.hl7.problems import MessageRefused, Unreadable
from cashier.language import m

BYTES_MAX = 1024 * 1024
"""How large a message may be."""
NULL = '""'
"""What a sender writes for a value that is to be taken away."""

_SEGMENTS_MAX = 5_000
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}", re.ASCII)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, kw_only=True)
class Separators:
    """What parts the pieces, as MSH-1 and MSH-2 say."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    def plain(self, text: str) -> str:
        """Return ``text`` with its escapes resolved; what is no escape stays as it is."""
        if not self.escape or self.escape not in text:
            return text
        mark = re.escape(self.escape)
        return re.sub(f"{mark}([^{mark}]{{0,64}}){mark}", lambda found: self._resolved(found[1], found[0]), text)

    def _resolved(self, code: str, whole: str) -> str:
        signs = {
            "F": self.field, "S": self.component, "T": self.subcomponent, "R": self.repetition, "E": self.escape,
            "H": "", "N": "", ".br": " ", ".sp": " ",
        }  # fmt: skip
        if code in signs:
            return signs[code]
        if code.startswith("X"):
            with contextlib.suppress(ValueError, UnicodeDecodeError):
                return bytes.fromhex(code[1:]).decode("utf-8")
        return whole


@dataclass(frozen=True)
class Segment:
    """One line of a message; ``index`` counts those of its name from 1. Fields count from 1, as in HL7's tables."""

    name: str
    index: int
    fields: tuple[str, ...] = field(repr=False)
    separators: Separators = field(repr=False)

    def place(self, number: int) -> str:
        """Return how a field is named to people: ``FT1[2]-11``."""
        return f"{self.name}[{self.index}]-{number}" if self.index > 1 else f"{self.name}-{number}"

    def raw(self, number: int) -> str:
        """Return a field as it stands there; nothing where there is none."""
        return self.fields[number - 1].strip() if number <= len(self.fields) else ""

    def repetitions(self, number: int) -> list[Value]:
        """Return the repetitions of a field that are not empty."""
        parts = self.raw(number).split(self.separators.repetition)
        return [Value(part, self.separators) for part in parts if part.strip()]

    def value(self, number: int) -> Value:
        """Return the first repetition of a field; an empty one where there is none."""
        found = self.repetitions(number)
        return found[0] if found else Value("", self.separators)

    def text(self, number: int, component: int = 1) -> str:
        """Return a component of a field's first repetition, plain."""
        return self.value(number).text(component)


@dataclass(frozen=True)
class Value:
    """One repetition of a field."""

    raw: str = field(repr=False)
    separators: Separators = field(repr=False)

    @property
    def is_null(self) -> bool:
        """Tell whether the sender takes the value away."""
        return self.raw.strip() == NULL

    def part(self, component: int) -> str:
        """Return a component as it stands there."""
        parts = self.raw.split(self.separators.component)
        return parts[component - 1].strip() if component <= len(parts) else ""

    def text(self, component: int = 1, subcomponent: int = 1) -> str:
        """Return a component's subcomponent, plain; nothing for what is taken away."""
        parts = self.part(component).split(self.separators.subcomponent)
        found = parts[subcomponent - 1].strip() if subcomponent <= len(parts) else ""
        return "" if found == NULL else self.separators.plain(found).strip()


@dataclass(frozen=True)
class Hl7Message:
    """A message, its segments in their order; the first is MSH."""

    segments: tuple[Segment, ...] = field(repr=False)

    @property
    def header(self) -> Segment:
        """Its MSH."""
        return self.segments[0]

    def all(self, name: str) -> list[Segment]:
        """Return the segments of this name."""
        return [each for each in self.segments if each.name == name]

    def first(self, name: str) -> Segment:
        """Return the first segment of this name. Raises ``MessageRefused`` where there is none."""
        for each in self.segments:
            if each.name == name:
                return each
        raise MessageRefused(
            m("The message has no segment {segment}.", segment=name), code=ErrorCode.SEGMENT_SEQUENCE, at=name
        )


def normalised(content: bytes) -> bytes:
    """Return a message with CR after each of its segments, so that one that comes by two ways is one."""
    lines = re.split(rb"[\r\n]+", content.removeprefix(_BYTE_ORDER_MARK))
    return b"\r".join(line for line in lines if line.strip())


def read_message(content: bytes, *, character_set: str) -> Hl7Message:
    """Take a message apart; ``character_set`` is for those that do not name one in MSH-18.

    Raises ``Unreadable`` for what has no readable header, and ``MessageRefused`` for one whose rest cannot be read.
    """
    header = read_header(content)
    text = _decoded(content, header, character_set)
    return Hl7Message(tuple(_segments(text, header.separators)))


def read_header(content: bytes) -> Segment:
    """Read MSH alone, letter by letter as it came. Raises ``Unreadable``."""
    if len(content) > BYTES_MAX:
        raise Unreadable(m("The message has more than {most} bytes.", most=BYTES_MAX))
    first = re.split(rb"[\r\n]", content.removeprefix(_BYTE_ORDER_MARK).strip(b"\r\n"), maxsplit=1)[0]
    line = first.decode("iso8859-1")
    separators = _separators_of(line)
    return _segment(line, separators, 1)


def _separators_of(line: str) -> Separators:
    mark = line[3:4]
    if not line.startswith("MSH") or not _is_sign(mark):
        raise Unreadable
    signs = line[4:].split(mark, maxsplit=1)[0]
    if not 2 <= len(signs) <= 5 or len({mark, *signs}) != len(signs) + 1 or not all(map(_is_sign, signs)):
        raise Unreadable
    component, repetition, *others = list(signs)
    escape, subcomponent = [*others[:2], "", ""][:2]
    return Separators(
        field=mark,
        component=component,
        repetition=repetition,
        escape=escape,
        # A sign that stands in no text parts nothing.
        subcomponent=subcomponent or "\0",
    )


def _is_sign(letter: str) -> bool:
    return letter.isascii() and letter.isprintable() and not letter.isalnum() and letter not in ' "'


def _decoded(content: bytes, header: Segment, character_set: str) -> str:
    named = header.repetitions(18)
    wanted = named[0].text().upper() if named else character_set
    encoding = CHARACTER_SETS.get(wanted)
    if encoding is None or len(named) > 1:
        raise MessageRefused(
            m("{field} names a character set that is not taken, or several.", field="MSH-18"),
            code=ErrorCode.TABLE_VALUE,
            at="MSH-18",
            advice=m("Send UNICODE UTF-8."),
        )
    try:
        return content.removeprefix(_BYTE_ORDER_MARK).decode(encoding)
    except UnicodeDecodeError:
        raise MessageRefused(
            m("The message is not in the character set that it is said to be in."),
            code=ErrorCode.DATA_TYPE,
            at="MSH-18",
            advice=m("Say in MSH-18 which one it is, or send UNICODE UTF-8."),
        ) from None


def _segments(text: str, separators: Separators) -> Iterator[Segment]:
    counts: dict[str, int] = {}
    lines = [line for line in re.split(r"[\r\n]+", text) if line.strip()]
    if len(lines) > _SEGMENTS_MAX:
        raise MessageRefused(
            m("The message has more than {most} segments.", most=_SEGMENTS_MAX), code=ErrorCode.SEGMENT_SEQUENCE
        )
    for position, line in enumerate(lines, start=1):
        name = line[:3]
        is_whole = _NAME.fullmatch(name) and line[3:4] in ("", separators.field)
        if not is_whole or (name == "MSH") is not (position == 1):
            raise MessageRefused(
                m("Line {number} of the message is no segment.", number=position),
                code=ErrorCode.SEGMENT_SEQUENCE,
                advice=m("Each segment is one line that begins with its name; a message has one MSH."),
            )
        counts[name] = counts.get(name, 0) + 1
        yield _segment(line, separators, counts[name])


def _segment(line: str, separators: Separators, index: int) -> Segment:
    name, *fields = line.split(separators.field)
    if name == "MSH":
        # The first field of MSH is the sign that parts the fields.
        fields.insert(0, separators.field)
    return Segment(name, index, tuple(fields), separators)
