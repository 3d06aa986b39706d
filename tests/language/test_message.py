"""Messages: keyed by their English text, filled late, read in whatever language is asked for."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from pathlib import Path

import pytest

import cashier
from cashier.errors import Refused
from cashier.language import (
    catalogues,
    inside,
    joined,
    listed,
    m,
    mc,
    mn,
    number,
    sentences,
    speaking,
    use_language,
    verbatim,
)
from cashier.language.dates import (
    day,
    day_and_time,
    day_on_paper,
    moment_in_full,
    month_and_year,
    names_of_weekdays,
    time_of_day,
)
from cashier.language.pseudo import PSEUDO
from cashier.money import Money

_SPANISH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: es\\n"
"Plural-Forms: nplurals=2; plural=n != 1;\\n"

msgid "Type at most {amount}."
msgstr "Escriba como máximo {amount}."

msgctxt "of a payment"
msgid "Open"
msgstr "Abierto"

msgctxt "a file"
msgid "Open"
msgstr "Abrir"

msgid "{count} invoice"
msgid_plural "{count} invoices"
msgstr[0] "{count} factura"
msgstr[1] "{count} facturas"

msgid "Paid to {name}."
msgstr "Pagado a {nombre}."

msgid "Look at {what}."
msgstr "Mire {what.__class__}."
"""
_REGIONAL = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: es_419\\n"

msgctxt "a file"
msgid "Open"
msgstr "Abra"
"""


@pytest.fixture(autouse=True)
def spanish(tmp_path, monkeypatch):
    """A small Spanish and a smaller regional file."""
    (tmp_path / "es.po").write_text(_SPANISH, encoding="utf-8")
    (tmp_path / "es_419.po").write_text(_REGIONAL, encoding="utf-8")
    monkeypatch.setattr(catalogues, "LOCALE_FOLDER", tmp_path)
    catalogues.translation.cache_clear()
    yield
    use_language("en")
    catalogues.translation.cache_clear()


def test_a_message_is_read_in_the_language_of_the_moment():
    message = m("Type at most {amount}.", amount=Money(123450, "EUR"))

    assert str(message) == "Type at most 1,234.50 €."
    use_language("es")
    assert str(message) == "Escriba como máximo 1.234,50 €."
    assert message.english == "Type at most 1,234.50 €."


def test_one_text_has_two_meanings_in_two_contexts():
    assert mc("of a payment", "Open").in_("es") == "Abierto"
    assert mc("a file", "Open").in_("es") == "Abrir"
    assert mc("a file", "Open").in_("en") == "Open"


@pytest.mark.parametrize(("count", "words"), [(0, "0 facturas"), (1, "1 factura"), (2, "2 facturas")])
def test_numbers_have_their_plural(count, words):
    assert mn("{count} invoice", "{count} invoices", count=count).in_("es") == words


def test_english_has_its_plural_without_a_file():
    assert str(mn("{count} invoice", "{count} invoices", count=1)) == "1 invoice"
    assert str(mn("{count} invoice", "{count} invoices", count=3)) == "3 invoices"


def test_a_region_changes_words_and_stands_on_its_language():
    assert mc("a file", "Open").in_("es_419") == "Abra"
    assert mc("of a payment", "Open").in_("es_419") == "Abierto"


def test_what_is_not_translated_is_read_in_english():
    assert m("Nobody translated this.").in_("es") == "Nobody translated this."
    assert m("Nobody translated this.").in_("eo") == "Nobody translated this."


@pytest.mark.parametrize(
    ("message", "words"),
    [(m("Paid to {name}.", name="Ana"), "Paid to Ana."), (m("Look at {what}.", what="it"), "Look at it.")],
)
def test_a_translators_slip_does_not_hide_what_happened(message, words, caplog):
    assert message.in_("es") == words
    assert "translation cannot be filled" in caplog.text


@pytest.mark.logs("translation cannot be filled")
def test_a_text_cannot_reach_into_its_values():
    with pytest.raises(KeyError):
        str(m("{what.__class__}", what="it"))


def test_messages_stand_inside_messages_and_follow_the_outer_language():
    inner = m("Type at most {amount}.", amount=Money(100, "EUR"))

    assert m("Desk: {what}", what=inner).in_("es") == "Desk: Escriba como máximo 1,00 €."
    assert joined(" · ", [inner, verbatim("INV-1")]).in_("es") == "Escriba como máximo 1,00 €. · INV-1"


def test_empty_parts_leave_no_sign_behind():
    assert str(sentences(m("It was not saved."), verbatim(""))) == "It was not saved."
    assert not verbatim("")


def test_enumerations_follow_the_language():
    parts = [verbatim("1"), verbatim("2"), verbatim("3")]

    assert listed(parts).in_("en") == "1, 2 and 3"
    assert listed(parts).in_("es") == "1, 2 y 3"
    assert listed(parts, "or").in_("es") == "1, 2 o 3"


def test_words_stand_inside_a_sentence_with_a_small_letter():
    assert str(m("Paid ({way})", way=inside(verbatim("Bank transfer")))) == "Paid (bank transfer)"
    assert str(inside(verbatim("PIN"))) == "PIN"


def test_equal_messages_are_one():
    assert m("Paid {amount}", amount=Money(5, "EUR")) == m("Paid {amount}", amount=Money(5, "EUR"))
    assert len({m("a"), m("a"), mc("b", "a")}) == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("es.mo", b""),
        ("es.mo", b"neither one byte order nor the other"),
        ("es.mo", b"\xde\x12\x04\x95" + b"\x00\x00\x00\x00" + b"\xff" * 20),
        ("es.po", b'msgid "Keys"\nmsgstr "Ll\xe1ves"\n'),
        ("es.po", b'msgid "Keys"\nmsgstr Llaves\n'),
        ("es.po", _SPANISH.replace("plural=n != 1", "plural=n $ 1").encode()),
    ],
    ids=["empty", "something else", "cut", "another encoding", "no quotes", "no rule of plurals"],
)
def test_a_damaged_file_is_read_in_english_and_told_once(name, content, tmp_path, caplog):
    (tmp_path / "es.po").unlink()
    (tmp_path / name).write_bytes(content)

    assert m("Type at most {amount}.", amount=Money(100, "EUR")).in_("es") == "Type at most 1,00 €."
    assert mn("{count} invoice", "{count} invoices", count=2).in_("es") == "2 invoices"
    assert mc("a file", "Open").in_("es_419") == "Abra", "the regional file is whole"
    # Once for Spanish itself, once for what stands below Latin America's.
    assert caplog.text.count("language cannot be read") <= 2


def test_an_error_is_read_by_people_in_their_language_and_logged_in_english():
    refused = Refused(m("Type at most {amount}.", amount=Money(9800, "EUR")), advice=mc("a file", "Open"))

    with speaking("es"):
        assert str(refused.message) == "Escriba como máximo 98,00 €."
        assert str(refused.words) == "Escriba como máximo 98,00 €. Abrir"
        assert str(refused) == "Type at most 98.00 €. Open"


def test_a_block_speaks_another_language_and_no_longer():
    with speaking("es"):
        assert str(mc("a file", "Open")) == "Abrir"
    assert str(mc("a file", "Open")) == "Open"


def test_the_pseudo_language_is_longer_and_keeps_values():
    shown = m("Type at most {amount}.", amount=Money(100, "EUR")).in_(PSEUDO)

    assert shown.startswith("[Týpé")
    assert "1.00 €" in shown
    assert shown.endswith("]")
    assert len(shown) > 1.3 * len("Type at most .")


def test_whole_numbers_follow_the_language():
    assert number(1_234_567).english == "1,234,567"
    assert number(1_234_567).in_("es") == "1.234.567"
    assert number(-123).english == "−123"


def test_days_and_times_follow_the_language():
    moment = datetime(2026, 9, 2, 14, 5)  # noqa: DTZ001 - already on the clock

    assert day(date(2026, 9, 2)).in_("en") == "02 Sep 2026"
    assert day_and_time(moment).in_("en") == "02 Sep 2026, 14:05"
    assert day_and_time(moment).in_("es") == "02 sept 2026, 14:05"
    assert time_of_day(moment).in_("es") == "14:05"
    assert month_and_year(date(2026, 11, 2)).in_("es") == "noviembre 2026"
    assert names_of_weekdays("es")[0] == "lun"


def test_moments_on_paper_stand_in_the_order_of_the_language():
    moment = datetime(2026, 11, 2, 4, 5, 9)  # noqa: DTZ001 - already on the clock

    assert day_on_paper(moment).in_("en") == "2 Nov 2026"
    assert moment_in_full(moment).in_("en") == "2 November 2026, 04:05:09"
    assert moment_in_full(moment).in_("es") == "2 de noviembre de 2026, 04:05:09"


def test_no_other_module_names_months():
    package = Path(cashier.__file__).parent
    names = re.compile(r'"(?:Jan|January|Dec|December)"')

    assert [file.name for file in package.rglob("*.py") if names.search(file.read_text("utf-8"))] == []


def test_a_compiled_file_comes_before_an_older_text(tmp_path):
    catalogue = catalogues.read_catalogue(tmp_path / "es.po")
    compiled = catalogues.compiled_texts(catalogue)
    (tmp_path / "es.mo").write_bytes(compiled.replace(b"Abrir", b"ABRIR"))
    catalogues.translation.cache_clear()

    assert mc("a file", "Open").in_("es") == "ABRIR"
    assert io.BytesIO(compiled).read(4)
