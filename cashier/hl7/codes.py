"""Codes of HL7's tables, as the standard words them."""

from __future__ import annotations

from enum import Enum

UTF_8 = "UNICODE UTF-8"
NOT_PHONES = ("Internet", "X.400", "FX", "BP")
"""Kinds of equipment (table 0202) that nobody is called by."""
CHARACTER_SETS = {
    "ASCII": "ascii", "8859/1": "iso8859-1", "8859/2": "iso8859-2", "8859/3": "iso8859-3", "8859/4": "iso8859-4",
    "8859/5": "iso8859-5", "8859/6": "iso8859-6", "8859/7": "iso8859-7", "8859/8": "iso8859-8",
    "8859/9": "iso8859-9", "8859/15": "iso8859-15", "UNICODE UTF-8": "utf-8", "UNICODE": "utf-8",
    "UTF-8": "utf-8", "UTF8": "utf-8", "ISO-8859-1": "iso8859-1", "ISO-8859-15": "iso8859-15",
    "WINDOWS-1252": "cp1252", "GB 18030-2000": "gb18030", "BIG-5": "big5", "ISO IR87": "iso2022_jp",
}  # fmt: skip
"""HL7's table 0211, and what else is seen: by what Python calls them."""


class ErrorCode(Enum):
    """Codes of HL7's table 0357 that we answer with, and what they are called there."""

    SEGMENT_SEQUENCE = ("100", "Segment sequence error")
    REQUIRED_FIELD = ("101", "Required field missing")
    DATA_TYPE = ("102", "Data type error")
    TABLE_VALUE = ("103", "Table value not found")
    MESSAGE_TYPE = ("200", "Unsupported message type")
    PROCESSING_ID = ("202", "Unsupported processing id")
    VERSION = ("203", "Unsupported version id")
    UNKNOWN_KEY = ("204", "Unknown key identifier")
    DUPLICATE_KEY = ("205", "Duplicate key identifier")
    LOCKED = ("206", "Application record locked")
    INTERNAL = ("207", "Application internal error")

    @property
    def number(self) -> str:
        """Its code."""
        return self.value[0]

    @property
    def title(self) -> str:
        """What HL7 calls it."""
        return self.value[1]
