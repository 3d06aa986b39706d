"""The fields of which filters are made, and the days that they offer."""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QComboBox, QDateEdit


class Days(Enum):
    """Which days are looked at."""

    TODAY = "Today"
    YESTERDAY = "Yesterday"
    WEEK = "Last 7 days"
    MONTH = "This month"
    ANY = "Any day"
    CHOSEN = "Chosen days …"

    def bounds(self, today: date) -> tuple[date | None, date | None]:
        """Return the first and the last day; None where there is no bound, and for the days that are chosen."""
        match self:
            case Days.TODAY:
                return today, today
            case Days.YESTERDAY:
                return today - timedelta(days=1), today - timedelta(days=1)
            case Days.WEEK:
                return today - timedelta(days=6), today
            case Days.MONTH:
                return today.replace(day=1), today
            case Days.ANY | Days.CHOSEN:
                return None, None


def combo(name: str, words: str) -> QComboBox:
    """Make a choice called ``words``."""
    made = QComboBox()
    made.setObjectName(name)
    made.setAccessibleName(words)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(9)
    return made


def date_field(name: str, words: str) -> QDateEdit:
    """Make a field for a day called ``words``."""
    made = QDateEdit()
    made.setObjectName(name)
    made.setAccessibleName(words)
    # As everywhere in the windows: English words, whatever the machine's language.
    made.setLocale(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    made.setDisplayFormat("dd MMM yyyy")
    made.setCalendarPopup(True)
    return made


def day_in(field: QDateEdit) -> date:
    """Return the day that stands in ``field``."""
    chosen = field.date()
    return date(chosen.year(), chosen.month(), chosen.day())
