"""Whatever breaks, and whenever: afterwards Stripe, the books and what the cashier was told agree to the cent.

This is the short version, with real processes that are really killed; ``make faults`` breaks everything at
every moment, and its long version makes tens of thousands of random steps. See docs/FAULTS.md.
"""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
from collections.abc import Callable, Iterator, Mapping, Set
from pathlib import Path

import pytest

from cashier.failpoints import FailPoint
from tests.faults import process
from tests.faults.counter import Counter, run_counter
from tests.faults.moments import Death, Deed, Fault, Freeze, Meanwhile, Scenario, all_scenarios
from tests.faults.network import HttpFault, TcpFault
from tests.faults.playing import play
from tests.faults.portal_race import portal_race
from tests.faults.race import race
from tests.faults.station import Station, running_station
from tests.faults.webhook_post import PostFault
from tests.surroundings.sample_hospital import SampleHospital

_DEATHS: Mapping[Deed, Set[FailPoint]] = {
    Deed.CHECKOUT: set(FailPoint),
    Deed.PHONE: {FailPoint.PAYMENT_OPENED},
    Deed.READER: {FailPoint.PAYMENT_OPENED, FailPoint.PAYMENT_SAVED, FailPoint.READER_TELLING, FailPoint.READER_TOLD},
    Deed.READER_CANCEL: {FailPoint.PAYMENT_WITHDRAWN},
    Deed.SAVED_CARD: {FailPoint.PAYMENT_OPENING, FailPoint.PAYMENT_OPENED, FailPoint.PAYMENT_LEARNED},
    Deed.CASH: {FailPoint.PAYMENT_WRITTEN, FailPoint.PAYMENT_PREPARED},
    Deed.CANCEL: {FailPoint.PAYMENT_WITHDRAWN},
    Deed.REFUND: {FailPoint.REFUND_APPROVED, FailPoint.REFUND_SENT, FailPoint.REFUND_LEARNED},
}
_DEATHS_OF_COMPANION = {FailPoint.EVENT_STORED, FailPoint.PAYMENT_ANSWERED, FailPoint.EVENT_WORKED}
_DEATHS_OVER_THE_API: Mapping[Deed, Set[FailPoint]] = {
    Deed.BY_API: {FailPoint.PAYMENT_ASKED, FailPoint.PAYMENT_OPENED},
    Deed.CARD_BY_API: {FailPoint.PAYMENT_CHARGED},
    Deed.CANCEL_BY_API: {FailPoint.PAYMENT_WITHDRAWN},
    Deed.REFUND_BY_API: {FailPoint.REFUND_REQUESTED},
    Deed.REFUND_BY_RULE: {FailPoint.REFUND_SENT},
}
_MEANWHILE: Mapping[Deed, Set[FailPoint]] = {
    Deed.BY_API: {FailPoint.PAYMENT_PREPARED},
    Deed.CARD_BY_API: {FailPoint.PAYMENT_CHARGING},
    Deed.REFUND_BY_RULE: {FailPoint.REFUND_WRITTEN},
}
_OF_BANKS: Mapping[Deed, tuple[Fault, FailPoint, int]] = {
    Deed.DEBIT_PAID: (Meanwhile.CANCELLED, FailPoint.PAYMENT_ASKING, 2),
    Deed.DEBIT_REFUSED: (Death.DESK, FailPoint.PAYMENT_LEARNED, 3),
    Deed.DEBIT_RETURNED: (Death.COMPANION, FailPoint.PAYMENT_LEARNED, 2),
}
_IMPORTS: Mapping[Deed, FailPoint] = {
    Deed.CHECKOUT: FailPoint.PAYMENT_ANSWERED,
    Deed.SAVED_CARD: FailPoint.PAYMENT_WRITTEN,
}
_ON_THE_LINE: Mapping[Deed, Set[Fault]] = {
    Deed.READER: {HttpFault.CUT_AFTER, HttpFault.LATE},
    Deed.READER_CANCEL: {HttpFault.CUT_AFTER, HttpFault.LATE},
    Deed.SAVED_CARD: {HttpFault.CUT_AFTER, HttpFault.LATE, HttpFault.BROKEN_FOR_A_DAY, HttpFault.TRUNCATED},
    Deed.CHECKOUT: set(PostFault),
    Deed.CARD_BY_API: {HttpFault.CUT_AFTER},
    Deed.CANCEL_BY_API: {HttpFault.CUT_AFTER},
    Deed.REFUND: {HttpFault.CUT_AFTER, HttpFault.BROKEN_FOR_A_DAY},
}
_OF_THE_DATABASE: Mapping[Fault, Set[FailPoint]] = {
    Death.DATABASE: {FailPoint.PAYMENT_WRITTEN, FailPoint.PAYMENT_OPENED, FailPoint.PAYMENT_LEARNED},
    TcpFault.CUT_AFTER_COMMIT: set(FailPoint),
    TcpFault.REFUSED: {FailPoint.PAYMENT_LEARNED},
}


def _chosen(choose: Callable[[Scenario], bool], *, on_postgresql: bool = False) -> list[object]:
    scenarios = all_scenarios(on_postgresql=on_postgresql)
    return [pytest.param(scenario, id=scenario.name) for scenario in scenarios if choose(scenario)]


def _is_death(scenario: Scenario) -> bool:
    if scenario.deed.is_by_api:
        return scenario.fault is Death.COMPANION and scenario.at in _DEATHS_OVER_THE_API[scenario.deed]
    if scenario.fault is Death.COMPANION:
        is_played = scenario.deed is not Deed.PHONE and not scenario.deed.is_debit
        return scenario.at in _DEATHS_OF_COMPANION and is_played
    return scenario.fault is Death.DESK and scenario.at in _DEATHS.get(scenario.deed, ())


def _is_on_the_line(scenario: Scenario) -> bool:
    return scenario.fault in _ON_THE_LINE.get(scenario.deed, ())


def _is_meanwhile(scenario: Scenario) -> bool:
    if scenario.fault is Meanwhile.LOWERED and scenario.at is _IMPORTS.get(scenario.deed):
        return True
    return isinstance(scenario.fault, Meanwhile) and scenario.at in _MEANWHILE.get(scenario.deed, ())


def _is_of_banks(scenario: Scenario) -> bool:
    return (scenario.fault, scenario.at, scenario.nth) == _OF_BANKS.get(scenario.deed)


def _is_frozen(scenario: Scenario) -> bool:
    moment = (scenario.deed, scenario.fault, scenario.at)
    return moment == (Deed.CASH, Freeze.DESK, FailPoint.PAYMENT_WRITTEN)


def _is_of_the_database(scenario: Scenario) -> bool:
    return scenario.deed is Deed.SAVED_CARD and scenario.at in _OF_THE_DATABASE.get(scenario.fault, ())


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


@pytest.mark.parametrize("scenario", _chosen(_is_death))
def test_a_process_that_dies_at_any_step_costs_nothing(station, scenario):
    assert play(station, scenario).differences == 0


@pytest.mark.parametrize("scenario", _chosen(_is_on_the_line))
def test_a_bad_line_to_or_from_stripe_costs_nothing(station, scenario):
    assert play(station, scenario).differences == 0


@pytest.mark.parametrize("scenario", _chosen(_is_meanwhile))
def test_what_others_do_in_the_middle_of_it_costs_nothing(station, scenario):
    assert play(station, scenario).differences == 0


@pytest.mark.parametrize("scenario", _chosen(_is_of_banks))
def test_what_a_bank_decides_days_later_costs_nothing(station, scenario):
    assert play(station, scenario).differences == 0


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize("scenario", _chosen(_is_frozen, on_postgresql=True))
def test_a_desk_that_freezes_in_its_transaction_costs_nothing_and_refuses_nobody(station, scenario):
    assert play(station, scenario).differences == 0


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize("scenario", _chosen(_is_of_the_database, on_postgresql=True))
def test_a_database_that_goes_away_at_any_step_costs_nothing(station, scenario):
    assert play(station, scenario).differences == 0


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_eight_desks_that_press_pay_at_once_charge_once(station):
    race(station, rounds=16)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_portal_and_desks_that_want_the_same_invoice_charge_once(station):
    won = portal_race(station, rounds=24)

    assert min(won["portal"], won["desk"]) > 0, won


def test_whatever_happens_at_random_both_sides_agree_whenever_it_is_quiet(filled_hospital):
    @contextlib.contextmanager
    def fresh(folder: Path) -> Iterator[SampleHospital]:
        file = shutil.copy(filled_hospital.file, folder / "hospital.sqlite")
        yield dataclasses.replace(filled_hospital, url=f"sqlite:///{file}")

    run_counter(fresh, seed=2026, runs=8, steps_each=30)

    assert Counter.quiet_points >= 8
