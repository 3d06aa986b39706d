"""One rule says how names and numbers are spelled, for what is stored and for what is typed."""

from __future__ import annotations

import string
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashier.invoices.spelling import (
    Term,
    end_of_range,
    fold,
    is_looked_for,
    keys_of_number,
    readings,
    whole_keys,
    words_of_patient,
)
from tests.invoices.plain_finding import is_plainly_found

LETTERS = st.text(alphabet=string.ascii_letters + "áéíñöüçğşøåłđ -'", max_size=60)


def finds(typed: str, stored: set[str]) -> bool:
    def carries(term: Term) -> bool:
        begun = any(all(any(each.startswith(word) for each in stored) for word in one) for one in term.alternatives)
        return begun or any(whole in stored for whole in term.wholes)

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
    "typed",
    [
        "+49 171 1234567",
        "0171 1234567",
        "0171/123-4567",
        "00491711234567",
        "(0171) 123 45 67",
        "0049 (0)171 123 45 67",
    ],
)
@pytest.mark.parametrize("phone", ["+49 (0)171 1234567", "0049-171-1234567", "0171 / 1234567", "+49 171 12 34 567"])
def test_phone_numbers_are_found_with_or_without_their_country(phone: str, typed: str):
    assert finds(typed, words_of_patient(name="", record_number="", phone=phone))


@pytest.mark.parametrize("typed", ["1234567", "1711234567", "491711234567", "0171 12", "+49 171 12", "0049 171 12"])
def test_phone_numbers_are_found_by_their_end_and_while_they_are_typed(typed: str):
    assert finds(typed, words_of_patient(name="", record_number="", phone="+49 (0)171 1234567"))


@pytest.mark.parametrize(
    "typed",
    ["1985-03-09", "09.03.1985", "9.3.1985", "9/3/1985", "03/09/1985", "3/9/1985", "09031985", "19850309",
     "9 3 1985", "9. 3. 1985", "09.3.1985", "1985 03", "09-03", "1985/3/9", "٩/٣/١٩٨٥"],
)  # fmt: skip
def test_dates_of_birth_are_found_as_people_write_them(typed: str):
    words = words_of_patient(name="", record_number="", phone="", born=date(1985, 3, 9))

    assert finds(typed, words)
    assert not finds(typed, words_of_patient(name="", record_number="", phone="", born=date(1958, 4, 10)))


@pytest.mark.parametrize("typed", ["0171 1234568", "0172 1234567", "+491711234568", "0711", "+1 911234567"])
def test_phone_numbers_of_others_are_not_found(typed: str):
    assert not finds(typed, words_of_patient(name="", record_number="", phone="+49 (0)171 1234567"))


@pytest.mark.parametrize(
    ("typed", "found", "not_found"),
    [
        (
            "000002",
            {"INV-2026-000002", "2", "INV-0000021", "INV-02", "INV-2-2026"},
            {"INV-2026-000021", "21", "INV-2026"},
        ),
        ("inv002", {"INV-0021", "INV2", "INV-00002"}, {"INV-21", "INV-00021", "INV-2026-000002"}),
        ("00", {"INV-0021", "000", "0", "0/9"}, {"INV-021", "INV-2026", "100"}),
        ("2026-00002", {"INV-2026-000021", "INV-2026-2"}, {"INV-2026-21", "INV-2026-00021"}),
        ("2", {"INV-2026-000002", "2", "INV-0000021", "INV-02", "21", "INV-2026"}, {"INV-12"}),
    ],
)
def test_zeros_that_are_typed_are_those_of_a_beginning_or_of_a_whole_number(
    typed: str, found: set[str], not_found: set[str]
):
    numbers = found | not_found
    assert {number for number in numbers if finds(typed, keys_of_number(number))} == found


NUMBERS = st.lists(st.sampled_from(["inv", "F", "-", "/", "0", "00", "000", "1", "2", "12", "2026"]), max_size=7).map(
    "".join
)


@given(typed=NUMBERS, number=NUMBERS)
def test_numbers_are_found_as_a_plain_reading_of_the_rule_finds_them(typed: str, number: str):
    if any(map(str.isdigit, typed)):
        assert finds(typed, keys_of_number(number)) == is_plainly_found(typed, number)


@given(NUMBERS, st.integers(min_value=1, max_value=20))
def test_no_number_is_lost_while_it_is_being_typed(number: str, typed: int):
    assert not readings(number[:typed]) or finds(number[:typed], keys_of_number(number))


@pytest.mark.parametrize("typed", ["f2026/1", "F2026/1", "F 2026 1", "f2026-1", "F20261", "f-2026/001"])
def test_a_whole_number_has_the_same_key_in_every_spelling(typed: str):
    assert set(whole_keys(typed)) & set(whole_keys("F2026/1"))
    assert not set(whole_keys(typed)) & set(whole_keys("F2026/10"))


@given(st.text(max_size=60))
def test_letters_with_separate_accents_are_the_same(text: str):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=40))
def test_plain_text_is_folded_as_any_other(text: str):
    assert fold(text + "é") == fold(text + "e")


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


@pytest.mark.parametrize(
    ("typed", "is_it"),
    [
        ("0003", True),
        ("3", True),
        ("2026 ana 000003", True),
        ("inv-2026-0", True),
        ("ana", False),
        ("0000102", False),
    ],
)
def test_whoever_types_a_part_of_a_number_looks_for_it(typed: str, is_it: bool):
    assert is_looked_for("INV-2026-000003", typed) is is_it
