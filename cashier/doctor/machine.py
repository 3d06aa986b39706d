"""Checks of what this machine can do: show Stripe's page, print. Qt works in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from dataclasses import dataclass
from typing import Any

from cashier.doctor.configuration import Configuration
from cashier.doctor.findings import Finding, Level
from cashier.errors import Misconfigured
from cashier.language import NOTHING, Message, joined, m, mc, sentences, verbatim

_NO_SANDBOX = "--no-sandbox --disable-gpu"


async def look_at_web_engine() -> Finding:
    """Can the web view that shows Stripe's page really load one. Raises ``Misconfigured`` if not."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    environment = {"QT_QPA_PLATFORM": "offscreen"}
    if is_root:
        environment["QTWEBENGINE_CHROMIUM_FLAGS"] = _NO_SANDBOX
    answer = await _probe("cashier.desk.shell.probe_web_engine", environment)
    if answer.facts is None:
        raise Misconfigured(
            m("The web view does not work: {reason}", reason=answer.last_words),
            advice=_library_remedy(answer),
        )
    message = m(
        "Qt {qt}, Chromium {chromium}: a page was loaded.",
        qt=answer.facts["qt"],
        chromium=answer.facts["chromium"],
    )
    if is_root:
        return Finding(
            level=Level.WARNING,
            message=sentences(message, m("As root it works only without Chromium's own sandbox.")),
            remedy=m("Run the desk as an ordinary user."),
        )
    return Finding(level=Level.OK, message=message)


async def look_at_printer(configuration: Configuration) -> Finding:
    """Is there a printer, and the one of the settings. Without one, receipts can still be saved as PDF."""
    answer = await _probe("cashier.desk.shell.probe_printers", {"QT_QPA_PLATFORM": "offscreen"})
    if answer.facts is None:
        return Finding(
            level=Level.WARNING,
            message=m("Printers cannot be looked for: {reason}", reason=answer.last_words),
            remedy=_library_remedy(answer),
        )
    printers: list[str] = answer.facts["printers"]
    wanted = configuration.settings.desk.printer
    if wanted and wanted not in printers:
        return Finding(
            level=Level.WARNING,
            message=m("The printer “{printer}” of the settings is not there.", printer=wanted),
            remedy=m(
                "Correct printer in [desk] of the settings; there are: {printers}.",
                printers=joined(", ", map(verbatim, printers)) or mc("printers", "none"),
            ),
        )
    if not printers:
        return Finding(
            level=Level.WARNING,
            message=m("There is no printer."),
            remedy=m("Add one to this machine. Until then receipts can be saved as PDF."),
        )
    printer = wanted or answer.facts["default"] or printers[0]
    return Finding(level=Level.OK, message=m("Prints on {printer}.", printer=printer))


@dataclass(frozen=True, kw_only=True)
class _Answer:
    facts: dict[str, Any] | None
    last_words: Message


async def _probe(module: str, environment: dict[str, str]) -> _Answer:
    """Run one of the desk's probes; whatever it started is gone afterwards, also when it hangs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
        process_group=0,
    )
    try:
        out, errors = await process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    if process.returncode == 0:
        return _Answer(facts=json.loads(out), last_words=NOTHING)
    lines = errors.decode(errors="replace").strip().splitlines()
    status = m("it ended with status {status}.", status=process.returncode)
    return _Answer(facts=None, last_words=verbatim(lines[-1]) if lines else status)


def _library_remedy(answer: _Answer) -> Message:
    missing = re.search(r"(\S+\.so[.\d]*): cannot open shared object file", answer.last_words.english)
    if missing:
        return m(
            "The system library {library} is missing; make setup installs what is needed.", library=missing.group(1)
        )
    return m("Install the desk's system libraries: make setup.")
