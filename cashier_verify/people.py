"""Who may do what: roles, PINs, badges, limits and keys are what the journal says that they became.

An entry tells of a PIN or badge by the first sixteen digits of a digest of what is kept. Where nothing was told, as
of programs before that, the state that was attested at the upgrade counts.
"""

from __future__ import annotations

from cashier_verify.check import Check, fact


def _last(what: str, *actions: str) -> str:
    """Return the expression for the last value of the fact ``what`` of a person ``s``."""
    named = ", ".join(f"'{action}'" for action in actions)
    return (
        f"(SELECT value FROM (SELECT told.number, {fact(what)} AS value FROM told WHERE told.action IN ({named}) "
        f"AND told.about = s.id AND {fact(what)} IS NOT NULL "
        f"UNION ALL SELECT told.number, json_extract(told.facts, '$.staff.' || s.id || '.{what}') FROM told "
        "WHERE told.action = 'books attested' AND json_type(told.facts, '$.staff.' || s.id) IS NOT NULL) "
        "ORDER BY number DESC LIMIT 1)"
    )


_PINS = ("staff added", "PIN changed", "PIN reset", "PIN hashed anew", "staff reactivated")
# A file has the bytes themselves, an export their digits.
_HEX = "CASE typeof({0}) WHEN 'blob' THEN lower(hex({0})) ELSE {0} END"
_MARK = (
    f"substr(sha256_of(CAST(({_HEX.format('x.verifier')}) || '.' || ({_HEX.format('x.mark_key')}) AS BLOB)), 1, 16)"
)
_BADGE = (
    "(SELECT value FROM (SELECT told.number, CASE told.action WHEN 'badge given' THEN "
    f"coalesce({fact('badge')}, 'not told') END AS value FROM told "
    "WHERE told.action IN ('badge given', 'badge taken away') AND told.about = s.id UNION ALL "
    "SELECT told.number, json_extract(told.facts, '$.staff.' || s.id || '.badge') FROM told "
    "WHERE told.action = 'books attested' AND json_type(told.facts, '$.staff.' || s.id) IS NOT NULL) "
    "ORDER BY number DESC LIMIT 1)"
)
_ACTIVE = (
    "coalesce((SELECT value FROM (SELECT told.number, told.action <> 'staff deactivated' AS value FROM told "
    "WHERE told.action IN ('staff deactivated', 'staff reactivated') AND told.about = s.id UNION ALL "
    "SELECT told.number, json_extract(told.facts, '$.staff.' || s.id || '.is_active') FROM told "
    "WHERE told.action = 'books attested' AND json_type(told.facts, '$.staff.' || s.id) IS NOT NULL) "
    "ORDER BY number DESC LIMIT 1), 1)"
)
_LIMITS = {
    "amount_minor_max": "amount_minor",
    "day_total_minor_max": "day_total_minor",
    "payment_age_days_max": "payment_age_days",
}

PEOPLE = (
    Check(
        "staff",
        f"SELECT s.id, s.role, {_last('role', 'staff added', 'role changed')} AS told_role FROM staff s "
        "WHERE told_role IS NOT s.role",
        "{0} is {1}, by the journal {2}",
    ),
    Check(
        "staff",
        f"SELECT s.id, {_last('pin', *_PINS)} AS told_pin FROM staff s "
        f"LEFT JOIN staff_secret x ON x.staff_id = s.id WHERE told_pin IS NOT {_MARK}",
        "{0}: the PIN was changed past the program",
    ),
    Check(
        "staff",
        f"SELECT s.id, {_BADGE} AS told_badge FROM staff s WHERE told_badge IS NOT 'not told' "
        "AND told_badge IS NOT substr(sha256_of(CAST(s.badge_digest AS BLOB)), 1, 16)",
        "{0}: the badge was changed past the program",
    ),
    Check(
        "staff",
        f"SELECT s.id, s.is_active, {_ACTIVE} AS told_active FROM staff s WHERE told_active <> s.is_active",
        "{0} may sign in: {1}, by the journal {2}",
    ),
    Check(
        "staff",
        "SELECT told.about, told.number FROM told LEFT JOIN staff s ON s.id = told.about "
        "WHERE told.action = 'staff added' AND s.id IS NULL",
        "{0} was added (entry {1}), and is not there",
    ),
)

_ROLE_THEN = (
    "(SELECT value FROM (SELECT e.number, json_extract(e.facts, '$.role') AS value FROM told e "
    "WHERE e.action IN ('staff added', 'role changed') AND e.about = CAST(told.staff_id AS TEXT) "
    "AND e.number < told.number UNION ALL "
    "SELECT e.number, json_extract(e.facts, '$.staff.' || told.staff_id || '.role') FROM told e "
    "WHERE e.action = 'books attested' AND e.number < told.number "
    "AND json_type(e.facts, '$.staff.' || told.staff_id) IS NOT NULL) ORDER BY number DESC LIMIT 1)"
)
APPROVERS = (
    Check(
        "refund",
        f"SELECT told.about, told.number, told.staff_id, {_ROLE_THEN} AS role_then FROM told "
        "WHERE told.action = 'refund approved' AND role_then NOT IN ('supervisor', 'administrator')",
        "{0} was approved (entry {1}) by person {2}, who was {3} then",
    ),
)

_OF_ROLE = (
    "(SELECT told.facts FROM told WHERE told.action = 'approval limit set' AND told.about = {role} "
    "ORDER BY told.number DESC LIMIT 1)"
)

LIMITS = (
    Check(
        "limits",
        "SELECT l.role, l.amount_minor_max, l.day_total_minor_max, l.payment_age_days_max, "
        f"json_extract({_OF_ROLE.format(role='l.role')}, '$.after') FROM approval_limit l WHERE "
        + " OR ".join(
            f"l.{column} IS NOT json_extract({_OF_ROLE.format(role='l.role')}, '$.after.{name}')"
            for column, name in _LIMITS.items()
        )
        + f" OR {_OF_ROLE.format(role='l.role')} IS NULL",
        "{0} may approve {1} at once, {2} a day, {3} days later; by the journal {4}",
    ),
    Check(
        "limits",
        "SELECT told.about, max(told.number) FROM told LEFT JOIN approval_limit l ON l.role = told.about "
        "WHERE told.action = 'approval limit set' AND l.role IS NULL GROUP BY told.about",
        "the limit of {0} (entry {1}) is gone",
    ),
)

CLIENTS = (
    Check(
        "client",
        f"SELECT c.name, c.scopes, {fact('scopes')} FROM api_client c LEFT JOIN told ON told.action = 'client added' "
        f"AND told.about = c.name WHERE {fact('scopes')} IS NOT c.scopes",
        "{0} may {1}, by the journal {2}",
    ),
    Check(
        "client",
        "SELECT c.name, k.public_id FROM api_key k JOIN api_client c ON c.id = k.client_id WHERE NOT EXISTS "
        "(SELECT 1 FROM told WHERE told.action = 'client key made' AND told.about = c.name "
        f"AND {fact('key')} = k.public_id AND coalesce({fact('mark')}, '') "
        "IN ('', substr(sha256_of(CAST(k.digest AS BLOB)), 1, 16)))",
        "{0} has a key {1} that the journal does not tell of, or tells otherwise",
    ),
    Check(
        "client",
        "SELECT c.name, l.amount_minor_max, l.day_total_minor_max FROM client_refund_limit l "
        "JOIN api_client c ON c.id = l.client_id WHERE NOT EXISTS (SELECT 1 FROM (SELECT told.facts FROM told "
        "WHERE told.action = 'client limit set' AND told.about = c.name ORDER BY told.number DESC LIMIT 1) told "
        f"WHERE {fact('after.amount_minor')} = l.amount_minor_max "
        f"AND {fact('after.day_total_minor')} = l.day_total_minor_max)",
        "{0} may refund {1} by itself, {2} a day: the journal does not tell of that",
    ),
)

_STATED = (
    "WITH stated AS (SELECT told.number AS entry, each.key AS name, json_extract(each.value, '$[0]') AS owed, "
    "json_extract(each.value, '$[1]') AS patient FROM told, json_each(told.facts, '$.owed') each "
    "WHERE told.action = 'invoices received' UNION ALL "
    "SELECT told.number, each.key, json_extract(each.value, '$[0]'), json_extract(each.value, '$[1]') "
    "FROM told, json_each(told.facts, '$.invoices') each WHERE told.action = 'books attested' UNION ALL "
    f"SELECT told.number, told.about, {fact('owed_minor')}, {fact('patient')} FROM told "
    "WHERE told.action = 'invoice changed'), "
    "last AS (SELECT name, owed, patient, max(entry) FROM stated GROUP BY name) "
)

INVOICES = (
    Check(
        "invoice",
        f"{_STATED} SELECT i.number, CASE WHEN i.status = 'cancelled' THEN 0 "
        "ELSE i.total_minor - i.insurer_share_minor END AS comes_to, last.owed "
        "FROM invoice i LEFT JOIN last ON last.name = i.number WHERE comes_to IS NOT last.owed",
        "{0} comes to {1}, by the journal to {2}",
    ),
    Check(
        "invoice",
        f"{_STATED} SELECT i.number, i.patient_id, last.patient FROM invoice i JOIN last ON last.name = i.number "
        "JOIN patient p ON p.id = last.patient WHERE i.patient_id NOT IN (p.id, coalesce(p.merged_into_id, p.id))",
        "{0} is of patient {1}, by the journal of patient {2}",
    ),
    Check(
        "invoice",
        f"{_STATED} SELECT last.name, last.owed FROM last LEFT JOIN invoice i ON i.number = last.name "
        "WHERE i.id IS NULL",
        "{0}, which came to {1}, is gone",
    ),
)

CHECKS = (*PEOPLE, *APPROVERS, *LIMITS, *CLIENTS, *INVOICES)
