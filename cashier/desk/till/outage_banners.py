"""Across the window, while something without which no payment can be taken does not answer."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cashier.desk.kit.controls import Notice, Tone
from cashier.language import m
from cashier.readiness import Readiness


class OutageBanners(QWidget):
    """One banner for the database, one for Stripe. They come and go by themselves."""

    def __init__(self) -> None:
        """Show nothing: what is not known yet is no outage."""
        super().__init__()
        self._database = Notice(name="database_outage")
        self._stripe = Notice(name="stripe_outage")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for banner in (self._database, self._stripe):
            banner.setProperty("spans", "window")
            layout.addWidget(banner)

    def show_readiness(self, readiness: Readiness) -> None:
        """Show what does not answer."""
        if readiness.database.ready:
            self._database.fall_silent()
        else:
            self._database.say(
                m(
                    "{trouble} Nothing can be taken just now; this screen comes back by itself.",
                    trouble=readiness.database.trouble,
                ),
                Tone.BAD,
            )
        if readiness.stripe.ready:
            self._stripe.fall_silent()
        else:
            self._stripe.say(
                m(
                    "{trouble} Cards cannot be taken just now, cash can; payments under way are being asked about.",
                    trouble=readiness.stripe.trouble,
                ),
                Tone.CAUTION,
            )
