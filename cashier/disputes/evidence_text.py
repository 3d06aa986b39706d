"""The evidence about a dispute as text, which is handed to the bank: the facts of the sheet, and no others."""

from __future__ import annotations

from cashier.clock import zone_of
from cashier.disputes.evidence_pdf import STATEMENT, Evidence, Moment, parts_of
from cashier.language import dates

TEXT_LENGTH_MAX = 20_000
"""What Stripe takes: https://docs.stripe.com/api/disputes/evidence_object"""


def render_text(evidence: Evidence) -> str:
    """Write the evidence in the language that is spoken, a line a fact."""
    moment = _moments(evidence)
    lines = [evidence.hospital, evidence.legal_name, " ".join(evidence.address.splitlines())]
    for name, facts in parts_of(evidence, moment):
        lines += ["", str(name)]
        lines += [f"{fact}: {value}" for fact, value in facts]
    lines += ["", str(STATEMENT)]
    return "\n".join(lines)[:TEXT_LENGTH_MAX]


def _moments(evidence: Evidence) -> Moment:
    zone = zone_of(evidence.time_zone)
    times = dates.PaperTimes((), made_at=evidence.made_at.astimezone(zone), always=True)
    return lambda at: times.moment(at.astimezone(zone), seconds=True)
