"""Names stand on paper as they are written, whatever their script; what no font has is a box, and is said before."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from cashier.paper.faces import UnreadableFontError, check_font, face_of, shape, use_fonts
from cashier.paper.missing import boxes_in
from cashier.paper.typeface import BOLD, REGULAR, clip, pieces, printable, register_fonts, width_of, wrap
from cashier.receipts.pdf import render
from tests.receipts.test_pdf import a_receipt, ink_outside_margins

HAN = str(Path(__file__).parent / "some-han-and-hangul.otf")
"""Nineteen signs of Noto Sans CJK, under the Open Font License."""
NAMES = {
    "Arabic": "مستشفى الميناء",
    "Hebrew": "מרכז רפואי הנמל",
    "Devanagari": "श्रीमती प्रज्ञा शर्मा",
    "Bengali": "হাসপাতাল সড়ক",
    "Thai": "โรงพยาบาลท่าเรือ",
}


@pytest.fixture
def han():
    """The hospital names a font for Chinese, Japanese and Korean."""
    use_fonts([HAN])
    yield
    use_fonts([])


@pytest.fixture(autouse=True)
def no_named_fonts():
    """Begin and end without fonts of a hospital's."""
    use_fonts([])
    yield
    use_fonts([])


def spoken_in(pdf: bytes) -> list[str]:
    """Return what stands beside outlines for whoever searches, copies or listens."""
    content = PdfReader(io.BytesIO(pdf)).pages[0].get_contents()
    assert content is not None
    found = re.findall(rb"/ActualText\s*<([0-9A-Fa-f]+)>", content.get_data())
    return [bytes.fromhex(each.decode()).decode("utf-16") for each in found]


def ink_of(text: str) -> int:
    """Count the dark pixels that the hospital's name makes."""
    page = pypdfium2.PdfDocument(render(a_receipt(hospital=text, legal_name=text)))[0]
    picture = page.render(scale=3).to_pil().convert("L").crop((300, 140, 1060, 200))
    return sum(picture.histogram()[:128])


def shapes_of(text: str) -> list[int]:
    face = face_of(text[0])
    assert face is not None
    return [glyph.shape for glyph in shape(text, face, is_to_left=False).glyphs]


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_a_name_is_drawn_and_can_be_found(name):
    pdf = render(a_receipt(hospital=name, legal_name=name))

    assert "".join(spoken_in(pdf)).replace(" ", "") == name.replace(" ", "")
    assert ink_of(name) > 300
    assert ink_outside_margins(pdf, margin=40) == 0
    assert "\ufffd" not in "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_letters_are_put_together_as_they_are_written():
    # Arabic letters look different at the beginning, inside and at the end of a word.
    assert len(set(shapes_of("ببب"))) == 3
    # Devanagari writes two consonants as one sign, and a vowel before the consonant that it is spoken after.
    assert len(shapes_of("क्ष")) == 1
    assert shapes_of("कि")[-1] == shapes_of("क")[0]
    # A joiner keeps them apart, as the name is spelt.
    assert shapes_of("क्\u200cष") != shapes_of("क्ष")
    # A mark in Thai stands above its letter and takes no room.
    assert width_of("กี่", REGULAR, 10) == pytest.approx(width_of("ก", REGULAR, 10))


def test_muhammad_is_written_with_its_letters_and_not_as_an_ornament():
    assert len(shapes_of("محمد")) >= 4


def test_numbers_in_a_name_of_the_other_direction_stay_numbers():
    drawn = [piece.plain or piece.text for piece in pieces(printable("محمد (2) D1-000042"))]

    assert "".join(drawn) == "D1-000042 (2) محمد"


def test_marks_of_direction_put_a_number_where_it_belongs():
    drawn = [piece.plain for piece in pieces(printable("هاتف \u200e+44 1632")) if piece.plain]

    assert "".join(drawn).strip() == "+44 1632"


def test_a_plain_receipt_needs_no_other_font_and_stays_small():
    pdf = render(a_receipt())

    assert len(pdf) < 25_000
    assert spoken_in(pdf) == []


def test_the_same_name_gives_the_same_bytes():
    receipt = a_receipt(hospital=NAMES["Arabic"], cashier=NAMES["Devanagari"])

    assert render(receipt) == render(receipt)


@pytest.mark.parametrize("name", ["港口示例医院", "山田太郎", "김민수"])
def test_a_font_that_the_hospital_names_has_what_ours_lack(name):
    boxes, said = ink_of(name), str(boxes_in(name))
    use_fonts([HAN])

    assert set(said.rpartition(": ")[2]) == set(name)
    assert not boxes_in(name)
    assert ink_of(name) not in (0, boxes)
    assert "".join(spoken_in(render(a_receipt(hospital=name)))) == name


def test_what_no_font_has_is_a_box_and_still_can_be_found():
    pdf = render(a_receipt(hospital="港口 Hospital"))

    assert spoken_in(pdf) == ["港口"]
    assert ink_of("港口") > 0
    assert "\ufffd" not in "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.logs("font left out")
def test_a_font_that_is_not_there_stops_no_receipt():
    use_fonts(["/nowhere/font.ttf", HAN])

    assert not boxes_in("港口")
    assert render(a_receipt(hospital="港口"))


def test_a_font_that_cannot_be_used_says_why(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("These are my holiday notes.")

    for path in ("/nowhere/font.ttf", str(text), f"{HAN}#x"):
        with pytest.raises(UnreadableFontError):
            check_font(path)


@given(
    text=st.text(alphabet="abc é €(12)" + "".join(NAMES.values()) + "\u200d\u200c港﷽", max_size=60),
    width=st.floats(min_value=30, max_value=300),
    font=st.sampled_from([REGULAR, BOLD]),
)
@settings(max_examples=120, deadline=None)
def test_a_line_of_any_script_fits_into_its_width(text, width, font):
    lines = wrap(text, font, 9, width, lines_max=3)

    assert len(lines) <= 3
    assert all(width_of(line, font, 9) <= width for line in [*lines, clip(text, font, 9, width)])


def test_a_name_is_never_cut_between_a_letter_and_its_marks():
    name = NAMES["Thai"] * 3

    for width in range(40, 120, 7):
        kept = clip(name, REGULAR, 9, width).removesuffix("…")
        assert name.startswith(kept)
        assert ord(name[len(kept)]) not in range(0x0E34, 0x0E3B)
        assert ord(name[len(kept)]) not in range(0x0E47, 0x0E4F)


def test_what_is_printed_never_holds_controls():
    assert printable("a\u202eb\u2066c\x00d") == "abcd"
    assert ord("\ufffd") in register_fonts()
