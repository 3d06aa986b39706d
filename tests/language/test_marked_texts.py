"""Texts are marked so that translators get them: literals only, and data is never a sentence."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import cashier
from cashier.errors import CashierError

_PACKAGE = Path(cashier.__file__).parent
_TEXTS_OF = {"m": 1, "mc": 2, "mn": 2}


def _calls() -> Iterator[tuple[str, str, ast.Call]]:
    for file in sorted(_PACKAGE.rglob("*.py")):
        if file.is_relative_to(_PACKAGE / "language") or file.is_relative_to(_PACKAGE / "sandbox"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield f"{file.relative_to(_PACKAGE.parent)}:{node.lineno}", node.func.id, node


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_marked_texts_are_literals():
    assert [
        place
        for place, name, call in _calls()
        if name in _TEXTS_OF and not (len(call.args) == _TEXTS_OF[name] and all(map(_is_text, call.args)))
    ] == []


def test_no_text_is_marked_inside_an_f_string():
    # Babel does not look into them, so translators would never get it.
    marked = [
        f"{file.relative_to(_PACKAGE.parent)}:{node.lineno}"
        for file in sorted(_PACKAGE.rglob("*.py"))
        for string in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(string, ast.JoinedStr)
        for node in ast.walk(string)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _TEXTS_OF
    ]
    assert marked == []


def test_what_a_text_names_is_given_with_it():
    wrong = []
    for place, name, call in _calls():
        if name in _TEXTS_OF and all(map(_is_text, call.args)) and all(word.arg for word in call.keywords):
            texts = [str(arg.value) for arg in call.args[name == "mc" :] if isinstance(arg, ast.Constant)]
            named = {found for text in texts for found in re.findall(r"\{(\w*)\}", text)}
            given = {str(word.arg) for word in call.keywords}
            if named - given or given - named - {"count"}:
                wrong.append(f"{place}: {sorted(named ^ given)}")
    assert wrong == []


def test_data_is_no_sentence():
    assert [
        place
        for place, name, call in _calls()
        if name == "verbatim"
        for literal in call.args
        if isinstance(literal, ast.Constant)
        and re.search(r"[A-Za-z]{3}", str(literal.value))
        and literal.value != "Stripe"
    ] == []


@pytest.mark.parametrize(
    "file", sorted((_PACKAGE.parent / "resources" / "locale").glob("*.po")), ids=lambda file: file.name
)
def test_a_translators_file_can_be_read(file):
    from cashier.language.catalogues import compiled_texts, read_catalogue  # noqa: PLC0415

    assert compiled_texts(read_catalogue(file))


def test_every_error_says_something_of_its_own():
    import_all_rooms()

    silent = [kind.__name__ for kind in _kinds_of(CashierError) if "default" not in vars(kind)]

    assert silent == []


def import_all_rooms() -> None:
    """Import every module below the desk, so that every error is known."""
    for file in sorted(_PACKAGE.rglob("*.py")):
        parts = file.relative_to(_PACKAGE.parent).with_suffix("").parts
        if parts[1] not in ("desk", "demo", "sandbox", "__main__") and parts[-1] != "__main__":
            importlib.import_module(".".join(part for part in parts if part != "__init__"))


def _kinds_of(kind: type[CashierError]) -> Iterator[type[CashierError]]:
    for below in kind.__subclasses__():
        if below.__module__.startswith("cashier."):
            yield below
        yield from _kinds_of(below)
