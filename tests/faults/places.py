"""Where a hospital can be: both kinds of database, filled once and copied for each use."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cashier.books.schema.migration import migrate
from cashier.database import Database
from tests.surroundings import sample_hospital
from tests.surroundings.postgres import Cluster
from tests.surroundings.sample_hospital import SampleHospital


@dataclass(frozen=True, kw_only=True)
class Place:
    """A kind of database, and how to get a fresh hospital in it."""

    name: str
    cluster: Cluster | None
    fresh: Callable[[Path], contextlib.AbstractContextManager[SampleHospital]]


def sqlite_place(folder: Path) -> Place:
    """Return hospitals on SQLite; each is a copy of one that is made in ``folder``."""
    template = folder / "template.sqlite"
    url = f"sqlite:///{template}"
    migrate(url)
    invoice_ids = _filled(url)

    @contextlib.contextmanager
    def fresh(place: Path) -> Iterator[SampleHospital]:
        shutil.copy(template, place / "hospital.sqlite")
        yield SampleHospital(url=f"sqlite:///{place / 'hospital.sqlite'}", invoice_ids=invoice_ids)

    return Place(name="SQLite", cluster=None, fresh=fresh)


def postgresql_place(cluster: Cluster) -> Place:
    """Return hospitals on PostgreSQL; each is a copy of one that is made in ``cluster``."""
    url = cluster.create("faults")
    migrate(url)
    invoice_ids = _filled(url)

    @contextlib.contextmanager
    def fresh(_place: Path) -> Iterator[SampleHospital]:
        with cluster.copy_of("faults") as copy:
            yield SampleHospital(url=copy, invoice_ids=invoice_ids)

    return Place(name="PostgreSQL", cluster=cluster, fresh=fresh)


def _filled(url: str) -> dict[str, int]:
    async def fill() -> dict[str, int]:
        database = Database(url)
        try:
            return await sample_hospital.fill(database)
        finally:
            await database.close()

    return asyncio.run(fill())
