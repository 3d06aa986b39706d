"""The tour: a script that drives the real window through real input events, for demos and as a check."""

from cashier.desk.tour.runner import start

__all__ = ["start"]
