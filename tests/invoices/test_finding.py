"""What is meant comes before what begins alike, and whole words before longer ones."""

from __future__ import annotations

import contextlib
import random
import re
from datetime import date

import pytest
import sqlalchemy as sa

from cashier.books.invoice import InvoiceKey, PatientWord
from cashier.books.schema.migration import downgrade, migrate
from cashier.database import Database
from cashier.database.looking import Look
from cashier.invoices.intake import take_in
from cashier.invoices.search.finding import find
from cashier.invoices.service import Invoices
from cashier.invoices.views import OWED, InvoiceQuery
from tests.invoices.arriving import an_invoice
from tests.invoices.plain_finding import is_plainly_found

pytestmark = pytest.mark.both_databases


WRITTEN = (
    ("Siobhan O'Hara", "ohara"),
    ("Siobhan Ohara", "O’Hara"),
    ("Maria De la Cruz", "dela cruz"),
    ("Maria Delacruz", "de la cruz, maria"),
    ("Abd al-Rahman", "rahman"),
    ("Abd Alrahman", "al-rahman"),
    ("Anne Marie Duval", "anne-marie"),
    ("Jürgen Müller", "mueller"),
    ("Jürgen Mueller", "Müller"),
    ("Keola Kaʻahumanu", "kaahumanu"),
    ("محـمد علي", "محمد"),
    ("أحمد الرحمن", "احمد رحمن"),
    ("דוד בן־גוריון", "בנגוריון"),
    ("王小明", "小明"),
    ("山田 太郎", "太郎 山田"),
    ("김민준", "민준"),
)


async def found(database: Database, text: str, *, limit: int = 200) -> list[str]:
    page = await Invoices(database).page(InvoiceQuery(text=text), limit=limit)
    return [row.first.number for row in page.rows]


def in_letters(number: int) -> str:
    """Return a record number that no digit finds."""
    return "R" + "".join(chr(ord("a") + int(digit)) for digit in str(number))


async def several(database: Database, *numbers: str) -> None:
    await take_in(database, [an_invoice(number, record_number=f"R{index}") for index, number in enumerate(numbers)])


@pytest.mark.parametrize("typed", ["f2026/1", "F 2026 1", "F2026-001", "f20261", " F2026/1 "])
async def test_a_whole_number_in_any_spelling_is_chosen_before_longer_ones(database: Database, typed: str):
    await several(database, "F2026/1", "F2026/2", "F2026/10", "F2026/19")

    row = await Invoices(database).find_by_number(typed)

    assert row is not None
    assert row.number == "F2026/1"
    assert (await found(database, typed))[0] == "F2026/1"


async def test_of_several_that_are_spelled_alike_the_one_as_typed_is_chosen_or_none(database: Database):
    await several(database, "A-1", "a1", "A-01")
    invoices = Invoices(database)

    exact = await invoices.find_by_number("A-1")
    other = await invoices.find_by_number("a/1")

    assert exact is not None
    assert exact.number == "A-1"
    assert other is None
    assert set(await found(database, "a/1")) == {"A-1", "a1", "A-01"}


async def test_a_number_with_some_of_its_zeros_may_lack_its_end_and_chooses_nothing(database: Database):
    await several(database, "INV-000024", "INV-000240")

    assert await Invoices(database).find_by_number("INV-00024") is None
    assert await Invoices(database).find_by_number("INV-24") is not None


async def test_zeros_that_are_typed_narrow_what_is_found(database: Database):
    numbers = [f"INV-2026-{n:06d}" for n in range(1, 60)]
    await take_in(database, [an_invoice(each, record_number=in_letters(n)) for n, each in enumerate(numbers)])

    assert await found(database, "000002") == ["INV-2026-000002"]
    assert await found(database, "2026 zoe 0000") == numbers[::-1]
    assert await found(database, "2026 zoe 00002") == ["INV-2026-000002", *numbers[19:29][::-1]]


async def test_numbers_are_found_as_a_plain_reading_of_the_rule_finds_them(database: Database):
    parts = ("INV", "F", "-", "/", "0", "00", "1", "2", "12", "2026", "000")
    chance = random.Random(10)
    texts = {"".join(chance.choices(parts, k=chance.randint(1, 6))) for _ in range(150)}
    numbers = sorted(text for text in texts if any(map(str.isdigit, text)))
    await take_in(
        database, [an_invoice(each, record_number=in_letters(n), patient_name="Li") for n, each in enumerate(numbers)]
    )

    for typed in numbers:
        expected = {each for each in numbers if is_plainly_found(typed, each)}
        assert set(await found(database, typed)) == expected, typed


@pytest.mark.parametrize(
    ("name", "others", "typed"), [("Li Na", "Linda Navarro", "li na"), ("Li Na", "Linda Navarro", "li")]
)
async def test_whole_words_are_on_the_first_page(database: Database, name: str, others: str, typed: str):
    invoices = [an_invoice("S-1", record_number="R0", patient_name=name)]
    invoices += [an_invoice(f"T-{n}", record_number=f"R{n}", patient_name=f"{others} {n}") for n in range(1, 251)]
    await take_in(database, invoices)

    assert (await found(database, typed))[0] == "S-1"


async def test_the_word_that_is_still_being_typed_comes_after_whole_ones_before_it(database: Database):
    names = ("Li Navarro", "Linda Navarro", "Li Na", "Linda Nadal")
    await take_in(database, [an_invoice(f"S-{n}", record_number=f"R{n}", patient_name=each)
                             for n, each in enumerate(names)])  # fmt: skip

    assert await found(database, "li na") == ["S-2", "S-0", "S-3", "S-1"]


@pytest.mark.parametrize(
    ("number", "record_number", "typed"),
    [
        ("S-1", "9434765919", "943 476 5919"),
        ("INV0000123", "R8", "inv123"),
        ("S-1", "MRN-0000450", "mrn 450"),
        ("S-1", "MRN-0000450", "450"),
    ],
)
async def test_numbers_are_found_as_printed_and_without_zeros(
    database: Database, number: str, record_number: str, typed: str
):
    await take_in(database, [an_invoice(number, record_number=record_number, patient_name="Wanda Weiss")])

    assert number in await found(database, typed)


async def test_digits_that_are_no_number_together_are_several(database: Database):
    await take_in(database, [an_invoice("INV-2026-000240", record_number="MRN-77")])

    assert await found(database, "240 2026") == ["INV-2026-000240"]
    assert await found(database, "240 77") == ["INV-2026-000240"]
    assert await found(database, "240 78") == []


@pytest.mark.parametrize(
    "typed", ["\x00", "a\x00b", "\ud800", " \u200e ", "%", "'; --", "\U0010ffff", "9" * 300, "١٢٣"]
)
async def test_whatever_is_typed_or_scanned_chooses_nothing_that_it_does_not_mean(database: Database, typed: str):
    await several(database, "INV-1")

    assert await Invoices(database).find_by_number(typed) is None
    assert set(await found(database, typed)) <= {"INV-1"}


@pytest.mark.parametrize("typed", ["zoe", "o'hara'); --", "INV-777", "de la cruz", "zoe 777 ohara", "19.3.1985"])
async def test_what_is_typed_is_never_part_of_a_statement(database: Database, typed: str):
    await several(database, "INV-777")
    asked: list[str] = []

    def listened_to() -> Look[None]:
        searching = find(typed, OWED, after=None, skip=1, limit=10)
        with contextlib.suppress(StopIteration):
            question = next(searching)
            while True:
                asked.append(question.text.lower())
                question = searching.send((yield question))

    await database.look(listened_to())

    words = [word for word in re.findall(r"\w+", typed.lower()) if len(word) > 2 and word != "inv"]
    assert asked
    assert not [word for word in words for text in asked if word in text]


async def test_names_are_found_as_people_write_them(database: Database):
    await take_in(
        database,
        [an_invoice(f"S-{n}", record_number=f"R{n}", patient_name=name) for n, (name, _) in enumerate(WRITTEN)],
    )

    for n, (name, typed) in enumerate(WRITTEN):
        assert f"S-{n}" in await found(database, typed), (name, typed)


async def test_nothing_is_found_twice_by_name_and_number(database: Database):
    await several(database, "12", "123", "R12")

    assert sorted(await found(database, "12")) == ["12", "123", "R12"]


async def test_the_migration_spells_as_the_program_does(database: Database, database_url: str):
    """Where this fails because the program spells otherwise now, a new migration has to write the words anew."""
    names = (
        "Siobhan O'Hara",
        "Maria De la Cruz",
        "Jürgen Müller-Łoś",
        "Abd al-Rahman",
        "محـمد علي",
        "김 민준",
        "王小明",
    )
    numbers = ("INV-2026-000123", "inv0000123", "F2026/1", "000", "ABC")
    invoices = [
        an_invoice(
            f"{number}.{index}",
            record_number=f"MRN-00{index}",
            patient_name=name,
            phone="+49 (0)171 1234567",
        )
        for index, name in enumerate(names)
        for number in numbers
    ]
    await take_in(database, invoices)
    written = await found_by(database)
    await database.close()

    downgrade(database_url, revision="0005")
    migrate(database_url)

    assert await found_by(database) == written


async def test_the_migration_writes_the_dates_of_birth_that_are_known(database: Database, database_url: str):
    await take_in(database, [an_invoice("S-1", born=date(1985, 3, 9))])
    written = await found_by(database)
    async with database.transaction() as session:
        await session.execute(sa.delete(PatientWord).where(PatientWord.word.contains("1985")))
    await database.close()

    downgrade(database_url, revision="0008")
    migrate(database_url)

    assert await found_by(database) == written


async def test_another_date_of_birth_is_found_and_the_one_before_no_longer(database: Database):
    await take_in(database, [an_invoice("S-1", born=date(1985, 3, 9))])
    await take_in(database, [an_invoice("S-1", born=date(1985, 3, 19))])

    assert await found(database, "zoe 19.3.1985") == ["S-1"]
    assert await found(database, "zoe 9.3.1985") == []


async def found_by(database: Database) -> tuple[set[tuple[object, ...]], set[tuple[object, ...]]]:
    async with database.reading() as session:
        words = await session.execute(sa.select(PatientWord.word, PatientWord.patient_id))
        keys = await session.execute(sa.select(InvoiceKey.key, InvoiceKey.invoice_id, InvoiceKey.is_whole))
        return {tuple(row) for row in words}, {tuple(row) for row in keys}
