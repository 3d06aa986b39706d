"""A process that ends in the middle: an exception that nothing catches, at a fail point."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from cashier import failpoints
from cashier.failpoints import FailPoint


class CutOffError(BaseException):
    """The process is gone, in the middle of whatever it did."""


class _Cut:
    """Ends what runs at the next ``point``, once ordered."""

    def __init__(self) -> None:
        self.point: FailPoint | None = None

    def look(self, reached: FailPoint) -> None:
        if reached is self.point:
            self.point = None
            raise CutOffError


cut = _Cut()
failpoints.arm(cut.look)


@contextlib.contextmanager
def cut_off_at(point: FailPoint) -> Iterator[None]:
    """Expect that what runs inside ends at ``point``."""
    cut.point = point
    try:
        with pytest.raises(CutOffError):
            yield
    finally:
        cut.point = None
