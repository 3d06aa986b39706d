"""The table of the staff. Who was chosen stays chosen when the list is read again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableView

from cashier.books.staff import Role
from cashier.database import now
from cashier.desk.kit.controls import INK_OF, Tone
from cashier.desk.tables.paged_model import Index
from cashier.desk.tables.row_table import show_whole_rows
from cashier.staff.administration import StaffMember

_NOWHERE = QModelIndex()
_ROW_HEIGHT = 38
_WIDTH_OF_ALL = 640

ROLE_WORDS: Mapping[Role, str] = {
    Role.CASHIER: "Cashier",
    Role.SUPERVISOR: "Supervisor",
    Role.ADMINISTRATOR: "Administrator",
    Role.AUDITOR: "Auditor",
}


class StaffColumn(IntEnum):
    """The columns, from left to right."""

    NAME = 0
    SIGNS_IN_AS = 1
    ROLE = 2
    STATE = 3


HEADINGS = ("Name", "Signs in as", "Role", "State")


def state_of(member: StaffMember) -> tuple[str, Tone]:
    """Say how somebody stands: the one thing that an administrator has to know."""
    if not member.is_active:
        return "Has left", Tone.NEUTRAL
    if member.locked_at is not None:
        return "Locked", Tone.BAD
    if member.locked_until is not None and member.locked_until > now():
        return "Has to wait", Tone.CAUTION
    if member.must_change_pin:
        return "Has a first PIN", Tone.CAUTION
    return "Active", Tone.GOOD


class StaffModel(QAbstractTableModel):
    """Shows the members of the staff it was given."""

    def __init__(self) -> None:
        """Show nobody yet."""
        super().__init__()
        self._members: tuple[StaffMember, ...] = ()

    def show_members(self, members: tuple[StaffMember, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self._members = members
        self.endResetModel()

    def member_at(self, row: int) -> StaffMember | None:
        """Return who stands in ``row``."""
        return self._members[row] if 0 <= row < len(self._members) else None

    def place_of(self, staff_id: int | None) -> int | None:
        """Return the row of somebody."""
        return next((row for row, member in enumerate(self._members) if member.id == staff_id), None)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return how many there are."""
        return 0 if parent.isValid() else len(self._members)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(StaffColumn)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text, weight or colour."""
        member, column = self._members[index.row()], StaffColumn(index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return _TEXTS[column](member)
        if role == Qt.ItemDataRole.FontRole and column in (StaffColumn.NAME, StaffColumn.STATE):
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ForegroundRole and column is StaffColumn.STATE:
            return QBrush(QColor(INK_OF[state_of(member)[1]]))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heading of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return HEADINGS[section] if role == Qt.ItemDataRole.DisplayRole else None


class StaffTable(QTableView):
    """One row a person."""

    member_chosen = Signal(object)
    """Carries the ``StaffMember`` under the cursor, or None."""

    def __init__(self) -> None:
        """Show nobody yet."""
        super().__init__()
        self.setObjectName("staff_table")
        self.setAccessibleName("Staff")
        self._model = StaffModel()
        self._model.setParent(self)
        self._wanted_id: int | None = None
        self.setModel(self._model)
        show_whole_rows(self, row_height=_ROW_HEIGHT)
        header = self.horizontalHeader()
        for column, width in ((StaffColumn.SIGNS_IN_AS, 170), (StaffColumn.ROLE, 140), (StaffColumn.STATE, 150)):
            header.resizeSection(column, width)
        header.setSectionResizeMode(StaffColumn.NAME, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().currentRowChanged.connect(self._tell_choice)

    @property
    def chosen(self) -> StaffMember | None:
        """Who is under the cursor."""
        return self._model.member_at(self.currentIndex().row())

    def sizeHint(self) -> QSize:
        """Want room for some rows, and leave the rest to the window."""
        return QSize(600, 6 * _ROW_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the names their room in a narrow window; the sheet beside the list tells how somebody signs in."""
        self.setColumnHidden(StaffColumn.SIGNS_IN_AS, self.viewport().width() < _WIDTH_OF_ALL)
        super().resizeEvent(event)

    def show_members(self, members: tuple[StaffMember, ...], *, choose: int | None = None) -> None:
        """Show these, with the one that was chosen before, or ``choose``, under the cursor."""
        wanted_id = choose if choose is not None else self._wanted_id
        self._model.show_members(members)
        self.selectRow(self._model.place_of(wanted_id) or 0)
        self._tell_choice()

    def _tell_choice(self) -> None:
        member = self.chosen
        self._wanted_id = member.id if member is not None else None
        self.member_chosen.emit(member)


_TEXTS: Mapping[StaffColumn, Callable[[StaffMember], str]] = {
    StaffColumn.NAME: lambda member: member.display_name,
    StaffColumn.SIGNS_IN_AS: lambda member: f"{member.sign_in_name}{' · badge' if member.has_badge else ''}",
    StaffColumn.ROLE: lambda member: ROLE_WORDS[member.role],
    StaffColumn.STATE: lambda member: state_of(member)[0],
}
