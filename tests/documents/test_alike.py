"""A document in two languages has the same sections, the same examples and the same names in both."""

from __future__ import annotations

import re
from itertools import zip_longest

import pytest

from tests.documents.reading import DOCS, FOLDERS, NAMES, anchor_of, blocks_of, sections_of, text_of

_LINK = re.compile(r"\]\((?!https?:)(?P<file>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")
_OUTSIDE = re.compile(r"\]\((https?://[^)\s]+)\)")


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_sections(name):
    english, spanish = sections_of("en", name), sections_of("es", name)

    told = [(one and one.title, other and other.title) for one, other in zip_longest(english, spanish)]
    assert [each.level for each in english] == [each.level for each in spanish], told


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_examples_to_the_byte(name):
    assert blocks_of("en", name) == blocks_of("es", name)


@pytest.mark.parametrize("name", NAMES)
def test_each_section_names_the_same_things_in_both_languages(name):
    for one, other in zip(sections_of("en", name), sections_of("es", name), strict=True):
        assert set(one.spans) == set(other.spans), f"{one.title}: {sorted(set(one.spans) ^ set(other.spans))}"


@pytest.mark.parametrize("name", NAMES)
def test_each_section_has_as_many_rows_and_points_in_both_languages(name):
    for one, other in zip(sections_of("en", name), sections_of("es", name), strict=True):
        shapes = [[[len(row) for row in table] for table in each.tables] for each in (one, other)]
        assert shapes[0] == shapes[1], one.title
        assert one.items == other.items, one.title


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_lead_to_the_same_pages_outside(name):
    assert _OUTSIDE.findall(text_of("en", name)) == _OUTSIDE.findall(text_of("es", name))


@pytest.mark.parametrize("language", FOLDERS)
@pytest.mark.parametrize("name", [*NAMES, "../README.md", "../CONTRIBUTING.md"])
def test_every_link_leads_somewhere(language, name):
    if language != "en" and name not in NAMES:
        return
    here = FOLDERS[language] / name
    for match in _LINK.finditer(here.read_text(encoding="utf-8")):
        there = (here.parent / match["file"]).resolve() if match["file"] else here
        assert there.exists(), match[0]
        if match["anchor"]:
            titles = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert match["anchor"] in {anchor_of(title) for title in titles}, match[0]


def test_every_document_of_another_language_is_checked():
    assert {each.name for each in (DOCS / "es").iterdir()} == set(NAMES)
