"""The colours can be told apart by people who see little."""

import pytest

from cashier.palette import Colour


def luminance(colour: Colour) -> float:
    """Compute the relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("ground", [Colour.PAPER, Colour.GROUND, Colour.ACCENT_SOFT])
@pytest.mark.parametrize("ink", [Colour.INK, Colour.INK_SOFT, Colour.ACCENT, Colour.GOOD, Colour.CAUTION, Colour.BAD])
def test_text_is_readable_on_every_ground(ink: Colour, ground: Colour):
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        (Colour.INK_DISABLED, Colour.GROUND_DISABLED),
        (Colour.INK_SOFT, Colour.GROUND_DISABLED),
        (Colour.INK_ON_ACCENT, Colour.ACCENT),
        (Colour.INK_ON_ACCENT, Colour.ACCENT_STRONG),
        (Colour.GOOD, Colour.GOOD_SOFT),
        (Colour.CAUTION, Colour.CAUTION_SOFT),
        (Colour.BAD, Colour.BAD_SOFT),
    ],
)
def test_text_is_readable_on_its_own_ground(ink: Colour, ground: Colour):
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize("ground", [Colour.PAPER, Colour.GROUND])
@pytest.mark.parametrize("edge", [Colour.EDGE, Colour.FOCUS])
def test_edges_of_controls_stand_out(edge: Colour, ground: Colour):
    assert contrast(edge, ground) >= 3
