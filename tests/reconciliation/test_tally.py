"""One odd thing stops no comparison; what is wrong with all of them does."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from cashier.errors import Contradiction, Misconfigured, Party, Refused, Unreachable
from cashier.reconciliation.tally import Tally

ODD = (
    Refused(),
    Contradiction(),
    Unreachable(by=Party.STRIPE),
    KeyError("odd"),
    TypeError("odd"),
    AttributeError("odd"),
    sa.exc.DataError("", {}, ValueError()),
)


@pytest.mark.parametrize("error", ODD, ids=lambda error: type(error).__name__)
def test_an_error_about_one_thing_is_a_line_in_the_log_and_the_next_one_is_compared(error, caplog):
    compared, tally = [], Tally()

    for subject in ("re_odd", "re_next"):
        with tally.setting_aside(subject):
            if subject == "re_odd":
                raise error
            compared.append(subject)

    assert compared == ["re_next"]
    assert [(each.message, each.subject) for each in caplog.records] == [("set aside, not compared", "re_odd")]


@pytest.mark.parametrize("error", [Misconfigured(), Unreachable(by=Party.DATABASE)])
def test_a_wrong_key_or_a_silent_database_stops_the_comparison(error):
    with pytest.raises(type(error)), Tally().setting_aside("re_1"):
        raise error


def test_when_stripe_answers_about_nothing_any_more_the_comparison_stops(caplog):
    tally = Tally()
    for _ in range(3):
        with tally.setting_aside("pi_1"):
            raise Unreachable

    with pytest.raises(Unreachable), tally.setting_aside("pi_4"):
        raise Unreachable
    assert len(caplog.records) == 3
