"""Whatever breaks, and whenever: afterwards Stripe, the books and what the cashier was told agree to the cent.

This is the short version, with real processes that are really killed; ``make faults`` breaks everything at
every moment, and its long version makes tens of thousands of random steps. See docs/FAULTS.md.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import process
from tests.faults.counter import Counter, run_counter
from tests.faults.network import HttpFault, TcpFault
from tests.faults.race import race
from tests.faults.scenarios import Death, Deed, Scenario, all_scenarios, play
from tests.faults.station import Station, running_station
from tests.faults.webhook_post import PostFault

_ON_SQLITE = (Death.DESK, Death.COMPANION)
_ON_POSTGRESQL = (Death.DATABASE, TcpFault.CUT_AFTER_COMMIT, TcpFault.REFUSED)
_ON_THE_LINE = (HttpFault.CUT_AFTER, HttpFault.LATE, HttpFault.BROKEN_FOR_A_DAY, HttpFault.TRUNCATED)


def _named(scenarios: Iterator[Scenario]) -> list[object]:
    return [pytest.param(scenario, id=scenario.name) for scenario in scenarios]


@pytest.fixture(scope="module", autouse=True)
def prepared() -> None:
    """All processes are forked from one that has imported everything."""
    process.prepare()


@pytest.fixture
def station(hospital, database_kind, request, tmp_path) -> Iterator[Station]:
    """A hospital in real processes."""
    cluster = request.getfixturevalue("postgres") if database_kind == "postgresql" else None
    with running_station(tmp_path, hospital, cluster) as station:
        yield station


@pytest.mark.parametrize(
    "scenario",
    _named(
        each for each in all_scenarios(on_postgresql=False) if each.fault in _ON_SQLITE and each.deed != Deed.CANCEL
    ),
)
def test_a_process_that_dies_at_any_step_costs_nothing(station, scenario):
    assert play(station, scenario).differences == 0


@pytest.mark.parametrize(
    "scenario",
    _named(
        each
        for each in all_scenarios(on_postgresql=False)
        if (each.fault in _ON_THE_LINE and each.deed != Deed.CHECKOUT)
        or (isinstance(each.fault, PostFault) and each.deed == Deed.CHECKOUT)
    ),
)
def test_a_bad_line_to_stripe_costs_nothing(station, scenario):
    assert play(station, scenario).differences == 0


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize(
    "scenario",
    _named(
        each
        for each in all_scenarios(on_postgresql=True)
        if each.fault in _ON_POSTGRESQL and each.deed == Deed.SAVED_CARD
    ),
)
def test_a_database_that_goes_away_at_any_step_costs_nothing(station, scenario):
    assert play(station, scenario).differences == 0


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_eight_desks_that_press_pay_at_once_charge_once(station):
    race(station, rounds=20)


def test_whatever_happens_at_random_both_sides_agree_whenever_it_is_quiet(filled_hospital):
    run_counter(filled_hospital, seed=2026, runs=8, steps_each=30)

    assert Counter.quiet_points >= 8
