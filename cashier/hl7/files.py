"""Messages in files: one after the other, as engines write them, with or without MLLP's marks and batch segments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from cashier.hl7.message import BYTES_MAX

_CHUNK = 64 * 1024
_BEGIN = re.compile(rb"(?:^|(?<=[\r\n\x0b]))MSH")
_BATCH = (b"FHS", b"BHS", b"BTS", b"FTS")
_TAIL = 3


def messages_in(stream: BinaryIO) -> Iterator[bytes]:
    """Yield each message: what begins with MSH at the beginning of a line, up to the next.

    What stands before the first is yielded as well, unless it is empty, so that nothing is passed over in silence. Of
    one that is larger than a message may be, the beginning is yielded, which is refused.
    """
    left = b""
    while chunk := stream.read(_CHUNK):
        left += chunk
        begins = [found.start() for found in _BEGIN.finditer(left)]
        cuts = [each for each in begins if each > 0]
        for begin, end in zip([0, *cuts], cuts, strict=False):
            yield from _whole(left[begin:end])
        left = left[cuts[-1] :] if cuts else left
        if len(left) > BYTES_MAX + _TAIL:
            # The rest of it is passed over, but for what a next one could begin with.
            left = left[: BYTES_MAX + 1] + left[-_TAIL:]
    yield from _whole(left)


def _whole(part: bytes) -> Iterator[bytes]:
    lines = [line for line in re.split(rb"[\r\n\x0b\x1c]+", part) if line.strip() and line[:3] not in _BATCH]
    if lines:
        yield b"\r".join(lines)
