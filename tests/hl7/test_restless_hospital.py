"""A hospital's system that repeats, reorders, changes and merges while desks are paying: the books agree with it."""

from __future__ import annotations

import random

import pytest

from cashier.hl7.answer import code_of
from cashier.hl7.inbox import Hl7Inbox
from cashier.money import Money
from cashier.payments.views import PaymentShare
from cashier.tenders.tender import Tender
from tests.hl7.samples import RULES, changed, charge, charges, merged
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_of

RECORDS = [f"MRN-R{number}" for number in range(4)]
NUMBERS = [f"RH-{number}" for number in range(6)]


class Hospital:
    """What the hospital's system says, in the order in which it says it."""

    def __init__(self, chance):
        self.chance = chance
        self.count = 0
        self.said: dict[str, tuple[str, int]] = {}
        """Of each invoice the newest moment and sum that were answered AA."""

    def next_message(self):
        """Return a message, and of an invoice its number, moment and sum."""
        count = self.count = self.count + 1
        moment = f"20261123{10 + count // 3600:02}{count // 60 % 60:02}{count % 60:02}"
        match self.chance.randrange(8):
            case 0:
                return changed(f"Name{count}^Any", f"C{count}", self.chance.choice(RECORDS), moment), None
            case 1 if count > 20:
                old, stays = self.chance.sample(RECORDS, 2)
                return merged(old, stays, f"G{count}"), None
        number, minor = self.chance.choice(NUMBERS), self.chance.randrange(100, 20_000)
        place = NUMBERS.index(number) % len(RECORDS)
        patient = f"PID|1||{RECORDS[place]}^^^HARBOUR^MR||Any^Patient{place}"
        line = charge(f"{minor // 100}.{minor % 100:02}&EUR", number)
        content = charges(line, control_id=f"M{count}", sent_at=moment, patient=patient)
        return content, (number, moment, minor)


@pytest.mark.parametrize("seed", range(2))
async def test_the_books_agree_with_the_newest_that_was_taken_in(services, hospital, seed):
    chance = random.Random(seed)
    inbox = Hl7Inbox(services.database, RULES, moves_money=True)
    system, held = Hospital(chance), []
    taken: list[bytes] = []
    refused = 0

    for _ in range(70):
        content, told = system.next_message()
        if chance.random() < 0.2:
            held.append((content, told))
            continue
        due = [(content, told), *([held.pop(chance.randrange(len(held)))] if held and chance.random() < 0.3 else [])]
        for each, said in due:
            code = code_of(await inbox.take(each))
            refused += code != "AA"
            if code == "AA":
                taken.append(each)
            if said is not None and code == "AA":
                number, moment, minor = said
                assert moment >= system.said.get(number, ("", 0))[0]
                system.said[number] = (moment, minor)
        if taken:
            # Again, in the middle of others: it is answered, and not done again.
            assert code_of(await inbox.take(chance.choice(taken[-20:]))) == "AA"
        await pay_something(services, hospital, chance)

    rows = hospital.execute("SELECT number, total_minor FROM invoice WHERE number LIKE 'RH-%'")
    assert {row["number"]: row["total_minor"] for row in rows} == {
        number: minor for number, (_, minor) in system.said.items()
    }
    assert refused
    assert await contradictions_in(services.database) == []


async def pay_something(services, hospital, chance):
    """Pay a part of what some invoice comes to now, in cash."""
    statement = "SELECT id, balance_minor FROM invoice WHERE number LIKE 'RH-%' AND balance_minor > 0 ORDER BY id"
    rows = hospital.execute(statement)
    if not rows or chance.random() < 0.7:
        return
    row = chance.choice(rows)
    amount = Money(chance.randrange(1, row["balance_minor"] + 1), "EUR")
    shares = (PaymentShare(invoice_id=row["id"], amount=amount),)
    await services.payments.begin(order_of(tender=Tender.CASH, shares=shares, tendered=amount), hospital.cashier)
