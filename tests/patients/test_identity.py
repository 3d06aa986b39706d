"""Who is who: a name never stands alone, dates are written as the language does, ages count as people do."""

from __future__ import annotations

from datetime import date

import pytest

from cashier.patients.identity import PatientIdentity, age

TODAY = date(2026, 11, 26)


def somebody(name: str = "Zoë Dąbek", born: date | None = date(1985, 7, 14)) -> PatientIdentity:
    return PatientIdentity(name=name, record_number="MRN-0012345", born=born)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Zoë Dąbek · Born 14 Jul 1985 (41) · Record no. MRN-0012345"),
        ("es", "Zoë Dąbek · Nac. 14 jul 1985 (41) · N.º de historia MRN-0012345"),
    ],
)
def test_name_birth_and_record_number_stand_together_as_the_language_writes_them(language: str, line: str):
    assert somebody().in_a_line(TODAY).in_(language) == line


def test_where_no_birth_is_known_none_is_told():
    assert str(somebody(born=None).in_a_line(TODAY)) == "Zoë Dąbek · Record no. MRN-0012345"


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Dąbek, Zoë", "DĄBEK, Zoë"),
        ("de la Cruz Ñíguez , María José", "DE LA CRUZ ÑÍGUEZ, María José"),
        ("Weiß, Jörg", "WEIẞ, Jörg"),
        ("van der Berg, Ana", "VAN DER BERG, Ana"),
        ("d'Angelo-O’Neill, Ivy", "D'ANGELO-O’NEILL, Ivy"),
        ("Yıldız, İpek", "YILDIZ, İpek"),
        ("Çiçek, Doğan", "ÇİÇEK, Doğan"),
        ("Iliescu, Ioana", "ILIESCU, Ioana"),
        ("Παπαδόπουλος, Ιωάννα", "ΠΑΠΑΔΟΠΟΥΛΟΣ, Ιωάννα"),
        ("Ковалёва, Зоя", "КОВАЛЁВА, Зоя"),
        ("ბერიძე, ნინო", "ბერიძე, ნინო"),
        ("山田, 太郎", "山田, 太郎"),
        ("García Márquez, Ana", "GARCÍA MÁRQUEZ, Ana"),
        ("Sukarno", "Sukarno"),
        ("Zoë Dąbek", "Zoë Dąbek"),
        ("Dąbek, Zoë, Dr", "Dąbek, Zoë, Dr"),
        ("Dąbek,", "Dąbek,"),
        ("كحيل، بثينة", "كحيل، بثينة"),
    ],
)
def test_only_where_a_comma_parts_the_name_the_family_stands_in_capitals(name: str, called: str):
    assert str(somebody(name).called) == called


@pytest.mark.parametrize(
    ("born", "old"),
    [
        (date(1985, 11, 26), "41"),
        (date(1985, 11, 27), "40"),
        (date(1920, 2, 29), "106"),
        (date(2024, 11, 26), "2"),
        (date(2024, 11, 27), "23 months"),
        (date(2026, 10, 26), "1 month"),
        (date(2026, 10, 31), "26 days"),
        (date(2026, 11, 25), "1 day"),
        (date(2026, 11, 26), "0 days"),
        (date(2026, 11, 27), "0 days"),
    ],
)
def test_ages_are_told_in_years_of_small_children_in_months_of_the_newborn_in_days(born: date, old: str):
    assert str(age(born, TODAY)) == old


def test_who_was_born_on_the_29th_of_february_is_a_year_older_on_the_first_of_march():
    assert str(age(date(2000, 2, 29), date(2026, 2, 28))) == "25"
    assert str(age(date(2000, 2, 29), date(2026, 3, 1))) == "26"
