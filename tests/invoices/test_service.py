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
from cashier.invoices.views import OWED, IncomingInvoice, InvoiceQuery, PatientBills
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


async def walk(invoices: Invoices, query: InvoiceQuery, *, limit: int) -> list[PatientBills]:
    """Follow the pages to the end."""
    rows: list[PatientBills] = []
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


def firsts(numbers: list[str]) -> list[str]:
    """Leave out those of a patient who was found before."""
    first = {PATIENT_OF[number]: number for number in reversed(numbers)}
    return [number for number in numbers if first[PATIENT_OF[number]] == number]


def of_patient(row: PatientBills, statuses: frozenset[InvoiceStatus]) -> list[IncomingInvoice]:
    """Return the patient's invoices in ``statuses``, the newest first."""
    theirs = (each for each in reversed(SAMPLE) if each.record_number == row.first.record_number)
    return [each for each in theirs if not statuses or status_of(each) in statuses]


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
async def test_pages_hold_every_patient_who_fits_once_and_whole_words_first(
    invoices: Invoices, query: InvoiceQuery, limit: int
):
    rows = await walk(invoices, query, limit=limit)

    assert [row.first.number for row in rows] == firsts(expected(query))


@given(query=queries)
@reading_only
async def test_a_row_tells_all_bills_that_there_are_and_all_that_is_owed(invoices: Invoices, query: InvoiceQuery):
    page = await invoices.page(query)

    for row in page.rows:
        here = of_patient(row, query.statuses)
        owed = [each for each in of_patient(row, OWED) if each in here]
        numbers = [each.number for each in row.bills]
        assert row.count == len(here)
        assert numbers == [each.number for each in here if each.number in numbers]
        assert {each.number for each in (here if row.is_meant else owed)} | {row.first.number} <= set(numbers)
        assert {each.currency: each.amount for each in row.owed} == sums(owed)
        in_all = of_patient(row, OWED)
        assert {each.currency: each.amount for each in row.first.owes} == (sums(in_all) if len(in_all) > 1 else {})
        whole = await invoices.bills_of(row.id, query.statuses)
        assert [each.number for each in whole] == [each.number for each in here]


def sums(owed: list[IncomingInvoice]) -> dict[str, Money]:
    found: dict[str, Money] = {}
    for one in owed:
        due = Money(sum(line.total_minor for line in one.lines) - one.insurer_share_minor, one.currency)
        found[one.currency] = found.get(one.currency, Money(0, one.currency)) + due
    return found


@pytest.mark.usefixtures("way")
@given(query=queries, skip=st.integers(min_value=0, max_value=260))
@reading_only
async def test_a_jump_lands_where_walking_does(invoices: Invoices, query: InvoiceQuery, skip: int):
    page = await invoices.page(query, skip=skip, limit=7)

    assert [row.first.number for row in page.rows] == firsts(expected(query))[skip : skip + 7]


@given(query=queries)
@reading_only
async def test_counts_agree_with_the_list(invoices: Invoices, query: InvoiceQuery):
    counts = await invoices.counts(query)

    assert counts.of(query.statuses) == len(expected(query))
    assert counts.patients == len(firsts(expected(query)))


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

    assert "INV-2026-000240" in [bill.number for row in page.rows for bill in row.bills]


@pytest.mark.parametrize("typed", ["abek", "zoe lukasik dabek", "%", "z%", "'; --", "\x00"])
async def test_only_beginnings_of_words_count_and_no_character_is_special(invoices: Invoices, typed: str):
    query = InvoiceQuery(text=typed)

    assert [row.first.number for row in (await invoices.page(query, limit=300)).rows] == firsts(expected(query))


async def test_a_scanned_number_finds_exactly_its_invoice(invoices: Invoices):
    row = await invoices.find_by_number(" INV-2026-000240\n")

    assert row is not None
    assert (row.number, row.balance) == ("INV-2026-000240", Money(14_850, "EUR"))
    assert await invoices.find_by_number("INV-2026-00024") is None


async def test_what_is_owed_and_what_is_not_are_told_apart(invoices: Invoices):
    owed = await walk(invoices, InvoiceQuery(statuses=OWED), limit=200)

    assert all(bill.balance for row in owed for bill in row.bills)
    assert sum(row.count for row in owed) == sum(status_of(each) in OWED for each in SAMPLE)


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
