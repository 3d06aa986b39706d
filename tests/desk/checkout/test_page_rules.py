"""What the web view may open."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QUrl

from cashier.desk.checkout.page_rules import Arrival, Need, PageRules, Verdict, is_public, rules_for
from cashier.settings import Settings
from cashier.settings.shapes import CompanionSettings, DeskSettings, StripeSettings

STRIPE = QUrl("https://checkout.stripe.com/c/pay/cs_test_1")
BANK = QUrl("https://acs.bank.example/challenge")
HANDING_OVER = QUrl("https://hooks.stripe.com/redirect/authenticate/src_1")
LIVE = PageRules(return_base=QUrl("http://127.0.0.1:8400"))
TRAINING = PageRules(return_base=LIVE.return_base, sandbox=QUrl("http://127.0.0.1:9000"))
OF_A_HOSPITAL = rules_for(
    Settings(
        stripe=StripeSettings(page_hosts=("pay.hospital.example",)),
        desk=DeskSettings(own_domains=("hospital.example",)),
        companion=CompanionSettings(url="https://cashier.house.example", public_url="https://patients.house.example"),
    )
)


def fetches(asked_by: str, url: str, need: Need = Need.PART, rules: PageRules = LIVE) -> bool:
    return rules.allows_request(QUrl(url), need=need, asked_by=QUrl(asked_by))


def judge(rules: PageRules, url: str, *, before: QUrl = STRIPE, arrival: Arrival = Arrival.LED) -> Verdict:
    return rules.judge(QUrl(url), before=before, arrival=arrival)


@pytest.mark.parametrize(
    "url",
    [
        "https://checkout.stripe.com/x",
        "https://hooks.stripe.com/3ds",
        "https://pay.stripe.com/x",
        "https://js.stripe.com/x",
    ],
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
        "https://dashboard.stripe.com/login",
        "https://m.stripe.network/inner.html",
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


def test_what_stripe_has_for_other_purposes_is_no_page_to_pay_on() -> None:
    assert judge(LIVE, "https://dashboard.stripe.com/login") is Verdict.REFUSE
    assert judge(LIVE, "https://m.stripe.network/inner.html") is Verdict.REFUSE
    # What stands in for a bank in Stripe's test mode has such a name as well, and comes where banks come.
    assert judge(LIVE, "https://testmode-acs.stripe.com/3ds", before=HANDING_OVER) is Verdict.OPEN


@pytest.mark.parametrize("before", [HANDING_OVER, QUrl("https://pm-redirects.stripe.com/authorize/1"), BANK])
def test_a_bank_has_whatever_port_it_likes_once_stripe_has_handed_over(before: QUrl) -> None:
    assert judge(LIVE, "https://acs.bank.example:8443/challenge", before=before) is Verdict.OPEN
    assert judge(LIVE, "https://acs.bank.example:8443/challenge") is Verdict.REFUSE


def test_a_link_of_a_bank_leads_nowhere_but_to_the_same_host() -> None:
    assert judge(LIVE, "https://shop.example/", before=BANK, arrival=Arrival.LINK) is Verdict.REFUSE
    assert judge(LIVE, "https://acs.bank.example/help", before=BANK, arrival=Arrival.LINK) is Verdict.OPEN


@pytest.mark.parametrize("arrival", [Arrival.LINK, Arrival.TAB])
@pytest.mark.parametrize("url", ["https://stripe.com/legal/end-users", "https://clinic.example/terms"])
def test_a_link_of_stripes_page_is_for_reading(url: str, arrival: Arrival) -> None:
    assert judge(LIVE, url, arrival=arrival) is Verdict.READ
    assert judge(LIVE, url.replace("https:", "http:"), arrival=arrival) is Verdict.REFUSE


def test_what_is_read_leads_by_links_to_more_of_its_host_alone() -> None:
    terms = QUrl("https://stripe.com/legal")

    def judged(url: str, arrival: Arrival) -> Verdict:
        return LIVE.judge_reading(QUrl(url), before=terms, arrival=arrival)

    assert judged("https://stripe.com/privacy", Arrival.LINK) is Verdict.OPEN
    assert judged("https://stripe.com/en/privacy", Arrival.LED) is Verdict.OPEN
    assert judged("https://shop.example/", Arrival.LINK) is Verdict.REFUSE
    assert judged("https://10.0.0.5/", Arrival.LED) is Verdict.REFUSE


def test_a_small_window_is_a_banks_and_a_large_one_of_stripes_page_is_for_reading() -> None:
    assert judge(LIVE, BANK.toString(), arrival=Arrival.LED) is Verdict.OPEN
    assert judge(LIVE, BANK.toString(), arrival=Arrival.TAB) is Verdict.READ
    assert judge(LIVE, BANK.toString(), before=HANDING_OVER, arrival=Arrival.TAB) is Verdict.OPEN
    assert judge(LIVE, HANDING_OVER.toString(), arrival=Arrival.TAB) is Verdict.OPEN


def test_nothing_of_the_hospitals_own_domains_is_opened_but_stripes_page_there() -> None:
    rules = OF_A_HOSPITAL

    assert judge(rules, "https://pay.hospital.example/c/pay/1", before=QUrl(), arrival=Arrival.OURS) is Verdict.OPEN
    for url in ("https://hospital.example/", "https://records.hospital.example/", "https://hospital.example./"):
        assert judge(rules, url, before=HANDING_OVER) is Verdict.REFUSE
        assert judge(rules, url, arrival=Arrival.LINK) is Verdict.REFUSE
        assert not rules.allows_frame(QUrl(url))
        assert not fetches("https://acs.bank.example", url, rules=rules)
    assert judge(rules, "https://nothospital.example/", before=HANDING_OVER) is Verdict.OPEN


def test_the_companion_is_never_taken_for_a_bank() -> None:
    for host in ("cashier.house.example", "patients.house.example"):
        assert judge(OF_A_HOSPITAL, f"https://{host}/api/v1/invoices", before=HANDING_OVER) is Verdict.REFUSE
    assert judge(OF_A_HOSPITAL, "https://cashier.house.example/paid/1") is Verdict.RETURN_AFTER_PAYING


def test_stripes_pages_fetch_what_stripe_says_that_they_need() -> None:
    checkout, custom = "https://checkout.stripe.com", "https://pay.hospital.example"

    for url in ("https://api.stripe.com/v1", "https://b.stripecdn.com/a.js", "https://newassets.hcaptcha.com/x"):
        assert fetches(checkout, url)
    assert fetches(custom, f"{custom}/app.js", rules=OF_A_HOSPITAL)
    for url in (BANK.toString(), "https://collect.shop.example/?card=4242", "https://api.stripe.com:8443/"):
        assert not fetches(checkout, url)
        assert not fetches("https://js.stripe.com", url)
        assert not fetches(custom, url, rules=OF_A_HOSPITAL)


def test_a_banks_frame_is_in_a_frame_of_those_that_lead_to_banks_and_fetches_what_it_likes() -> None:
    acs = "https://acs.bank.example:8443"

    for asked_by in ("https://js.stripe.com", "https://b1.js.stripe.com", "https://hooks.stripe.com", acs, ""):
        assert fetches(asked_by, f"{acs}/challenge", Need.FRAME)
    assert not fetches("https://checkout.stripe.com", f"{acs}/challenge", Need.FRAME)
    assert fetches(acs, "https://cdn.bank.example/logo.png")
    assert not fetches(acs, "https://10.0.0.5/logo.png")


@pytest.mark.parametrize(
    "host", ["10.0.0.5", "[::1]", "intranet", "records.hospital.local", "localhost", "localhost.", "10.5", "0x7f.0x1"]
)
def test_a_bank_is_never_inside_the_hospitals_network(host: str) -> None:
    assert judge(LIVE, f"https://{host}/") is Verdict.REFUSE
    assert not LIVE.allows_frame(QUrl(f"https://{host}/"))
    assert not fetches("https://acs.bank.example", f"https://{host}/")
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
    for rules in (LIVE, TRAINING):
        assert not fetches("", url, rules=rules)


def test_in_training_there_is_no_host_but_the_sandbox() -> None:
    page = QUrl("http://127.0.0.1:9000/c/pay/1")

    assert judge(TRAINING, page.toString(), before=QUrl(), arrival=Arrival.OURS) is Verdict.OPEN
    assert judge(TRAINING, STRIPE.toString(), before=page) is Verdict.REFUSE
    assert judge(TRAINING, BANK.toString(), before=page) is Verdict.REFUSE
    assert judge(TRAINING, "http://127.0.0.1:9001/", before=page) is Verdict.REFUSE
    assert not TRAINING.allows_frame(BANK)
    assert not fetches("", STRIPE.toString(), rules=TRAINING)


def test_a_frame_may_be_a_banks_but_no_file_and_no_data() -> None:
    assert LIVE.allows_frame(BANK)
    assert LIVE.allows_frame(QUrl("about:srcdoc"))
    assert not LIVE.allows_frame(QUrl("file:///etc/hostname"))
    assert not LIVE.allows_frame(QUrl("data:text/html,hello"))


@pytest.mark.parametrize("url", ["https://hooks.stripe.com/redirect/x", BANK.toString()])
def test_the_banks_page_is_a_challenge_and_checkout_is_none(url: str) -> None:
    assert LIVE.is_challenge(QUrl(url))
    assert not LIVE.is_challenge(STRIPE)
