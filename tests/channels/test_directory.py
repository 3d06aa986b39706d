"""Every channel has its verbs, and nothing outside the rows and the channels asks which tender it is."""

from __future__ import annotations

import re
from pathlib import Path

from cashier.channels.directory import channels_of
from cashier.tenders.tender import Channel, Tender

ROOT = Path(__file__).parents[2]


def test_every_channel_has_its_verbs(services):
    assert set(channels_of(services.database, services.gateway, services.cards)) == set(Channel)


def test_what_differs_is_a_column_and_never_a_name():
    """The rows name themselves; the sandbox has no tenders, and the tour plays a cashier who chooses some."""
    named = re.compile(rf"\bTender\.({'|'.join(tender.name for tender in Tender)})\b")
    asking = {
        str(path.relative_to(ROOT)): found.group()
        for path in sorted((ROOT / "cashier").rglob("*.py"))
        if not {"sandbox", "tour"} & set(path.parts) and (found := named.search(path.read_text(encoding="utf-8")))
    }

    assert asking == {}
