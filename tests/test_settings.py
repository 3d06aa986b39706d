"""Settings: typed, overridden by the environment, and wrong ones say what to do."""

from __future__ import annotations

import re

import pytest

from cashier.errors import Misconfigured
from cashier.language import speaking
from cashier.settings import STRIPE_API, load


def write(tmp_path, text):
    path = tmp_path / "cashier.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_fills_in_what_it_names_and_defaults_the_rest(tmp_path):
    path = write(tmp_path, '[desk]\ncode = "D7"\n[companion]\nport = 9000\n')

    settings = load(path, {})

    assert settings.desk.code == "D7"
    assert settings.companion.port == 9000
    assert settings.stripe.api_base == STRIPE_API
    assert not settings.training
    assert not settings.moves_money


def test_the_environment_overrides_the_file(tmp_path):
    path = write(tmp_path, '[desk]\ncode = "D7"\n')

    settings = load(
        path, {"CASHIER_DESK_CODE": "D2", "CASHIER_COMPANION_PORT": "9100", "CASHIER_DATA_FOLDER": "here"}
    )

    assert (settings.desk.code, settings.companion.port, settings.data_folder) == ("D2", 9100, "here")


def test_limits_by_currency_come_from_the_environment_too(tmp_path):
    path = write(tmp_path, "[asked_again]\ndeposit_minor = { EUR = 1 }\n")

    settings = load(
        path, {"CASHIER_ASKED_AGAIN_DEPOSIT_MINOR": "EUR=500000, CHF=7", "CASHIER_ASKED_AGAIN_TIMES_DUE": "3"}
    )

    assert settings.asked_again.deposit_minor == {"EUR": 500_000, "CHF": 7}
    assert settings.asked_again.times_due == 3


def test_a_file_may_be_named_by_the_environment(tmp_path):
    path = write(tmp_path, '[desk]\ncode = "D7"\n')

    assert load(None, {"CASHIER_SETTINGS": str(path)}).desk.code == "D7"


@pytest.mark.parametrize(
    ("text", "moves"),
    [
        ("", False),
        ('[stripe]\nmode = "live"\n', True),
        ('[stripe]\nmode = "test"\n', False),
        ('[stripe]\napi_base = "http://127.0.0.1:1"\n', False),
    ],
)
def test_money_moves_at_stripe_in_live_mode_alone(tmp_path, text, moves):
    assert load(write(tmp_path, text), {}).moves_money is moves


def test_only_the_sandboxs_pages_have_another_address_for_phones(tmp_path):
    text = '[stripe]\napi_base = "http://127.0.0.1:4001/"\nphone_base = "http://192.168.1.20:4001/"\n'
    settings = load(write(tmp_path, text), {})

    assert settings.for_phones("http://127.0.0.1:4001/c/1") == "http://192.168.1.20:4001/c/1"
    assert settings.for_phones("http://127.0.0.1:40012/c/1") == "http://127.0.0.1:40012/c/1"
    assert load(None, {}).for_phones("https://checkout.stripe.com/c/1") == "https://checkout.stripe.com/c/1"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[desk\n", "cannot be read"),
        ("[desk]\ncolour = 1\n", "colour"),
        ("[till]\n", "till"),
        ('[companion]\nport = "many"\n', "port"),
        ("[companion]\nport = 70000\n", "65535|companion.port"),
        ('[companion]\nallowed_origins = ["https://portal.example/"]\n', "no origin"),
        ('[companion]\nallowed_origins = ["portal.example"]\n', "no origin"),
        ('[companion]\ntls_key = "/key.pem"\n', "only one is named"),
        ('[companion]\ntls_certificate = "/a.pem"\ntls_key = "/key.pem"\n', "speaks TLS, but companion.url"),
        ('[companion]\ntrusted_proxies = ["10.0.0.5/24"]\n', "no address and no network"),
        ("[companion]\nrequests_per_minute = -1\n", "requests_per_minute"),
        ('[hl7]\ninvoice_number = "OBX-1"\n', "no field"),
        ("[hl7]\nport = 2575\n", "hl7.invoice_number is not set"),
        ("[hl7]\nport = 70000\n", "hl7.port is 70000"),
        ('[hl7]\nport = 1\ninvoice_number = "FT1-2"\nallowed_senders = []\n', "names nobody"),
        ('[hl7]\nallowed_senders = ["his"]\n', "no address and no network"),
        ('[hl7]\ncurrency = "EURO"\n', "not a currency in use"),
        ('[hl7]\ntls_senders = "/a.pem"\n', "one is named without the other"),
        ('[stripe]\nmode = "trial"\n', "trial"),
        ('[stripe]\nmode = "live"\napi_base = "http://127.0.0.1:1"\n', "not Stripe's address"),
        ('[stripe]\napi_base = "http://stripe.example.com"\n', "without encryption"),
        ('[stripe]\nphone_base = "http://192.168.1.20:1"\n', "for training with the sandbox"),
        ('[stripe]\napi_base = "http://127.0.0.1:1"\nphone_base = "here"\n', "not a web address"),
        ('[stripe]\napi_base = "stripe"\n', "not a web address"),
        ('[stripe]\npage_hosts = ["*.stripe.com"]\n', "no name of a host"),
        ('[desk]\nown_domains = ["https://hospital.example"]\n', "no name of a host"),
        ('[desk]\nown_domains = ["Hospital.example"]\n', "no name of a host"),
        ('[companion]\npublic_url = "pay.hospital.example"\n', "companion.public_url"),
        ("[look]\ntext_percent = 120\n", "look.text_percent is 120"),
        ('[look]\ntheme = "blue"\n', "blue"),
        ('[look]\ndensity = "mouse"\n', "mouse"),
        ('[look]\nmotion = "slow"\n', "motion"),
        ('[look]\nsounds = "loud"\n', "loud"),
        ("[scanner]\nkey_gap_ms = 51\n", "scanner.key_gap_ms is 51"),
        ("[scanner]\nlength_min = 3\n", "scanner.length_min is 3"),
        ('[desk]\nlanguage = "de"\n', "desk.language is “de”"),
        ('[desk]\npatient_language = "en_XA"\n', "desk.patient_language is “en_XA”"),
        ('[desk]\nlocale = "english"\n', "no language and country"),
        ('[desk]\npatient_display = "wall"\n', "wall"),
        ("[desk]\nlock_after_minutes = -1\n", "lock_after_minutes is -1"),
        ("[desk]\nlock_after_minutes = 481\n", "lock_after_minutes is 481"),
        ('[desk]\nreceipt_printer = "10.0.0.9"\n[paper]\nreceipts = "roll80"\n', "no address of a receipt printer"),
        (
            '[desk]\nreceipt_printer = "escpos://p:x"\n[paper]\nreceipts = "roll80"\n',
            "no address of a receipt printer",
        ),
        ('[desk]\nreceipt_printer = "escpos://p/queue"\n[paper]\nreceipts = "roll80"\n', "no address of a receipt"),
        ('[desk]\nreceipt_printer = "escpos://10.0.0.9"\n', "paper.receipts is “sheet”"),
        ('[paper]\nreceipts = "roll76"\n', "roll76"),
        ("[asked_again]\ndeposit_minor = { XYZ = 5 }\n", "asked_again.deposit_minor has XYZ"),
        ("[asked_again]\nfloat_minor = { EUR = -5 }\n", "asked_again.float_minor has EUR"),
        ("[asked_again]\ntimes_due = 1\n", "asked_again.times_due is 1"),
        ("[asked_again]\nsame_minutes = -1\n", "asked_again.same_minutes is -1"),
        ('[database]\nurl = "postgresql://cashier:secret@db/cashier"\n', "holds a password"),
    ],
)
def test_wrong_settings_are_refused_with_the_place_and_the_remedy(tmp_path, text, reason):
    with pytest.raises(Misconfigured, match=reason) as refusal:
        load(write(tmp_path, text), {})

    assert refusal.value.advice
    assert "secret" not in str(refusal.value).replace("cashier secret set", "")


def test_a_named_file_that_is_missing_is_refused(tmp_path):
    with pytest.raises(Misconfigured, match="no settings file"):
        load(tmp_path / "none.toml", {})


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "cashier.toml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(Misconfigured, match="cannot be read"):
        load(path, {})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[desk\n", "in line 1, at character 6, a bracket or a quote is not closed"),
        ('[desk]\ncode = "D1\n', "in line 2, at character 11, a bracket or a quote is not closed"),
        ("[desk]\ncode = 'D1", "at its end, a bracket or a quote is not closed"),
        ("[desk]\ncode = D1\n", "in line 2, at character 8, there is no value, or one that is none"),
        ("[desk]\n\n[desk]\n", "in line 3, at character 6, an entry or a section is there twice"),
        ('[desk]\ncode = "D1"\ncode = "D2"\n', "in line 3, at character 12, an entry or a section is there twice"),
        ('data_folder = "C:\\cashier"\n', "folders of Windows are written in single quotes"),
        ('data_folder = "C:\\users"\n', "folders of Windows are written in single quotes"),
        ("desk code\n", "in line 1, at character 6, this is no entry"),
        ('[desk]\ncode = "D1" "D2"\n', "in line 2, at character 13, something stands behind the value"),
        ("[desk]\ntenders = [", "at its end, there is no value"),
    ],
)
def test_a_file_that_is_no_toml_is_told_by_line_without_what_stands_there(tmp_path, text, reason):
    path = write(tmp_path, text)

    with pytest.raises(Misconfigured) as refused:
        load(path, {})

    assert reason in str(refused.value.message)
    with speaking("es"):
        said = str(refused.value.message)
    assert not re.search(r"\b(line|value|Expected|Invalid|Cannot|Unescaped)\b", said), said
