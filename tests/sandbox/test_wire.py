"""Form encoding, as Stripe reads it."""

from __future__ import annotations

import pytest

from cashier.sandbox.engine.failures import StripeFailure
from cashier.sandbox.engine.wire import decode_form


def test_brackets_nest():
    assert decode_form("a[b][c]=1&a[d]=2") == {"a": {"b": {"c": "1"}, "d": "2"}}


def test_empty_brackets_append():
    assert decode_form("a[]=1&a[]=2") == {"a": ["1", "2"]}


def test_hashes_in_an_array_begin_anew_when_a_name_repeats():
    assert decode_form("a[][x]=1&a[][y]=2&a[][x]=3") == {"a": [{"x": "1", "y": "2"}, {"x": "3"}]}


def test_indexes_stay_for_the_parameter_check():
    assert decode_form("a[0][x]=1&a[1][x]=2") == {"a": {"0": {"x": "1"}, "1": {"x": "2"}}}


def test_percent_and_plus_are_decoded_in_keys_and_values():
    assert decode_form("a%5Bb%5D=J%C3%B6rg+K") == {"a": {"b": "Jörg K"}}


def test_empty_values_are_kept():
    assert decode_form("a=") == {"a": ""}


@pytest.mark.parametrize("form", ["a=1&a[b]=2", "a[]=1&a[b]=2", "a[b]=1&a[]=2", "a=%FF", "a" + "[b]" * 40 + "=1"])
def test_a_contradictory_or_broken_form_is_refused(form):
    with pytest.raises(StripeFailure) as refusal:
        decode_form(form)

    assert refusal.value.status == 400
