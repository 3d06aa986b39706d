"""The import rules in ``pyproject.toml`` know every room: a new one cannot be left out by mistake."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import cashier

_ROOMS = {
    f"cashier.{entry.stem}"
    for entry in Path(cashier.__file__).parent.iterdir()
    if entry.stem not in ("__init__", "__pycache__")
}
_NOT_OF_THE_APPLICATION = {
    "cashier.__main__",
    "cashier.sandbox",
    "cashier.money",
    "cashier.errors",
    "cashier.number_style",
}


@pytest.fixture(scope="module")
def contracts():
    """The contracts by their names."""
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    return {contract["name"]: contract for contract in tomllib.loads(text)["tool"]["importlinter"]["contracts"]}


def test_every_room_has_its_layer(contracts):
    layers = contracts["Imports point downwards"]["layers"]

    named = {".".join(name.strip().split(".")[:2]) for layer in layers for name in layer.split("|")}

    assert named == _ROOMS - {"cashier.sandbox"}


def test_the_sandbox_is_kept_from_every_room_of_the_application(contracts):
    forbidden = contracts["The sandbox knows nothing of the application"]["forbidden_modules"]

    assert set(forbidden) == _ROOMS - _NOT_OF_THE_APPLICATION
