"""Codes that were frozen on paper, in words. What a newer program wrote is named by its code."""

from __future__ import annotations

from cashier.language import Message, verbatim
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import find_tender


def tender_on_paper(code: str) -> Message:
    """Name a tender by its ``code``."""
    tender = find_tender(code)
    return tender.row.on_paper if tender is not None else _as_it_is(code)


def way_on_report(code: str) -> Message:
    """Name a way back by its ``code``, on the report of a shift."""
    way = _find_way(code)
    return way.row.on_report if way is not None else _as_it_is(code)


def kind_on_receipt(code: str) -> Message:
    """Name how money came, or by which way it went back: a receipt has the ``code`` of either."""
    way = _find_way(code)
    if way is None or find_tender(code) is not None:
        return tender_on_paper(code)
    return way.row.on_receipt


def is_cash(code: str) -> bool:
    """Tell whether the tender of a ``code`` goes into the drawer."""
    tender = find_tender(code)
    return tender is not None and tender.row.is_cash


def _find_way(code: str) -> RefundWay | None:
    return next((way for way in RefundWay if way.value == code), None)


def _as_it_is(code: str) -> Message:
    return verbatim(code.replace("_", " ").capitalize())
