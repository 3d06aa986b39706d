"""Two quiet sounds, for those who ask for them: two rising notes when something is paid, one low when it is not.

They say nothing that is not on the screen. Where there is no loudspeaker, nothing is heard and nothing is said.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QObject, QUrl

from cashier.resources import RESOURCES

_VOLUME = 0.5


class Chime(StrEnum):
    """What can be heard: the names of the files."""

    PAID = "paid"
    DECLINED = "declined"


class Chimes(QObject):
    """Plays the sounds of one desk; what plays them is loaded when the first is wanted."""

    def __init__(self, parent: QObject) -> None:
        """Play nothing yet."""
        super().__init__(parent)
        self._players: dict[Chime, QObject] = {}

    def play(self, chime: Chime) -> bool:
        """Play ``chime`` from its beginning, and tell whether it could be handed to the system."""
        try:
            # Imported here: nobody who wants no sounds loads it, and a machine may lack what it needs.
            from PySide6.QtMultimedia import QMediaDevices, QSoundEffect  # noqa: PLC0415
        except ImportError:
            return False
        if QMediaDevices.defaultAudioOutput().isNull():
            return False
        player = self._players.get(chime)
        if not isinstance(player, QSoundEffect):
            player = self._players[chime] = QSoundEffect(self)
            player.setVolume(_VOLUME)
            player.setSource(QUrl.fromLocalFile(str(RESOURCES / "sounds" / f"{chime}.wav")))
        player.play()
        return True
