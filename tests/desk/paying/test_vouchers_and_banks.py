"""What is no card, chosen on Stripe's page in the real web view: a voucher, and a bank on whose page one pays."""

from __future__ import annotations

import msgspec
import pytest

from cashier.desk.paying.payment_faces import Face
from cashier.desk.tour.script import Wait
from cashier.settings import Settings
from tests.desk.surroundings.acting import act, wait_for
from tests.desk.surroundings.paying import Till


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings of a hospital whose page offers both."""
    stripe = msgspec.structs.replace(settings.stripe, payment_methods=("card", "multibanco", "ideal"))
    return msgspec.structs.replace(settings, stripe=stripe)


def choose(till: Till, method: str) -> None:
    """Choose how to pay, and wait until the page shows what belongs to it: its button moves with that."""
    till.click_on_page(f"#{method}")
    is_chosen = till.page.holds(f"document.querySelector('#{method}').checked")
    wait_for(till.qtbot, Wait(f"“{method}” to be chosen", is_chosen, 15.0))


def test_a_voucher_is_pending_as_soon_as_the_patient_has_it(till: Till) -> None:
    till.open_page()
    choose(till, "multibanco")
    act(till.qtbot, till.page.type_into("#email", "fill_never@example.org"))
    till.click_on_page("#pay")

    till.wait_for_face(Face.PENDING)

    assert "The patient has a voucher (Multibanco) over 120.00 €" in till.says("payment_detail")
    assert till.states() == ["processing"]


def test_a_bank_that_refuses_leaves_the_page_and_one_that_agrees_has_paid(till: Till) -> None:
    till.open_page()
    choose(till, "ideal")
    till.click_on_page("#pay")
    till.wait_for_face(Face.CHALLENGE)
    till.click_on_page("#fail")
    till.wait_for_face(Face.DECLINED_ON_PAGE)
    refused = till.says("payment_detail")
    choose(till, "ideal")
    till.click_on_page("#pay")
    till.wait_for_face(Face.CHALLENGE)
    till.click_on_page("#complete")

    till.wait_for_face(Face.PAID)

    assert "was not approved on the bank's page" in refused
    assert "iDEAL" in till.says("payment_detail")
