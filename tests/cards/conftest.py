"""A patient with a customer at Stripe."""

from __future__ import annotations

import pytest

from cashier.assembly import Services
from tests.cards.wallet import Wallet
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import DUE, SampleHospital


@pytest.fixture
def patient_id(hospital: SampleHospital) -> int:
    """The patient of the first invoice."""
    row = hospital.execute("SELECT patient_id FROM invoice WHERE id = :id", id=hospital.invoice_ids[DUE])[0]
    return int(row["patient_id"])


@pytest.fixture
async def wallet(services: Services, sandbox: RunningSandbox, patient_id: int) -> Wallet:
    """The patient's cards at Stripe: none yet."""
    return Wallet(sandbox, await services.cards.customer_of(patient_id))
