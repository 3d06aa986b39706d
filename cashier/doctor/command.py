"""The command ``cashier doctor``."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from functools import partial

from cashier.doctor.anchors import look_at_anchors
from cashier.doctor.books import audits_of
from cashier.doctor.configuration import Configuration
from cashier.doctor.connections import Connections
from cashier.doctor.findings import Check, Level, examine
from cashier.doctor.machine import look_at_printer, look_at_web_engine
from cashier.doctor.paper import look_at_fonts, look_at_receipt_printer
from cashier.doctor.report import as_json, as_text, worst_of
from cashier.language import m


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options to ``parser``."""
    parser.add_argument(
        "--audit",
        action="store_true",
        help=str(m("look at the books instead: journal, receipts, payments, balances")),
    )
    parser.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="N:HASH",
        help=str(m("with --audit: number and hash of an entry, from the end of a Z report; may be repeated")),
    )
    parser.add_argument("--json", action="store_true", help=str(m("write the findings for a program")))


def run(arguments: argparse.Namespace) -> int:
    """Look at everything and say what was found; return 1 when something is wrong."""
    # What goes wrong is shown in the findings, not in a log beside them.
    logging.getLogger().addHandler(logging.NullHandler())
    configuration = Configuration(arguments.settings)
    is_audit = arguments.audit or bool(arguments.head)
    checks = audits_of(configuration, arguments.head) if is_audit else checks_of(configuration)
    findings = asyncio.run(examine(checks))
    if arguments.json:
        print(as_json(checks, findings))
    else:
        is_terminal = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        print(as_text(checks, findings, is_terminal=is_terminal))
    return 1 if worst_of(findings) is Level.WRONG else 0


def checks_of(configuration: Configuration) -> list[Check]:
    """Return all checks, in the order in which their remedies are best followed."""
    lines = Connections(configuration)
    return [
        Check(name=m("Settings"), look=configuration.look_at_settings),
        Check(name=m("Stripe key"), look=configuration.look_at_stripe_key),
        Check(name=m("Webhook secrets"), look=configuration.look_at_webhook_secrets),
        Check(name=m("Certificate"), look=configuration.look_at_certificate),
        Check(name=m("Payment page"), look=configuration.look_at_payment_page),
        Check(name=m("Database"), look=lines.look_at_database, limit_seconds=15),
        Check(name=m("Storage"), look=lines.look_at_storage, limit_seconds=30),
        Check(name=m("Hospital and desk"), look=lines.look_at_hospital, limit_seconds=15),
        Check(name=m("Stripe"), look=lines.look_at_stripe, limit_seconds=15),
        Check(name=m("Rights at Stripe"), look=lines.look_at_rights, limit_seconds=30),
        Check(name=m("Card readers"), look=lines.look_at_readers, limit_seconds=15),
        Check(name=m("Clock"), look=lines.look_at_clock),
        Check(name=m("Companion"), look=lines.look_at_companion),
        Check(name=m("Anchors"), look=partial(look_at_anchors, configuration), limit_seconds=30),
        Check(name=m("Web view"), look=look_at_web_engine, limit_seconds=30),
        Check(name=m("Fonts"), look=partial(look_at_fonts, configuration, lines), limit_seconds=30),
        Check(name=m("Printer"), look=partial(look_at_printer, configuration), limit_seconds=15),
        Check(name=m("Receipt printer"), look=partial(look_at_receipt_printer, configuration), limit_seconds=15),
    ]
