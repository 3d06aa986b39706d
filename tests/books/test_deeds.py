"""Deeds: what stands in the journal of each, to the letter, and that every kind is complete."""

from __future__ import annotations

import dataclasses
import json
import typing
import uuid

import pytest

from cashier.books.deeds import clients, drawer, messages, payments, records, refunds, reversals, staff
from cashier.books.deeds.deed import Deed, DeedKind, Subject
from cashier.books.deeds.words import DEED_WORDS

PAYMENT = uuid.UUID("0190c6f0-0000-7000-8000-000000000001")
REFUND = uuid.UUID("0190c6f0-0000-7000-8000-000000000002")
_LEARNED: payments.OfPayment = {
    "payment": PAYMENT, "amount_minor": 500, "currency": "EUR", "intent": "pi_1", "session": None, "decline": None,
    "unallocated_minor": 0,
}  # fmt: skip
_REFUND: refunds.OfRefund = {
    "refund": REFUND, "payment": PAYMENT, "amount_minor": 500, "currency": "EUR", "stripe_refund": None,
    "failure": None, "way": "card",
}  # fmt: skip
_SHIFT: drawer.OfShift = {"shift": 4, "number": 9, "currency": "EUR"}

_SAYS_OF_PAYMENT = (
    '"amount_minor":500,"currency":"EUR","decline":null,"intent":"pi_1","session":null{more},"unallocated_minor":0'
)
_SAYS_OF_REFUND = (
    '"amount_minor":500,"currency":"EUR","failure":null,"payment":"0190c6f0-0000-7000-8000-000000000001"{more},'
    '"stripe_refund":null,"way":"card"'
)


WRITTEN: tuple[tuple[Deed, str, str], ...] = (
    (
        payments.PaymentPrepared(
            payment=PAYMENT, amount_minor=500, currency="EUR", tender="cash", invoices=(3, 1), deposit_minor=0
        ),
        f"payment prepared: payment {PAYMENT}",
        '{"amount_minor":500,"currency":"EUR","deposit_minor":0,"invoices":[3,1],"is_anchored":true,"tender":"cash"}',
    ),
    (
        payments.PaymentMoved(kind=DeedKind.PAYMENT_PAID, **_LEARNED),
        f"payment paid: payment {PAYMENT}",
        "{" + _SAYS_OF_PAYMENT.format(more="") + "}",
    ),
    (
        payments.PaymentContradicted(**_LEARNED, standing="cancelled"),
        f"payment contradicted: payment {PAYMENT}",
        "{" + _SAYS_OF_PAYMENT.format(more=',"standing":"cancelled"') + "}",
    ),
    (
        payments.TakenAllTheSame(payment=PAYMENT, doubts={"deposit": "20000.00 EUR"}),
        f"done all the same: payment {PAYMENT}",
        '{"doubts":{"deposit":"20000.00 EUR"}}',
    ),
    (
        drawer.MovedAllTheSame(shift=4, number=9, doubts={"float": "20000.00 EUR"}),
        "done all the same: shift 4",
        '{"doubts":{"float":"20000.00 EUR"},"number":9}',
    ),
    (
        payments.OtherAmountPaid(payment=PAYMENT, asked_minor=500, paid_minor=520, currency="EUR"),
        f"other amount paid: payment {PAYMENT}",
        '{"asked_minor":500,"currency":"EUR","paid_minor":520}',
    ),
    (payments.PaymentTakenOver(payment=PAYMENT), f"payment taken over: payment {PAYMENT}", "{}"),
    (
        payments.DepositUsed(
            patient=7, use=REFUND, invoice="A-1", payments=[str(PAYMENT)], amount_minor=500, currency="EUR"
        ),
        "deposit used: patient 7",
        f'{{"amount_minor":500,"currency":"EUR","invoice":"A-1","payments":["{PAYMENT}"],"use":"{REFUND}"}}',
    ),
    (
        payments.CreditReceived(patient=7, note="CN-1", before_minor=0, amount_minor=500, currency="EUR"),
        "credit received: patient 7",
        '{"amount_minor":500,"before_minor":0,"currency":"EUR","note":"CN-1"}',
    ),
    (
        payments.PaymentLinkMade(
            link=REFUND, invoice=3, taken_by="Patient portal", expires_at="2026-12-10T08:00:00+00:00"
        ),
        f"payment link made: payment link {REFUND}",
        '{"expires_at":"2026-12-10T08:00:00+00:00","invoice":3,"taken_by":"Patient portal"}',
    ),
    (
        payments.PaymentLinkEnded(link=REFUND, invoice=3),
        f"payment link ended: payment link {REFUND}",
        '{"invoice":3}',
    ),
    (
        payments.CreditTaken(payment=PAYMENT, note="CN-1", amount_minor=500, currency="EUR"),
        f"credit taken: payment {PAYMENT}",
        '{"amount_minor":500,"currency":"EUR","note":"CN-1"}',
    ),
    (
        payments.CreditPutBack(payment=PAYMENT, note="CN-1", amount_minor=500, currency="EUR"),
        f"credit put back: payment {PAYMENT}",
        '{"amount_minor":500,"currency":"EUR","note":"CN-1"}',
    ),
    (
        clients.ClientLimitSet(
            client="Portal", currency="EUR", before=None, after={"amount_minor": 5, "day_total_minor": 9}
        ),
        "client limit set: client Portal",
        '{"after":{"amount_minor":5,"day_total_minor":9},"before":null,"currency":"EUR"}',
    ),
    (
        clients.EndpointAdded(endpoint="hmis", url="https://h.example/"),
        "endpoint added: endpoint hmis",
        '{"url":"https://h.example/"}',
    ),
    (
        clients.EndpointSwitched(endpoint="hmis", is_on=False, reason="gone"),
        "endpoint switched: endpoint hmis",
        '{"is_on":false,"reason":"gone"}',
    ),
    (
        messages.MessageTriedAgain(message=7, control_id="M1", anyway=False),
        "message tried again: message 7",
        '{"anyway":false,"control_id":"M1"}',
    ),
    (
        messages.MessageSetAside(message=7, control_id="M1", reason="Sent by mistake."),
        "message set aside: message 7",
        '{"control_id":"M1","reason":"Sent by mistake."}',
    ),
    (payments.PaymentsViewed(patient=7), "payments viewed: patient 7", "{}"),
    (
        payments.PatientPaymentsExported(patient=7, rows=2, file="a.csv", filters={"desk": 1}),
        "payments exported: patient 7",
        '{"file":"a.csv","filters":{"desk":1},"rows":2}',
    ),
    (
        payments.DeskPaymentsExported(desk="every desk", rows=2, file="a.csv", filters={}),
        "payments exported: desk every desk",
        '{"file":"a.csv","filters":{},"rows":2}',
    ),
    (
        refunds.RefundMoved(kind=DeedKind.REFUND_PENDING, **_REFUND),
        f"refund pending: refund {REFUND}",
        "{" + _SAYS_OF_REFUND.format(more="") + "}",
    ),
    (
        refunds.RefundRequested(**_REFUND, reason="Paid twice"),
        f"refund requested: refund {REFUND}",
        "{" + _SAYS_OF_REFUND.format(more=',"reason":"Paid twice"') + "}",
    ),
    (
        refunds.RefundApproved(**_REFUND, reopens=True),
        f"refund approved: refund {REFUND}",
        (
            '{"amount_minor":500,"currency":"EUR","failure":null,"is_anchored":true,'
            '"payment":"0190c6f0-0000-7000-8000-000000000001","reopens":true,"stripe_refund":null,"way":"card"}'
        ),
    ),
    (
        refunds.RefundApprovedByRule(
            **_REFUND, set_by=3, amount_minor_max=500, day_total_minor_max=900, day_before_minor=400
        ),
        f"refund approved by rule: refund {REFUND}",
        (
            '{"amount_minor":500,"amount_minor_max":500,"currency":"EUR","day_before_minor":400,'
            '"day_total_minor_max":900,"failure":null,"is_anchored":true,'
            '"payment":"0190c6f0-0000-7000-8000-000000000001",'
            '"set_by":3,"stripe_refund":null,"way":"card"}'
        ),
    ),
    (
        refunds.RefundUnsendable(**_REFUND, refusal="No."),
        f"refund failed: refund {REFUND}",
        "{" + _SAYS_OF_REFUND.format(more=',"refusal":"No."') + "}",
    ),
    (
        refunds.TransferSent(**_REFUND, reference="R 1"),
        f"refund succeeded: refund {REFUND}",
        "{" + _SAYS_OF_REFUND.format(more=',"reference":"R 1"') + "}",
    ),
    (
        refunds.RefundRequestRefused(payment=PAYMENT, amount_minor=500, currency="EUR", why="Ñandú"),
        f"refund request refused: payment {PAYMENT}",
        '{"amount_minor":500,"currency":"EUR","why":"Ñandú"}',
    ),
    (
        refunds.ApprovalLimitSet(role="supervisor", before=None, after={"amount_minor": 5}),
        "approval limit set: limits supervisor",
        '{"after":{"amount_minor":5},"before":null}',
    ),
    (
        drawer.ShiftOpened(**_SHIFT, float_minor=100),
        "shift opened: shift 4",
        '{"currency":"EUR","float_minor":100,"number":9}',
    ),
    (
        drawer.CashMoved(kind=DeedKind.CASH_MOVED_IN, **_SHIFT, movement=PAYMENT, amount_minor=5, reason="Change"),
        "cash moved in: shift 4",
        f'{{"amount_minor":5,"currency":"EUR","movement":"{PAYMENT}","number":9,"reason":"Change"}}',
    ),
    (
        drawer.DrawerCounted(**_SHIFT, counted_minor=5, expected_minor=6, pieces={"5": 1}),
        "drawer counted: shift 4",
        '{"counted_minor":5,"currency":"EUR","expected_minor":6,"number":9,"pieces":{"5":1}}',
    ),
    (
        drawer.ShiftClosed(
            shift=4, number=9, counted_minor=5, expected_minor=6, pieces={"5": 1}, reason="", approved_by=None
        ),
        "shift closed: shift 4",
        '{"approved_by":null,"counted_minor":5,"expected_minor":6,"number":9,"pieces":{"5":1},"reason":""}',
    ),
    (
        drawer.PastShiftsExported(rows=3, file="shifts.csv", filters={"desk": 1, "off": True}),
        "shifts exported: desk every desk",
        '{"file":"shifts.csv","filters":{"desk":1,"off":true},"rows":3}',
    ),
    (
        drawer.ShiftReportHandedOut(
            kind=DeedKind.SHIFT_REPORT_REPRINTED, **_SHIFT, copy=2, facts_sha256="ab"
        ),
        "shift report reprinted: shift 4",
        '{"copy":2,"currency":"EUR","facts_sha256":"ab","number":9}',
    ),
    (staff.StaffDeed(kind=DeedKind.SIGNED_IN, staff=3), "signed in: staff 3", "{}"),
    (staff.PinSet(kind=DeedKind.PIN_CHANGED, staff=3, pin="ab"), "PIN changed: staff 3", '{"pin":"ab"}'),
    (staff.BadgeGiven(staff=3, badge="ab"), "badge given: staff 3", '{"badge":"ab"}'),
    (staff.RoleChanged(staff=3, before="cashier", role="auditor"), "role changed: staff 3",
     '{"before":"cashier","role":"auditor"}'),
    (staff.SignInRefused(staff="unknown", why="locked"), "sign-in refused: staff unknown", '{"why":"locked"}'),
    (
        staff.Refusal(about=Subject.PAYMENT, about_id=str(PAYMENT), wanted="take payments"),
        f"refused: payment {PAYMENT}",
        '{"wanted":"take payments"}',
    ),
    (
        records.ReceiptIssued(
            receipt="D1-000001", payment=PAYMENT, receipt_kind="payment", amount_minor=500, currency="EUR",
            facts_sha256="ab",
        ),
        "receipt issued: receipt D1-000001",
        f'{{"amount_minor":500,"currency":"EUR","facts_sha256":"ab","kind":"payment","payment":"{PAYMENT}"}}',
    ),
    (
        records.ReceiptHandedOut(kind=DeedKind.RECEIPT_PRINTED, receipt="D1-000001", copy=0, pdf_sha256="ab"),
        "receipt printed: receipt D1-000001",
        '{"copy":0,"pdf_sha256":"ab"}',
    ),
    (
        records.CardChanged(kind=DeedKind.CARD_SAVED, patient=7, card="pm_1"),
        "card saved: patient 7",
        '{"card":"pm_1"}',
    ),
    (records.CustomerDeleted(patient=7, customer="cus_1"), "customer deleted: patient 7", '{"customer":"cus_1"}'),
    (
        records.DisputeMoved(
            kind=DeedKind.DISPUTE_OPENED, payment=PAYMENT, dispute="dp_1", amount_minor=5, currency="EUR",
            reason="fraudulent", status="needs_response",
        ),
        f"dispute opened: payment {PAYMENT}",
        '{"amount_minor":5,"currency":"EUR","dispute":"dp_1","reason":"fraudulent","status":"needs_response"}',
    ),
    (
        records.PatientMerged(patient=7, into=8, invoices=2, payments=1),
        "patient merged: patient 7",
        '{"into":8,"invoices":2,"payments":1}',
    ),
    (
        records.DateOfBirthChanged(patient=7, known=True),
        "date of birth changed: patient 7",
        '{"known":true}',
    ),
    (
        records.InvoicesReceived(invoice="A-1", new=1, known=2, owed={"A-1": (500, 7)}, insured={"A-1": 90}),
        "invoices received: invoice A-1",
        '{"insured":{"A-1":90},"known":2,"new":1,"owed":{"A-1":[500,7]}}',
    ),
    (
        records.InvoiceChanged(
            invoice="A-1", before_minor=500, owed_minor=0, currency="EUR", currency_before="USD",
            insured_before_minor=90, insured_minor=0, patient_before=7, patient=8,
        ),
        "invoice changed: invoice A-1",
        (
            '{"before_minor":500,"currency":"EUR","currency_before":"USD","insured_before_minor":90,'
            '"insured_minor":0,"owed_minor":0,"patient":8,"patient_before":7}'
        ),
    ),
    (
        records.BooksAttested(staff={}, invoices={"A-1": (500, 7)}, insured={"A-1": 90}, receipts={}),
        "books attested: journal all",
        '{"insured":{"A-1":90},"invoices":{"A-1":[500,7]},"receipts":{},"staff":{}}',
    ),
    (
        records.DifferenceFound(stripe="ch_1", difference_kind="unknown_charge", amount_minor=5),
        "difference found: difference ch_1",
        '{"amount_minor":5,"kind":"unknown_charge"}',
    ),
    (
        records.DifferenceSettled(difference=2, difference_kind="unknown_charge", stripe="ch_1", resolution="Done"),
        "difference settled: difference 2",
        '{"kind":"unknown_charge","resolution":"Done","stripe":"ch_1"}',
    ),
    (
        records.ReaderChanged(kind=DeedKind.READER_REMOVED, reader=2, desk=1, stripe="tmr_1", label="Counter"),
        "reader removed: reader 2",
        '{"desk":1,"label":"Counter","stripe":"tmr_1"}',
    ),
    (
        records.PatientRegistered(patient=7, has_born=True),
        "patient registered: patient 7",
        '{"has_born":true}',
    ),
    (
        records.DeskContinued(desk="D1", machine="till-2", before="till-1", person=2, was_silent=False),
        "desk continued elsewhere: desk D1",
        '{"before":"till-1","machine":"till-2","person":2,"was_silent":false}',
    ),
    (records.JournalOpened(), "journal opened: journal all", "{}"),
    (records.JournalChecked(entries=5, broken=None), "journal checked: journal all", '{"broken":null,"entries":5}'),
    (
        records.SmallestCoinChanged(amount_minor=5, currency="EUR"),
        "smallest coin changed: hospital 1",
        '{"amount_minor":5,"currency":"EUR"}',
    ),
    (
        records.TimeZoneChanged(former="UTC", present="Europe/Madrid"),
        "time zone changed: hospital 1",
        '{"from":"UTC","to":"Europe/Madrid"}',
    ),
    (
        records.LanguagesChanged(language="es", paper_language=""),
        "languages changed: hospital 1",
        '{"language":"es","paper_language":""}',
    ),
    (
        records.ReceiptsChanged(extras="patient_name services"),
        "receipts changed: hospital 1",
        '{"extras":"patient_name services"}',
    ),
    (
        reversals.ReversalDecided(
            kind=DeedKind.REVERSAL_OWED_AGAIN, payment=PAYMENT, reversal=7, dispute="du_1", refund=None,
            amount_minor=500, currency="EUR", reason="Lost.",
        ),
        f"reversal owed again: payment {PAYMENT}",
        '{"amount_minor":500,"currency":"EUR","dispute":"du_1","reason":"Lost.","refund":null,"reversal":7}',
    ),
    (
        reversals.ReversalRefused(payment=PAYMENT, difference=3, outcome="owed_again", why="Nobody decides."),
        f"reversal refused: payment {PAYMENT}",
        '{"difference":3,"outcome":"owed_again","why":"Nobody decides."}',
    ),
    (
        reversals.EvidenceSent(payment=PAYMENT, dispute="du_1", fields=("receipt", "uncategorized_text")),
        f"evidence sent: payment {PAYMENT}",
        '{"dispute":"du_1","fields":["receipt","uncategorized_text"]}',
    ),
    (staff.LanguageChosen(staff=3, language="es"), "language chosen: staff 3", '{"language":"es"}'),
    (records.DeskAdded(desk=1, code="D1"), "desk added: desk 1", '{"code":"D1"}'),
    (records.SecretChanged(secret="stripe-key"), "secret changed: secret stripe-key", "{}"),
)  # fmt: skip
"""Deeds with what has always stood in the journal of them: the chain of years covers these very bytes."""


@pytest.mark.parametrize(("deed", "about", "facts"), WRITTEN, ids=[about.split(":")[0] for _, about, _ in WRITTEN])
def test_what_the_journal_keeps_of_a_deed_never_changes(deed, about, facts):
    assert f"{deed.kind}: {deed.subject} {deed.subject_id}" == about
    assert json.dumps(deed.facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False) == facts


def test_every_kind_of_deed_can_be_written_and_has_words():
    written = {kind for deed in all_deeds(Deed) for kind in kinds_of(deed)}

    assert set(DeedKind) - written == set(), "no deed has this kind"
    assert set(DeedKind) - set(DEED_WORDS) == set(), "this deed has no words for people"


def test_what_a_deed_is_called_fits_into_the_journal():
    assert max(len(kind) for kind in DeedKind) <= 48
    assert max(len(subject) for subject in Subject) <= 24


def test_an_action_is_read_as_its_deed_and_an_unknown_one_as_none():
    assert DeedKind.of("payment paid") is DeedKind.PAYMENT_PAID
    assert DeedKind.of("payment looked at twice") is None


def all_deeds(kind):
    """Return every class of deeds that the program itself can write."""
    below = [each for child in kind.__subclasses__() for each in all_deeds(child)]
    is_ours = kind.__module__.startswith("cashier.")
    return [*([kind] if is_ours and kinds_of(kind) else []), *below]


def kinds_of(deed):
    hint = typing.get_type_hints(deed)["kind"]
    return set() if hint is DeedKind else set(flat(hint))


def flat(hint):
    if typing.get_origin(hint) is typing.Literal:
        return list(typing.get_args(hint))
    return [kind for each in typing.get_args(hint) for kind in flat(each)]


def test_deeds_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        WRITTEN[0][0].kind = DeedKind.PAYMENT_PAID  # type: ignore[misc]
