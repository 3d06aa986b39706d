"""The pages that a patient comes back to."""

from __future__ import annotations

import re
import uuid

import pytest

from tests.surroundings.small_spanish import spoken


@pytest.mark.parametrize("path", ["paid", "back"])
async def test_the_page_has_no_script_no_data_and_no_claim(companion, path):
    payment_id = str(uuid.uuid4())

    answer = await companion.get(f"/{path}/{payment_id}")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<script" not in answer.text
    assert payment_id not in answer.text
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
    assert not re.search(r"\b(paid|success\w*|received|complete[d]?)\b", words, flags=re.IGNORECASE)
    assert "desk shows" in words


@pytest.fixture
def spanish(hospital, tmp_path):
    """A hospital that speaks Spanish, and the words of one page in it."""
    hospital.execute("UPDATE hospital SET language = 'es'")
    yield from spoken(tmp_path, {"Thank you": "Gracias"})


@pytest.mark.parametrize(
    ("wanted", "language", "title"),
    [
        ("es-ES,es;q=0.9", "es", "Gracias"),
        ("es-MX", "es-419", "Gracias"),
        ("en-GB", "en", "Thank you"),
        ("fi-FI", "es", "Gracias"),
        (None, "es", "Gracias"),
    ],
)
async def test_the_page_is_read_in_the_patients_language_else_in_the_hospitals(
    spanish, companion, wanted, language, title
):
    answer = await companion.get(f"/paid/{uuid.uuid4()}", headers={"Accept-Language": wanted} if wanted else {})

    assert f'<html lang="{language}">' in answer.text
    assert f"<h1>{title}</h1>" in answer.text
    assert answer.headers["Vary"] == "Accept-Language"


async def test_the_page_may_load_and_run_nothing(companion):
    answer = await companion.get(f"/paid/{uuid.uuid4()}")

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/paid/", "/paid/1", "/paid/x<y>", "/", "/favicon.ico"])
async def test_other_addresses_are_not_there(companion, path):
    answer = await companion.get(path)

    assert answer.status_code == 404
