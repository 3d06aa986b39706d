"""Real certificates of an authority that nobody else knows, made by the command ``openssl``."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


@dataclass(frozen=True, kw_only=True)
class Issued:
    """The files of one certificate, as a server reads them."""

    certificate: Path
    key: Path

    def replace_with(self, other: Issued) -> None:
        """Write ``other`` in the place of these files, as renewing does."""
        self.certificate.write_bytes(other.certificate.read_bytes())
        self.key.write_bytes(other.key.read_bytes())


class Authority:
    """Issues certificates. Who believes ``file`` believes all of them."""

    def __init__(self, folder: Path) -> None:
        """Keep everything in ``folder``."""
        self._folder = folder
        self.file = folder / "authority.pem"
        self._key = folder / "authority.key"
        made = ("req", "-x509", *_NEW_KEY, "-nodes", "-days", "3650", "-subj", "/CN=Sample authority")
        _openssl(*made, "-keyout", self._key, "-out", self.file)

    def issue(
        self,
        name: str,
        *,
        days: int = 90,
        hosts: str = "DNS:localhost,IP:127.0.0.1",
        passphrase: str = "",
        use: str = "",
    ) -> Issued:
        """Issue a certificate from now on for so many ``days``; with 0 it has ended already."""
        certificate, key, asked = (self._folder / f"{name}.{end}" for end in ("pem", "key", "csr"))
        locked = ("-passout", f"pass:{passphrase}") if passphrase else ("-nodes",)
        _openssl("req", "-new", *_NEW_KEY, *locked, "-subj", f"/CN={name}", "-keyout", key, "-out", asked)
        facts = self._folder / f"{name}.facts"
        facts.write_text(f"subjectAltName={hosts}\n" + (f"extendedKeyUsage={use}\n" if use else ""), encoding="ascii")
        by = ("-CA", self.file, "-CAkey", self._key)
        _openssl("x509", "-req", "-in", asked, *by, "-days", str(days), "-extfile", facts, "-out", certificate)
        return Issued(certificate=certificate, key=key)


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=20)
