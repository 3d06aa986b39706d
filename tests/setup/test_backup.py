"""A backup is whole, whoever works meanwhile; going back to it loses nothing and mixes nothing."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from cashier.__main__ import main
from cashier.database import copying


class Place:
    """A machine with an embedded database, and what its administrator types."""

    def __init__(self, file: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.file, self.folder, self._capsys = file, folder, capsys
        self.backup = folder / "backup.sqlite"
        self._settings = folder / "mine.toml"
        self._settings.write_text(f'[database]\nurl = "sqlite:///{file}"\n', encoding="utf-8")

    def run(self, command: str, file: Path | None = None) -> tuple[int, str]:
        """Run ``cashier backup`` or ``cashier restore``; return its status and what it said."""
        status = main([command, "--settings", str(self._settings), str(file or self.backup)])
        told = self._capsys.readouterr()
        return status, told.out + told.err

    def names(self, file: Path | None = None) -> list[str]:
        """Return the names of all patients in the database."""
        with self.opened(file) as connection:
            return [name for (name,) in connection.execute("SELECT name FROM patient ORDER BY id")]

    def rename_all(self, name: str, *, leaves_log: bool = False) -> None:
        """Do a day's work; where it ``leaves_log``, a power cut ends it, and the log stays beside the file."""
        with self.opened() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            connection.execute("UPDATE patient SET name = ?", (name,))
            if leaves_log:
                kept = self.folder / "kept-wal"
                shutil.copy(f"{self.file}-wal", kept)
                before = self.file.read_bytes()
        if leaves_log:
            self.file.write_bytes(before)
            shutil.move(kept, f"{self.file}-wal")

    @contextlib.contextmanager
    def opened(self, file: Path | None = None) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(file or self.file, isolation_level=None)) as connection:
            yield connection

    @property
    def former(self) -> list[Path]:
        """What was set aside."""
        return sorted(each for each in self.file.parent.iterdir() if ".before-" in each.name)


@pytest.fixture
def place(filled_hospital, tmp_path, capsys) -> Place:
    file = tmp_path / "hospital.sqlite"
    shutil.copy(filled_hospital.file, file)
    return Place(file, tmp_path, capsys)


def test_a_backup_holds_what_was_written_last_while_a_desk_works_and_is_one_file_of_its_owner(place):
    with place.opened() as desk:
        desk.execute("PRAGMA journal_mode = WAL")
        desk.execute("UPDATE patient SET name = 'Written a moment ago'")

        status, told = place.run("backup")

    assert status == 0, told
    assert "The backup is whole" in told
    assert set(place.names(place.backup)) == {"Written a moment ago"}
    assert stat.S_IMODE(place.backup.stat().st_mode) == 0o600
    assert {each.name for each in place.folder.iterdir() if "backup" in each.name} == {"backup.sqlite"}


def test_no_backup_is_written_over_another_nor_over_the_database(place):
    place.run("backup")
    before = place.backup.read_bytes()

    again, over_itself = place.run("backup"), place.run("backup", place.file)

    assert (again[0], over_itself[0]) == (2, 2)
    assert "is there already" in again[1]
    assert place.backup.read_bytes() == before


def test_a_restored_database_is_the_backup_alone_though_a_log_was_left_and_the_former_is_whole_beside_it(place):
    names = place.names()
    place.run("backup")
    place.rename_all("Checkpointed")
    place.rename_all("Left in the log", leaves_log=True)

    status, told = place.run("restore")

    assert status == 0, told
    assert place.names() == names
    (former,) = place.former
    assert str(former) in told
    assert set(place.names(former)) == {"Left in the log"}
    assert not Path(f"{place.file}-wal").exists()


def test_nothing_is_put_back_while_a_program_has_the_database_open(place):
    place.run("backup")
    place.rename_all("Today")

    with place.opened() as desk:
        desk.execute("SELECT count(*) FROM patient").fetchone()
        status, told = place.run("restore")

    assert status == 2
    assert "is in use" in told
    assert "Close every desk" in told
    assert set(place.names()) == {"Today"}
    assert place.former == []


def test_a_damaged_database_gives_way_to_the_backup_and_is_kept_as_it_is(place):
    names = place.names()
    place.run("backup")
    damaged = b"not a database" * 1_000
    place.file.write_bytes(damaged)
    Path(f"{place.file}-wal").write_bytes(b"its log")

    status, told = place.run("restore")

    assert status == 0, told
    assert place.names() == names
    kept = {each.name.rpartition("Z")[2]: each.read_bytes() for each in place.former}
    assert (kept[""], kept["-wal"]) == (damaged, b"its log")


@pytest.mark.parametrize("spoil", ["cut", "other", "empty", "newer", "missing", "itself"])
def test_what_is_no_whole_backup_of_this_program_is_refused_and_nothing_changed(place, spoil):
    place.run("backup")
    before = place.file.read_bytes()
    match spoil:
        case "cut":
            place.backup.write_bytes(place.backup.read_bytes()[:-200_000])
        case "other":
            place.backup.unlink()
            with place.opened(place.backup) as other:
                other.execute("CREATE TABLE note (text)")
        case "empty":
            place.backup.write_bytes(b"")
        case "newer":
            with place.opened(place.backup) as newer:
                newer.execute("UPDATE alembic_version SET version_num = '9999'")
        case "missing":
            place.backup.unlink()
        case "itself":
            place.backup = place.file

    status, told = place.run("restore")

    assert status == 2, told
    assert "Traceback" not in told
    assert place.file.read_bytes() == before
    assert place.former == []
    assert not list(place.folder.glob("*.restoring*"))


@pytest.mark.parametrize("step", ["hardlink_to", "replace"])
def test_a_restore_that_breaks_off_leaves_the_former_database_whole_and_may_be_repeated(place, monkeypatch, step):
    names = place.names()
    place.run("backup")
    place.rename_all("Today", leaves_log=True)

    class PowerCutError(BaseException):
        """Nothing goes on."""

    def cut(*_given: object) -> None:
        raise PowerCutError

    with monkeypatch.context() as patched:
        patched.setattr(Path, step, cut)
        with pytest.raises(PowerCutError):
            place.run("restore")

    copying.check_whole(place.file)
    assert set(place.names()) == {"Today"}
    assert place.run("restore")[0] == 0
    assert place.names() == names


def test_a_database_on_postgresql_names_its_own_commands(tmp_path, capsys):
    file = tmp_path / "mine.toml"
    file.write_text('[database]\nurl = "postgresql://cashier@db.example/cashier"\n', encoding="utf-8")

    assert main(["backup", "--settings", str(file), str(tmp_path / "x")]) == 2

    assert "pg_dump" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [file]
