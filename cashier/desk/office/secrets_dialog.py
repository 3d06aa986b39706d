"""The secrets of this machine: where each comes from, what a new Stripe key may do, and keeping a new one.

What is typed is never shown, and what is kept is never read back.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from cashier.desk.commands.commands import Command
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import Notice, PlainButton, PrimaryButton, Text, Tone, label, set_tone
from cashier.desk.kit.look import scaled
from cashier.desk.kit.sheets.scrolled import scrolled_column
from cashier.desk.kit.sheets.sheet import Question
from cashier.errors import CashierError
from cashier.keychain import Secret
from cashier.language import NOTHING, Message, joined, m, mc, verbatim
from cashier.stripe_gateway.permissions import Permission

_NAMES: Mapping[Secret, Message] = {
    Secret.STRIPE_KEY: m("Stripe key"),
    Secret.WEBHOOK_SECRETS: m("Webhook signing secrets"),
    Secret.EVENT_SECRETS: m("Secrets for events"),
    Secret.METRICS_TOKEN: m("Token for figures"),
    Secret.DATABASE_PASSWORD: m("Database password"),
}
_HINTS: Mapping[Secret, Message] = {
    Secret.STRIPE_KEY: m("A restricted key (rk_…) with the rights below is enough, and better than a secret key."),
    Secret.WEBHOOK_SECRETS: m(
        "whsec_…, several separated by blanks while one is being rolled. Only the companion's machine needs them."
    ),
    Secret.EVENT_SECRETS: m(
        "hmis=whsec_…, with a blank between two endpoints. Only the companion's machine needs them."
    ),
    Secret.METRICS_TOKEN: m("What monitoring shows to read figures. Only the companion's machine needs it."),
    Secret.DATABASE_PASSWORD: m("Only for a hospital with a PostgreSQL server."),
}
_MODES: Mapping[str, Message] = {"test": mc("kind of key", "test"), "live": mc("kind of key", "live")}
_LEVELS: Mapping[str, Message] = {"read": mc("right of a key", "read"), "write": mc("right of a key", "write")}


class SecretsDialog(Question):
    """For administrators; deletes itself when it closes. Open it with ``open()``."""

    def __init__(self, context: DeskContext, parent: QWidget) -> None:
        """Look at the secrets of this machine, above ``parent``."""
        super().__init__(parent)
        self.setObjectName("secrets_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(m("Secrets of this machine")))
        self.setMinimumWidth(scaled(620))
        self._context = context
        self._sources = label(NOTHING, name="secrets_sources", wraps=True)
        self._which = QComboBox()
        self._which.setObjectName("secret_which")
        self._which.setAccessibleName(str(m("Which secret")))
        for secret, name in _NAMES.items():
            self._which.addItem(str(name), secret)
        self._hint = label(NOTHING, Text.CAPTION, name="secret_hint", wraps=True)
        self._value = QLineEdit()
        self._value.setObjectName("secret_value")
        self._value.setAccessibleName(str(m("The new secret")))
        self._value.setEchoMode(QLineEdit.EchoMode.Password)
        self._rights = QGridLayout()
        self._rights.setHorizontalSpacing(24)
        self._rights.setVerticalSpacing(4)
        self._notice = Notice(name="secrets_notice")
        self._check = PlainButton(mc("on a button", "Check"), "refresh", name="secret_check")
        self._keep = PrimaryButton(
            Command.DIALOG_GO_ON.on_button(mc("on a button", "Keep it")), "lock", name="secret_keep"
        )
        self._lay_out()
        self._which.currentIndexChanged.connect(self._show_which)
        self._check.clicked.connect(self._examine)
        self._keep.clicked.connect(self._store)
        self._show_which()
        self._ask_for_sources()

    def _lay_out(self) -> None:
        close = PlainButton(Command.DIALOG_LEAVE.on_button(), "close", name="secrets_close")
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addWidget(close)
        buttons.addStretch(1)
        buttons.addWidget(self._check)
        buttons.addWidget(self._keep)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 20)
        layout.setSpacing(12)
        layout.addWidget(label(m("Secrets of this machine"), Text.HEADLINE))
        column = scrolled_column(layout)
        column.addWidget(self._sources)
        column.addWidget(label(mc("secret", "A new one"), Text.TITLE))
        column.addWidget(self._which)
        column.addWidget(self._value)
        column.addWidget(self._hint)
        column.addLayout(self._rights)
        column.addStretch(1)
        layout.addWidget(self._notice)
        layout.addLayout(buttons)

    def _ask_for_sources(self) -> None:
        services = self._context.services
        self._context.thread.ask(
            self, services.secrets.sources(self._context.actor), then=self._show_sources, failed=self._tell
        )

    def _show_sources(self, sources: dict[Secret, Message]) -> None:
        none = mc("secret", "none")
        lines = [joined(": ", [_NAMES[secret], source or none]) for secret, source in sources.items()]
        self._sources.setText(str(joined("\n", lines)))

    def _secret(self) -> Secret:
        return Secret(self._which.currentData())

    def _show_which(self) -> None:
        secret = self._secret()
        self._hint.setText(str(_HINTS[secret]))
        self._value.clear()
        self._check.setVisible(secret is Secret.STRIPE_KEY)
        self._clear_rights()
        self._notice.fall_silent()
        self._value.setFocus()

    def _examine(self) -> None:
        self._clear_rights()
        secrets = self._context.services.secrets
        self._context.thread.ask(
            self,
            secrets.examine_stripe_key(self._value.text(), self._context.actor),
            then=self._show_rights,
            failed=self._tell,
        )

    def _show_rights(self, permissions: tuple[Permission, ...]) -> None:
        for place, each in enumerate(permissions):
            missing_word = mc("right of a key", "missing")
            lacks = missing_word if each.is_needed else m("missing; {purpose}", purpose=each.needed_for)
            words = label(
                mc("right of a key", "has it") if each.is_granted else lacks,
                name=f"right_{each.level}_{each.resource.replace(' ', '_').lower()}",
            )
            set_tone(words, Tone.GOOD if each.is_granted else Tone.BAD if each.is_needed else Tone.CAUTION)
            self._rights.addWidget(
                label(joined(": ", [verbatim(each.resource), _LEVELS.get(each.level) or verbatim(each.level)])),
                place,
                0,
            )
            self._rights.addWidget(words, place, 1)
        mode = _MODES[self._context.services.settings.stripe.mode]
        missing = [each.resource for each in permissions if each.is_needed and not each.is_granted]
        if missing:
            self._notice.say(
                m(
                    "Stripe accepts this {mode} key, but it cannot do everything: {rights}.",
                    mode=mode,
                    rights=", ".join(missing),
                ),
                Tone.CAUTION,
            )
        else:
            self._notice.say(
                m("Stripe accepts this {mode} key, and it has every right it needs.", mode=mode), Tone.GOOD
            )

    def _store(self) -> None:
        secret, value = self._secret(), self._value.text()
        secrets = self._context.services.secrets
        self._context.thread.ask(
            self, secrets.store(secret, value, self._context.actor), then=self._say_kept, failed=self._tell
        )

    def _say_kept(self, _none: None) -> None:
        self._value.clear()
        self._notice.say(m("It is kept in this machine's keyring and used from the next start on."), Tone.GOOD)
        self._ask_for_sources()

    def _clear_rights(self) -> None:
        while (item := self._rights.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()

    def _tell(self, error: CashierError) -> None:
        self._notice.say(error.words, Tone.BAD)
