"""``make contract``: calls a running companion with all that its description allows, and much that it does not.

python -m tests.contract SCHEMATHESIS [--seeds N [N ...]] [--examples N]

Nothing may be answered that the description does not say, and nothing with 500; with a key, and without one.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from cashier.asked_again.sums import AskedAgain
from cashier.assembly import open_services
from cashier.books.api_client import Scope
from cashier.books.schema.migration import migrate
from cashier.companion.api.openapi import WEBHOOKS
from cashier.companion.api.operation import NDJSON
from cashier.companion.server import running
from cashier.database import Database
from cashier.keychain import Keychain, Secret
from cashier.settings import CompanionSettings, DatabaseSettings, Settings, StripeSettings
from tests.contract.known import make_known, name_known
from tests.surroundings import ports, sample_hospital
from tests.surroundings.running_sandbox import STRIPE_KEY, running_sandbox
from tests.surroundings.sample_hospital import SampleHospital

_LIMIT_SECONDS = 600
# That lines add up, and that a currency is in use, is nothing that a schema can say: what fits it may be refused.
_CONFIGURATION = """
[[operations]]
include-name = "PUT /api/v1/invoices/{number}"
checks.positive_data_acceptance.expected-statuses = ["2xx", 403, 404, 409, 422]
"""


@contextlib.asynccontextmanager
async def companion(folder: Path, stripe_url: str) -> AsyncIterator[tuple[str, str]]:
    """Run a companion on a sample hospital; give its address, and a key that may do everything."""
    url = f"sqlite:///{folder / 'hospital.sqlite'}"
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    hospital = SampleHospital(url=url, invoice_ids=await sample_hospital.fill(database))
    await database.close()
    port = ports.free_port()
    settings = Settings(
        database=DatabaseSettings(url=url),
        asked_again=AskedAgain(same_minutes=0, reference_days=0),
        stripe=StripeSettings(api_base=stripe_url, publishable_key="pk_test_contract"),
        companion=CompanionSettings(port=port, url=f"http://127.0.0.1:{port}", requests_per_minute=0),
        data_folder=str(folder),
    )
    keychain = Keychain({Secret.STRIPE_KEY.variable: STRIPE_KEY, Secret.WEBHOOK_SECRETS.variable: "whsec_contract1"})
    async with open_services(settings, keychain) as services:
        made = await services.clients.add("Contract", "API", tuple(Scope), hospital.administrator)
    async with running(settings, keychain) as address:
        yield address, made.text


def write_description(address: str, folder: Path, known: dict[str, str]) -> Path:
    """Write the description down for the run, with what is ``known`` as examples.

    Without keys of repetition: a used one is refused, as it has to be. Without webhooks: only Stripe can sign them.
    Without what is sent line by line: no form of JSON that is generated.
    """
    described = httpx.get(f"{address}/api/v1/openapi.json", trust_env=False).json()
    del described["paths"][WEBHOOKS]
    described["paths"] = {path: told for path, told in described["paths"].items() if NDJSON not in json.dumps(told)}
    for path in described["paths"].values():
        for operation in path.values():
            operation["parameters"] = [each for each in operation["parameters"] if each["in"] != "header"]
    name_known(described, known)
    (folder / "schemathesis.toml").write_text(_CONFIGURATION, encoding="utf-8")
    file = folder / "openapi.json"
    file.write_text(json.dumps(described), encoding="utf-8")
    return file


def calls(schemathesis: str, file: Path, address: str, key: str, *, seed: int, examples: int) -> list[str]:
    """Return the command; without a ``key``, only what is said to strangers is tried."""
    command = [schemathesis, "run", str(file), "--url", address, "--checks", "all", "--no-color"]
    command += ["--max-examples", str(examples), "--seed", str(seed), "--generation-database", "none"]
    if key:
        return [*command, "--header", f"Authorization: Bearer {key}"]
    # Good data is refused as well: nobody is known.
    return [*command, "--exclude-checks", "positive_data_acceptance,missing_required_header"]


async def main() -> int:
    """Run every seed, with the key and without; return the exit status."""
    parser = argparse.ArgumentParser(prog="make contract")
    parser.add_argument("schemathesis")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--examples", type=int, default=40)
    arguments = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="cashier-contract-") as name:
        for seed in arguments.seeds:
            folder = Path(name) / str(seed)
            (folder / "sandbox").mkdir(parents=True)
            with running_sandbox(folder / "sandbox") as sandbox:
                async with companion(folder, sandbox.url) as (address, key):
                    known = await asyncio.to_thread(make_known, address, key, sandbox)
                    file = await asyncio.to_thread(write_description, address, folder, known)
                    for shown in (key, ""):
                        command = calls(
                            arguments.schemathesis, file, address, shown, seed=seed, examples=arguments.examples
                        )
                        print(f"seed {seed}, {'with' if shown else 'without'} a key", flush=True)
                        failed += await asyncio.to_thread(_run, command, folder)
    return 1 if failed else 0


def _run(command: list[str], folder: Path) -> int:
    ended = subprocess.run(command, check=False, cwd=folder, timeout=_LIMIT_SECONDS)
    return ended.returncode


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
