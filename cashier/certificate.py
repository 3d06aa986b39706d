"""The certificate that the companion shows for TLS: read from two files, and read again when they were renewed."""

from __future__ import annotations

import logging
import os
import ssl
import stat
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cashier.clock import now
from cashier.errors import CashierError, Misconfigured, why_not
from cashier.language import Message, m, verbatim
from cashier.language.dates import day

log = logging.getLogger(__name__)

_TOLD_BEFORE = timedelta(days=30)
_LOOK_EVERY_SECONDS = 1.0
_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME: we look at the dates ourselves, and say them."""
_ROUNDS_MAX = 6

RENEW = m("Renew it (docs/OPERATIONS.md); a running companion takes the new one by itself.")

_Files = tuple[Path, Path]


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate with its key, ready to be shown; good from ``starts_at`` to ``ends_at``."""

    context: ssl.SSLContext
    starts_at: datetime
    ends_at: datetime


def read_certificate(certificate: Path, key: Path) -> Certificate:
    """Read both files and try them out: a server and a client shake hands in memory.

    Raises ``Misconfigured`` for what cannot be read, does not fit together, or is not good today.
    """
    _check_form(certificate, key)
    context = _new_context()
    is_locked: list[bool] = []

    def passphrase() -> str:
        is_locked.append(True)
        return ""

    try:
        context.load_cert_chain(certificate, key, password=passphrase)
        starts_at, ends_at = _dates_of(context, certificate)
    except OSError as error:
        raise _unusable(certificate, key, error, is_locked=bool(is_locked)) from None
    found = Certificate(context=context, starts_at=starts_at, ends_at=ends_at)
    if found.ends_at <= now():
        raise Misconfigured(
            m("The TLS certificate {path} ended on {day}.", path=certificate, day=day(found.ends_at)), advice=RENEW
        )
    if found.starts_at > now():
        raise Misconfigured(
            m("The TLS certificate {path} counts from {day} on.", path=certificate, day=day(found.starts_at)),
            advice=m("Set this machine's clock right, or use the certificate of before until then."),
        )
    return found


def ends_soon(ends_at: datetime) -> Message | None:
    """Say that a certificate ended or ends within 30 days; None when there is time enough."""
    if ends_at <= now():
        return m("The TLS certificate ended on {day}.", day=day(ends_at))
    if ends_at - now() <= _TOLD_BEFORE:
        return m("The TLS certificate ends on {day}.", day=day(ends_at))
    return None


class LiveCertificate:
    """What is shown to whoever connects: the newest that could be read, without a restart.

    Whether the files changed is looked at when somebody connects, once a second at most. Certificate and key are
    taken together or not at all, so that renewing may write one after the other; what does not fit leaves the
    certificate of before in place, and the log says so once.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        """Read both files. Raises ``Misconfigured`` as ``read_certificate`` does."""
        self._files = (certificate, key)
        self._state = _state_of(self._files)
        self._shown = read_certificate(certificate, key)
        self._looked_at = time.monotonic()
        self._trouble: Message | None = None
        self.context = _new_context()
        self.context.sni_callback = self._show

    @property
    def ends_at(self) -> datetime:
        """When the certificate that is shown ends."""
        return self._shown.ends_at

    def problem(self) -> Message | None:
        """Say what is wrong with it, or will be soon; None when nothing is."""
        self._look()
        return self._trouble or ends_soon(self._shown.ends_at)

    def _show(self, connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _context: ssl.SSLContext) -> None:
        """Choose for one connection; called for those that name no host as well."""
        self._look()
        connection.context = self._shown.context

    def _look(self) -> None:
        if time.monotonic() - self._looked_at < _LOOK_EVERY_SECONDS:
            return
        self._looked_at = time.monotonic()
        state = _state_of(self._files)
        if state == self._state:
            return
        try:
            self._shown = read_certificate(*self._files)
        except CashierError as error:
            # Looked at again, for the other of the two files may be on its way.
            trouble = m("The renewed TLS certificate is not shown: {reason}", reason=error.message)
            if trouble != self._trouble:
                log.warning("certificate not taken", extra={"reason": error.message.english})
            self._trouble = trouble
            return
        self._state, self._trouble = state, None
        log.info("certificate renewed", extra={"ends_at": self._shown.ends_at.isoformat()})


def _new_context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _check_form(certificate: Path, key: Path) -> None:
    """Say which of the two files is not what it should be; OpenSSL says of both the same."""
    if "-----BEGIN CERTIFICATE-----" not in _text_of(certificate):
        raise Misconfigured(
            m("The TLS certificate {path} is not in PEM form.", path=certificate),
            advice=m("Name the file with the whole chain, such as fullchain.pem."),
        )
    if "PRIVATE KEY-----" not in _text_of(key):
        raise Misconfigured(
            m("The TLS key {path} is not in PEM form.", path=key),
            advice=m("Name the file with the private key, such as privkey.pem."),
        )
    if os.name == "posix" and key.stat().st_mode & stat.S_IROTH:
        raise Misconfigured(
            m("The TLS key {path} can be read by everybody.", path=key),
            advice=m("Let only the companion's account read it: chmod 640, and a group for it."),
        )


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise Misconfigured(
            m("The file {path} for TLS cannot be read: {reason}.", path=path, reason=why_not(error)),
            advice=m(
                "Correct tls_certificate and tls_key in [companion] of the settings, or who may read the files."
            ),
        ) from None


def _dates_of(context: ssl.SSLContext, certificate: Path) -> tuple[datetime, datetime]:
    """Shake hands with ourselves, and return from when to when the certificate is good that was shown."""
    believing = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    believing.check_hostname = False
    believing.load_verify_locations(certificate)
    believing.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(to_server, to_client, server_side=True)
    client = believing.wrap_bio(to_client, to_server)
    for _ in range(_ROUNDS_MAX):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    shown = client.getpeercert() or {}
    return moment_of_certificate(str(shown["notBefore"])), moment_of_certificate(str(shown["notAfter"]))


def moment_of_certificate(text: str) -> datetime:
    """Read a moment as certificates have it: ``Dec 16 07:33:58 2026 GMT``."""
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)


def _unusable(certificate: Path, key: Path, error: OSError, *, is_locked: bool) -> Misconfigured:
    if is_locked:
        return Misconfigured(
            m("The TLS key {path} is locked with a passphrase.", path=key),
            advice=m("Store it without one, where only the companion's account can read it."),
        )
    if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
        return Misconfigured(
            m("The TLS key {key} does not belong to the certificate {path}.", key=key, path=certificate),
            advice=m("Name the two files that were made together."),
        )
    why = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else str(error)
    return Misconfigured(
        m("The TLS certificate {path} cannot be used: {reason}.", path=certificate, reason=verbatim(why)),
        advice=m("Have another one made for a web server, with its whole chain."),
    )


def _state_of(files: _Files) -> tuple[tuple[int, int, int] | None, ...]:
    """Return what tells whether a file was written anew, also behind a link."""
    states: list[tuple[int, int, int] | None] = []
    for each in files:
        try:
            found = each.stat()
        except OSError:
            states.append(None)
        else:
            states.append((found.st_mtime_ns, found.st_size, found.st_ino))
    return tuple(states)
