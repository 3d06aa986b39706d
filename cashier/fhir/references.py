"""Whom a reference means: what is contained in the resource, or stands beside it in the bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cashier.fhir.elements import Element
from cashier.fhir.names import BUNDLE, INVOICE
from cashier.fhir.problems import Issue, ResourceRefused
from cashier.language import m

_ENTRIES_MAX = 1_000


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """An invoice with what stands around it: the entries of its bundle, by their full addresses and names."""

    invoice: Element
    entries: Sequence[tuple[str, Element]] = ()

    def meant_by(self, reference: Element | None) -> Element | None:
        """Return the resource that a reference means, if it was sent along."""
        written = "" if reference is None else reference.text("reference")
        if not written:
            return None
        if written.startswith("#"):
            for each in self.invoice.children("contained"):
                if each.text("id") == written[1:]:
                    return Element(each.value, each.path)
            return None
        for address, each in self.entries:
            names = {address, f"{each.text('resourceType')}/{each.text('id')}" if each.text("id") else ""}
            if written in names - {""}:
                return each
        return None


def invoices_in(resource: Element) -> list[Surroundings]:
    """Return the invoices of a resource, which is one itself or a bundle.

    Raises ``ResourceRefused`` for anything else, and for a bundle that holds no invoice or asks for more than that it
    be taken in.
    """
    resource.check_understood()
    kind = resource.needed("resourceType")
    if kind == INVOICE:
        return [Surroundings(invoice=resource)]
    if kind != BUNDLE:
        raise ResourceRefused(
            m("{field} is neither Invoice nor Bundle.", field="resourceType"),
            issue=Issue.NOT_SUPPORTED,
            at="resourceType",
        )
    if resource.text("type") not in ("collection", "transaction", "batch", "message", "document"):
        raise ResourceRefused(m("A bundle of this type is not taken."), issue=Issue.NOT_SUPPORTED, at="Bundle.type")
    entries = resource.children("entry")
    if len(entries) > _ENTRIES_MAX:
        raise ResourceRefused(
            m("A bundle has at most {most} entries.", most=_ENTRIES_MAX), issue=Issue.NOT_SUPPORTED, at="Bundle.entry"
        )
    found = [(each.text("fullUrl"), inner) for each in entries if (inner := _resource_of(each)) is not None]
    invoices = [inner for _, inner in found if inner.text("resourceType") == INVOICE]
    if not invoices:
        raise ResourceRefused(m("The bundle has no Invoice."), issue=Issue.REQUIRED, at="Bundle.entry")
    for each in invoices:
        each.check_understood()
    return [Surroundings(invoice=each, entries=found) for each in invoices]


def _resource_of(entry: Element) -> Element | None:
    request = entry.child("request")
    if request is not None and request.text("method") not in ("POST", "PUT"):
        raise ResourceRefused(
            m("{field} asks for something else than to take it in.", field=request.at("method")),
            issue=Issue.NOT_SUPPORTED,
            at=request.at("method"),
        )
    return entry.child("resource")
