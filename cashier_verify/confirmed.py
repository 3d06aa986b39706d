"""What no desk may attest: Stripe confirmed each payment by it, and each refund to a card, to somebody else.

That is due an hour after its beginning, as the journal's last entry has the time. What a supervisor settled as a
difference, by the journal, is not said again.
"""

from __future__ import annotations

from cashier_verify.check import Check, fact

AT_STRIPE = ("checkout", "saved_card", "phone", "reader", "keyed", "online")
"""By which tenders Stripe is paid."""
_HOUR = 1.0 / 24

_IS_LATE = f"julianday({{}}) < (SELECT julianday(max(told.at)) FROM told) - {_HOUR}"


def _settled(kinds: tuple[str, ...], names: str) -> str:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return (
        "EXISTS (SELECT 1 FROM told WHERE told.action = 'difference settled' "
        f"AND {fact('difference_kind')} IN ({listed}) AND {fact('stripe')} IN ({names}))"
    )


_OTHERS = "SELECT count(*) FROM payment o WHERE o.stripe_charge_id = p.stripe_charge_id"

CHECKS = (
    Check(
        "unconfirmed",
        "SELECT p.id, p.amount_minor, p.currency FROM payment p WHERE p.confirmed_at IS NULL AND p.state = 'paid' "
        f"AND p.tender IN ({', '.join(map(repr, AT_STRIPE))}) AND {_IS_LATE.format('p.created_at')} AND NOT "
        + _settled(
            ("missing_charge", "amount_differs", "unconfirmed"),
            f"p.id, CASE ({_OTHERS}) WHEN 1 THEN p.stripe_charge_id END",
        ),
        "payment {0} ({1} {2}) was paid at Stripe, and nobody but a desk says so: it was never confirmed",
    ),
    Check(
        "unconfirmed",
        "SELECT r.id, r.amount_minor, r.currency FROM refund r WHERE r.confirmed_at IS NULL "
        f"AND r.state = 'succeeded' AND r.way = 'card' AND {_IS_LATE.format('r.requested_at')} AND NOT "
        + _settled(("refund_unknown", "refund_differs", "refund_unconfirmed"), "r.id, r.stripe_refund_id"),
        "refund {0} ({1} {2}) went back to a card, and nobody but a desk says so: it was never confirmed",
    ),
)
