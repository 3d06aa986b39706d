"""What the web view may open: Stripe's pages, the bank's pages that Stripe leads to, and nothing else.

3-D Secure takes place on the bank's own hosts, which nobody can list: in a frame of Stripe's page, or in its place
after a redirect. So a bank's page may come after Stripe's, but only in the ways in which Stripe leads there, never by
a link, and never to an address inside the hospital's network. Some banks use a port of their own: that is known once
Stripe has handed over to the bank. https://docs.stripe.com/payments/3d-secure/authentication-flow

A link on Stripe's page, such as to terms or privacy, is for reading: in a window of its own, beside the payment.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QUrl

from cashier.desk.checkout import stripe_hosts
from cashier.settings import Settings

_HTTPS_PORT = 443
_PRIVATE_DOMAINS = (
    *("local", "localhost", "localdomain", "internal", "intranet", "private"),
    *("lan", "corp", "home", "home.arpa"),
)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE)


class Verdict(StrEnum):
    """What becomes of a request to show another page."""

    OPEN = "open"
    READ = "read"
    """In a window of its own, beside the page."""
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
    """By a link, in the place of the page before."""
    TAB = "tab"
    """In a window that is as large as any: by a link that opens one, mostly."""
    LED = "led"
    """By a redirect, a form or a script of the page before, or in a small window that it opened for that."""


class Need(StrEnum):
    """What something is fetched for."""

    PAGE = "page"
    FRAME = "frame"
    PART = "part"
    """A script, a picture, an answer: whatever is no page."""


@dataclass(frozen=True, kw_only=True)
class PageRules:
    """The rules for one payment page.

    ``sandbox`` is the address of the stand-in for Stripe in training: then it is the only host there is.
    ``custom_hosts`` are names of the hospital's at which Stripe shows its pages. Nothing of ``refused_domains`` is
    opened, nor of names below them.
    """

    return_base: QUrl
    custom_hosts: tuple[str, ...] = ()
    refused_domains: tuple[str, ...] = ()
    sandbox: QUrl | None = None

    def judge(self, url: QUrl, *, before: QUrl, arrival: Arrival) -> Verdict:
        """Decide about ``url`` as the page itself (not a frame in it), reached from the page ``before``."""
        if returning := self._judge_return(url):
            return returning
        if self.is_for_reading(url):
            return Verdict.OPEN if self.is_for_reading(before) else Verdict.READ
        if url.toString() == "about:blank" or self.is_stripe(url):
            return Verdict.OPEN
        if arrival is Arrival.OURS or not self.is_bank(url):
            return Verdict.REFUSE
        if self._is_stripes_own_page(before):
            if url.port(_HTTPS_PORT) != _HTTPS_PORT:
                return Verdict.REFUSE
            if arrival is Arrival.LED:
                return Verdict.REFUSE if stripe_hosts.belongs_to_stripe(url.host()) else Verdict.OPEN
            return Verdict.READ
        if arrival is Arrival.LINK and url.host() != before.host():
            return Verdict.REFUSE
        return Verdict.OPEN if self.is_challenge(before) else Verdict.REFUSE

    def judge_reading(self, url: QUrl, *, before: QUrl, arrival: Arrival) -> Verdict:
        """Decide about ``url`` in a window for reading: the page that was asked for, and more of its host."""
        is_page = self.is_for_reading(url) or (self.is_bank(url) and url.port(_HTTPS_PORT) == _HTTPS_PORT)
        is_further = arrival in (Arrival.LINK, Arrival.TAB) and url.host() != before.host()
        return Verdict.OPEN if is_page and not is_further else Verdict.REFUSE

    def allows_frame(self, url: QUrl) -> bool:
        """Tell whether a frame inside a page may show ``url``: banks' challenges do so."""
        return url.scheme() == "about" or self.is_stripe(url) or self.is_bank(url)

    def allows_request(self, url: QUrl, *, need: Need, asked_by: QUrl) -> bool:
        """Tell whether anything at all may be fetched from ``url``: the wall behind the other rules.

        ``asked_by`` is the origin of the page that wants it, and empty where that has none. What Stripe's own pages
        fetch is known; whoever else is there is a bank, and nobody knows what banks need.
        """
        if url.scheme() in ("data", "blob"):
            return True
        if self._judge_return(url):
            return False
        plain = QUrl(url)
        if plain.scheme() == "wss":
            plain.setScheme("https")
        if not self.is_stripe(plain) and not self.is_bank(plain):
            return False
        if self.sandbox is not None or need is Need.PAGE or not self.is_stripe(asked_by):
            return True
        if need is Need.FRAME and stripe_hosts.is_one_of(asked_by.host(), stripe_hosts.LEADING_TO_BANKS):
            return True
        named = stripe_hosts.FRAMES if need is Need.FRAME else stripe_hosts.REQUESTS
        return _is_at_usual_port(plain) and stripe_hosts.is_one_of(plain.host(), (*named, *self.custom_hosts))

    def is_stripe(self, url: QUrl) -> bool:
        """Tell whether ``url`` is a page of Stripe's that is seen while paying, or the sandbox's in training."""
        if self.sandbox is not None:
            return _origin(url) == _origin(self.sandbox)
        return (
            url.scheme() == "https"
            and _is_at_usual_port(url)
            and stripe_hosts.is_one_of(
                url.host(), (*stripe_hosts.PAGES, *stripe_hosts.CHALLENGES, "*.js.stripe.com", *self.custom_hosts)
            )
        )

    def is_bank(self, url: QUrl) -> bool:
        """Tell whether ``url`` can be a bank's page: encrypted, and public. In training there are no banks."""
        return (
            self.sandbox is None
            and url.scheme() == "https"
            and not url.userInfo()
            and is_public(url.host())
            and not stripe_hosts.is_below(url.host(), self.refused_domains)
            and not self.is_stripe(url)
        )

    def is_challenge(self, url: QUrl) -> bool:
        """Tell whether the patient confirms the payment to the bank on this page."""
        if self.sandbox is not None:
            return self.is_stripe(url) and url.path().startswith("/3ds/")
        return self.is_bank(url) or (
            url.scheme() == "https" and stripe_hosts.is_one_of(url.host(), stripe_hosts.CHALLENGES)
        )

    def is_for_reading(self, url: QUrl) -> bool:
        """Tell whether ``url`` is for reading alone, as the sandbox's terms are; otherwise a link tells it."""
        return self.sandbox is not None and self.is_stripe(url) and url.path().startswith("/legal/")

    def _is_stripes_own_page(self, url: QUrl) -> bool:
        return self.is_stripe(url) and not self.is_challenge(url)

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
    """Read the rules from the machine's settings. The companion's own host is never a bank's."""
    companion = {QUrl(url).host() for url in (settings.companion.url, settings.patients_url)}
    return PageRules(
        return_base=QUrl(settings.companion.url),
        custom_hosts=settings.stripe.page_hosts,
        refused_domains=(*settings.desk.own_domains, *sorted(companion)),
        sandbox=QUrl(settings.stripe.api_base) if settings.training else None,
    )


def is_public(host: str) -> bool:
    """Tell whether ``host`` is a name of the public internet: no number, no name of the house's own network."""
    plain = host.strip("[]").rstrip(".")
    try:
        ipaddress.ip_address(plain)
    except ValueError:
        # Whatever ends in a number is an address in disguise: https://url.spec.whatwg.org/#ends-in-a-number-checker
        is_number = _NUMBER.fullmatch(plain.rpartition(".")[2]) is not None
        return "." in plain.strip(".") and not is_number and not stripe_hosts.is_below(plain, _PRIVATE_DOMAINS)
    return False


def _is_at_usual_port(url: QUrl) -> bool:
    return url.port(_HTTPS_PORT) == _HTTPS_PORT and not url.userInfo()


def _origin(url: QUrl) -> tuple[str, str, int]:
    return url.scheme(), url.host(), url.port(_HTTPS_PORT if url.scheme() == "https" else 80)
