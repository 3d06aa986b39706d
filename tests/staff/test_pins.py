"""Which PINs and passwords are taken, and how they are kept."""

from __future__ import annotations

import base64

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
    assert pins.drawn_for("480261").salt.parameters == "m=65536,t=3,p=4,l=32"


def test_a_pin_is_kept_as_the_digest_of_a_key_that_only_the_pin_makes(as_the_program):
    made = pins.drawn_for("480261")
    kept = pins.secret_of(1, made)

    assert kept.verifier == pins.digest_of_key(pins.derive("480261", made.salt))
    assert kept.verifier != pins.digest_of_key(pins.derive("480262", made.salt))
    assert made.key not in (kept.salt, kept.verifier)
    assert "key" not in repr(made)


def test_a_hash_of_before_and_the_key_of_today_are_the_same():
    hashed = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=2).hash("480261")
    salt, key = (base64.b64decode(part + "==") for part in hashed.split("$")[4:])

    assert pins.derive("480261", pins.Salt(salt=salt, parameters="m=64,t=1,p=2,l=32")) == key


def test_the_same_pin_of_two_people_is_kept_otherwise():
    first, second = (pins.secret_of(staff_id, pins.drawn_for("480261")) for staff_id in (1, 2))

    assert first.verifier != second.verifier
    assert first.mark != second.mark


def test_the_mark_of_a_pin_cannot_be_made_of_salt_and_pin():
    made = pins.drawn_for("480261")

    assert pins.secret_of(1, made).mark != pins.secret_of(1, made).mark


def test_the_same_letters_count_as_the_same_from_every_keyboard():
    made = pins.drawn_for("contrase\u00f1a larga")

    assert pins.derive("contrasen\u0303a larga", made.salt) == made.key


def test_a_first_pin_is_drawn_anew_each_time_and_good_enough():
    drawn = {pins.first_pin() for _ in range(50)}

    assert len(drawn) > 45
    for pin in drawn:
        pins.check_new(pin, sign_in_name="casey")
