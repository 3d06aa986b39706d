"""Whether the places that the settings name for anchors would take one."""

from __future__ import annotations

from cashier.audit.anchors.outlets import bounded, outlets_of
from cashier.doctor.configuration import Configuration
from cashier.doctor.findings import Finding, Level
from cashier.language import joined, m, verbatim


async def look_at_anchors(configuration: Configuration) -> Finding:
    """Look at each place without writing anything; of a log by UDP nobody can say that it arrives."""
    wanted = configuration.settings.anchors
    outlets = outlets_of(wanted.syslog, wanted.file)
    if not outlets:
        return Finding(level=Level.OK, message=m("The journal's newest entry is told to Stripe alone."))
    found = [(outlet.name, await bounded(outlet.probe)) for outlet in outlets]
    failed = [m("{place} ({reason})", place=name, reason=reason) for name, reason in found if reason is not None]
    if failed:
        return Finding(
            level=Level.WARNING,
            message=m("The journal's newest entry could not be told to {places}.", places=joined(", ", failed)),
            remedy=m("Correct [anchors] in the settings of the companion, or what is there. Work goes on meanwhile."),
        )
    names = joined(", ", [verbatim(outlet.name) for outlet in outlets])
    return Finding(level=Level.OK, message=m("The journal's newest entry is told to {places}.", places=names))
