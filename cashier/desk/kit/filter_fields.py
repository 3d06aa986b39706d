"""The fields of which filters are made, and the days that they offer."""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum

from PySide6.QtCore import QDate, QLocale, QObject, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QVBoxLayout, QWidget

from cashier.desk.kit.controls import Text, label
from cashier.language import NOTHING, Message, current_language, m, verbatim


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


class DaysFilter(QObject):
    """Which days are looked at: a choice, and beside it two days that are there while they are chosen."""

    changed = Signal()

    def __init__(self, parent: QObject, name: str, words: Message) -> None:
        """Belong to the filters called ``name``, above which ``words`` stand."""
        super().__init__(parent)
        self.choice = combo(f"{name}_days", words)
        for days in Days:
            self.choice.addItem(str(days.words), days)
        self._first = date_field(f"{name}_first_day", m("First day"))
        self._last = date_field(f"{name}_last_day", m("Last day"))
        self._dates = (named(self._first), named(self._last))
        self.holders = (named(self.choice), *self._dates)
        """The choice and the two days, each with its name above it."""
        self.choice.currentIndexChanged.connect(self._show_dates)
        self.choice.currentIndexChanged.connect(self.changed)
        for day in (self._first, self._last):
            day.dateChanged.connect(self.changed)

    @property
    def are_chosen(self) -> bool:
        """Tell whether the two days count."""
        return self.choice.currentData() is Days.CHOSEN

    def bounds(self, today: date) -> tuple[date | None, date | None]:
        """Return the first and the last day that are looked at; None where there is no bound."""
        if self.are_chosen:
            first, last = sorted((day_in(self._first), day_in(self._last)))
            return first, last
        days: Days = self.choice.currentData()
        return days.bounds(today)

    def begin(self, days: Days, today: date) -> None:
        """Begin with ``days``; no day after ``today`` can be chosen."""
        for field in (self._first, self._last):
            field.setMaximumDate(QDate(today.year, today.month, today.day))
            field.setDate(QDate(today.year, today.month, today.day))
        self.choice.setCurrentIndex(self.choice.findData(days))
        self._show_dates()

    def _show_dates(self) -> None:
        for holder in self._dates:
            holder.setVisible(self.are_chosen)


def named(field: QWidget, words: Message = NOTHING) -> QWidget:
    """Put the name of a filter above it: ``words``, or what a screen reader calls it."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addWidget(label(words or verbatim(field.accessibleName()), Text.CAPTION))
    column.addWidget(field)
    return holder


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
