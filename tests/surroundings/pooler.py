"""A real PgBouncer in front of the tests' server, in session mode and with nothing else set, on loopback only."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tests.surroundings.ports import free_port

_START_SECONDS = 10.0
_PROGRAM = "pgbouncer"


@contextlib.contextmanager
def pooled(url: str) -> Iterator[str]:
    """Give the address at which the pooler answers for the database at ``url``; it has ended after the block."""
    program = shutil.which(_PROGRAM) or f"/usr/sbin/{_PROGRAM}"
    assert Path(program).exists(), "pgbouncer is not installed; “make test” installs it"
    server, port = urlsplit(url), free_port()
    folder = Path(tempfile.mkdtemp(prefix="cashier-pooler-"))
    # It refuses to run as root.
    user = None if os.getuid() else pwd.getpwnam("postgres")
    try:
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            f"[databases]\n* = host={server.hostname} port={server.port}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            "auth_type = trust\nauth_file = users.txt\npool_mode = session\n",
            encoding="utf-8",
        )
        (folder / "users.txt").write_text(f'"{server.username}" ""\n', encoding="utf-8")
        if user is not None:
            shutil.chown(folder, user.pw_uid, user.pw_gid)
            settings.chmod(0o644)
        with subprocess.Popen(
            [program, "-q", str(settings)],
            user=None if user is None else user.pw_uid,
            group=None if user is None else user.pw_gid,
            extra_groups=None if user is None else [],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                _wait_for(port, process)
                yield f"{server.scheme}://{server.username}@127.0.0.1:{port}{server.path}"
            finally:
                process.terminate()
                process.wait(timeout=_START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        assert process.poll() is None, "pgbouncer ended at its start"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert time.monotonic() < deadline, "pgbouncer does not listen"
        time.sleep(0.05)
