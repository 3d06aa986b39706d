"""A link for the patient to pay at home: the code to scan, the text of an e-mail, the address, its course and end."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from cashier.books.payment import PaymentState
from cashier.clock import on_the_clock
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import Chip, Notice, PlainButton, PrimaryButton, Text, Tone, label
from cashier.desk.kit.fitting.flow import Flow
from cashier.desk.kit.patient_banner import PatientBanner
from cashier.desk.kit.qr_code import QrCode
from cashier.desk.kit.sheets.scrolled import scrolled_column
from cashier.desk.kit.sheets.sheet import Sheet
from cashier.desk.kit.words import day_and_time
from cashier.desk.links.course import say_course
from cashier.desk.links.letter import letter_in
from cashier.desk.service_thread import Following
from cashier.errors import CashierError
from cashier.invoices.views import InvoiceDetail
from cashier.language import LANGUAGES, NOTHING, Message, m, mn, name_of_language, sentences, verbatim
from cashier.payment_page.following import Leads, LinkCourse
from cashier.payment_page.views import LinkRow, NewLink
from cashier.payments.views import PaymentView
from cashier.settings import is_on_this_machine

_IN_TRAINING = m(
    "Training: this page is on this machine alone, so a phone cannot open it. To let it, start the demo with "
    "--phones and this machine's address on the network, such as: cashier demo --phones 192.168.1.20"
)
_OUT_OF_REACH = m(
    "Only this machine can open this address. Set public_url in [companion] of the settings to the one at which "
    "patients find the companion."
)


class PaymentLinkDialog(Sheet):
    """Makes a link and shows it, this once, and then what the patient does with it.

    Deletes itself when it closes; open it with ``open()``.
    """

    def __init__(self, context: DeskContext, detail: InvoiceDetail, parent: QWidget | None) -> None:
        """Make a link to the page of the invoice of ``detail``."""
        super().__init__(parent)
        self.setObjectName("payment_link_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(m("Payment link")))
        self._context = context
        self._detail = detail
        self._link: NewLink | None = None
        self._earlier: tuple[LinkRow, ...] = ()
        spoken = context.services.settings.desk.patient_language or context.station.language
        self._language = spoken.partition("_")[0]
        self._following: Following | None = None
        self._course = Notice(name="link_course")
        self._notice = Notice(name="link_notice")
        self._until = label(NOTHING, Text.TITLE, name="link_until", wraps=True)
        self._code = QrCode(name="link_code", says=m("Code of the payment page, for the patient's phone"))
        self._letter = QPlainTextEdit()
        self._letter.setObjectName("link_letter")
        self._letter.setReadOnly(True)
        # Tab leads on to the buttons.
        self._letter.setTabChangesFocus(True)
        self._letter.setAccessibleName(str(m("Text for an e-mail")))
        self._chosen = QButtonGroup(self)
        self._languages = [self._chip_for(each) for each in LANGUAGES if "_" not in each]
        copy_text = Command.DIALOG_GO_ON.on_button(m("Copy the text"))
        self._copy_letter = PrimaryButton(copy_text, "copy", name="copy_letter")
        self._copy_address = PlainButton(Command.COPY_LINK.on_button(), "copy", name="copy_link")
        self._end = PlainButton(Command.END_LINK.on_button(), "close", name="end_link")
        self._end_earlier = PlainButton(m("End them"), name="end_earlier_links")
        self._close = PlainButton(Command.DIALOG_LEAVE.on_button(m("Close")), name="link_close")
        self._notice.add_button(self._end_earlier)
        self._end_earlier.hide()
        self._lay_out()
        self._connect()
        self._let_use(None)
        self._begin()

    def _lay_out(self) -> None:
        row = self._detail.row
        heading = m("Payment link for {number}", number=row.number)
        letter = QVBoxLayout()
        letter.setSpacing(8)
        letter.addWidget(label(m("Text for an e-mail"), Text.CAPTION))
        languages = QHBoxLayout()
        for chip in self._languages:
            languages.addWidget(chip)
        languages.addStretch(1)
        letter.addLayout(languages)
        letter.addWidget(self._letter, 1)
        middle = QHBoxLayout()
        middle.setSpacing(20)
        middle.addWidget(self._code, 2)
        middle.addLayout(letter, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(heading, Text.HEADLINE, name="link_heading", wraps=True))
        layout.addWidget(PatientBanner(row.patient, time_zone=self._context.station.time_zone, name="link_patient"))
        column = scrolled_column(layout)
        column.addWidget(self._until)
        column.addWidget(self._course)
        column.addWidget(self._notice)
        column.addLayout(middle, 1)
        layout.addWidget(Flow([self._close, self._end], [self._copy_address, self._copy_letter]))

    def _chip_for(self, language: str) -> Chip:
        chip = Chip(verbatim(name_of_language(language)), name=f"letter_{language}")
        self._chosen.addButton(chip)
        chip.setChecked(language == self._language)
        chip.clicked.connect(lambda: self._show_letter(language))
        return chip

    def _connect(self) -> None:
        self._copy_letter.clicked.connect(self._put_letter_on_clipboard)
        self._copy_address.clicked.connect(self._put_address_on_clipboard)
        self._end.clicked.connect(self._end_this)
        self._end_earlier.clicked.connect(self._end_those)
        self._close.clicked.connect(self.accept)
        listen(
            self,
            {
                Command.COPY_LINK: self._copy_address.click,
                Command.END_LINK: self._end.click,
            },
        )

    def _begin(self) -> None:
        """Ask first which links there are: the one that is made now is not among them."""
        links = self._context.services.payment_links
        self._notice.say(m("The link is being made."), Tone.NEUTRAL)

        def make(earlier: tuple[LinkRow, ...]) -> None:
            self._earlier = earlier
            made = links.make(self._detail.row.id, self._context.actor)
            self._context.thread.ask(self, made, then=self._show, failed=self._tell_problem)

        self._context.thread.ask(self, links.of_invoice(self._detail.row.id), then=make, failed=self._tell_problem)

    def _show(self, link: NewLink) -> None:
        self._let_use(link)
        self._code.show_address(link.url)
        until = day_and_time(link.expires_at, self._context.station.time_zone)
        self._until.setText(str(m("It holds until {moment}. Nothing is held before the patient pays.", moment=until)))
        self._show_letter(self._language)
        self._tell_standing(link)
        self._copy_letter.setFocus()
        thread, links = self._context.thread, self._context.services.payment_links
        self._following = thread.follow(
            self, links.follow(link.id), each=self._show_course, failed=self._tell_trouble_watching
        )

    def _show_course(self, course: LinkCourse) -> None:
        """Say how far the patient has come; what nobody can pay by any more is not shown any longer."""
        self._course.say(*say_course(course))
        if course.is_paid or course.leads in (Leads.NOWHERE, Leads.NOWHERE_BY_TIME):
            self._take_link_away()

    def _tell_trouble_watching(self, error: CashierError) -> None:
        self._course.say(
            sentences(m("What the patient does with the link is not seen just now."), error.words), Tone.CAUTION
        )

    def _take_link_away(self) -> None:
        if self._link is None:
            return
        self._let_use(None)
        self._code.show_address(None)
        self._letter.clear()
        self._until.setText("")
        self._close.setFocus()

    def _tell_standing(self, link: NewLink) -> None:
        """Say whether patients can open it, and which links of the invoice hold besides."""
        said: list[Message] = []
        if is_on_this_machine(link.url):
            said.append(_IN_TRAINING if self._context.services.settings.training else _OUT_OF_REACH)
        if self._earlier:
            said.append(
                mn(
                    "One link that was made before holds as well.",
                    "{count} links that were made before hold as well.",
                    count=len(self._earlier),
                )
            )
        self._end_earlier.setVisible(bool(self._earlier))
        if said:
            self._notice.say(sentences(*said), Tone.CAUTION)
        else:
            self._notice.fall_silent()

    def _show_letter(self, language: str) -> None:
        self._language = language
        if self._link is None:
            return
        station = self._context.station
        text = letter_in(
            language,
            hospital=station.hospital,
            number=self._detail.row.number,
            due=self._detail.row.balance,
            url=self._link.url,
            until=on_the_clock(self._link.expires_at, station.time_zone),
        )
        self._letter.setPlainText(text)

    def _put_letter_on_clipboard(self) -> None:
        QGuiApplication.clipboard().setText(self._letter.toPlainText())
        self._notice.say(m("The text is copied: paste it into the e-mail."), Tone.GOOD)

    def _put_address_on_clipboard(self) -> None:
        if self._link is not None:
            QGuiApplication.clipboard().setText(self._link.url)
            self._notice.say(m("The address is copied."), Tone.GOOD)

    def _end_this(self) -> None:
        if self._link is None:
            return
        link = self._link
        self._take_link_away()
        self._notice.say(m("The link is being ended."), Tone.NEUTRAL)
        self._context.thread.ask(
            self,
            self._context.services.payment_links.end(link.id, self._context.actor),
            then=self._tell_end,
            failed=self._tell_problem,
        )

    def _end_those(self) -> None:
        """End the links that were made before, one after the other."""
        links, actor = self._context.services.payment_links, self._context.actor

        async def end_all() -> PaymentView | None:
            views = [await links.end(each.id, actor) for each in self._earlier]
            return next((view for view in views if view is not None), None)

        self._end_earlier.setEnabled(False)
        self._context.thread.ask(self, end_all(), then=self._tell_end_of_those, failed=self._tell_problem)

    def _tell_end(self, view: PaymentView | None) -> None:
        if self._following is not None:
            self._following.stop()
        self._course.fall_silent()
        self._notice.say(_after_end(m("The link is ended: it leads nowhere any more."), view), _tone_of(view))

    def _tell_end_of_those(self, view: PaymentView | None) -> None:
        self._earlier = ()
        self._end_earlier.hide()
        self._notice.say(_after_end(m("The earlier links lead nowhere any more."), view), _tone_of(view))

    def _tell_problem(self, error: CashierError) -> None:
        self._end_earlier.hide()
        self._notice.say(error.words, Tone.BAD)
        self._close.setFocus()

    def _let_use(self, link: NewLink | None) -> None:
        self._link = link
        for button in (self._copy_letter, self._copy_address, self._end, *self._languages):
            button.setEnabled(link is not None)


def _after_end(ended: Message, view: PaymentView | None) -> Message:
    """Say what became of the payment that was begun by a link."""
    if view is None:
        return ended
    if view.state is PaymentState.PAID:
        return sentences(
            ended, m("The patient had just paid {amount}: that counts, and has its receipt.", amount=view.amount)
        )
    if view.state is PaymentState.CANCELLED:
        return sentences(ended, m("What the patient had begun was taken back; nothing was charged."))
    return sentences(ended, m("It is not known yet how the payment stands that was begun by it."))


def _tone_of(view: PaymentView | None) -> Tone:
    is_open = view is not None and not view.state.is_final
    return Tone.CAUTION if is_open else Tone.GOOD
