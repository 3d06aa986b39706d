"""Lines of both directions are read in Unicode's order; the expected lines are those of its reference algorithm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashier.paper.direction import levels_of, visual_order

ANY_DIRECTION = st.text(alphabet="abAB אבגد محم 0123٤٥ .,-+:/€%()[]", max_size=30)


def as_seen(text: str) -> str:
    """Return the characters from left to right; brackets are turned round when they are drawn."""
    return "".join(text[place] for place in visual_order(levels_of(text)))


@pytest.mark.parametrize(
    ("spoken", "seen"),
    [
        ("Total 12.50", "Total 12.50"),
        ("אבג", "גבא"),
        ("אבג 123", "123 גבא"),
        ("אבג (12)", ")12( גבא"),
        ("D1 אבג 45", "D1 45 גבא"),
        ("محمد D1-000042", "D1-000042 دمحم"),
        ("محمد 12.50 €", "€ 12.50 دمحم"),
        ("Patient: محمد علي (CT)", "Patient: يلع دمحم (CT)"),
        ("1.5 × فحص", "صحف × 1.5"),
        ("٤٥ ريال", "لاير ٤٥"),
        ("Y0(ح[,)3", "Y0(ح[,)3"),
        ("[٤1(cم+٤]-م", "[٤1(c٤+م]-م"),
        ("אבג ", " גבא"),
        ("", ""),
    ],
)
def test_a_line_is_read_from_left_to_right_as_the_reference_has_it(spoken, seen):
    assert as_seen(spoken) == seen


@given(text=ANY_DIRECTION)
def test_nothing_is_lost_or_doubled(text):
    assert sorted(visual_order(levels_of(text))) == list(range(len(text)))


@given(text=st.text(alphabet="abcXYZ 0123.,-", max_size=30))
def test_a_line_of_one_direction_stays_as_it_is(text):
    assert as_seen(text) == text
