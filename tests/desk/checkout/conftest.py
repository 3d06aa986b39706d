"""A small site, and the closed browser that may show nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from cashier.desk.checkout.checkout_view import CheckoutView
from tests.desk.surroundings.closed_browser import START, shown_view
from tests.desk.surroundings.small_site import SmallSite, running_site


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with running_site({"/": START}) as site:
        yield site


@pytest.fixture
def view(qtbot: QtBot, site: SmallSite) -> Iterator[CheckoutView]:
    yield from shown_view(qtbot, site)
