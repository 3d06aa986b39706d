"""The command ``cashier sandbox``."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

from cashier.errors import CashierError
from cashier.language import m, mc
from cashier.sandbox.server import Options, serve

WEBHOOK_SECRET_VARIABLE = "SANDBOX_WEBHOOK_SECRET"  # noqa: S105 - a name, not a secret
"""Where the secret may be instead of on the command line, which everybody on the machine can read."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to ``parser``."""
    _add_place(parser)
    _add_account(parser)
    _add_pace(parser)


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=int, default=0, help=str(m("port to listen on; 0 takes a free one and says which"))
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help=str(m("address to listen on (default: this machine only)"))
    )
    parser.add_argument(
        "--log",
        type=Path,
        metavar=str(mc("placeholder", "FILE")),
        help=str(m("append every exchange and webhook as a line of JSON")),
    )
    parser.add_argument(
        "--state",
        type=Path,
        metavar=str(mc("placeholder", "FILE")),
        help=str(m("keep all state in this file across restarts")),
    )


def _add_account(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--business-name",
        metavar=str(mc("placeholder", "NAME")),
        help=str(m("who is paid, as the hosted pages show it")),
    )
    parser.add_argument("--key", metavar="SK_TEST", help=str(m("accept only this API key instead of any test key")))
    parser.add_argument("--forward-to", metavar="URL", help=str(m("send all events to this address")))
    parser.add_argument(
        "--webhook-secret",
        metavar="WHSEC",
        default=os.environ.get(WEBHOOK_SECRET_VARIABLE),
        help=str(
            m(
                "sign what --forward-to sends with this secret (or with the one in {variable})",
                variable=WEBHOOK_SECRET_VARIABLE,
            )
        ),
    )


def _add_pace(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--retry-scale",
        type=float,
        default=1.0,
        metavar=str(mc("placeholder", "FACTOR")),
        help=str(m("stretch or shrink the time between retries")),
    )
    parser.add_argument(
        "--reader-answers-after",
        type=float,
        metavar=str(mc("placeholder", "SECONDS")),
        help=str(
            m("let a customer hold a card to each waiting reader after so long (default: wait for a test helper)")
        ),
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the sandbox until it is told to stop; return the exit status."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    options = Options(
        host=arguments.host,
        port=arguments.port,
        log_file=arguments.log,
        state_file=arguments.state,
        only_key=arguments.key,
        forward_url=arguments.forward_to,
        webhook_secret=arguments.webhook_secret,
        retry_scale=arguments.retry_scale,
        reader_answers_after=arguments.reader_answers_after,
        business_name=arguments.business_name,
    )
    try:
        asyncio.run(serve(options))
    except CashierError as error:
        sys.stderr.write(f"{error.words}\n")
        return 2
    return 0
