"""Every situation of a payment has a face, and no face says more than is known."""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cashier.books.from_stripe.payment_report import Standing
from cashier.books.payment import PaymentState
from cashier.channels.declines import advice_for
from cashier.desk.paying.faces.table import FACES
from cashier.desk.paying.payment_actions import ACTIONS, Action
from cashier.desk.paying.payment_faces import Face
from cashier.desk.paying.payment_situation import Surroundings, detail_of, face_of
from cashier.errors import Party
from cashier.language import m, verbatim
from cashier.money import Money
from cashier.payments.views import PaymentView, Trouble
from cashier.resources import RESOURCES
from cashier.tenders.tender import Tender

VIEW = PaymentView(
    id=uuid.UUID(int=1),
    patient_id=1,
    state=PaymentState.OPEN,
    tender=Tender.CHECKOUT,
    amount=Money(1200, "EUR"),
    settlement_id=uuid.UUID(int=1),
    deposit=Money(0, "EUR"),
    unallocated=Money(0, "EUR"),
    tendered=None,
    rounding=Money(0, "EUR"),
    reference="",
    reader_label=None,
    shares=(),
    asked=Money(1200, "EUR"),
    pending=None,
    desk="D1",
    desk_id=1,
    cashier="Casey Sample",
    created_at=datetime(2026, 11, 2, tzinfo=UTC),
    settled_at=None,
    decline=None,
    card_brand=None,
    card_last_four=None,
    receipt_id=None,
    receipt_number=None,
    contradiction=None,
    stripe_session_id=None,
    stripe_intent_id=None,
    stripe_charge_id=None,
)
SILENT_STRIPE = Trouble(words=m("Stripe does not answer."), by=Party.STRIPE)
SILENT_DATABASE = Trouble(words=m("The database does not answer."), by=Party.DATABASE)
FLAGS = (False, True)
SURROUNDINGS = [
    Surroundings(has_page=page, is_challenge=challenge, has_returned=returned, is_closing=closing)
    for page, challenge, returned, closing in itertools.product(FLAGS, repeat=4)
]
VIEWS = [
    replace(VIEW, state=state, trouble=trouble, decline=decline, contradiction=contradiction)
    for state, trouble, decline, contradiction in itertools.product(
        PaymentState,
        (
            None,
            SILENT_STRIPE,
            SILENT_DATABASE,
            Trouble(words=m("It is paid."), by=Party.DATABASE, at_stripe=Standing.PAID),
        ),
        (None, advice_for("card_declined")),
        (None, verbatim("Two sums.")),
    )
]


def situations(tender: Tender) -> Iterator[tuple[PaymentView, Surroundings]]:
    for view, around in itertools.product(VIEWS, SURROUNDINGS):
        yield replace(view, tender=tender), around


def test_every_face_has_words_and_every_action_a_key() -> None:
    assert set(FACES) == set(Face)
    assert set(ACTIONS) == set(Action)


@pytest.mark.parametrize("face", Face)
def test_what_enter_means_can_be_done(face: Face) -> None:
    words = FACES[face]

    assert words.enter is None or words.enter in words.actions
    assert words.actions, "there is always a way on"


@pytest.mark.parametrize("face", Face)
def test_no_key_means_two_things_at_once(face: Face) -> None:
    keys = [ACTIONS[action].command for action in FACES[face].actions]

    assert len(keys) == len(set(keys))


def test_every_picture_exists() -> None:
    names = {words.icon for words in FACES.values()} | {words.icon for words in ACTIONS.values()}

    assert [name for name in names if not (RESOURCES / "icons" / f"{name}.svg").exists()] == []


@pytest.mark.parametrize("tender", Tender)
def test_every_situation_has_a_face_that_can_be_left(tender: Tender) -> None:
    for view, around in situations(tender):
        actions = FACES[face_of(view, around)].actions

        assert Action.LEAVE in actions or Action.CANCEL in actions


@pytest.mark.parametrize("tender", Tender)
def test_only_a_paid_payment_is_called_paid(tender: Tender) -> None:
    for view, around in situations(tender):
        is_paid = view.state is PaymentState.PAID and view.contradiction is None

        assert (face_of(view, around) is Face.PAID) is is_paid


@pytest.mark.parametrize("tender", Tender)
def test_a_contradiction_is_put_before_everything_else(tender: Tender) -> None:
    for view, around in situations(tender):
        face = face_of(view, around)

        assert (face is Face.CONTRADICTION) is (view.contradiction is not None)
        if face is Face.CONTRADICTION:
            assert str(detail_of(view, face)) == "Two sums."


@pytest.mark.parametrize("state", [PaymentState.PREPARED, PaymentState.PROCESSING])
def test_a_payment_that_cannot_be_asked_about_is_unknown_and_never_failed(state: PaymentState) -> None:
    view = replace(VIEW, state=state, trouble=SILENT_STRIPE)

    face = face_of(view, Surroundings())

    assert face is Face.UNKNOWN
    assert "fail" not in f"{FACES[face].title}{FACES[face].text}"
    assert "second time" in str(FACES[face].text)


@pytest.mark.parametrize("tender", Tender)
def test_nothing_is_said_about_charges_and_nobody_is_blamed_while_that_is_not_known(tender: Tender) -> None:
    for view, around in situations(tender):
        if view.trouble is None or view.state.is_final or view.contradiction is not None:
            continue
        face = face_of(view, around)
        text = str(FACES[face].text)

        # A saved card that was declined is charged by nobody but ourselves.
        assert face is Face.DECLINED or not re.search("(Nothing was|Nothing has been) charged", text)
        if view.trouble.by is Party.DATABASE:
            assert "Stripe could not" not in text
            assert "Stripe is asked again" not in text
        else:
            assert "database" not in text


def test_a_card_that_is_being_charged_is_not_called_uncharged() -> None:
    begun = replace(VIEW, state=PaymentState.PREPARED, tender=Tender.SAVED_CARD)

    assert "not known yet" in str(FACES[face_of(begun, Surroundings())].text)
    assert "Nothing has been charged" not in str(
        FACES[face_of(replace(VIEW, tender=Tender.PHONE), Surroundings())].text
    )


def test_what_stripe_says_is_told_where_the_database_did_not_take_it_in() -> None:
    said = Trouble(words=m("Stripe says that it is paid."), by=Party.DATABASE, at_stripe=Standing.PAID)

    for around in SURROUNDINGS:
        view = replace(VIEW, trouble=said)

        assert face_of(view, around) is Face.PAID_UNWRITTEN
        assert str(detail_of(view, face_of(view, around))) == "Stripe says that it is paid."


def test_after_an_enter_no_second_enter_cancels() -> None:
    for face in (Face.OPENING, Face.PAGE, Face.CHALLENGE, Face.CONFIRMING, Face.CLOSING):
        assert FACES[face].enter is None


def test_a_declined_saved_card_has_no_page_to_try_again_on() -> None:
    declined = replace(VIEW, decline=advice_for("insufficient_funds"))
    on_page = Surroundings(has_page=True)

    assert face_of(declined, on_page) is Face.DECLINED_ON_PAGE
    assert face_of(replace(declined, tender=Tender.SAVED_CARD), on_page) is Face.DECLINED


def test_an_old_decline_is_not_told_while_the_bank_asks_about_another_card() -> None:
    view = replace(VIEW, decline=advice_for("card_declined"))

    assert str(detail_of(view, Face.DECLINED_ON_PAGE)).startswith("The bank did not approve")
    assert not detail_of(view, Face.CHALLENGE)


def test_money_that_no_invoice_takes_is_told() -> None:
    view = replace(VIEW, state=PaymentState.PAID, unallocated=Money(200, "EUR"), receipt_number="D1-000001")

    assert "2.00 €" in str(detail_of(view, Face.PAID))
