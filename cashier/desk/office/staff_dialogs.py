"""What an administrator is asked about a member of the staff."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from cashier.books.staff import Role
from cashier.desk.commands.commands import Command
from cashier.desk.kit.controls import Notice, PlainButton, PrimaryButton, Text, Tone, label
from cashier.desk.kit.language_box import language_box, show_language
from cashier.desk.kit.look import scaled
from cashier.desk.kit.sheets.scrolled import scrolled_column
from cashier.desk.kit.sheets.sheet import Question
from cashier.desk.office.staff_columns import ROLE_WORDS
from cashier.desk.scanning.fields import Takes
from cashier.desk.scanning.recogniser import let_scan
from cashier.errors import CashierError
from cashier.language import Message, m, mc

_WIDTH = 480


class StaffForm(Question):
    """A heading, some fields, and one thing to do; it stays open until that has worked. Deletes itself at the end."""

    wanted = Signal()
    """Enter, or the button: do it, then call ``accept`` or ``show_refusal``."""

    def __init__(self, parent: QWidget, *, name: str, heading: Message, told: Message, ok: Message) -> None:
        """Be a sheet above ``parent``, without fields yet."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(heading))
        self.setFixedWidth(scaled(_WIDTH))
        self._notice = Notice(name=f"{name}_notice")
        self._ok = PrimaryButton(Command.DIALOG_GO_ON.on_button(ok), "check", name=f"{name}_ok")
        leave = PlainButton(Command.DIALOG_LEAVE.on_button(mc("on a button", "Leave")), name=f"{name}_leave")
        self._ok.clicked.connect(self._do)
        leave.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addStretch(1)
        buttons.addWidget(leave)
        buttons.addWidget(self._ok)
        self._fields = QVBoxLayout()
        self._fields.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(heading, Text.HEADLINE, wraps=True))
        column = scrolled_column(layout)
        column.addWidget(label(told, wraps=True))
        column.addLayout(self._fields)
        layout.addWidget(self._notice)
        layout.addLayout(buttons)
        self.setAccessibleDescription(str(told))

    def add_field(self, title: Message, field: QWidget) -> None:
        """Put ``field`` below the others, with its title above it."""
        words = label(title, Text.CAPTION)
        words.setBuddy(field)
        field.setAccessibleName(str(title))
        self._fields.addWidget(words)
        self._fields.addWidget(field)
        self._fields.addSpacing(6)

    def show_refusal(self, error: CashierError) -> None:
        """Say why it did not work, and let it be tried again."""
        self._ok.setEnabled(True)
        self._notice.say(error.words, Tone.BAD)

    def _do(self) -> None:
        self._ok.setEnabled(False)
        self._notice.fall_silent()
        self.wanted.emit()


class AddStaffDialog(StaffForm):
    """Asks who comes, how they sign in, and what they may do."""

    def __init__(self, parent: QWidget) -> None:
        """Be a sheet above ``parent``."""
        super().__init__(
            parent,
            name="add_staff_dialog",
            heading=m("Add a member of the staff"),
            told=m("They get a PIN for the first sign-in, which is shown once, and choose their own then."),
            ok=mc("on a button", "Add"),
        )
        self._full_name = _line("add_staff_full_name", 80)
        self._sign_in_name = _line("add_staff_sign_in_name", 40)
        self._role = _role_box("add_staff_role")
        self.add_field(m("Full name, as on receipts"), self._full_name)
        self.add_field(m("Name for signing in"), self._sign_in_name)
        self.add_field(m("Role"), self._role)
        self._full_name.setFocus()

    @property
    def full_name(self) -> str:
        """Who comes."""
        return self._full_name.text()

    @property
    def sign_in_name(self) -> str:
        """How they sign in."""
        return self._sign_in_name.text()

    @property
    def role(self) -> Role:
        """What they may do."""
        return Role(self._role.currentData())


class OneLineDialog(StaffForm):
    """Asks for one line, such as another name, or what a scanner reads from a badge."""

    def __init__(
        self,
        parent: QWidget,
        *,
        name: str,
        heading: Message,
        told: Message,
        title: Message,
        ok: Message,
        text: str = "",
    ) -> None:
        """Begin with ``text`` above ``parent``."""
        super().__init__(parent, name=name, heading=heading, told=told, ok=ok)
        self._line = _line(f"{name}_line", 80)
        self._line.setText(text)
        self._line.selectAll()
        self.add_field(title, self._line)
        self._line.setFocus()

    def take_scans(self) -> None:
        """Let whatever is scanned stand in the line."""
        let_scan(self._line, Takes.CODE)

    @property
    def text(self) -> str:
        """What was typed or scanned."""
        return self._line.text()


class LanguageDialog(StaffForm):
    """Asks in what language somebody wants to read; “” is the hospital's."""

    def __init__(self, parent: QWidget, display_name: str, language: str) -> None:
        """Begin with the ``language`` that ``display_name`` has."""
        super().__init__(
            parent,
            name="language_dialog",
            heading=m("Language of {name}", name=display_name),
            told=m("Windows are read in it at every desk. Papers and the patient display have the hospital's."),
            ok=mc("on a button", "Change"),
        )
        self._language = language_box("language_dialog_language", default=m("As the hospital"))
        show_language(self._language, language)
        self.add_field(m("Language"), self._language)
        self._language.setFocus()

    @property
    def language(self) -> str:
        """What was chosen."""
        return str(self._language.currentData())


class RoleDialog(StaffForm):
    """Asks for another role; it counts from the next thing that they do."""

    def __init__(self, parent: QWidget, display_name: str, role: Role) -> None:
        """Begin with the ``role`` that ``display_name`` has."""
        super().__init__(
            parent,
            name="role_dialog",
            heading=m("Another role for {name}", name=display_name),
            told=m("It counts at once, also where they are signed in. Windows show it after the next sign-in."),
            ok=mc("on a button", "Change"),
        )
        self._role = _role_box("role_dialog_role")
        self._role.setCurrentIndex(self._role.findData(role.value))
        self.add_field(m("Role"), self._role)
        self._role.setFocus()

    @property
    def role(self) -> Role:
        """What was chosen."""
        return Role(self._role.currentData())


def _line(name: str, length_max: int) -> QLineEdit:
    made = QLineEdit()
    made.setObjectName(name)
    made.setMaxLength(length_max)
    return made


def _role_box(name: str) -> QComboBox:
    made = QComboBox()
    made.setObjectName(name)
    for role, words in ROLE_WORDS.items():
        made.addItem(str(words), role.value)
    return made
