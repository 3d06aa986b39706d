"""Receipts, what was printed of them, and shifts: their numbers, what stands on them, and the drawer's cash."""

from __future__ import annotations

from cashier_verify.check import Check, fact

_NAME = "r.series || '-' || printf('%06d', r.number)"
_HANDED_OUT = "told.action IN ('receipt printed', 'receipt reprinted')"

RECEIPTS = (
    Check(
        "receipt",
        f"SELECT {_NAME} AS name, count(told.number) FROM receipt r "
        f"LEFT JOIN told ON told.action = 'receipt issued' AND told.about = {_NAME} "
        "GROUP BY r.id HAVING count(told.number) <> 1",
        "{0} has {1} entries of its issue",
    ),
    Check(
        "receipt",
        f"SELECT {_NAME}, {fact('kind')}, {fact('amount_minor')}, {fact('currency')}, r.kind, r.amount_minor, "
        "r.currency "
        f"FROM receipt r JOIN told ON told.action = 'receipt issued' AND told.about = {_NAME} "
        f"WHERE replace({fact('payment')}, '-', '') <> r.payment_id OR {fact('kind')} <> r.kind "
        f"OR {fact('amount_minor')} <> r.amount_minor OR {fact('currency')} <> r.currency",
        "{0} was issued as {1} of {2} {3}, and says {4} of {5} {6}, or belongs to another payment now",
    ),
    Check(
        "receipt",
        f"SELECT {_NAME} FROM receipt r JOIN told ON told.action = 'receipt issued' AND told.about = {_NAME} "
        f"WHERE {fact('facts_sha256')} IS NOT NULL AND {fact('facts_sha256')} <> sha256_of(CAST(r.facts AS BLOB))",
        "what stands on {0} was changed",
    ),
    Check(
        "receipt",
        "SELECT stated.key FROM told, json_each(told.facts, '$.receipts') stated "
        f"LEFT JOIN receipt r ON {_NAME} = stated.key WHERE told.action = 'books attested' "
        "AND stated.value IS NOT sha256_of(CAST(r.facts AS BLOB))",
        "what stands on {0} was changed, or it is gone",
    ),
    Check(
        "receipt",
        "SELECT told.about, told.number FROM told "
        f"LEFT JOIN (SELECT {_NAME} AS name FROM receipt r) known ON known.name = told.about "
        "WHERE told.action = 'receipt issued' AND known.name IS NULL",
        "{0} was issued (entry {1}), and it is not there",
    ),
    Check(
        "print",
        f"SELECT {_NAME}, p.copy, p.staff_id, p.printed_at FROM receipt r JOIN receipt_print p ON p.receipt_id "
        "= r.id "
        f"WHERE NOT EXISTS (SELECT 1 FROM told WHERE {_HANDED_OUT} AND told.about = {_NAME} "
        f"AND {fact('copy')} = p.copy AND told.staff_id IS p.staff_id AND told.desk_id IS p.desk_id "
        "AND abs(julianday(told.at) - julianday(p.printed_at)) < 600.0 / 86400)",
        "{0}, copy {1}, by person {2} at {3}: the journal does not tell of that",
    ),
    Check(
        "print",
        f"SELECT told.about, {fact('copy')}, told.number FROM told WHERE {_HANDED_OUT} AND NOT EXISTS "
        "(SELECT 1 FROM receipt r JOIN receipt_print p ON p.receipt_id = r.id "
        f"WHERE {_NAME} = told.about AND p.copy = {fact('copy')})",
        "{0}, copy {1}, was handed out (entry {2}), and no record says so",
    ),
    Check(
        "print",
        f"SELECT {_NAME}, told.number FROM receipt r JOIN told ON {_HANDED_OUT} AND told.about = {_NAME} "
        f"WHERE {fact('pdf_sha256')} IS NOT NULL AND {fact('pdf_sha256')} NOT IN "
        "(SELECT sha256_of(d.pdf) FROM receipt_document d WHERE d.receipt_id = r.id UNION ALL "
        "SELECT sha256_of(t.pdf) FROM receipt_translation t WHERE t.receipt_id = r.id)",
        "the paper of {0} is not the one that was handed out (entry {1})",
    ),
)

SHIFTS = (
    Check(
        "shift",
        "SELECT s.id, s.number, count(told.number) FROM shift s "
        "LEFT JOIN told ON told.action = 'shift opened' AND told.about = s.id "
        "GROUP BY s.id HAVING count(told.number) <> 1",
        "{0} (number {1}) has {2} entries of its opening",
    ),
    Check(
        "shift",
        f"SELECT s.id, {fact('float_minor')}, told.staff_id, s.float_minor, s.opened_by "
        "FROM shift s JOIN told ON told.action = 'shift opened' AND told.about = s.id "
        f"WHERE {fact('float_minor')} <> s.float_minor OR {fact('number')} <> s.number "
        "OR told.staff_id <> s.opened_by OR told.desk_id <> s.desk_id",
        "{0} was opened with {1} by person {2}, and says {3} by person {4}",
    ),
    Check(
        "shift",
        "SELECT s.id, (s.closed_at IS NOT NULL), count(told.number) FROM shift s "
        "LEFT JOIN told ON told.action = 'shift closed' AND told.about = s.id "
        "GROUP BY s.id HAVING count(told.number) <> (s.closed_at IS NOT NULL)",
        "{0} (closed: {1}) has {2} entries of its closing",
    ),
    Check(
        "shift",
        f"SELECT s.id, {fact('expected_minor')}, {fact('counted_minor')}, s.expected_minor, s.counted_minor "
        "FROM shift s JOIN told ON told.action = 'shift closed' AND told.about = s.id "
        f"WHERE {fact('expected_minor')} <> s.expected_minor OR {fact('counted_minor')} <> s.counted_minor "
        f"OR {fact('reason')} <> s.difference_reason OR {fact('approved_by')} IS NOT s.difference_approved_by "
        "OR told.staff_id <> s.closed_by OR told.number <> s.journal_number OR s.journal_hash IS NOT "
        "(SELECT e.hash FROM journal_entry e WHERE e.number = s.journal_number)",
        "{0} was closed with {1} expected and {2} counted, and says {3} and {4}, or another person, reason or entry",
    ),
    Check(
        "shift",
        "SELECT s.id, sum(c.value_minor * c.pieces), s.counted_minor FROM shift s "
        "LEFT JOIN shift_count c ON c.shift_id = s.id WHERE s.closed_at IS NOT NULL GROUP BY s.id "
        "HAVING coalesce(sum(c.value_minor * c.pieces), 0) <> s.counted_minor",
        "{0}: its notes and coins come to {1}, and {2} were counted",
    ),
    Check(
        "shift",
        "SELECT s.id FROM shift s JOIN told ON told.action IN ('shift report printed', 'shift report reprinted') "
        f"AND told.about = s.id WHERE {fact('facts_sha256')} IS NOT NULL "
        f"AND {fact('facts_sha256')} <> sha256_of(CAST(s.facts AS BLOB)) GROUP BY s.id",
        "{0}: its Z report is not the one that was handed out",
    ),
    Check(
        "shift",
        "SELECT told.about, told.number FROM told LEFT JOIN shift s ON s.id = told.about "
        "WHERE told.action IN ('shift opened', 'shift closed') AND s.id IS NULL",
        "{0} stands in the journal (entry {1}), and it is not there",
    ),
    Check(
        "cash",
        "SELECT m.id, m.kind, m.amount_minor, m.staff_id FROM cash_movement m WHERE NOT EXISTS (SELECT 1 FROM told "
        "WHERE told.action = 'cash moved ' || m.kind AND told.about = m.shift_id "
        f"AND replace({fact('movement')}, '-', '') = m.id AND {fact('amount_minor')} = m.amount_minor "
        f"AND {fact('reason')} = m.reason AND told.staff_id = m.staff_id)",
        "{0} ({1}, {2}, by person {3}): the journal does not tell of that",
    ),
    Check(
        "cash",
        f"SELECT told.action, {fact('amount_minor')}, told.number FROM told LEFT JOIN cash_movement m "
        f"ON m.id = replace({fact('movement')}, '-', '') "
        "WHERE told.action IN ('cash moved in', 'cash moved out') AND m.id IS NULL",
        "“{0}” of {1} (entry {2}) has no record",
    ),
)

CHECKS = (*RECEIPTS, *SHIFTS)
