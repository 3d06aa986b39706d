"""One refund beside the list: whose money, from where, why, how it stands, and what is to be done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from cashier.books.refund import RefundState
from cashier.clock import now
from cashier.desk.commands.commands import Command
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import PlainButton, StatusPill, Text, Tone, label, separator, set_tone
from cashier.desk.kit.copy_line import CopyLine
from cashier.desk.kit.patient_banner import PatientBanner
from cashier.desk.kit.words import day_and_time
from cashier.desk.refunding.decision_form import DecisionForm
from cashier.desk.refunding.transfer_form import TransferForm
from cashier.desk.refunding.words import afterwards, asked_by, lapses, means, reason, state_words, story, way_in_full
from cashier.language import NOTHING, Message, joined, m, verbatim
from cashier.refunds.views import RefundView
from cashier.staff.rights import ALLOWED, Action


class RefundSheet(QWidget):
    """A picture of one ``RefundView`` with what can be done; a refund that moved gets another sheet."""

    changed = Signal(object)
    """Something was done about it; read it again. Carries the ``Decision``, or None."""
    receipt_wanted = Signal(int)
    """Carries the key of its receipt."""
    invoice_wanted = Signal(int)
    """Carries the key of an invoice that it comes off."""

    def __init__(self, context: DeskContext, view: RefundView) -> None:
        """Show ``view``."""
        super().__init__()
        self.setObjectName("refund_sheet")
        self._context, self._view = context, view
        self._zone = context.station.time_zone
        self._decision: DecisionForm | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(20, 16, 20, 16)
        self._layout.setSpacing(10)
        self._add_heading()
        self._layout.addLayout(self._facts())
        self._add_origin_of_money()
        self._add_what_to_do()
        if view.stripe_refund_id:
            self._layout.addWidget(separator())
            self._layout.addWidget(label(m("At Stripe"), Text.TITLE))
            self._layout.addWidget(CopyLine(view.stripe_refund_id))
        self._layout.addStretch(1)
        self.setAccessibleName(f"{state_words(view.state, view.way)[0]}: {view.amount}, {view.patient_name}")

    @property
    def is_deciding(self) -> bool:
        """Tell whether a decision is being written down: the sheet has to stay until it is told."""
        return self._decision is not None and self._decision.is_deciding

    def _add_heading(self) -> None:
        view = self._view
        words, tone = state_words(view.state, view.way)
        upper = QHBoxLayout()
        upper.addWidget(label(verbatim(view.amount), Text.DISPLAY, name="refund_amount"), 1)
        # To who decides, that it waits is said once: by the line below, with the time that is left.
        if not self._is_to_decide:
            upper.addWidget(StatusPill(words, tone, name="refund_state"), 0, Qt.AlignmentFlag.AlignVCenter)
        self._layout.addLayout(upper)
        self._layout.addWidget(PatientBanner(view.patient, time_zone=self._zone, name="refund_patient"))
        told = label(self._told(), name="refund_story", wraps=True)
        set_tone(told, tone if tone is not Tone.NEUTRAL else Tone.ACCENT)
        self._layout.addWidget(told)
        if view.contradiction:
            self._layout.addWidget(label(view.contradiction, Text.TITLE, name="refund_contradiction", wraps=True))

    @property
    def _is_to_decide(self) -> bool:
        view, signed_in = self._view, self._context.signed_in
        decides = signed_in.role in ALLOWED[Action.APPROVE_REFUND] and view.requested_by != signed_in.staff_id
        return decides and view.state is RefundState.REQUESTED

    def _told(self) -> Message:
        """Say what has to happen next; to who may decide, how long there is time."""
        if self._is_to_decide:
            return lapses(self._view, now(), self._zone)
        return story(self._view, self._zone)

    def _facts(self) -> QGridLayout:
        view = self._view
        paid_at = NOTHING if view.paid_at is None else day_and_time(view.paid_at, self._zone)
        instead = m("In cash, instead of a failed refund")
        facts = [
            (m("Goes back"), way_in_full(view) if view.instead_of is None else instead),
            (m("Of the payment"), joined(", ", [verbatim(view.paid), means(view), paid_at])),
            (m("Asked for by"), joined(", ", [asked_by(view), day_and_time(view.requested_at, self._zone)])),
            (m("Reason"), reason(view)),
        ]
        if view.note:
            facts.append((m("Note"), view.note))
        if view.rounding:
            facts.append((m("Given in coins"), verbatim(view.given_in_cash)))
        if view.decider and view.decided_at is not None:
            who = m("by rule of {name}", name=view.decider) if view.by_rule else verbatim(view.decider)
            decided = joined(", ", [who, day_and_time(view.decided_at, self._zone)])
            facts.append((m("Decided by"), decided))
        if view.state is not RefundState.REQUESTED:
            facts.append((m("Afterwards"), afterwards(reopens=view.reopens)))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for place, (name, value) in enumerate(facts):
            grid.addWidget(label(name, Text.CAPTION), place, 0, Qt.AlignmentFlag.AlignTop)
            shown = label(value, name=f"refund_fact_{name.english.lower().replace(' ', '_')}", wraps=True)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(shown, place, 1)
        return grid

    def _add_origin_of_money(self) -> None:
        """Say off which invoices it comes, and what of it was on the patient's account."""
        view = self._view
        for share in view.shares:
            button = PlainButton(
                m("{amount} off {invoice}", amount=share.amount, invoice=share.invoice_number),
                "invoice",
                name=f"refund_invoice_{share.invoice_id}",
            )
            button.clicked.connect(lambda _=False, key=share.invoice_id: self.invoice_wanted.emit(key))
            self._layout.addWidget(button)
        if view.loose:
            self._layout.addWidget(
                label(m("{amount} from the patient's account", amount=view.loose), name="refund_loose")
            )

    def _add_what_to_do(self) -> None:
        view = self._view
        acts = self._context.signed_in.role in ALLOWED[Action.REQUEST_REFUND]
        if view.state is RefundState.REQUESTED and acts:
            self._layout.addWidget(separator())
            decision = self._decision = DecisionForm(self._context, [view])
            decision.decided.connect(self.changed)
            self._layout.addWidget(decision)
        elif view.is_to_be_transferred and acts:
            self._layout.addWidget(separator())
            transfer = TransferForm(self._context, view)
            transfer.noted.connect(lambda: self.changed.emit(None))
            self._layout.addWidget(transfer)
        elif view.receipt_id is not None:
            receipt_id = view.receipt_id
            words = Command.REFUND_RECEIPT.on_button(m("Refund receipt {number}", number=view.receipt_number))
            button = PlainButton(words, "receipt", name="refund_receipt")
            button.clicked.connect(lambda: self.receipt_wanted.emit(receipt_id))
            self._layout.addWidget(button)
