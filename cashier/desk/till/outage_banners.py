"""Across the window: what payments cannot be taken without fails, a clock is wrong, or the desk is used elsewhere."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cashier.desk.kit.controls import Notice, Tone
from cashier.desk.kit.words import day_and_time
from cashier.hospital.desk_uses import OtherUse
from cashier.language import m
from cashier.readiness import Readiness


class OutageBanners(QWidget):
    """One banner each for the database, for Stripe and for clocks. They come and go by themselves."""

    def __init__(self, time_zone: str) -> None:
        """Show nothing: what is not known yet is no outage. Times are shown in ``time_zone``."""
        super().__init__()
        self._time_zone = time_zone
        self._elsewhere = Notice(name="desk_used_elsewhere")
        self._database = Notice(name="database_outage")
        self._stripe = Notice(name="stripe_outage")
        self._clocks = Notice(name="wrong_clock")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for banner in (self._database, self._stripe, self._clocks, self._elsewhere):
            banner.setProperty("spans", "window")
            layout.addWidget(banner)

    def show_readiness(self, readiness: Readiness) -> None:
        """Show what does not answer, and whose clock is wrong."""
        if readiness.clocks:
            self._clocks.say(
                m(
                    "{trouble} Payments and papers go by the hospital's all the same. Ask IT to set it right.",
                    trouble=readiness.clocks,
                ),
                Tone.CAUTION,
            )
        else:
            self._clocks.fall_silent()
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

    def show_other_use(self, other: OtherUse | None) -> None:
        """Say that somebody has gone on with this desk on another machine."""
        if other is None:
            self._elsewhere.fall_silent()
            return
        self._elsewhere.say(
            m(
                "{person} uses desk {desk} on the machine {machine} since {moment}. Finish what you have begun, and "
                "sign out here or there: both share one drawer.",
                person=other.person,
                desk=other.desk,
                machine=other.machine,
                moment=day_and_time(other.since, self._time_zone),
            ),
            Tone.BAD,
        )
