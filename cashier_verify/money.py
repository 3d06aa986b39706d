"""Payments, refunds and what they count towards, both ways: no record without its entry, no entry without a record.

What the journal tells is compared with the record, and the order of its entries with the state that it is in.
"""

from __future__ import annotations

from cashier_verify.check import Check, fact, readable

_MOVES = {
    "payment prepared": "prepared",
    "credit taken": "paid",
    "payment open": "open",
    "payment processing": "processing",
    "payment paid": "paid",
    "payment cancelled": "cancelled",
}
_REFUND_MOVES = {
    "refund requested": "requested",
    "refund approved": "approved",
    "refund approved by rule": "approved",
    "refund rejected": "rejected",
    "refund expired": "expired",
    "refund pending": "pending",
    "refund succeeded": "succeeded",
    "refund failed": "failed",
}


_ON_PAPER = readable("r.facts")
_DAYS_APART = 600.0 / 86_400
"""How far the clock of a record may be from that of its entry: ten minutes, in days."""


def _state(moves: dict[str, str], about: str) -> str:
    """Return the expression for the state in which the last move left what ``about`` names."""
    cases = " ".join(f"WHEN '{action}' THEN '{state}'" for action, state in moves.items())
    named = ", ".join(f"'{action}'" for action in moves)
    return (
        f"(SELECT CASE told.action {cases} END FROM told WHERE told.action IN ({named}) AND told.about = {about} "
        "ORDER BY told.number DESC LIMIT 1)"
    )


PAYMENTS = (
    Check(
        "payment",
        "SELECT p.id, p.tender, p.amount_minor, count(told.number) FROM payment p "
        "LEFT JOIN told ON told.action = CASE p.tender WHEN 'credit_note' THEN 'credit taken' ELSE 'payment "
        "prepared' END "
        "AND told.about = p.id GROUP BY p.id "
        "HAVING count(told.number) <> 1 AND NOT (p.tender = 'credit_note' AND count(told.number) > 1)",
        "{0} ({1}, {2}) has {3} entries of its beginning",
    ),
    Check(
        "payment",
        f"SELECT p.id, {fact('amount_minor')}, {fact('currency')}, {fact('tender')}, told.staff_id, told.desk_id, "
        "coalesce(p.asked_minor, p.amount_minor), p.currency, p.tender, p.staff_id, p.desk_id "
        "FROM payment p JOIN told ON told.action = 'payment prepared' AND told.about = p.id "
        f"WHERE {fact('amount_minor')} <> coalesce(p.asked_minor, p.amount_minor) OR {fact('currency')} <> "
        "p.currency "
        f"OR {fact('tender')} <> p.tender OR {fact('deposit_minor')} <> p.deposit_minor "
        "OR told.staff_id <> p.staff_id OR told.desk_id <> p.desk_id",
        "{0} was begun as {1} {2} {3} by person {4} at desk {5}, and says {6} {7} {8} by person {9} at desk {10}",
    ),
    Check(
        "payment",
        f"SELECT p.id, p.state, {_state(_MOVES, 'p.id')} AS told_state FROM payment p "
        "WHERE told_state IS NOT p.state",
        "{0} is {1}, by the journal {2}",
    ),
    Check(
        "payment",
        f"SELECT p.id, {fact('amount_minor')}, {fact('intent')}, p.amount_minor, p.stripe_intent_id "
        "FROM payment p JOIN told ON told.action = 'payment paid' AND told.about = p.id "
        f"WHERE {fact('amount_minor')} <> p.amount_minor OR {fact('intent')} IS NOT p.stripe_intent_id",
        "{0} was paid with {1} (at Stripe: {2}), and says {3} ({4})",
    ),
    Check(
        "payment",
        "SELECT told.action, told.about, told.number FROM told LEFT JOIN payment p ON p.id = told.about "
        "WHERE told.subject = 'payment' AND told.action IN ('payment prepared', 'payment paid', 'credit taken') "
        "AND p.id IS NULL",
        "“{0}” stands in the journal of {1} (entry {2}), and there is no such payment",
    ),
    Check(
        "payment",
        "SELECT p.id, p.shift_id FROM payment p JOIN shift s ON s.id = p.shift_id WHERE p.tender = 'cash' "
        "AND (s.desk_id <> p.desk_id OR p.settled_at < s.opened_at OR p.settled_at > s.closed_at)",
        "{0} lies in the drawer of shift {1}, which was not open there when it was taken",
    ),
    Check(
        "payment",
        "SELECT p.id, s.id FROM payment p JOIN shift s ON s.desk_id = p.desk_id AND p.settled_at >= s.opened_at "
        "AND (s.closed_at IS NULL OR p.settled_at < s.closed_at) WHERE p.tender = 'cash' AND p.shift_id IS NULL",
        "{0} lies in no drawer, and shift {1} was open when it was taken",
    ),
    Check(
        "payment",
        "SELECT p.id, p.created_at, told.at FROM payment p JOIN told ON told.action = 'payment prepared' "
        f"AND told.about = p.id WHERE abs(julianday(told.at) - julianday(p.created_at)) > {_DAYS_APART}",
        "{0} is of {1}, by the journal of {2}",
    ),
    Check(
        "payment",
        "SELECT p.id, p.settled_at, told.at FROM payment p JOIN told ON told.action = 'payment paid' "
        f"AND told.about = p.id WHERE abs(julianday(told.at) - julianday(p.settled_at)) > {_DAYS_APART}",
        "{0} was paid at {1}, by the journal at {2}",
    ),
    Check(
        "payment",
        "SELECT p.id, p.reference, p.tendered_minor FROM payment p JOIN receipt r ON r.payment_id = p.id "
        "WHERE r.kind = 'payment' AND p.tender IN ('cash', 'cheque', 'bank_transfer', 'external_terminal') AND "
        f"(p.tender <> 'cash' AND p.reference <> coalesce(json_extract({_ON_PAPER}, '$.tenders[0].reference'), '') "
        f"OR p.tendered_minor <> coalesce(json_extract({_ON_PAPER}, '$.tenders[0].tendered_minor'), "
        "p.amount_minor + p.rounding_minor))",
        "{0} has the reference “{1}” and {2} handed over: its receipt says otherwise",
    ),
)

REFUNDS = (
    Check(
        "refund",
        "SELECT r.id, r.amount_minor, count(told.number) FROM refund r "
        "LEFT JOIN told ON told.action = CASE r.origin WHEN 'stripe' THEN 'refund adopted' ELSE 'refund "
        "requested' END "
        "AND told.about = r.id GROUP BY r.id HAVING count(told.number) <> 1",
        "{0} ({1}) has {2} entries of its request",
    ),
    Check(
        "refund",
        f"SELECT r.id, {fact('amount_minor')}, {fact('way')}, told.staff_id, r.amount_minor, r.way, r.requested_by "
        "FROM refund r JOIN told ON told.action = 'refund requested' AND told.about = r.id "
        f"WHERE {fact('amount_minor')} <> r.amount_minor OR {fact('way')} <> r.way "
        f"OR replace({fact('payment')}, '-', '') <> r.payment_id OR {fact('currency')} <> r.currency "
        "OR told.staff_id IS NOT r.requested_by",
        "{0} was asked for as {1} by {2} by person {3}, and says {4} by {5} by person {6}",
    ),
    Check(
        "refund",
        "SELECT r.id, r.state, r.decided_by FROM refund r WHERE r.origin = 'desk' "
        "AND r.state NOT IN ('requested', 'rejected', 'expired') AND NOT EXISTS (SELECT 1 FROM told "
        "WHERE told.action IN ('refund approved', 'refund approved by rule') AND told.about = r.id "
        f"AND {fact('amount_minor')} = r.amount_minor AND {fact('way')} = r.way "
        "AND (told.staff_id = r.decided_by OR r.rule_client_id IS NOT NULL) "
        "AND (told.action = 'refund approved by rule') = (r.rule_client_id IS NOT NULL))",
        "{0} is {1}, decided about by person {2}: the journal has no such approval",
    ),
    Check(
        "refund",
        f"SELECT r.id, r.state, {_state(_REFUND_MOVES, 'r.id')} AS told_state FROM refund r "
        "WHERE r.origin = 'desk' AND told_state IS NOT r.state",
        "{0} is {1}, by the journal {2}",
    ),
    Check(
        "refund",
        "SELECT told.action, told.about, told.number FROM told LEFT JOIN refund r ON r.id = told.about "
        "WHERE told.subject = 'refund' AND told.action IN ('refund requested', 'refund adopted', 'refund approved', "
        "'refund approved by rule', 'refund succeeded') AND r.id IS NULL",
        "“{0}” stands in the journal of {1} (entry {2}), and there is no such refund",
    ),
)

REVERSALS = (
    Check(
        "refund",
        "SELECT v.id, v.outcome, v.amount_minor, v.decided_by FROM reversal v WHERE NOT EXISTS (SELECT 1 FROM told "
        "WHERE told.action = 'reversal ' || replace(v.outcome, '_', ' ') AND told.about = v.payment_id "
        f"AND {fact('reversal')} = v.id AND {fact('amount_minor')} = v.amount_minor AND {fact('reason')} = v.reason "
        f"AND {fact('dispute')} IS v.dispute_id AND replace({fact('refund')}, '-', '') IS v.refund_id "
        "AND told.staff_id = v.decided_by)",
        "the decision {0} about money that went away ({1}, {2}, by person {3}): the journal does not tell of that",
    ),
    Check(
        "refund",
        f"SELECT {fact('reversal')}, told.action, told.number FROM told LEFT JOIN reversal v ON v.id = "
        f"{fact('reversal')} "
        "WHERE told.action IN ('reversal owed again', 'reversal written off') AND v.id IS NULL",
        "the decision {0} about money that went away (“{1}”, entry {2}) is not there",
    ),
)

COUNTED = (
    Check(
        "payment",
        "SELECT p.id, p.amount_minor, coalesce((SELECT sum(r.amount_minor) FROM refund r WHERE r.payment_id = p.id "
        "AND r.state IN ('pending', 'succeeded')), 0) + coalesce((SELECT sum(v.amount_minor) FROM reversal v "
        "WHERE v.payment_id = p.id AND v.dispute_id IS NOT NULL AND v.outcome = 'owed_again'), 0) AS "
        "returned, coalesce((SELECT sum(a.amount_minor) "
        "FROM allocation a WHERE a.payment_id = p.id), 0) + p.unallocated_minor AS counted FROM payment p "
        "WHERE p.tender <> 'credit_note' AND counted <> CASE p.state WHEN 'paid' THEN p.amount_minor ELSE 0 "
        "END - returned",
        "{0} of {1}, of which {2} went back, counts {3} towards invoices and the patient's account",
    ),
    Check(
        "payment",
        "SELECT p.id, i.number FROM allocation a JOIN payment p ON p.id = a.payment_id "
        "JOIN invoice i ON i.id = a.invoice_id WHERE p.patient_id <> i.patient_id "
        "GROUP BY a.payment_id, a.invoice_id HAVING sum(a.amount_minor) <> 0",
        "{0} counts towards invoice {1} of another patient",
    ),
    Check(
        "allocation",
        "SELECT u.id, u.amount_minor, u.staff_id FROM deposit_use u WHERE NOT EXISTS (SELECT 1 FROM told "
        f"WHERE told.action = 'deposit used' AND replace({fact('use')}, '-', '') = u.id "
        f"AND {fact('amount_minor')} = u.amount_minor AND told.staff_id = u.staff_id "
        f"AND {fact('invoice')} = (SELECT i.number FROM invoice i WHERE i.id = u.invoice_id))",
        "use {0} of {1} from an account, by person {2}: the journal does not tell of that",
    ),
    Check(
        "allocation",
        f"SELECT p.id, {fact('amount_minor')} - {fact('unallocated_minor')}, coalesce((SELECT sum(a.amount_minor) "
        "FROM allocation a WHERE a.payment_id = p.id AND a.deposit_use_id IS NULL AND a.at <= p.settled_at), "
        "0) AS counted "
        "FROM payment p JOIN told ON told.action = 'payment paid' AND told.about = p.id "
        f"WHERE counted <> {fact('amount_minor')} - {fact('unallocated_minor')}",
        "{0} counted {1} towards invoices when it was paid, and {2} now",
    ),
    Check(
        "allocation",
        "SELECT p.id, json_extract(line.value, '$.number'), json_extract(line.value, '$.paid_now_minor') AS "
        "told_minor, "
        "coalesce((SELECT sum(a.amount_minor) FROM allocation a JOIN invoice i ON i.id = a.invoice_id "
        "WHERE a.payment_id = p.id AND a.deposit_use_id IS NULL AND a.at <= p.settled_at "
        "AND i.number = json_extract(line.value, '$.number')), 0) AS counted "
        f"FROM receipt r JOIN payment p ON p.id = r.payment_id, json_each({_ON_PAPER}, '$.invoices') line "
        "WHERE r.kind = 'payment' AND counted <> told_minor",
        "{0} paid {2} of invoice {1} by its receipt, and counts {3} towards it",
    ),
    Check(
        "invoice",
        "SELECT i.number, i.paid_minor, coalesce(sum(a.amount_minor), 0) FROM invoice i "
        "LEFT JOIN allocation a ON a.invoice_id = i.id GROUP BY i.id "
        "HAVING i.paid_minor <> coalesce(sum(a.amount_minor), 0)",
        "{0} says that {1} are paid; {2} count towards it",
    ),
    Check(
        "invoice",
        "SELECT i.number, i.total_minor, sum(l.total_minor) FROM invoice i JOIN invoice_line l ON "
        "l.invoice_id = i.id "
        "GROUP BY i.id HAVING i.total_minor <> sum(l.total_minor)",
        "{0} comes to {1}, and its lines to {2}",
    ),
)

CHECKS = (*PAYMENTS, *REFUNDS, *REVERSALS, *COUNTED)
