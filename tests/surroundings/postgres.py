"""A real PostgreSQL that the tests start by themselves: the system's package, a temporary folder, loopback only.

It is set up to be awkward where hospitals differ: words sort as people sort them, and its time zone is far
from UTC. What it keeps is thrown away at the end, so nothing waits for a disk.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.surroundings.ports import free_port

START_SECONDS = 20.0
OWNER = "cashier_owner"
"""The account that migrates and owns the tables; it is no superuser."""

running_servers: set[int] = set()
"""The processes of servers, and of those who watch over them, that run until the end of all tests."""


class Cluster:
    """One server with many databases. It may be killed and started again at any time."""

    def __init__(self, folder: Path, *, user: str | None, language: str = "en", waits_for_disk: bool = False) -> None:
        """Keep the data in ``folder``, which ``user`` (None: whoever runs the tests) owns.

        The server speaks ``language``, where its translations are installed.
        """
        self._fsync = "on" if waits_for_disk else "off"
        self._environment = {**os.environ, "LANGUAGE": language}
        self._folder = folder
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def url(self, database: str, *, role: str = OWNER) -> str:
        """Return the address of a database for ``role``; passwords are not asked for."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def make(self) -> None:
        """Make the server's files, start it, and add the account that owns databases."""
        wanted = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        # Words sort as people sort them: byte order, where we need it, has to be asked for.
        wanted += ["--locale-provider=icu", "--icu-locale=en-US"]
        made = subprocess.run(
            [_program("initdb"), f"--pgdata={self._folder / 'data'}", *wanted],
            user=self._user,
            group=_group_of(self._user),
            extra_groups=None if self._user is None else [],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
        self.start()
        self.order(sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE").format(sql.Identifier(OWNER)))

    def start(self) -> None:
        """Start the server, unless it runs, and return when it answers."""
        if self._process is not None:
            return
        switches = {
            "port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": self._fsync,
            "full_page_writes": self._fsync, "max_connections": 400, "shared_buffers": "64MB",
            "max_wal_size": "256MB", "timezone": "Asia/Kolkata", "log_timezone": "UTC", "log_lock_waits": "on",
            "deadlock_timeout": "200ms",
        }  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while True:
            # After a kill the last children of the former server may still be going.
            with (self._folder / "server.log").open("ab") as log:
                self._process = subprocess.Popen(
                    [
                        _program("postgres"),
                        "-D",
                        str(self._folder / "data"),
                        *(f"--{name}={value}" for name, value in switches.items()),
                    ],
                    user=self._user,
                    group=_group_of(self._user),
                    extra_groups=None if self._user is None else [],
                    cwd=self._folder,
                    env=self._environment,
                    stdout=log,
                    stderr=log,
                )
            if self._answers(deadline):
                running_servers.add(self._process.pid)
                return
            self._process.wait()
            assert time.monotonic() < deadline, self.log
            time.sleep(0.1)

    def kill(self) -> None:
        """End the server as a power cut would: at once, telling nobody. Safe to repeat."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End the server at once, taking all connections down. Safe to repeat."""
        self._end(signal.SIGQUIT)

    def freeze(self) -> None:
        """Let the server hang: it is there, and the network with it, and it says nothing. Undone by ``thaw``."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on. Safe to repeat."""
        self._signal_all(signal.SIGCONT)

    def cut(self) -> None:
        """End all connections, as a firewall that forgets them does; new ones are accepted."""
        with contextlib.suppress(psycopg.OperationalError):
            self.order("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    @property
    def log(self) -> str:
        """What the server wrote so far."""
        return (self._folder / "server.log").read_text(encoding="utf-8", errors="replace")

    @property
    def process_id(self) -> int:
        """The id of the running server's own process, whose children answer the connections."""
        assert self._process is not None
        return self._process.pid

    def order(self, statement: sql.SQL | sql.Composed | str, *, database: str = "postgres") -> list[Any]:
        """Run a statement as the server's administrator; return its rows."""
        with psycopg.connect(self.url(database, role="postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement.encode() if isinstance(statement, str) else statement)
            return cursor.fetchall() if cursor.description else []

    def create(self, database: str, *, template: str = "template0") -> str:
        """Create a database as a copy of ``template``, which nobody may be connected to; return its address."""
        self.order(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                sql.Identifier(database), sql.Identifier(template), sql.Identifier(OWNER)
            )
        )
        if template == "template0":
            # The owner of the database, not everybody, owns what is made in it, as docs/POSTGRESQL.md sets it up.
            owned = sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER))
            self.order(owned, database=database)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database with whatever is connected to it."""
        self.order(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def rule(self, line: str) -> None:
        """Put a line before all others of pg_hba.conf, which says who may connect, and how."""
        file = self._folder / "data" / "pg_hba.conf"
        file.write_text(f"{line}\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
        self.order("SELECT pg_reload_conf()")

    @contextlib.contextmanager
    def copy_of(self, template: str) -> Iterator[str]:
        """Give the address of a database of its own, a copy of ``template``, inside the block.

        Fails at the end when transactions waited for each other in a circle meanwhile.
        """
        name = f"test_{secrets.token_hex(6)}"
        circles = self.log.count("deadlock detected")
        try:
            yield self.create(name, template=template)
        finally:
            self.start()
            self.drop(name)
        assert self.log.count("deadlock detected") == circles, "somebody waited in a circle; see the server's log"

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        running_servers.discard(self._process.pid)
        self._process.send_signal(number)
        self._process.wait(timeout=START_SECONDS)
        self._process = None

    def _signal_all(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        parent = self._process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
        for pid in (parent, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _answers(self, deadline: float) -> bool:
        assert self._process is not None
        while self._process.poll() is None:
            with contextlib.suppress(psycopg.OperationalError):
                self.order("SELECT 1")
                return True
            assert time.monotonic() < deadline, self.log
            time.sleep(0.02)
        return False


@contextlib.contextmanager
def running_cluster(language: str = "en", *, waits_for_disk: bool = False) -> Iterator[Cluster]:
    """Run a server that speaks ``language`` inside the block; afterwards its process and its files are gone.

    One that ``waits_for_disk`` at each commit, as a hospital's does, is for measuring.
    """
    # A server refuses to run as root; a folder of pytest's own could not be entered by another account.
    user = None if os.getuid() else _other_user()
    folder = Path(tempfile.mkdtemp(prefix="cashier-postgres-"))
    try:
        if user is not None:
            shutil.chown(folder, user, _group_of(user))
        cluster = Cluster(folder, user=user, language=language, waits_for_disk=waits_for_disk)
        with _cleaned_up_after_us(folder):
            try:
                cluster.make()
                yield cluster
            finally:
                cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _cleaned_up_after_us(folder: Path) -> Iterator[None]:
    """Have somebody outlive us who ends the server and removes its files, should the tests be killed."""
    script = 'cat; kill -QUIT "$(head -n 1 data/postmaster.pid)" 2>/dev/null && sleep 1; rm -rf "$PWD"'
    # It waits at a pipe whose other end only we hold.
    with subprocess.Popen(["sh", "-c", script], cwd=folder, stdin=subprocess.PIPE, start_new_session=True) as guard:
        running_servers.add(guard.pid)
        yield
    running_servers.discard(guard.pid)


def _program(name: str) -> str:
    """Find a program of PostgreSQL: the newest that Debian has installed, or the one on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    program = str(found[-1]) if found else shutil.which(name)
    assert program, f"{name} is not installed; “make test” installs the package postgresql"
    return program


def _other_user() -> str:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise AssertionError("PostgreSQL does not run as root, and there is no account postgres or nobody")


def _group_of(user: str | None) -> int | None:
    return None if user is None else pwd.getpwnam(user).pw_gid
