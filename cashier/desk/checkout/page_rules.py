"""What the web view may open: Stripe's pages, the bank's pages that Stripe leads to, and nothing else.

3-D Secure takes place on the bank's own hosts, which nobody can list: in a frame of Stripe's page, or in its place
after a redirect. So a bank's page may come after Stripe's, but only in the ways in which Stripe leads there, never by
a link, and never to an address inside the hospital's network.
https://docs.stripe.com/payments/3d-secure/authentication-flow
"""

from __future__ import annotations

import fnmatch
import ipaddress
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QUrl

from cashier.settings import Settings

_HTTPS_PORT = 443
_PRIVATE_ENDINGS = (".local", ".localhost", ".internal", ".intranet", ".lan", ".home.arpa")


class Verdict(StrEnum):
    """What becomes of a request to show another page."""

    OPEN = "open"
    RETURN_AFTER_PAYING = "return after paying"
    """The page is done: the address is recognised and never requested."""
    RETURN_UNPAID = "return unpaid"
    """The patient went back: the address is recognised and never requested."""
    REFUSE = "refuse"


class Arrival(StrEnum):
    """How a page is reached."""

    OURS = "ours"
    """The program itself opens it."""
    LINK = "link"
    LED = "led"
    """By a redirect, a form or a script of the page before."""


@dataclass(frozen=True, kw_only=True)
class PageRules:
    """The rules for one payment page.

    ``sandbox`` is the address of the stand-in for Stripe in training: then it is the only host there is.
    """

    stripe_hosts: tuple[str, ...]
    return_base: QUrl
    sandbox: QUrl | None = None

    def judge(self, url: QUrl, *, before: QUrl, arrival: Arrival) -> Verdict:
        """Decide about ``url`` as the page itself (not a frame in it), reached from the page ``before``."""
        if returning := self._judge_return(url):
            return returning
        if url.toString() == "about:blank" or self.is_stripe(url):
            return Verdict.OPEN
        leads_to_bank = self.is_stripe(before) or self.is_bank(before)
        if not self.is_bank(url) or not leads_to_bank or arrival is Arrival.OURS:
            return Verdict.REFUSE
        if arrival is Arrival.LINK and url.host() != before.host():
            return Verdict.REFUSE
        return Verdict.OPEN

    def allows_frame(self, url: QUrl) -> bool:
        """Tell whether a frame inside a page may show ``url``: banks' challenges do so."""
        return url.scheme() == "about" or self.is_stripe(url) or self.is_bank(url)

    def allows_request(self, url: QUrl) -> bool:
        """Tell whether anything at all may be fetched from ``url``: the wall behind the other rules."""
        if url.scheme() in ("data", "blob"):
            return True
        if self._judge_return(url):
            return False
        plain = QUrl(url)
        if plain.scheme() == "wss":
            plain.setScheme("https")
        return self.is_stripe(plain) or self.is_bank(plain)

    def is_stripe(self, url: QUrl) -> bool:
        """Tell whether ``url`` is one of Stripe's pages, or the sandbox's in training."""
        if self.sandbox is not None:
            return _origin(url) == _origin(self.sandbox)
        return _is_plain_https(url) and any(fnmatch.fnmatchcase(url.host(), host) for host in self.stripe_hosts)

    def is_bank(self, url: QUrl) -> bool:
        """Tell whether ``url`` can be a bank's page: encrypted, and public. In training there are no banks."""
        return self.sandbox is None and _is_plain_https(url) and is_public(url.host()) and not self.is_stripe(url)

    def is_challenge(self, url: QUrl) -> bool:
        """Tell whether the patient confirms the payment to the bank on this page."""
        if self.sandbox is not None:
            return self.is_stripe(url) and url.path().startswith("/3ds/")
        return self.is_bank(url) or url.host() == "hooks.stripe.com"

    def _judge_return(self, url: QUrl) -> Verdict | None:
        if _origin(url) != _origin(self.return_base):
            return None
        base = self.return_base.path().rstrip("/")
        if url.path().startswith(f"{base}/paid/"):
            return Verdict.RETURN_AFTER_PAYING
        if url.path().startswith(f"{base}/back/"):
            return Verdict.RETURN_UNPAID
        return None


def rules_for(settings: Settings) -> PageRules:
    """Read the rules from the machine's settings."""
    return PageRules(
        stripe_hosts=settings.stripe.page_hosts,
        return_base=QUrl(settings.companion.url),
        sandbox=QUrl(settings.stripe.api_base) if settings.training else None,
    )


def is_public(host: str) -> bool:
    """Tell whether ``host`` is a name of the public internet: no number, no name of the house's own network."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return "." in host.strip(".") and not host.rstrip(".").endswith(_PRIVATE_ENDINGS)
    return False


def _is_plain_https(url: QUrl) -> bool:
    return url.scheme() == "https" and url.port(_HTTPS_PORT) == _HTTPS_PORT and not url.userInfo()


def _origin(url: QUrl) -> tuple[str, str, int]:
    return url.scheme(), url.host(), url.port(_HTTPS_PORT if url.scheme() == "https" else 80)
