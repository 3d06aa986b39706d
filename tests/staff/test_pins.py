"""Which PINs and passwords are taken, and how they are kept."""

from __future__ import annotations

import argon2
import pytest

from cashier.errors import Refused
from cashier.staff import pins
from tests.surroundings.quick_pins import PROGRAMS_OWN


@pytest.mark.parametrize("pin", ["480261", "731924", "9063581", "correct horse", "Ñandú-y-jaguar", "x7 y8 z9 a1"])
def test_six_digits_or_a_password_of_ten_characters_are_enough(pin):
    pins.check_new(pin, sign_in_name="casey")


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("", "too short"),
        ("48026", "too short"),
        ("nine char", "too short"),
        ("9" * 81, "too long"),
        ("777777", "one digit"),
        ("123456", "series"),
        ("890123", "series"),
        ("987654", "series"),
        ("484848", "repeats itself"),
        ("4821482", "repeats itself"),
        ("731731", "repeats itself"),
        ("147258", "number pad"),
        ("951357", "number pad"),
        ("290296", "a date"),
        ("022996", "a date"),
        ("960229", "a date"),
        ("198407", "a date"),
        ("071984", "a date"),
        ("19840731", "a date"),
        ("31071984", "a date"),
        ("07311984", "a date"),
        ("ababababab", "same few characters"),
        ("I am Casey!", "the name is in it"),
    ],
)
def test_what_is_easy_to_guess_is_refused_with_its_reason(pin, why):
    with pytest.raises(Refused, match=why):
        pins.check_new(pin, sign_in_name="casey")


@pytest.fixture
def as_the_program(monkeypatch):
    """Hash as the program does, not as its tests do."""
    monkeypatch.setattr(pins, "HASHER", PROGRAMS_OWN)


def test_each_guess_costs_time_and_memory(as_the_program):
    algorithm, version, parameters = pins.hash_pin("480261").split("$")[1:4]

    assert (algorithm, version) == ("argon2id", "v=19")
    assert parameters == "m=65536,t=3,p=4"


def test_a_pin_is_kept_as_a_hash_that_only_the_pin_fits(as_the_program):
    kept = pins.hash_pin("480261")

    assert kept.startswith("$argon2id$")
    assert "480261" not in kept
    assert pins.is_pin("480261", kept)
    assert not pins.is_pin("480262", kept)
    assert not pins.is_pin("480261", "no hash at all")


def test_nobody_has_a_pin():
    assert not pins.is_pin("480261", None)
    assert not pins.is_pin("", None)


def test_the_same_letters_count_as_the_same_from_every_keyboard():
    assert pins.is_pin("contrasen\u0303a larga", pins.hash_pin("contrase\u00f1a larga"))


def test_a_hash_with_weaker_parameters_is_recognised():
    assert pins.is_hashed_as_today(pins.hash_pin("480261"))
    assert not pins.is_hashed_as_today(argon2.PasswordHasher(time_cost=1, memory_cost=8192).hash("480261"))


def test_a_first_pin_is_drawn_anew_each_time_and_good_enough():
    drawn = {pins.first_pin() for _ in range(50)}

    assert len(drawn) > 45
    for pin in drawn:
        pins.check_new(pin, sign_in_name="casey")
