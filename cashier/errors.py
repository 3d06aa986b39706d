"""The errors that a cashier may see, named by what the cashier can do about them."""

from __future__ import annotations


class CashierError(Exception):
    """Something did not work."""

    def __init__(self, message: str | None = None, *, advice: str = "") -> None:
        """Keep ``message`` (what happened; the class's docstring if left out) and ``advice`` (what to do)."""
        self.message = message or (type(self).__doc__ or "").strip()
        self.advice = advice
        super().__init__(f"{self.message} {advice}".strip())


class Refused(CashierError):  # noqa: N818 - the error is named by what it means at the counter
    """This cannot be done."""


class Unreachable(CashierError):  # noqa: N818
    """The other side does not answer; it is not known whether it heard us."""


class Contradiction(CashierError):  # noqa: N818
    """Two sources disagree about money; a supervisor has to look."""


class Misconfigured(Refused):
    """The settings are wrong; nothing was started."""
