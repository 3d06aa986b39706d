"""Programs of the release before find invoices by these words still."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashier.invoices.former_words import words_of, words_of_invoice


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("García-Löwe", ["garcia", "lowe"]),
        ("Đặng Thị Hương", ["dang", "thi", "huong"]),
        ("ŁUKASIK ØDEGÅRD", ["lukasik", "odegard"]),
        ("Krauß", ["krauss"]),
        ("O'Rourke", ["o", "rourke"]),
        ("Αλεξάνδρα Щербань", ["αλεξανδρα", "щербань"]),
        ("İpek Işık", ["ipek", "isik"]),
        ("  ,;- _ ", []),
    ],
)
def test_accents_capitals_and_punctuation_do_not_count(text: str, words: list[str]):
    assert words_of(text) == words


@given(st.text(max_size=60))
def test_letters_typed_with_separate_accents_give_the_same_words(text: str):
    assert words_of(unicodedata.normalize("NFD", text)) == words_of(unicodedata.normalize("NFC", text))


@given(st.text(alphabet=string.ascii_letters + "áéíñöüçğşøåłđ -'", max_size=60))
def test_cutting_up_words_again_changes_nothing(text: str):
    words = words_of(text)

    assert words_of(" ".join(words)) == words


def test_numbers_are_found_in_parts_as_a_whole_and_without_leading_zeros():
    words = words_of_invoice(number="INV-2026-000123", patient_name="", record_number="MRN-0000450")

    assert words == {"inv", "2026", "000123", "123", "inv2026000123", "mrn", "0000450", "450", "mrn0000450"}


def test_a_number_of_nothing_but_zeros_stays_findable():
    assert "000" in words_of_invoice(number="000", patient_name="", record_number="X")
