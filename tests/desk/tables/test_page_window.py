"""The pages of a long list that are held in memory."""

from __future__ import annotations

from datetime import date

from cashier.books.invoice import InvoiceStatus
from cashier.desk.tables.page_window import PAGE_ROWS, PAGES_HELD, PageWindow
from cashier.invoices.views import InvoicePage, InvoiceRow, PatientBills, Place


def page(first_id: int, rows: int = PAGE_ROWS, *, more: bool = True) -> InvoicePage:
    """Make a page whose rows have falling keys from ``first_id``."""
    made = tuple(row(first_id - offset) for offset in range(rows))
    return InvoicePage(rows=made, after=Place(0, made[-1].id) if more and made else None)


def row(key: int) -> PatientBills:
    first = InvoiceRow(
        id=key,
        patient_id=key,
        number=f"INV-{key}",
        patient_name="Ana Núñez",
        record_number="MRN-0000101",
        born=None,
        department="Radiology",
        issued_on=date(2026, 11, 2),
        total_minor=100,
        balance_minor=100,
        returned_minor=0,
        currency="EUR",
        status=InvoiceStatus.DUE,
    )
    return PatientBills(first=first, count=1, bills=(first,))


def test_without_a_count_the_list_grows_as_it_is_read() -> None:
    window = PageWindow[PatientBills, Place]()

    window.take(0, page(1000))
    assert window.total == 2 * PAGE_ROWS

    window.take(1, page(1000 - PAGE_ROWS, 50, more=False))
    assert window.total == PAGE_ROWS + 50


def test_with_a_count_the_list_is_as_long_as_counted() -> None:
    window = PageWindow[PatientBills, Place]()
    window.expect(1_000_000)

    window.take(0, page(1_000_000))

    assert window.total == 1_000_000


def test_the_end_corrects_a_count_that_is_out_of_date() -> None:
    window = PageWindow[PatientBills, Place]()
    window.expect(PAGE_ROWS + 10)
    window.take(0, page(1000))

    window.take(1, page(1000 - PAGE_ROWS, 7, more=False))

    assert window.total == PAGE_ROWS + 7


def test_an_empty_page_shortens_the_list() -> None:
    window = PageWindow[PatientBills, Place]()
    window.expect(1000)
    window.take(0, page(1000))

    window.take(2, InvoicePage(rows=(), after=None))

    assert window.total == 2 * PAGE_ROWS


def test_a_page_is_found_by_the_key_before_it() -> None:
    window = PageWindow[PatientBills, Place]()
    window.take(0, page(1000))

    assert window.place_of(0) == (None, 0)
    assert window.place_of(1) == (Place(0, 1001 - PAGE_ROWS), 0)


def test_a_jump_counts_from_the_nearest_page_above() -> None:
    window = PageWindow[PatientBills, Place]()
    window.expect(1_000_000)
    window.take(0, page(1_000_000))
    window.take(100, page(980_000))

    assert window.place_of(99) == (Place(0, 1_000_001 - PAGE_ROWS), 98 * PAGE_ROWS)
    assert window.place_of(103) == (Place(0, 980_001 - PAGE_ROWS), 2 * PAGE_ROWS)


def test_only_a_few_pages_are_held() -> None:
    window = PageWindow[PatientBills, Place]()
    window.expect(1_000_000)

    for number in range(50):
        window.take(number, page(1_000_000 - number * PAGE_ROWS))

    assert window.rows_held == PAGES_HELD * PAGE_ROWS
    assert window.row(0) is None
    assert window.row(49 * PAGE_ROWS) is not None


def test_pages_below_an_insertion_are_fetched_again() -> None:
    window = PageWindow[PatientBills, Place]()
    window.take(0, page(1000))
    window.take(1, page(1000 - PAGE_ROWS))

    window.take(0, page(1003))

    assert not window.is_fresh(1)
    assert window.row(PAGE_ROWS) == row(1000 - PAGE_ROWS), "what is known stays on the screen meanwhile"
    assert window.place_of(1) == (Place(0, 1004 - PAGE_ROWS), 0)


def test_pages_stay_fresh_when_nothing_moved() -> None:
    window = PageWindow[PatientBills, Place]()
    window.take(0, page(1000))
    window.take(1, page(1000 - PAGE_ROWS))

    window.take(0, page(1000))

    assert window.is_fresh(1)


def test_a_row_is_found_where_it_stands() -> None:
    window = PageWindow[PatientBills, Place]()
    window.take(0, page(1000))
    window.take(1, page(1000 - PAGE_ROWS))

    assert window.find(999 - PAGE_ROWS) == PAGE_ROWS + 1
    assert window.find(12) is None
