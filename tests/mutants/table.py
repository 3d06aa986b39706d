"""All named breaks, room by room."""

from __future__ import annotations

from tests.mutants.named_break import Break
from tests.mutants.rooms import books, drawer, paying, refunds, stripe

BREAKS: tuple[Break, ...] = (*paying.BREAKS, *refunds.BREAKS, *drawer.BREAKS, *stripe.BREAKS, *books.BREAKS)
