"""What the web view may open."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QUrl

from cashier.desk.checkout.page_rules import Arrival, PageRules, Verdict, is_public

STRIPE = QUrl("https://checkout.stripe.com/c/pay/cs_test_1")
BANK = QUrl("https://acs.bank.example/challenge")
LIVE = PageRules(
    stripe_hosts=("checkout.stripe.com", "*.stripe.com", "*.stripe.network"),
    return_base=QUrl("http://127.0.0.1:8400"),
)
TRAINING = PageRules(
    stripe_hosts=LIVE.stripe_hosts, return_base=LIVE.return_base, sandbox=QUrl("http://127.0.0.1:9000")
)


def judge(rules: PageRules, url: str, *, before: QUrl = STRIPE, arrival: Arrival = Arrival.LED) -> Verdict:
    return rules.judge(QUrl(url), before=before, arrival=arrival)


@pytest.mark.parametrize(
    "url", ["https://checkout.stripe.com/x", "https://hooks.stripe.com/3ds", "https://m.stripe.network/x"]
)
def test_stripes_pages_are_opened(url: str) -> None:
    assert judge(LIVE, url, before=QUrl(), arrival=Arrival.OURS) is Verdict.OPEN


@pytest.mark.parametrize(
    "url",
    [
        "http://checkout.stripe.com/x",
        "https://checkout.stripe.com:8443/x",
        "https://checkout.stripe.com.evil.example/x",
        "https://notstripe.com/x",
        "https://someone@checkout.stripe.com/x",
        "https://shop.example/",
        "http://127.0.0.1:9000/",
        "file:///etc/hostname",
        "data:text/html,hello",
        "view-source:https://checkout.stripe.com/",
        "chrome://settings",
        "javascript:alert(1)",
        "ftp://stripe.com/x",
    ],
)
def test_nothing_but_stripe_is_opened_to_begin_with(url: str) -> None:
    assert judge(LIVE, url, before=QUrl(), arrival=Arrival.OURS) is Verdict.REFUSE


def test_stripe_may_lead_to_the_patients_bank() -> None:
    assert judge(LIVE, BANK.toString()) is Verdict.OPEN


def test_a_bank_may_lead_on_to_another_host_of_its_own() -> None:
    assert judge(LIVE, "https://login.other-bank.example/", before=BANK) is Verdict.OPEN


def test_a_link_leads_nowhere_but_to_the_same_host() -> None:
    assert judge(LIVE, BANK.toString(), arrival=Arrival.LINK) is Verdict.REFUSE
    assert judge(LIVE, "https://shop.example/", before=BANK, arrival=Arrival.LINK) is Verdict.REFUSE
    assert judge(LIVE, "https://acs.bank.example/help", before=BANK, arrival=Arrival.LINK) is Verdict.OPEN


@pytest.mark.parametrize("host", ["10.0.0.5", "[::1]", "intranet", "records.hospital.local", "localhost"])
def test_a_bank_is_never_inside_the_hospitals_network(host: str) -> None:
    assert judge(LIVE, f"https://{host}/") is Verdict.REFUSE
    assert not LIVE.allows_frame(QUrl(f"https://{host}/"))
    assert not LIVE.allows_request(QUrl(f"https://{host}/"))
    assert not is_public(host)


def test_a_bank_is_never_reached_without_encryption() -> None:
    assert judge(LIVE, "http://acs.bank.example/") is Verdict.REFUSE
    assert not LIVE.allows_frame(QUrl("http://acs.bank.example/"))


@pytest.mark.parametrize(
    ("path", "verdict"), [("paid", Verdict.RETURN_AFTER_PAYING), ("back", Verdict.RETURN_UNPAID)]
)
def test_return_addresses_are_recognised_and_never_requested(path: str, verdict: Verdict) -> None:
    url = f"http://127.0.0.1:8400/{path}/5f0c"

    assert judge(LIVE, url) is verdict
    assert judge(TRAINING, url, before=QUrl("http://127.0.0.1:9000/c/pay/1")) is verdict
    assert not LIVE.allows_request(QUrl(url))
    assert not TRAINING.allows_request(QUrl(url))


def test_in_training_there_is_no_host_but_the_sandbox() -> None:
    page = QUrl("http://127.0.0.1:9000/c/pay/1")

    assert judge(TRAINING, page.toString(), before=QUrl(), arrival=Arrival.OURS) is Verdict.OPEN
    assert judge(TRAINING, STRIPE.toString(), before=page) is Verdict.REFUSE
    assert judge(TRAINING, BANK.toString(), before=page) is Verdict.REFUSE
    assert judge(TRAINING, "http://127.0.0.1:9001/", before=page) is Verdict.REFUSE
    assert not TRAINING.allows_frame(BANK)
    assert not TRAINING.allows_request(STRIPE)


def test_a_frame_may_be_a_banks_but_no_file_and_no_data() -> None:
    assert LIVE.allows_frame(BANK)
    assert LIVE.allows_frame(QUrl("about:srcdoc"))
    assert not LIVE.allows_frame(QUrl("file:///etc/hostname"))
    assert not LIVE.allows_frame(QUrl("data:text/html,hello"))


@pytest.mark.parametrize("url", ["https://hooks.stripe.com/redirect/x", BANK.toString()])
def test_the_banks_page_is_a_challenge_and_checkout_is_none(url: str) -> None:
    assert LIVE.is_challenge(QUrl(url))
    assert not LIVE.is_challenge(STRIPE)
