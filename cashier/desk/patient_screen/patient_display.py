"""The patient's own window: full screen on a second screen, or a small window beside the desk's.

It never takes the keyboard from the desk, and comes and goes with its screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from cashier.desk.patient_screen.patient_faces import PATIENT_WORDS, WELCOME, PatientFace
from cashier.desk.patient_screen.patient_sheet import PatientSheet
from cashier.language import ENGLISH, LANGUAGES, NOTHING, Message, m, speaking

_PASSING_MILLISECONDS = 8000
_WIDTH, _HEIGHT = 768, 480


class PatientDisplay(QWidget):
    """Shows what the payment dialog tells it. It belongs to no window; whoever makes it deletes it."""

    situation_changed = Signal(object)
    """What happens is another thing now; carries the ``PatientKind``. It is told whether or not anybody sees this."""

    def __init__(
        self,
        hospital: str,
        *,
        mode: Literal["auto", "window", "off"],
        desk: QWidget,
        language: str = ENGLISH,
        notice: Message = NOTHING,
    ) -> None:
        """Welcome the patients of ``hospital`` in their ``language``; stay away from the screen of ``desk``.

        A ``notice`` stands above everything, always.
        """
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.WindowDoesNotAcceptFocus)
        self.setObjectName("patient_display")
        self.setWindowTitle(str(m("{hospital} – patient display", hospital=hospital)))
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        # The program ends with the desk's window, whether or not this one is open.
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.resize(_WIDTH, _HEIGHT)
        self._mode = mode
        self._desk = desk
        self._asked: bool | None = None
        """What the cashier asked for by Ctrl+D, where that is not what the mode says."""
        self._hospital, self._notice = hospital, notice
        self._usual_language = self._language = language
        self._passing = QTimer(self, singleShot=True, interval=_PASSING_MILLISECONDS)
        self._passing.timeout.connect(self._welcome_the_next)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._sheet = self._make_sheet()
        layout.addWidget(self._sheet)

    @property
    def face(self) -> PatientFace:
        """What the patient sees, or would see."""
        return self._sheet.face

    def begin(self) -> None:
        """Appear where there is room for it, and follow the screens as they come and go. The desk is shown by now."""
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.screenAdded.connect(self.follow_screens)
            application.screenRemoved.connect(self.follow_screens)
        window = self._desk.windowHandle()
        if window is not None:
            window.screenChanged.connect(self.place, Qt.ConnectionType.QueuedConnection)
        self.place()

    def show_face(self, face: PatientFace) -> None:
        """Show ``face``; a passing one gives way to the welcome after some seconds."""
        self._passing.stop()
        is_another = face.kind is not self.face.kind
        with speaking(self._language):
            self._sheet.show_face(face)
        if PATIENT_WORDS[face.kind].is_passing:
            self._passing.start()
        if is_another:
            self.situation_changed.emit(face.kind)

    def finish(self) -> None:
        """Ask the patient for nothing any more; thanks stay for their time."""
        if not self._passing.isActive():
            self._welcome_the_next()

    @property
    def language(self) -> str:
        """What the patient reads."""
        return self._language

    def speak(self, language: str) -> None:
        """Go on in ``language`` until this patient has gone."""
        if language != self._language:
            self._language = language
            self._replace_sheet()

    def speak_otherwise(self) -> None:
        """Go on in the next of the languages that there are; after the last one comes the first."""
        known = languages_of_patients(self._usual_language)
        place = known.index(self._language) if self._language in known else -1
        self.speak(known[(place + 1) % len(known)])

    def toggle(self) -> None:
        """Show it where it is hidden, hide it where it is shown."""
        self._asked = not self.isVisible()
        self.place()

    def follow_screens(self) -> None:
        """Come and go with the screens; what was hidden by hand stays hidden."""
        if self._asked:
            self._asked = None
        self.place()

    def place(self) -> None:
        """Be where the mode, the cashier and the screens have it."""
        second = screen_for_patient(self._desk.screen(), QGuiApplication.screens())
        screen = second if self._mode != "window" else None
        is_wanted = self._mode == "window" or (self._mode == "auto" and screen is not None)
        if not (is_wanted if self._asked is None else self._asked):
            self.hide()
        elif screen is None:
            self._be_a_window()
        elif not (self.isVisible() and self.isFullScreen() and self.screen() is screen):
            self.hide()
            self.setScreen(screen)
            self.setGeometry(screen.geometry())
            self.setWindowState(Qt.WindowState.WindowFullScreen)
            self._appear()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing its window is hiding it."""
        self._asked = False
        super().closeEvent(event)

    def _welcome_the_next(self) -> None:
        """Somebody else comes, who reads what most people here read."""
        self._language = self._usual_language
        self.show_face(WELCOME)
        if self._sheet.language != self._language:
            self._replace_sheet()

    def _make_sheet(self) -> PatientSheet:
        with speaking(self._language):
            made = PatientSheet(self._hospital, self._notice, languages=languages_of_patients(self._usual_language))
        # Afterwards: the sheet that was touched goes.
        made.language_wanted.connect(self.speak, Qt.ConnectionType.QueuedConnection)
        return made

    def _replace_sheet(self) -> None:
        earlier, layout = self._sheet, self.layout()
        self._sheet = self._make_sheet()
        with speaking(self._language):
            self._sheet.show_face(earlier.face)
        if layout is not None:
            layout.replaceWidget(earlier, self._sheet)
        self._sheet.show()
        earlier.hide()
        earlier.deleteLater()

    def _be_a_window(self) -> None:
        if self.isFullScreen():
            self.hide()
            self.setWindowState(Qt.WindowState.WindowNoState)
            self.setScreen(self._desk.screen())
            self.resize(_WIDTH, _HEIGHT)
        if not self.isVisible():
            corner = self._desk.screen().availableGeometry().topRight()
            self.move(corner.x() - self.width() - 24, corner.y() + 48)
            self._appear()

    def _appear(self) -> None:
        """Show it, and leave the keyboard where it is: not every window manager heeds the window's flags."""
        active = QApplication.activeWindow()
        self.show()
        if active is not None:
            active.activateWindow()


def screen_for_patient(desk: QScreen, screens: Sequence[QScreen]) -> QScreen | None:
    """Choose a screen that shows nothing of the desk's; one that mirrors it is no second screen."""
    return next((each for each in screens if not each.geometry().intersects(desk.geometry())), None)


def languages_of_patients(usual: str) -> list[str]:
    """Return what patients can choose: each language once, as it is spoken where ``usual`` is."""
    spoken = [usual, *LANGUAGES]
    by_name = {language.partition("_")[0]: language for language in reversed(spoken)}
    return sorted(by_name.values())
