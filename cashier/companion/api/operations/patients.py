"""What a patient paid, with its story, and the money on the patient's account."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cashier.asked_again.doubt import DoubtCode
from cashier.books.api_client import Scope
from cashier.companion.api.operation import Answer, AnyAsk, Ask, Nothing, Operation
from cashier.companion.api.operations.intents import begun
from cashier.companion.api.operations.lookup import patient_recorded
from cashier.companion.api.operations.refunds import STATUS
from cashier.companion.api.problems import Problem, ProblemKind
from cashier.companion.api.shapes import Amount, Currency, PaidInvoice, StripePaymentIntentResponse
from cashier.history.timeline import STEP_WORDS, Step
from cashier.history.views import HistoryKey, InvoiceLink, PaymentQuery, PaymentRecord
from cashier.language import m
from cashier.money import Money
from cashier.payments.views import PaymentOrder
from cashier.tenders.tender import ELSEWHERE

_INTERNAL = frozenset({Step.NOTED, Step.CONTRADICTED, Step.REFUND_REFUSED})
"""Steps that are told to the staff alone."""


_UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


class PageOfPayments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many, after the one that is named."""

    limit: Annotated[int, Meta(ge=1, le=50)] = 20
    starting_after: Annotated[str, Meta(pattern=_UUID, description="A payment_id.")] | None = None


class HistoryStep(msgspec.Struct, frozen=True):
    """Something that happened to a payment: when (UTC), what by a code that stays, and in words."""

    at: str
    step: str
    text: str


class RefundOfPayment(msgspec.Struct, frozen=True):
    """A refund of a payment."""

    id: str
    amount: int
    status: Literal["pending_approval", "approved", "pending", "succeeded", "failed", "rejected", "expired"]
    requested_at: str


class PatientPayment(msgspec.Struct, frozen=True):
    """One payment, at a desk or elsewhere; amounts in minor units of `currency`.

    `invoices` is what it was meant for, `allocations` what counts towards each invoice now, `on_account` what no
    invoice took. People are not named.
    """

    payment_id: str
    payment_intent_id: str | None
    created_at: str
    settled_at: str | None
    status: Literal["prepared", "open", "processing", "paid", "cancelled"]
    amount: int
    currency: str
    tender: str
    card_brand: str | None
    card_last4: str | None
    receipt_number: str | None
    refunded: int
    on_account: int
    invoices: tuple[PaidInvoice, ...]
    allocations: tuple[PaidInvoice, ...]
    refunds: tuple[RefundOfPayment, ...]
    history: tuple[HistoryStep, ...]


class PaymentList(msgspec.Struct, frozen=True):
    """Payments, newest first; with `has_more`, go on with the last `payment_id` as `starting_after`."""

    data: tuple[PatientPayment, ...]
    has_more: bool


class AccountBalance(msgspec.Struct, frozen=True):
    """So much of one currency is on the patient's account."""

    currency: str
    amount: int


class DepositsResponse(msgspec.Struct, frozen=True):
    """What a patient paid in and has not used; what is promised to go back is left out."""

    patient_id: str
    data: tuple[AccountBalance, ...]


class DepositCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much is paid in, without an invoice. `currency` has to be the hospital's, if it is sent.

    With `save_payment_method` the payer agreed that the card is kept; with `pay_again`, to pay the same once more;
    with `large_amount`, that so much is meant.
    """

    amount: Amount
    currency: Currency | None = None
    save_payment_method: bool = False
    pay_again: bool = False
    large_amount: bool = False


async def payments(ask: Ask[Nothing, PageOfPayments]) -> Answer:
    """List what a patient paid, newest first; the journal says who looked."""
    patient_id = await patient_recorded(ask, ask.path["id"])
    after = None if ask.query.starting_after is None else await _key_of(ask, ask.query.starting_after, patient_id)
    opened = await ask.services.history.open_patient(patient_id, ask.caller.actor)
    query = PaymentQuery(patient=opened, invoice_id=ask.caller.invoice_id)
    actor = ask.caller.actor
    page = await ask.services.history.page(query, actor, after=after, limit=ask.query.limit)
    records = [await ask.services.history.payment(row.id, actor) for row in page.rows]
    return Answer(
        value=PaymentList(data=tuple(_payment(ask, record) for record in records), has_more=page.after is not None)
    )


async def deposits(ask: Ask[Nothing, Nothing]) -> Answer:
    """Tell what is on a patient's account."""
    balances = await ask.services.deposits.of_patient(await _whole_patient(ask))
    data = tuple(AccountBalance(currency=each.currency, amount=each.amount_minor) for each in balances)
    return Answer(value=DepositsResponse(patient_id=ask.path["id"], data=data))


async def pay_in(ask: Ask[DepositCreate, Nothing]) -> Answer:
    """Begin a payment that no invoice is named for; the same ``Idempotency-Key`` again goes on with the same one."""
    patient_id = await _whole_patient(ask)
    currency = await ask.services.desks.currency()
    if ask.body.currency not in (None, currency):
        what = m("Deposits are in {currency}.", currency=currency)
        raise Problem(ProblemKind.REFUSED, what, fields=[("#/currency", what)])
    order = PaymentOrder(
        payment_id=ask.resource_id,
        shares=(),
        deposit=Money(ask.body.amount, currency),
        patient_id=patient_id,
        tender=ELSEWHERE,
        saves_card=ask.body.save_payment_method,
    )
    sure = [DoubtCode.SAME_AGAIN] if ask.body.pay_again else []
    sure += [DoubtCode.DEPOSIT, DoubtCode.TIMES_DUE] if ask.body.large_amount else []
    is_known = await ask.services.payments.exists(ask.resource_id)
    return await begun(ask, None if is_known else order, sure=sure)


async def _whole_patient(ask: AnyAsk) -> int:
    """Return our key of the patient, unless the caller may see one invoice of theirs alone: then there is none."""
    patient_id = await patient_recorded(ask, ask.path["id"])
    if ask.caller.invoice_id is not None:
        raise Problem(ProblemKind.NOT_FOUND, m("There is no patient {id}.", id=ask.path["id"]))
    return patient_id


async def _key_of(ask: AnyAsk, payment_id: str, patient_id: int) -> HistoryKey:
    """Return where a payment of the patient stands. Raises ``Problem`` (404) for any other."""
    key, what = uuid.UUID(payment_id), m("It is no payment of this patient.")
    view = await ask.services.payments.view(key) if await ask.services.payments.exists(key) else None
    if view is None or view.patient_id != patient_id:
        raise Problem(ProblemKind.NOT_FOUND, what, fields=[("?starting_after", what)])
    return HistoryKey(view.created_at, view.id)


def _payment(ask: AnyAsk, record: PaymentRecord) -> PatientPayment:
    row = record.row
    return PatientPayment(
        payment_id=str(row.id),
        payment_intent_id=row.stripe_intent_id,
        created_at=row.created_at.isoformat(timespec="seconds"),
        settled_at=None if row.settled_at is None else row.settled_at.isoformat(timespec="seconds"),
        status=row.state.value,
        amount=row.amount.amount_minor,
        currency=row.amount.currency,
        tender=row.tender.value,
        card_brand=row.card_brand,
        card_last4=row.card_last_four,
        receipt_number=row.receipt_number,
        refunded=row.refunded.amount_minor,
        on_account=row.unallocated.amount_minor,
        invoices=_shares(ask, record.invoices),
        allocations=_shares(ask, record.allocated),
        refunds=tuple(
            RefundOfPayment(
                id=str(each.id),
                amount=each.amount.amount_minor,
                status=STATUS[each.state],
                requested_at=each.requested_at.isoformat(timespec="seconds"),
            )
            for each in record.refunds
        ),
        history=tuple(
            HistoryStep(
                at=each.at.isoformat(timespec="seconds"),
                step=each.step.value,
                text=STEP_WORDS[each.step].in_(ask.language),
            )
            for each in record.timeline
            if each.step not in _INTERNAL
        ),
    )


def _shares(ask: AnyAsk, links: tuple[InvoiceLink, ...]) -> tuple[PaidInvoice, ...]:
    """Write what belongs to which invoice, of those that the caller may see."""
    return tuple(
        PaidInvoice(invoice_id=link.number, amount=link.amount.amount_minor)
        for link in links
        if ask.caller.invoice_id in (None, link.id)
    )


_ID = {"id": m("The patient's record number.")}
_EXAMPLE = {"id": "MRN-0000101"}

OPERATIONS = (
    Operation(
        name="listPaymentsOfPatient",
        method="GET",
        path="/api/v1/patients/{id}/payments",
        summary=m("What a patient paid, newest first, each with its story"),
        about=m("At desks and elsewhere, whatever became of it. The journal says who looked."),
        group="Patients",
        scope=Scope.PAYMENTS_READ,
        handler=payments,
        answer=PaymentList,
        query=PageOfPayments,
        parts=_ID,
        examples=_EXAMPLE,
        problems=(ProblemKind.NOT_FOUND, ProblemKind.REFUSED, ProblemKind.UNAVAILABLE),
    ),
    Operation(
        name="getDepositsOfPatient",
        method="GET",
        path="/api/v1/patients/{id}/deposits",
        summary=m("What is on a patient's account"),
        about=m("An amount for each currency; what is promised to go back is left out."),
        group="Patients",
        scope=Scope.PAYMENTS_READ,
        handler=deposits,
        answer=DepositsResponse,
        parts=_ID,
        examples=_EXAMPLE,
        problems=(ProblemKind.NOT_FOUND, ProblemKind.UNAVAILABLE),
    ),
    Operation(
        name="createDeposit",
        method="POST",
        path="/api/v1/patients/{id}/deposits",
        summary=m("Begin a payment onto a patient's account"),
        about=m(
            "Without an invoice, as at an admission. It is an intent like any other: pay, confirm "
            "and cancel it as those. Send an Idempotency-Key."
        ),
        group="Patients",
        scope=Scope.PAYMENTS_WRITE,
        handler=pay_in,
        body=DepositCreate,
        answer=StripePaymentIntentResponse,
        status=201,
        parts=_ID,
        examples=_EXAMPLE,
        problems=(
            ProblemKind.NOT_FOUND,
            ProblemKind.SAME_PAID_JUST_NOW,
            ProblemKind.HARDLY_MEANT,
            ProblemKind.REFUSED,
            ProblemKind.KEY_REUSED,
            ProblemKind.OUTCOME_UNKNOWN,
            ProblemKind.UNAVAILABLE,
        ),
        repeatable=True,
        leads_to={"getPaymentIntent": "id", "confirmPaymentIntent": "id", "cancelPaymentIntent": "id"},
    ),
)
