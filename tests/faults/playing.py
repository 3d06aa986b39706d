"""Plays a scenario to its end: a deed, what breaks in it, recovery; both sides agree in the end, or it fails."""

from __future__ import annotations

from tests.faults.api_scenarios import ApiPlay
from tests.faults.moments import Scenario
from tests.faults.scenarios import Outcome, Play
from tests.faults.station import Station


def play(station: Station, scenario: Scenario) -> Outcome:
    """Do the deed with its fault, heal, recover, finish, and look whether everything agrees."""
    play = (ApiPlay if scenario.deed.is_by_api else Play)(station, scenario)
    play.arrange()
    play.act()
    seconds = play.recover()
    play.finish()
    wrong = play.disagreements()
    assert not wrong, "\n".join([scenario.name, *wrong])
    return Outcome(outcome=play.outcome, recovery_seconds=seconds, differences=play.differences())
