"""The certificate that MLLP shows, and the senders' that it wants to see."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

from cashier.certificate import read_certificate
from cashier.errors import CashierError, Misconfigured, why_not
from cashier.language import m
from cashier.settings import Hl7Settings

log = logging.getLogger(__name__)


def context_of(hl7: Hl7Settings) -> ssl.SSLContext | None:
    """Return what TLS is spoken with, or None where it is not; a renewed certificate is shown to the next that come.

    Raises ``Misconfigured`` for files that cannot be read or do not fit.
    """
    if not hl7.tls_certificate:
        return None
    files = Path(hl7.tls_certificate).expanduser(), Path(hl7.tls_key).expanduser()
    context = read_certificate(*files).context
    if hl7.tls_senders:
        senders = Path(hl7.tls_senders).expanduser()
        try:
            context.load_verify_locations(senders)
        except OSError as error:
            # The errors of OpenSSL are such as well.
            raise Misconfigured(
                m(
                    "The file {path} of hl7.tls_senders cannot be used: {reason}.",
                    path=senders,
                    reason=why_not(error),
                ),
                advice=m("Name a file with the certificates, in PEM form, that senders show, or of who issued them."),
            ) from None
        context.verify_mode = ssl.CERT_REQUIRED
    context.sni_callback = _Renewal(files).look
    return context


class _Renewal:
    """Looks at both files when somebody connects."""

    def __init__(self, files: tuple[Path, Path]) -> None:
        self._files = files
        self._state = self._now()

    def look(self, _connection: object, _name: str | None, context: ssl.SSLContext) -> None:
        """Load what was renewed into ``context``; what does not fit leaves the one of before in place."""
        state = self._now()
        if state == self._state:
            return
        self._state = state
        try:
            read_certificate(*self._files)
        except CashierError as error:
            log.warning("certificate of messages not taken", extra={"reason": error.message.english})
            return
        context.load_cert_chain(*self._files)
        log.info("certificate of messages renewed")

    def _now(self) -> tuple[float, ...]:
        return tuple(file.stat().st_mtime if file.exists() else 0.0 for file in self._files)
