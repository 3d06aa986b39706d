"""Declines: words for the patient, a next step for the cashier, and silence about fraud."""

from __future__ import annotations

import inspect

import pytest
import stripe

from cashier.channels.declines import KNOWN_CODES, advice_for

# https://docs.stripe.com/declines/codes, as of November 2026
STRIPES_DECLINE_CODES = """
authentication_required approve_with_id call_issuer card_not_supported card_velocity_exceeded currency_not_supported
do_not_honor do_not_try_again duplicate_transaction expired_card fraudulent generic_decline incorrect_number
incorrect_cvc incorrect_pin incorrect_zip insufficient_funds invalid_account invalid_amount invalid_cvc
invalid_expiry_month invalid_expiry_year invalid_number invalid_pin issuer_not_available lost_card
merchant_blacklist mobile_device_authentication_required new_account_information_available no_action_taken
not_permitted offline_pin_required online_or_offline_pin_required pickup_card pin_try_exceeded processing_error
reenter_transaction restricted_card revocation_of_all_authorizations revocation_of_authorization security_violation
service_not_allowed stolen_card stop_payment_order testmode_decline transaction_not_allowed try_again_later
withdrawal_count_limit_exceeded authentication_not_handled
""".split()


# Where there is no decline code, last_payment_error has one of https://docs.stripe.com/error-codes instead.
STRIPES_ERROR_CODES = """
amount_too_large amount_too_small authentication_required card_decline_rate_limit_exceeded card_declined
charge_exceeds_source_limit charge_exceeds_transaction_limit expired_card expired_payment_method incorrect_address
incorrect_cvc incorrect_number incorrect_postal_code incorrect_zip insufficient_funds invalid_card_type invalid_cvc
invalid_expiry_month invalid_expiry_year invalid_number payment_intent_authentication_failure
payment_intent_payment_attempt_expired payment_intent_payment_attempt_failed payment_method_currency_mismatch
payment_method_customer_decline payment_method_not_available payment_method_provider_decline
payment_method_provider_timeout payment_method_restricted payment_method_unactivated processing_error
refer_to_customer setup_intent_authentication_failure three_d_secure_authentication_not_supported
three_d_secure_authentication_upstream_error
""".split()


@pytest.mark.parametrize("code", STRIPES_DECLINE_CODES + STRIPES_ERROR_CODES)
def test_every_code_of_stripes_has_words_of_its_own(code):
    assert code in KNOWN_CODES


def test_the_error_codes_are_spelled_as_stripe_spells_them():
    spelled = inspect.getsource(stripe.PaymentIntent.LastPaymentError)

    assert [code for code in STRIPES_ERROR_CODES if f'"{code}"' not in spelled] == []


@pytest.mark.parametrize("code", ["fraudulent", "lost_card", "stolen_card", "merchant_blacklist", "pickup_card"])
def test_a_suspicion_is_not_told_to_the_patient(code):
    assert advice_for(code).say == advice_for("generic_decline").say


def test_a_code_that_nobody_knows_yet_gets_neutral_words():
    assert advice_for("invented_tomorrow").say == advice_for("generic_decline").say


@pytest.mark.parametrize("code", sorted(KNOWN_CODES))
def test_words_are_sentences(code):
    advice = advice_for(code)

    assert str(advice.say).endswith(".")
    assert str(advice.next_step).endswith(".")
