"""The page of the API: all that is described, for people, in their language, without a script or the internet."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from cashier.companion.api.problems import ProblemKind
from cashier.companion.api.reference_page import ADDRESS
from cashier.companion.api.table import OPERATIONS


class Read(HTMLParser):
    """What stands on a page: its anchors, its links, what it would load, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.is_whole = not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.anchors += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if tag == "a" else []
        self.loaded += [tag] if tag in ("script", "link", "img", "iframe") or "src" in found else []
        if tag not in ("meta", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
async def page(companion) -> str:
    """The page in English."""
    answer = await companion.get(ADDRESS)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return str(answer.text)


async def test_everything_that_is_described_stands_there_once(page):
    read = Read(page)

    assert read.is_whole
    assert len(set(read.anchors)) == len(read.anchors)
    assert {each.name for each in OPERATIONS} <= set(read.anchors)
    assert all(each.path in read.text and each.summary.english in read.text for each in OPERATIONS)
    assert all(kind.slug in read.text for kind in ProblemKind)
    assert {each[1:] for each in read.links if each.startswith("#")} <= set(read.anchors)


async def test_it_loads_and_runs_nothing(page, companion):
    read = Read(page)
    policy = (await companion.get(ADDRESS)).headers["Content-Security-Policy"]

    assert read.loaded == []
    assert {each for each in read.links if not each.startswith(("#", "?"))} == {"/api/v1/openapi.json"}
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert " style=" not in page


@pytest.mark.parametrize(
    ("query", "accepted", "code", "words"),
    [
        ("", "es-ES", "es", "Cómo se llama"),
        ("?language=es_419", "en", "es-419", "Cómo se llama"),
        ("?language=en", "es", "en", "How to call it"),
        ("?language=../../x", "fr", "en", "How to call it"),
    ],
)
async def test_it_is_read_in_the_readers_language(companion, query, accepted, code, words):
    answer = await companion.get(f"{ADDRESS}{query}", headers={"Accept-Language": accepted})

    assert answer.status_code == 200
    assert f'<html lang="{code}">' in answer.text
    assert words in answer.text
    assert "Accept-Language" in ", ".join(answer.headers.get_list("Vary"))


async def test_the_commands_on_it_can_be_pasted(page):
    commands = re.findall(r"<pre>(.*?)</pre>", page, flags=re.DOTALL)

    assert len(commands) == len(OPERATIONS) + 1
    assert any("-d &#x27;{&quot;invoice_id&quot;: &quot;INV-2026-000001&quot;}&#x27;" in each for each in commands)


async def test_the_address_without_a_slash_leads_there(companion):
    answer = await companion.get(ADDRESS.rstrip("/"))

    assert (answer.status_code, answer.headers["Location"]) == (308, ADDRESS)
