"""A small web site on loopback: pages by their path, and a list of what was asked for."""

from __future__ import annotations

import contextlib
import datetime
import http.server
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, kw_only=True)
class SmallSite:
    """A site that runs. ``pages`` may be changed at any time; a path that is missing is never answered."""

    url: str
    pages: dict[str, str]
    asked: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self) -> str:
        """Where it listens, as the view shows it."""
        return self.url.partition("://")[2]


@contextlib.contextmanager
def running_site(pages: dict[str, str], *, certificate: Path | None = None) -> Iterator[SmallSite]:
    """Run a site. A page that begins with ``→`` redirects, with ``↓`` is a download, with ``⚿`` wants a password."""

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            page = pages.get(self.path)
            if page is None:
                site.closing.wait(20)
                self.close_connection = True
            elif page.startswith("→"):
                self._answer(303, "", {"Location": page[1:]})
            elif page.startswith("↓"):
                self._answer(200, page[1:], {"Content-Disposition": "attachment; filename=a.bin"})
            elif page.startswith("⚿"):
                self._answer(401, page[1:], {"WWW-Authenticate": 'Basic realm="staff"'})
            else:
                self._answer(200, f"<!doctype html><link rel=icon href='data:,'>{page}")

        def _answer(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body.encode())

        def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - the standard library's name
            """Keep silent."""

    server = _Server(("127.0.0.1", 0), Answers)
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    site = SmallSite(url=f"{scheme}://127.0.0.1:{server.server_port}", pages=pages)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="small site")
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def write_own_certificate(folder: Path) -> Path:
    """Make a certificate for loopback that nobody vouches for; return the file with it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "own.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


class _Server(http.server.ThreadingHTTPServer):
    # Threads are joined when the server closes; nothing is left behind.
    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about a browser that went away, or did not like our certificate."""
