"""The pictures that the windows rely on are there and can be coloured."""

from __future__ import annotations

import gettext
import io
import zipfile
from xml.etree import ElementTree

import pytest
from hatchling.builders.wheel import WheelBuilder

from cashier.language.catalogues import LANGUAGES
from cashier.palette import Colour
from cashier.paper import sheet as paper
from cashier.resources import RESOURCES

ICONS = sorted((RESOURCES / "icons").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("icon", ICONS, ids=lambda icon: icon.stem)
def test_an_icon_is_drawn_by_lines_of_one_weight_in_the_one_colour_that_is_replaced(icon):
    root = ElementTree.parse(icon).getroot()

    assert root.get("viewBox") == "0 0 24 24"
    assert root.get("stroke") == Colour.INK.printed
    assert root.get("stroke-width") == "1.75"
    assert root.get("fill") == "none"
    assert all(not {"stroke", "fill", "style", "class"} & set(shape.attrib) for shape in root)


def test_there_is_an_icon_for_everything_at_the_counter():
    wanted = {
        "back", "card", "cash", "check", "chevron-down", "chevron-right", "clock", "close", "cloud", "database",
        "desk", "error", "info", "invoice", "lock", "patient", "phone", "plug", "print", "question", "receipt",
        "refresh", "save", "saved-card", "search", "sign-out", "success", "view", "warning",
    }  # fmt: skip

    assert wanted <= {icon.stem for icon in ICONS}


def test_the_mark_on_paper_is_the_mark_in_the_file():
    root = ElementTree.parse(RESOURCES / "logo.svg").getroot()

    shapes = [
        tuple(tuple(float(number) for number in point.split(",")) for point in (polygon.get("points") or "").split())
        for polygon in root.iter(f"{SVG}polygon")
    ]

    assert shapes == [paper.MARK_SLIP, paper.MARK_CROSS]
    assert [shape.get("fill") for shape in root if shape.get("fill")] == [
        each.printed for each in (Colour.ACCENT, Colour.PAPER, Colour.ACCENT)
    ]


def test_a_wheel_carries_the_resources_with_every_language_compiled(tmp_path):
    built = next(WheelBuilder(str(RESOURCES.parent)).build(directory=str(tmp_path), versions=["standard"]))

    with zipfile.ZipFile(built) as wheel:
        names = set(wheel.namelist())
        spanish = gettext.GNUTranslations(io.BytesIO(wheel.read("cashier/_resources/locale/es.mo")))
    assert {name for name in names if name.startswith("cashier/_resources/locale/")} == {
        f"cashier/_resources/locale/{language}.mo" for language in LANGUAGES if language != "en"
    }
    assert {"cashier/_resources/style.qss", "cashier/_resources/logo.svg"} <= names
    assert spanish.info()["language"] == "es"
