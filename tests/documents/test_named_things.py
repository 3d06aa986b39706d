"""What the documents name is there: commands, settings, rights, scopes, problems, events, cards, words."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tomllib
from pathlib import Path

import msgspec
import pytest
from babel.messages.pofile import read_po

from cashier import settings
from cashier.__main__ import COMMANDS, main
from cashier.books.api_client import Scope
from cashier.channels.declines import advice_for
from cashier.companion.api.problems import TYPE_BASE, ProblemKind
from cashier.companion.api.table import OPERATIONS
from cashier.history.timeline import STEP_OF_EVENT
from cashier.keychain import Secret
from cashier.language.choice import LANGUAGE_VARIABLE
from cashier.sandbox.objects.declines import DECLINES
from cashier.sandbox.objects.test_cards import Authentication, card_named, card_numbered
from cashier.settings import Settings
from cashier.stripe_gateway.client import API_VERSION
from cashier.stripe_gateway.permissions import permissions_of
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import Tender
from tests.documents.reading import (
    DOCS,
    FOLDERS,
    GUIDE,
    NAMES,
    QUICK,
    blocks_of,
    commands_of,
    spans_of,
    table_under,
    text_of,
)
from tests.surroundings.running_sandbox import STRIPE_KEY

ROOT = DOCS.parent
IN_BOTH = pytest.mark.parametrize("language", FOLDERS)
IN_EACH = pytest.mark.parametrize("name", NAMES)
_STRIPE = os.environ.get("STRIPE_CLI", str(ROOT / ".venv" / "bin" / "stripe"))
_EVENT = re.compile(r"(?:checkout|payment_intent|charge|refund|payment_method|customer|payout|terminal)\.[a-z_.]+")
_QUOTED = {"en": re.compile("“([^”]+)”"), "es": re.compile("«([^»]+)»")}
_LEVELS = {"en": {"write": "write", "read": "read"}, "es": {"write": "escritura", "read": "lectura"}}


def bare(cell: str) -> str:
    """Return what a cell of a table has as code."""
    return cell.split("`")[1]


def named(cell: str) -> list[str]:
    """Return everything that a cell of a table has as code."""
    return re.findall(r"`([^`]+)`", cell)


@IN_BOTH
@IN_EACH
def test_every_command_and_option_is_there(language, name, capsys):
    found = list(commands_of(language, name))
    for words in found:
        if words[0].startswith("--"):
            assert main_says(capsys, *words[:1])
            continue
        assert words[0] in COMMANDS, words
        helped = main_says(capsys, words[0], "--help")
        if (
            len(words) > 1
            and words[1][0] != "-"
            and f"{words[0]} {words[1]}" in (deeper := main_says(capsys, *words[:2], "--help"))
        ):
            helped = deeper
        for option in [word.partition("=")[0] for word in words if word.startswith("--")]:
            assert option in helped, words
    assert len(found) > 5


def main_says(capsys, *words: str) -> str:
    """Run the command, which only tells something, and return what it says."""
    with pytest.raises(SystemExit) as end:
        main(words)
    said = capsys.readouterr()
    assert end.value.code == 0, said.err
    return " ".join(said.out.split())


@IN_BOTH
@IN_EACH
def test_every_target_of_make_is_there(language, name):
    text = "\n".join([*spans_of(language, name), *blocks_of(language, name, "sh")])
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert set(re.findall(r"^make ([a-z]+)", text, re.MULTILINE)) <= set(targets)


@IN_BOTH
def test_every_option_of_stripes_command_line_is_there(language):
    told = "\n".join([*blocks_of(language, QUICK, "sh"), *spans_of(language, GUIDE)])
    helped = subprocess.run([_STRIPE, "listen", "--help"], capture_output=True, text=True, check=True).stdout

    options = {option for call in re.findall(r"stripe listen(.*)", told) for option in re.findall(r"--[a-z-]+", call)}
    assert options == {"--forward-to", "--print-secret"}
    assert all(option in helped for option in options)


@IN_BOTH
@IN_EACH
def test_every_setting_is_there(language, name):
    for section, entry in re.findall(r"`\[(\w+)\]`\s+`(\w+)`", text_of(language, name)):
        assert entry in getattr(Settings(), section).__struct_fields__, f"[{section}] {entry}"


@IN_BOTH
def test_every_file_of_settings_is_taken(language, tmp_path):
    files = re.findall(r"cashier\.toml <<END\n(.*?)^END$", "\n".join(blocks_of(language, QUICK)), re.DOTALL | re.M)
    for text in files:
        filled = text.replace("$HOME", "/home/somebody").replace("$PUBLISHABLE", "pk_test_somebody")
        path = tmp_path / "cashier.toml"
        path.write_text(filled, encoding="utf-8")
        assert settings.load(path, {}).desk.code == tomllib.loads(filled)["desk"]["code"]
    assert len(files) == 2


@IN_BOTH
@IN_EACH
def test_every_variable_of_the_environment_is_read(language, name):
    known = {"CASHIER_SETTINGS", "CASHIER_DATA_FOLDER", LANGUAGE_VARIABLE, *(each.variable for each in Secret)}
    for section in Settings.__struct_fields__:
        part = getattr(Settings(), section)
        if isinstance(part, msgspec.Struct):
            known |= {f"CASHIER_{section}_{entry}".upper() for entry in part.__struct_fields__}

    assert set(re.findall(r"CASHIER_[A-Z_]+", text_of(language, name))) <= known


@IN_BOTH
def test_every_secret_is_there(language):
    stored = [words[2] for words in commands_of(language, GUIDE) if words[:2] == ["secret", "set"]]

    assert stored
    assert set(stored) <= {secret.value for secret in Secret}


@IN_BOTH
async def test_the_rights_are_those_that_the_doctor_tries(language, sandbox):
    tried = await permissions_of(STRIPE_KEY, api_base=sandbox.url, timeout_seconds=5)

    told = [
        (row[0], row[1])
        for row in table_under(language, GUIDE, {"en": "Stripe's name", "es": "Nombre en Stripe"}[language])
    ]
    assert told == [(each.resource, _LEVELS[language][each.level]) for each in tried]


@IN_BOTH
def test_every_scope_is_told_and_no_other(language):
    rows = table_under(language, GUIDE, {"en": "Scope", "es": "Permiso"}[language])

    assert {bare(row[0]) for row in rows} == set(Scope)
    for name in NAMES:
        assert set(re.findall(r"\b[a-z]+:(?:read|write|request|approve)\b", text_of(language, name))) <= set(Scope)


@IN_BOTH
def test_every_operation_is_told_with_its_scope_and_no_other(language):
    rows = table_under(language, GUIDE, {"en": "Operation", "es": "Operación"}[language])
    told = {(bare(row[0]), bare(row[1])) for row in rows}

    assert told == {(f"{each.method} {each.path}", each.scope) for each in OPERATIONS}


@IN_BOTH
def test_every_kind_of_problem_is_told_with_its_status_and_no_other(language):
    rows = table_under(language, GUIDE, {"en": "`type` ends with", "es": "`type` termina en"}[language])
    told = {bare(row[0]): int(row[1]) for row in rows}

    assert told == {kind.slug: kind.status for kind in ProblemKind}
    for name in NAMES:
        assert set(re.findall(rf"{TYPE_BASE}([a-z-]+)", text_of(language, name))) <= set(told)


@IN_BOTH
def test_every_event_is_told_and_no_other(language):
    rows = table_under(language, GUIDE, {"en": "Events", "es": "Eventos"}[language])
    told = [event for row in rows for event in named(row[0])]

    assert sorted(told) == sorted(STEP_OF_EVENT)
    assert {span for span in spans_of(language, GUIDE) if _EVENT.fullmatch(span)} == set(told)


def test_the_list_to_copy_has_the_same_events():
    text = (DOCS / "OPERATIONS.md").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^ {6}([a-z_]+(?:\.[a-z_]+)+)$", text, re.MULTILINE)) == sorted(STEP_OF_EVENT)


@IN_BOTH
def test_the_version_of_stripes_api_is_ours(language):
    assert API_VERSION in spans_of(language, GUIDE)


@IN_BOTH
def test_every_test_card_is_there_and_does_what_is_said(language):
    rows = table_under(language, GUIDE, {"en": "Number", "es": "Número"}[language])
    for number, name, what in rows:
        card = card_numbered(bare(number).replace(" ", ""))
        assert card is not None, number
        assert card is card_named(bare(name).removeprefix("pm_card_")), name
        if card.decline is not None and card.authentication is Authentication.OPTIONAL:
            decline = DECLINES[card.decline]
            said = advice_for(decline.decline_code or decline.code).say.in_(language)
            assert said in _QUOTED[language].findall(what), number
    for name in NAMES:
        for number in re.findall(r"\b\d{4} \d{4} \d{4} \d{4}\b", text_of(language, name)):
            assert card_numbered(number.replace(" ", "")), number
    assert len(rows) >= 20


@IN_BOTH
def test_every_event_of_the_log_is_written_and_every_warning_of_the_companion_told(language):
    told = {event for row in table_under(language, GUIDE, "`event`") for event in named(row[0])}
    written = {
        each.value
        for file in (ROOT / "cashier").rglob("*.py")
        for each in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }
    warnings = {
        event
        for file in (ROOT / "cashier" / "companion").rglob("*.py")
        for event in re.findall(r'log\.(?:warning|error|exception)\(\s*"([^"]+)"', file.read_text(encoding="utf-8"))
    }

    assert told <= written
    assert warnings <= told


@IN_BOTH
@IN_EACH
def test_what_is_quoted_is_what_the_program_says(language, name):
    """Whole sentences, and what a line of the doctor is called."""
    with (ROOT / "resources" / "locale" / "es.po").open("rb") as file:
        catalogue = read_po(file)
    texts = [str(each.id if language == "en" else each.string) for each in catalogue if each.id]
    filled = [_pattern(text) for text in texts if len(re.sub(r"{\w+}|\W", "", text)) > 10 and "{" in text]
    sentences = [each for each in _QUOTED[language].findall(text_of(language, name)) if each.endswith(".")]
    lines = re.findall(r"(?:line|línea) [“«]([^”»]+)[”»]", text_of(language, name))

    for quoted in (*sentences, *lines):
        assert quoted in texts or any(re.fullmatch(pattern, quoted) for pattern in filled), quoted


def _pattern(text: str) -> str:
    """Return what a message becomes with any values."""
    return ".+".join(re.escape(part) for part in re.split(r"{\w+}", text))


@IN_BOTH
@IN_EACH
def test_every_file_of_the_source_is_there(language, name):
    for path in [span for span in spans_of(language, name) if re.fullmatch(r"(?:cashier|tests|docs)/[\w/.]+", span)]:
        assert (ROOT / Path(path)).exists(), path


@IN_BOTH
@IN_EACH
def test_every_key_is_one_of_the_desks(language, name):
    keys = (DOCS / "KEYS.md").read_text(encoding="utf-8")
    ways_to_pay = {f"Alt+{tender.row.digit}" for tender in Tender if tender.row.is_at_desk}

    for key in re.findall(r"\b(?:(?:Ctrl|Alt)\+[\w,]|F\d+)", text_of(language, name)):
        assert f"`{key}`" in keys or key in ways_to_pay, key


@IN_BOTH
def test_every_way_to_pay_at_stripe_is_told_with_its_key(language):
    rows = table_under(language, GUIDE, {"en": "Way to pay", "es": "Forma de pago"}[language])
    told = {bare(row[2]): row[1] for row in rows}

    at_stripe = [tender for tender in Tender if tender.row.is_at_desk and tender.row.way_back is RefundWay.CARD]
    assert told == {tender.value: f"Alt+{tender.row.digit}" for tender in at_stripe}
