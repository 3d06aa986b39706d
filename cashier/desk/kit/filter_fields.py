"""The fields of which filters are made, and the days that they offer."""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QComboBox, QDateEdit

from cashier.language import Message, current_language, m


class Days(Enum):
    """Which days are looked at."""

    TODAY = m("Today")
    YESTERDAY = m("Yesterday")
    WEEK = m("Last 7 days")
    MONTH = m("This month")
    ANY = m("Any day")
    CHOSEN = m("Chosen days …")

    @property
    def words(self) -> Message:
        """What the choice is called."""
        return self.value

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


def combo(name: str, words: Message) -> QComboBox:
    """Make a choice called ``words``."""
    made = QComboBox()
    made.setObjectName(name)
    made.setAccessibleName(str(words))
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(9)
    return made


def date_field(name: str, words: Message) -> QDateEdit:
    """Make a field for a day called ``words``."""
    made = QDateEdit()
    made.setObjectName(name)
    made.setAccessibleName(str(words))
    # As everywhere in the windows: the words of the language that is read, whatever the machine's.
    language = current_language()
    made.setLocale(QLocale("en_GB" if language == "en" else language))
    made.setDisplayFormat("dd MMM yyyy")
    made.setCalendarPopup(True)
    return made


def day_in(field: QDateEdit) -> date:
    """Return the day that stands in ``field``."""
    chosen = field.date()
    return date(chosen.year(), chosen.month(), chosen.day())
