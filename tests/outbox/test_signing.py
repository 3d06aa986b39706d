"""Secrets for events: read in their form alone, and repeated by nothing."""

from __future__ import annotations

import base64

import pytest

from cashier.clock import now
from cashier.errors import Misconfigured
from cashier.outbox.signing import new_secret, read_secrets, signature
from tests.outbox.receiving import verify


def test_secrets_are_read_by_endpoint_two_while_one_is_rolled():
    one, two, three = (new_secret() for _ in range(3))

    assert read_secrets(f" hmis={one},{two}\n lab={three} ") == {"hmis": (one, two), "lab": (three,)}


@pytest.mark.parametrize(
    "text",
    [
        "", "hmis", "hmis=", "=whsec_AAAA", "hmis=whsec_", "hmis=whsec_AAAA", "HMIS={good}", "hmis=sk_live_1",
        "hmis={good},x", "hmis=ö", "hmis=whsec_" + base64.b64encode(b"x" * 65).decode(), "hmis={good} hmis={good}",
    ],
)  # fmt: skip
def test_what_is_not_in_that_form_is_refused_and_not_repeated(text):
    good = new_secret()
    with pytest.raises(Misconfigured) as refusal:
        read_secrets(text.format(good=good))
    assert good not in str(refusal.value.message) + str(refusal.value.advice)


def test_a_signature_is_good_for_its_message_alone():
    secret, moment, body = new_secret(), now(), b'{"type":"payment.settled"}'
    headers = {
        "webhook-id": "1", "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature([new_secret(), secret], "1", moment, body),
    }  # fmt: skip

    verify(body, headers, secret)
    for changed, raw in (({"webhook-id": "2"}, body), ({"webhook-timestamp": str(int(moment.timestamp()) - 1)}, body),
                         ({}, body + b" ")):  # fmt: skip
        with pytest.raises(AssertionError):
            verify(raw, headers | changed, secret)
