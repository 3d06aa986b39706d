"""One rule says how names and numbers are spelled, for what is stored and for what is typed."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashier.invoices.spelling import (
    Term,
    end_of_range,
    fold,
    keys_of_number,
    readings,
    whole_keys,
    words_of_patient,
)

LETTERS = st.text(alphabet=string.ascii_letters + "áéíñöüçğşøåłđ -'", max_size=60)


def finds(typed: str, stored: set[str]) -> bool:
    def carries(term: Term) -> bool:
        return any(all(any(each.startswith(word) for each in stored) for word in one) for one in term.alternatives)

    return any(all(map(carries, terms)) for terms in readings(typed))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Siobhan O'Hara", "ohara"),
        ("Siobhan O’Hara", "o hara siobhan"),
        ("Siobhan Ohara", "O'Hara"),
        ("Siobhan OHara", "o hara"),
        ("Maria De la Cruz", "delacruz"),
        ("Maria De la Cruz", "dela cruz"),
        ("Maria Delacruz", "de la cruz, maria"),
        ("Maria De la Cruz", "cruz"),
        ("Abd al-Rahman", "alrahman"),
        ("Abd al-Rahman", "rahman"),
        ("Abd Alrahman", "al-rahman"),
        ("Jan van der Berg", "vanderberg"),
        ("Jan Vanderberg", "van der berg jan"),
        ("Anne-Marie Duval", "annemarie"),
        ("Annemarie Duval", "anne-marie"),
        ("Anne Marie Duval", "anne-marie"),
        ("Jean-Luc d'Arc", "darc"),
        ("Mary McDonald", "mc donald"),
        ("Jürgen Müller", "mueller"),
        ("Jürgen Mueller", "Müller"),
        ("Jürgen Müller", "muller juer"),
        ("Bjørn Århus", "bjoern aarhus"),
        ("Keola Kaʻahumanu", "kaahumanu"),
        ("Keola Ka'ahumanu", "Kaʻahumanu"),
        ("محـمد علي", "محمد"),
        ("أحمد الرحمن", "احمد رحمن"),
        ("عبد الله", "عبدالله"),
        ("فاطمة", "فاطمه"),
        ("علی", "علي"),
        ("דוד בן־גוריון", "בנגוריון"),
        ("שָׁלוֹם", "שלום"),
        ("王小明", "小明"),
        ("王 小明", "王小明"),
        ("山田 太郎", "太郎 山田"),
        ("김민준", "민준"),
        ("김 민준", "김민준"),
        ("Zoë Dąbek", "DABEK zo"),
    ],
)
def test_names_are_found_as_people_write_them(name: str, typed: str):
    assert finds(typed, words_of_patient(name=name, record_number="", phone=""))


@pytest.mark.parametrize(
    ("name", "typed"),
    [("Siobhan O'Hara", "haras"), ("Eric Adams", "erica"), ("Manuel Ruiz", "manul"), ("王小明", "明王")],
)
def test_names_that_are_others_are_not_found(name: str, typed: str):
    assert not finds(typed, words_of_patient(name=name, record_number="", phone=""))


@pytest.mark.parametrize(
    ("number", "typed"),
    [
        ("9434765919", "943 476 5919"),
        ("943-476-5919", "9434765919"),
        ("INV0000123", "inv123"),
        ("INV-2026-000123", "inv 2026 123"),
        ("INV-2026-000123", "INV2026000123"),
        ("INV-2026-000123", "2026 000123"),
        ("INV-2026-000123", "123 2026"),
        ("INV-2026-000123", "inv-2026-0"),
        ("INV-000123", "inv-00"),
        ("F2026/1", "f2026 / 1"),
        ("000", "00"),
        ("MRN-٠٠٠٤٥٠", "mrn450"),
    ],
)
def test_numbers_are_found_however_they_are_cut_and_without_zeros(number: str, typed: str):
    assert finds(typed, keys_of_number(number))


@pytest.mark.parametrize(
    "typed", ["+49 171 1234567", "0171 1234567", "0171/123-4567", "00491711234567", "(0171) 123 45 67"]
)
def test_phone_numbers_are_found_with_or_without_their_country(typed: str):
    assert finds(typed, words_of_patient(name="", record_number="", phone="+49 (0)171 1234567"))


@pytest.mark.parametrize("typed", ["f2026/1", "F2026/1", "F 2026 1", "f2026-1", "F20261", "f-2026/001"])
def test_a_whole_number_has_the_same_key_in_every_spelling(typed: str):
    assert set(whole_keys(typed)) & set(whole_keys("F2026/1"))
    assert not set(whole_keys(typed)) & set(whole_keys("F2026/10"))


@given(st.text(max_size=60))
def test_letters_with_separate_accents_are_the_same(text: str):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(LETTERS)
def test_a_name_is_found_as_it_is_written(name: str):
    assert not readings(name) or finds(name, words_of_patient(name=name, record_number="", phone=""))


@given(st.text(alphabet=string.ascii_letters + string.digits + " -/.", max_size=40))
def test_a_number_is_found_as_it_is_written(number: str):
    assert not readings(number) or finds(number, keys_of_number(number))


@given(LETTERS, st.integers(min_value=1, max_value=60))
def test_nobody_is_lost_while_the_name_is_being_typed(name: str, typed: int):
    assert not readings(name[:typed]) or finds(name[:typed], words_of_patient(name=name, record_number="", phone=""))


@given(prefix=st.text(min_size=1, max_size=8), rest=st.text(max_size=8), other=st.text(max_size=8))
def test_the_range_of_a_beginning_holds_all_words_that_begin_so_and_no_others(prefix: str, rest: str, other: str):
    top = "\U0010ffff"
    if top not in rest:
        assert prefix <= prefix + rest < end_of_range(prefix)
    if not other.startswith(prefix):
        assert not prefix <= other < end_of_range(prefix)
