"""Where the patient goes on: Stripe's page in the closed browser, or the code that opens it on a phone."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cashier.desk.checkout.checkout_view import CheckoutView
from cashier.desk.checkout.page_rules import rules_for
from cashier.desk.kit.controls import Text, label
from cashier.desk.kit.look import is_large
from cashier.desk.kit.qr_code import QrCode
from cashier.desk.paying.payment_course import PaymentCourse
from cashier.language import m
from cashier.settings import Settings, is_on_this_machine

_HINT = m("Point the phone's camera at the code and follow the link.")
_OUT_OF_REACH = m(
    "Training: this page is on this machine alone, so a phone cannot open the code. To let it, start the demo with "
    "--phones and this machine's address on the network, such as: cashier demo --phones 192.168.1.20"
)


class PatientPage(QWidget):
    """Hidden while there is nothing for the patient to go on with."""

    patient_went_back = Signal()

    def __init__(self, settings: Settings) -> None:
        """Know the addresses that the browser may show."""
        super().__init__()
        self.setObjectName("patient_page")
        self._settings = settings
        self._course: PaymentCourse | None = None
        self._page: CheckoutView | None = None
        self._code: QWidget | None = None
        self._address: str | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.hide()

    @property
    def is_open(self) -> bool:
        """Tell whether there is something for the patient."""
        return self._page is not None or self._code is not None

    @property
    def is_browser(self) -> bool:
        """Tell whether the page is shown here, in the closed browser."""
        return self._page is not None

    @property
    def code_address(self) -> str | None:
        """The address that the code leads to; None while there is no code."""
        return self._address

    @property
    def page_view(self) -> QWebEngineView:
        """The browser's view; raises ``LookupError`` while there is none."""
        if self._page is None:
            raise LookupError("no page is open")
        return self._page.page_view

    def serve(self, course: PaymentCourse | None) -> None:
        """Show what ``course`` has for the patient, and tell it what becomes of that; None: there is none."""
        self._course = course
        if course is not None:
            course.page_wanted.connect(partial(self._open_of, course))

    def close_page(self) -> None:
        """Take page and code away."""
        for widget in (self._page, self._code):
            if widget is not None:
                widget.hide()
                self._layout.removeWidget(widget)
                widget.deleteLater()
        self._page = self._code = self._address = None
        self.hide()

    def _open_of(self, course: PaymentCourse, url: str) -> None:
        """Show the page at ``url``, or its code for a phone. The same again changes nothing."""
        if course is not self._course or course.view is None:
            return
        if course.view.tender.row.is_on_phone:
            self._show_code(url)
        else:
            self._show_page(url)
        course.note_page(is_shown=True)

    def _take_return(self) -> None:
        if self._course is not None:
            self.close_page()
            self._course.note_return()

    def _take_challenge(self, is_challenge: bool) -> None:
        if self._course is not None:
            self._course.note_challenge(is_challenge)

    def _show_page(self, url: str) -> None:
        if self._page is None:
            self._page = CheckoutView(rules_for(self._settings), self)
            self._page.payment_finished.connect(self._take_return)
            self._page.patient_went_back.connect(self.patient_went_back)
            self._page.challenge_shown.connect(self._take_challenge)
            self._layout.addWidget(self._page, 1)
            self.show()
            self._page.setFocus()
        self._page.open(url)

    def _show_code(self, url: str) -> None:
        url = self._settings.for_phones(url)
        if self._address == url:
            return
        self.close_page()
        self._address = url
        code = QrCode(name="phone_code", says=m("Code of the payment page, for the patient's phone"))
        code.show_address(url)
        self._code = QWidget()
        layout = QVBoxLayout(self._code)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(4)
        # The code needs the room: large text is large enough as it is.
        heading = label(m("Pay with your phone"), Text.TITLE if is_large() else Text.HEADLINE)
        hint = label(_HINT if not is_on_this_machine(url) else _OUT_OF_REACH, wraps=True)
        hint.setObjectName("phone_hint")
        for text in (heading, hint):
            text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(text)
        layout.addWidget(code, 1)
        self._layout.addWidget(self._code, 1)
        self.show()
