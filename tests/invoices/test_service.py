"""The invoice list finds the right ones, in the right order, each exactly once."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Iterator
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cashier.books.invoice import InvoiceStatus
from cashier.books.staff import Role
from cashier.database import Database
from cashier.demo import data
from cashier.errors import Refused
from cashier.invoices.intake import take_in
from cashier.invoices.search import finding
from cashier.invoices.service import Invoices
from cashier.invoices.spelling import Term, keys_of_number, readings, whole_keys, words_of_patient
from cashier.invoices.views import OWED, IncomingInvoice, InvoiceQuery, InvoiceRow
from cashier.money import Money
from tests.invoices.arriving import TODAY, a_line, an_invoice
from tests.surroundings.postgres import Cluster
from tests.surroundings.settled import settle

pytestmark = pytest.mark.both_databases

SAMPLE = list(data.invoices(count=240, today=TODAY))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database with the sample's invoices, made once; the tests here only read it."""
    with contextlib.ExitStack() as stack:
        if request.param == "sqlite":
            file = tmp_path_factory.mktemp("filled") / "cashier.sqlite"
            shutil.copy(request.getfixturevalue("migrated_file"), file)
            url = f"sqlite:///{file}"
        else:
            postgres: Cluster = request.getfixturevalue("postgres")
            url = stack.enter_context(postgres.copy_of(request.getfixturevalue("migrated_postgres")))

        async def fill() -> None:
            database = Database(url)
            await take_in(database, SAMPLE)
            await database.close()

        with asyncio.Runner() as runner:
            runner.run(fill())
        yield url


@pytest.fixture
async def invoices(filled_url: str) -> AsyncIterator[Invoices]:
    database = Database(filled_url)
    yield Invoices(database)
    await database.close()


async def walk(invoices: Invoices, query: InvoiceQuery, *, limit: int) -> list[InvoiceRow]:
    """Follow the pages to the end."""
    rows: list[InvoiceRow] = []
    after = None
    while True:
        page = await invoices.page(query, after=after, limit=limit)
        rows += page.rows
        assert len(page.rows) <= limit
        if page.after is None:
            return rows
        after = page.after


def words(incoming: IncomingInvoice) -> set[str]:
    return keys_of_number(incoming.number) | words_of_patient(
        name=incoming.patient_name,
        record_number=incoming.record_number,
        phone=str(incoming.phone),
        born=incoming.born or None,
    )


WORDS = {each.number: words(each) for each in SAMPLE}


def status_of(incoming: IncomingInvoice) -> InvoiceStatus:
    if incoming.cancelled:
        return InvoiceStatus.CANCELLED
    total_minor = sum(line.total_minor for line in incoming.lines)
    return InvoiceStatus.PAID if total_minor == incoming.insurer_share_minor else InvoiceStatus.DUE


def carries(incoming: IncomingInvoice, words: tuple[tuple[str, bool], ...], *, whole: int) -> bool:
    """Whether all words are carried: the first so many, and those that count only so, as whole words."""
    carried = WORDS[incoming.number]
    return all(
        word in carried if index < whole or only_whole else any(each.startswith(word) for each in carried)
        for index, (word, only_whole) in enumerate(words)
    )


def choices_of(term: Term) -> list[tuple[tuple[str, bool], ...]]:
    begun = [tuple((word, False) for word in words) for words in term.alternatives]
    return begun + [((whole, True),) for whole in term.wholes]


def rank_of(incoming: IncomingInvoice, text: str, terms: tuple[Term, ...]) -> int | None:
    if not terms:
        return 1
    if set(whole_keys(text)) & set(whole_keys(incoming.number)):
        return 0
    choices = [sum(chosen, ()) for chosen in product(*map(choices_of, terms))]
    for rank, beginnings in enumerate((0, 1, 120), start=1):
        if any(carries(incoming, words, whole=len(words) - beginnings) for words in choices):
            return rank
    return None


def expected(query: InvoiceQuery) -> list[str]:
    """Find by looking at every invoice of the sample: slow, and plainly right."""
    possible = readings(query.text) or ((),)
    terms = next((each for each in possible if any(rank_of(one, query.text, each) is not None for one in SAMPLE)), ())
    if not terms and possible != ((),):
        return []
    ranked = [(rank_of(each, query.text, terms), -index, each) for index, each in enumerate(SAMPLE)]
    return [
        each.number
        for rank, _, each in sorted((one for one in ranked if one[0] is not None), key=lambda one: one[:2])
        if not query.statuses or status_of(each) in query.statuses
    ]


PATIENT_OF = {each.number: each.record_number for each in SAMPLE}


def by_patient(numbers: list[str], limit: int) -> list[str]:
    """Put those of a patient beside each other, page by page, where the first of them stands."""
    put: list[str] = []
    for start in range(0, len(numbers), limit):
        page = numbers[start : start + limit]
        first = {PATIENT_OF[number]: -place for place, number in reversed(list(enumerate(page)))}
        put += sorted(page, key=lambda number: -first[PATIENT_OF[number]])
    return put


beginnings = st.builds(
    lambda incoming, index, length: sorted(WORDS[incoming.number])[index % len(WORDS[incoming.number])][:length],
    st.sampled_from(SAMPLE),
    st.integers(min_value=0, max_value=20),
    st.integers(min_value=1, max_value=12),
)
queries = st.builds(
    InvoiceQuery,
    text=st.lists(beginnings, max_size=3).map(" ".join) | st.text(max_size=10),
    statuses=st.frozensets(st.sampled_from(InvoiceStatus)),
)
reading_only = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=[(finding._GATHERED_MAX, finding._FIRST_WALK), (0, 40)], ids=["gathering", "walking first"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let so few invoices be found in every way that very many are found in."""
    gathered, walked = request.param
    monkeypatch.setattr(finding, "_GATHERED_MAX", gathered)
    monkeypatch.setattr(finding, "_FIRST_WALK", walked)


@pytest.mark.usefixtures("way")
@given(query=queries, limit=st.integers(min_value=20, max_value=300))
@reading_only
async def test_pages_hold_every_invoice_that_fits_once_and_whole_words_first(
    invoices: Invoices, query: InvoiceQuery, limit: int
):
    rows = await walk(invoices, query, limit=limit)

    assert [row.number for row in rows] == by_patient(expected(query), limit)


@given(query=queries)
@reading_only
async def test_a_row_says_what_its_patient_owes_in_all_where_that_is_more(invoices: Invoices, query: InvoiceQuery):
    page = await invoices.page(query)

    for row in page.rows:
        owed = [each for each in SAMPLE if each.record_number == row.record_number and status_of(each) in OWED]
        assert sum(each.invoices for each in row.owes) == (len(owed) if len(owed) > 1 else 0)
        for each in row.owes:
            due = (one for one in owed if one.currency == each.currency)
            total = sum(sum(line.total_minor for line in one.lines) - one.insurer_share_minor for one in due)
            assert each.amount == Money(total, each.currency)


@pytest.mark.usefixtures("way")
@given(query=queries, skip=st.integers(min_value=0, max_value=260))
@reading_only
async def test_a_jump_lands_where_walking_does(invoices: Invoices, query: InvoiceQuery, skip: int):
    page = await invoices.page(query, skip=skip, limit=7)

    assert [row.number for row in page.rows] == by_patient(expected(query)[skip : skip + 7], 7)


@given(query=queries)
@reading_only
async def test_counts_agree_with_the_list(invoices: Invoices, query: InvoiceQuery):
    counts = await invoices.counts(query.text)

    assert counts.of(query.statuses) == len(expected(query))


@pytest.mark.parametrize(
    "typed",
    [
        "Zoë Dąbek",
        "zoe dabek",
        "DABEK ZOE",
        "dab z",
        "inv-2026-000240",
        "2026 240",
        "inv2026000240",
        "000240",
        "240 zo",
    ],
)
async def test_an_invoice_is_found_however_it_is_typed(invoices: Invoices, typed: str):
    page = await invoices.page(InvoiceQuery(text=typed))

    assert "INV-2026-000240" in [row.number for row in page.rows]


@pytest.mark.parametrize("typed", ["abek", "zoe lukasik dabek", "%", "z%", "'; --", "\x00"])
async def test_only_beginnings_of_words_count_and_no_character_is_special(invoices: Invoices, typed: str):
    query = InvoiceQuery(text=typed)

    assert [row.number for row in (await invoices.page(query, limit=300)).rows] == by_patient(expected(query), 300)


async def test_a_scanned_number_finds_exactly_its_invoice(invoices: Invoices):
    row = await invoices.find_by_number(" INV-2026-000240\n")

    assert row is not None
    assert (row.number, row.balance) == ("INV-2026-000240", Money(14_850, "EUR"))
    assert await invoices.find_by_number("INV-2026-00024") is None


async def test_what_is_owed_and_what_is_not_are_told_apart(invoices: Invoices):
    owed = await walk(invoices, InvoiceQuery(statuses=OWED), limit=200)

    assert all(row.balance for row in owed)
    assert len(owed) == sum(status_of(each) in OWED for each in SAMPLE)


async def test_the_detail_shows_lines_shares_and_the_history(database: Database):
    await data.fill(database, today=TODAY, pins={Role.CASHIER: "2468"}, count=1)
    lines = (
        a_line(10_000),
        a_line(5_000, unit_price_minor=4_500, description="Electrocardiogram", tax_minor=500, tax_basis_points=1111),
    )
    await take_in(database, [an_invoice("INV-9", lines=lines, insurer="Civic Care Plan", insurer_share_minor=6000)])
    receipt = await settle(database, {"INV-9": 2000})
    row = await Invoices(database).find_by_number("INV-9")
    assert row is not None

    detail = await Invoices(database).detail(row.id)

    assert [(line.description, line.total) for line in detail.lines] == [
        ("Consultation", Money(10_000, "EUR")),
        ("Electrocardiogram", Money(5_000, "EUR")),
    ]
    assert (detail.insurer_share, detail.paid) == (Money(6000, "EUR"), Money(2000, "EUR"))
    assert (detail.row.balance, detail.row.status) == (Money(7000, "EUR"), InvoiceStatus.PART_PAID)
    assert [(each.receipt_number, each.amount, each.card_last_four) for each in detail.payments] == [
        (receipt.full_number, Money(2000, "EUR"), "4242")
    ]


async def test_an_invoice_that_is_gone_is_refused_with_advice(invoices: Invoices):
    with pytest.raises(Refused, match="Search for it again"):
        await invoices.detail(10**9)
