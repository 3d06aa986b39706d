"""Plays a scenario to its end: a deed, what breaks in it, recovery; both sides agree in the end, or it fails."""

from __future__ import annotations

from tests.faults.api_scenarios import ApiPlay
from tests.faults.debit_scenarios import DebitPlay
from tests.faults.moments import Scenario
from tests.faults.scenarios import Outcome, Play
from tests.faults.station import Station


def play(station: Station, scenario: Scenario) -> Outcome:
    """Do the deed with its fault, heal, recover, finish, and look whether everything agrees."""
    kind = ApiPlay if scenario.deed.is_by_api else DebitPlay if scenario.deed.is_debit else Play
    play = kind(station, scenario)
    with play.pool:
        play.arrange()
        play.act()
        seconds = play.recover()
        play.finish()
    wrong = play.disagreements()
    assert not wrong, "\n".join([scenario.name, *wrong])
    return Outcome(outcome=play.outcome, recovery_seconds=seconds, differences=play.differences())
