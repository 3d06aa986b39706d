"""What the tests of money that went away share with those of refunds."""

from __future__ import annotations

from tests.refunds.conftest import drawer, paid

__all__ = ["drawer", "paid"]
