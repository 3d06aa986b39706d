"""The command ``cashier setup``: the hospital, its first desk and administrator, or one more of either."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence

from cashier import settings
from cashier.books.hospital import ReceiptExtra
from cashier.books.staff import Role
from cashier.database import Database
from cashier.errors import Refused
from cashier.keychain import Keychain
from cashier.language import (
    ENGLISH,
    LANGUAGES,
    NOTHING,
    Message,
    current_language,
    joined,
    listed,
    m,
    name_of_language,
)
from cashier.paper.faces import use_fonts
from cashier.paper.missing import NAME_A_FONT, boxes_in
from cashier.settings import Settings
from cashier.setup.access import open_database
from cashier.setup.installation import (
    HospitalFacts,
    NewDesk,
    NewStaff,
    add_desk,
    add_staff,
    change_languages,
    change_receipts,
    change_smallest_coin,
    change_time_zone,
    coin_of,
    refuse_second_setup,
    set_up,
)
from cashier.setup.placeholders import AMOUNT, CODE, EXTRAS, ID, LANGUAGE, NAME, NUMBER, ROLE, TEXT, ZONE
from cashier.setup.prompts import ask, ask_secret, is_terminal
from cashier.staff.rights import ROLE_NAMES

_PIN = m("PIN")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options to ``parser``; the PIN is none of them, for command lines can be read by others."""
    parser.description = str(
        m(
            "Without --add-desk or --add-staff: write down the hospital, its first desk and its first administrator. "
            "What is missing is asked for at the terminal. The PIN is asked for, or read as one line of input."
        )
    )
    parser.add_argument("--add-desk", action="store_true", help=str(m("add a desk to the hospital")))
    parser.add_argument("--add-staff", action="store_true", help=str(m("add somebody who may sign in")))
    parser.add_argument(
        "--change-smallest-coin",
        metavar=str(AMOUNT),
        help=str(m("what cash is rounded to from now on")),
    )
    parser.add_argument(
        "--change-time-zone",
        metavar=str(ZONE),
        help=str(m("what the hospital's clocks show from now on")),
    )
    parser.add_argument(
        "--change-language",
        choices=LANGUAGES,
        metavar=str(LANGUAGE),
        help=str(m("what the hospital speaks from now on")),
    )
    parser.add_argument(
        "--change-paper-language",
        choices=("", *LANGUAGES),
        metavar=str(LANGUAGE),
        help=str(m("what papers are made in from now on ('': as the hospital speaks)")),
    )
    parser.add_argument(
        "--change-receipts",
        metavar=str(EXTRAS),
        help=str(
            m("what receipts show besides from now on, any of: {extras} ('': none)", extras=", ".join(ReceiptExtra))
        ),
    )
    _add_hospital(parser)
    _add_desk_and_staff(parser)


def _add_hospital(parser: argparse.ArgumentParser) -> None:
    hospital = parser.add_argument_group(str(m("hospital")))
    hospital.add_argument("--hospital", metavar=str(NAME), help=str(m("its everyday name")))
    hospital.add_argument(
        "--legal-name",
        metavar=str(NAME),
        help=str(m("its name on receipts (default: the everyday name)")),
    )
    hospital.add_argument("--tax-id", metavar=str(ID))
    hospital.add_argument("--address", metavar=str(TEXT), help=str(m(r"lines separated by \n")))
    hospital.add_argument("--phone", metavar=str(NUMBER), default="")
    hospital.add_argument("--currency", metavar=str(CODE), help=str(m("such as EUR")))
    hospital.add_argument(
        "--smallest-coin",
        metavar=str(AMOUNT),
        help=str(m("such as 0.05: what cash is rounded to (default: the currency's own)")),
    )
    hospital.add_argument("--time-zone", metavar=str(ZONE), help=str(m("such as Europe/Madrid")))
    hospital.add_argument(
        "--receipt-footer",
        metavar=str(TEXT),
        default="",
        help=str(m("last words on every receipt")),
    )
    hospital.add_argument(
        "--language",
        choices=LANGUAGES,
        metavar=str(LANGUAGE),
        help=str(m("what it speaks, one of: {languages}", languages=", ".join(LANGUAGES))),
    )
    hospital.add_argument(
        "--paper-language",
        choices=LANGUAGES,
        metavar=str(LANGUAGE),
        default="",
        help=str(m("what papers are made in (default: what it speaks)")),
    )


def _add_desk_and_staff(parser: argparse.ArgumentParser) -> None:
    desk = parser.add_argument_group(str(m("desk")))
    desk.add_argument(
        "--desk-code",
        metavar=str(CODE),
        help=str(m("such as D1; begins the numbers of its receipts")),
    )
    desk.add_argument("--desk-name", metavar=str(NAME), help=str(m("such as Main entrance")))
    staff = parser.add_argument_group(str(m("staff")))
    staff.add_argument("--sign-in-name", metavar=str(NAME), help=str(m("what they type to sign in")))
    staff.add_argument(
        "--display-name",
        metavar=str(NAME),
        help=str(m("how they are named on screens and receipts")),
    )
    staff.add_argument(
        "--role",
        choices=[role.value for role in Role if role.is_person],
        help=str(m("with --add-staff (default: cashier)")),
        metavar=str(ROLE),
    )


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for and say what to do next. Raises ``Refused`` for two things at once."""
    if arguments.add_desk and arguments.add_staff:
        raise Refused(m("One thing at a time."), advice=m("Use --add-desk, then --add-staff."))
    return asyncio.run(_run(arguments, settings.load(arguments.settings)))


async def _run(arguments: argparse.Namespace, found: Settings) -> int:
    typed: Sequence[str] = ()
    async with open_database(found, Keychain()) as database:
        if arguments.add_desk:
            desk = _desk(arguments)
            await add_desk(database, desk)
            typed = (desk.name,)
            done = m(
                'Desk {desk} was added. Set code = "{desk}" in [desk] of its machine\'s settings.', desk=desk.code
            )
        elif arguments.add_staff:
            member = _staff(arguments, Role(arguments.role or Role.CASHIER))
            await add_staff(database, member, ask_secret(_PIN, repeat=True))
            typed = (member.display_name,)
            done = m(
                "{person} can sign in as “{name}” ({role}).",
                person=member.display_name,
                name=member.sign_in_name,
                role=ROLE_NAMES[member.role],
            )
        elif arguments.change_smallest_coin:
            coin = await change_smallest_coin(database, arguments.change_smallest_coin)
            done = m("Cash is rounded to {coin} from now on.", coin=coin)
        elif arguments.change_time_zone:
            await change_time_zone(database, arguments.change_time_zone)
            done = m(
                "Times are shown as in {time_zone} from now on. Start desks and companion again.",
                time_zone=arguments.change_time_zone,
            )
        elif arguments.change_language is not None or arguments.change_paper_language is not None:
            done = await _change_languages(database, arguments)
        elif arguments.change_receipts is not None:
            done = _said_of_receipts(await change_receipts(database, arguments.change_receipts))
        else:
            await refuse_second_setup(database)
            facts, desk = _hospital(arguments), _desk(arguments)
            first = _staff(arguments, Role.ADMINISTRATOR)
            await set_up(database, facts, desk, first, ask_secret(_PIN, repeat=True))
            done = m(
                "{hospital} is set up with desk {desk}. Check everything with: cashier doctor",
                hospital=facts.name,
                desk=desk.code,
            )
            typed = (facts.name, facts.legal_name, facts.address, facts.receipt_footer, desk.name, first.display_name)
    told = joined("\n", (done, _without_font(found, typed)))
    sys.stdout.write(f"{told}\n")
    return 0


def _without_font(found: Settings, typed: Sequence[str]) -> Message:
    """Say what of that was typed will be boxes on paper, and what to do about it; nothing where there are none."""
    use_fonts(found.paper.fonts)
    boxes = boxes_in(*typed)
    return joined("\n", (boxes, NAME_A_FONT)) if boxes else NOTHING


async def _change_languages(database: Database, arguments: argparse.Namespace) -> Message:
    hospital = await change_languages(
        database, language=arguments.change_language, paper_language=arguments.change_paper_language
    )
    return m(
        "The hospital speaks {spoken}, its papers are in {written}. Start desks again.",
        spoken=name_of_language(hospital.language),
        written=name_of_language(hospital.language_on_paper),
    )


_EXTRAS: Mapping[ReceiptExtra, Message] = {
    ReceiptExtra.PATIENT_NAME: m("the patient’s name"),
    ReceiptExtra.DATE_OF_BIRTH: m("the patient’s date of birth"),
    ReceiptExtra.SERVICES: m("the services of each invoice"),
}


def _said_of_receipts(extras: frozenset[ReceiptExtra]) -> Message:
    if not extras:
        return m("New receipts show nothing besides.")
    return m("New receipts show {extras}.", extras=listed([_EXTRAS[extra] for extra in sorted(extras)]))


def _hospital(arguments: argparse.Namespace) -> HospitalFacts:
    name = _wanted(arguments.hospital, "--hospital", m("The hospital's name"))
    currency = _wanted(
        arguments.currency, "--currency", m("Currency"), default="EUR" if is_terminal() else ""
    ).upper()
    return HospitalFacts(
        name=name,
        legal_name=_wanted(arguments.legal_name, "", m("Its legal name"), default=name),
        tax_id=_wanted(arguments.tax_id, "--tax-id", m("Tax id")),
        address=_wanted(arguments.address, "--address", m(r"Address (\n between lines)")).replace("\\n", "\n"),
        phone=arguments.phone,
        currency=currency,
        cash_step_minor=coin_of(arguments.smallest_coin, currency) if arguments.smallest_coin else 0,
        time_zone=_wanted(arguments.time_zone, "--time-zone", m("Time zone, such as Europe/Madrid")),
        receipt_footer=arguments.receipt_footer,
        language=_language(arguments),
        paper_language=arguments.paper_language,
    )


def _language(arguments: argparse.Namespace) -> str:
    """Return what the hospital speaks: unless something else is said, what whoever sets it up does."""
    spoken = current_language() if current_language() in LANGUAGES else ENGLISH
    question = m("Language ({languages})", languages=", ".join(LANGUAGES))
    return _wanted(arguments.language, "--language", question, default=spoken)


def _desk(arguments: argparse.Namespace) -> NewDesk:
    return NewDesk(
        code=_wanted(arguments.desk_code, "--desk-code", m("Code of the desk, such as D1")),
        name=_wanted(arguments.desk_name, "--desk-name", m("Name of the desk, such as Main entrance")),
    )


def _staff(arguments: argparse.Namespace, role: Role) -> NewStaff:
    name = m("Sign-in name of the {role}", role=ROLE_NAMES[role])
    full_name = m("Full name of the {role}", role=ROLE_NAMES[role])
    return NewStaff(
        sign_in_name=_wanted(arguments.sign_in_name, "--sign-in-name", name),
        display_name=_wanted(arguments.display_name, "--display-name", full_name),
        role=role,
    )


def _wanted(given: str | None, option: str, question: Message, *, default: str = "") -> str:
    """Return what was given as an option, or ask; without a terminal take the default or refuse."""
    if given and given.strip():
        return given.strip()
    if is_terminal():
        return ask(question, default=default)
    if default:
        return default
    raise Refused(m("{question} is missing.", question=question), advice=m("Give it with {option}.", option=option))
