"""What a scanner meant is found again, whatever keyboard the machine believes in."""

from __future__ import annotations

import pytest

from cashier.desk.scanning.readings import GROUP_SEPARATOR, Key, is_of_a_card, readings_of


@pytest.mark.parametrize(
    "typed",
    [
        "INV-2026-000012",
        "inv-2026-000012",
        "INVß2026ß000012",
        "INV'2026'000012",
        "INV)éàé-)àààà&é",
        "ШТМ-2026-000012",
        "штм-2026-000012",
    ],
)
def test_every_layout_and_caps_lock_lead_to_the_number(typed: str) -> None:
    assert "INV-2026-000012" in readings_of([Key(text=letter) for letter in typed])


def read(typed: str, **around: str) -> tuple[str, ...]:
    return readings_of([Key(text=letter) for letter in typed], **around)


def test_what_was_typed_comes_first_unless_no_code_says_it() -> None:
    assert read("2026004711")[0] == "2026004711"
    assert read("Z-100/A")[0] == "Z-100/A"
    assert read("INVß2026ß000012")[0] == "INV-2026-000012"
    assert read("éàéè")[0] == "2027"


def test_no_keyboard_makes_a_short_number_of_a_long_one() -> None:
    # On a French keyboard the digits would be signs, and what is left of them “6”.
    assert read("12345-5")[0] == "12345-5"
    assert all(sum(each.isalnum() for each in reading) == 6 for reading in read("12345-5"))


@pytest.mark.parametrize(
    "typed", ["]C1INV-2026-000012", "]c1inv-2026-000012", "+C1INVß2026ß000012", "]A0INV-2026-000012"]
)
def test_the_kind_of_code_that_a_scanner_puts_in_front_is_taken_off(typed: str) -> None:
    assert "INV-2026-000012" in read(typed)
    assert not read(typed)[0].casefold().startswith(("]", "+"))


def test_a_gs1_code_says_whose_number_it_is() -> None:
    assert read(f"]C18018000123456789012345{GROUP_SEPARATOR}8019000001")[0] == "000123456789012345"
    assert read("]d28020SLIP-4711")[0] == "SLIP-4711"
    assert read(f"{GROUP_SEPARATOR}INV-4711{GROUP_SEPARATOR}")[0] == "INV-4711"
    # Without the sign of GS1 it is a number that happens to begin so.
    assert read("8020004711") == ("8020004711",)


def test_the_keys_themselves_are_read_where_the_system_tells_them() -> None:
    # A Greek keyboard: the same keys as i, n, v and the hyphen.
    keys = [
        Key(text="ι", scan_code=23),
        Key(text="ν", scan_code=49),
        Key(text="ω", scan_code=47),
        Key(text="-", scan_code=12),
    ]

    assert "inv-" in readings_of(keys)
    assert "INV-" in readings_of(keys)


def test_what_the_scanner_adds_is_taken_off() -> None:
    keys = [Key(text=letter) for letter in "]C1A-4711~"]

    assert readings_of(keys, prefix="]C1", suffix="~")[0] == "A-4711"


@pytest.mark.parametrize("code", ["4242424242424242", "INV-4242424242424242", ";4242424242424241=3012?", "A=4242"])
def test_a_number_that_only_looks_like_a_cards_is_a_number(code: str) -> None:
    assert not is_of_a_card(read(code))
