"""The colours can be told apart by people who see little, in every theme."""

import pytest

from cashier.palette import SHADES, Colour, Theme

THEMES = list(Theme)
INKS = [Colour.INK, Colour.INK_SOFT, Colour.ACCENT, Colour.DUE, Colour.GOOD, Colour.CAUTION, Colour.BAD]


def luminance(shade: str) -> float:
    """Compute the relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    channels = [int(shade[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour, theme: Theme) -> float:
    darker, lighter = sorted((luminance(SHADES[theme][one]), luminance(SHADES[theme][other])))
    return (lighter + 0.05) / (darker + 0.05)


def words_at_least(theme: Theme) -> float:
    return 7 if theme.is_high_contrast else 4.5


def edges_at_least(theme: Theme) -> float:
    return 4.5 if theme.is_high_contrast else 3


def test_every_theme_has_every_colour():
    assert all(set(SHADES[theme]) == set(Colour) for theme in Theme)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", [Colour.PAPER, Colour.GROUND, Colour.ACCENT_SOFT, Colour.SELECTED])
@pytest.mark.parametrize("ink", INKS)
def test_text_is_readable_on_every_ground(ink, ground, theme):
    assert contrast(ink, ground, theme) >= words_at_least(theme)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        (Colour.INK_DISABLED, Colour.GROUND_DISABLED),
        (Colour.INK_SOFT, Colour.GROUND_DISABLED),
        (Colour.INK_ON_ACCENT, Colour.ACCENT),
        (Colour.INK_ON_ACCENT, Colour.ACCENT_STRONG),
        (Colour.DUE, Colour.DUE_SOFT),
        (Colour.GOOD, Colour.GOOD_SOFT),
        (Colour.CAUTION, Colour.CAUTION_SOFT),
        (Colour.BAD, Colour.BAD_SOFT),
        (Colour.TRAINING, Colour.TRAINING_GROUND),
    ],
)
def test_text_is_readable_on_its_own_ground(ink, ground, theme):
    assert contrast(ink, ground, theme) >= words_at_least(theme)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", [Colour.PAPER, Colour.GROUND])
@pytest.mark.parametrize("edge", [Colour.EDGE, Colour.FOCUS, Colour.ACCENT])
def test_edges_of_controls_and_the_ring_of_the_keyboard_stand_out(edge, ground, theme):
    assert contrast(edge, ground, theme) >= edges_at_least(theme)


@pytest.mark.parametrize("theme", THEMES)
def test_the_ring_around_the_chosen_row_stands_out_from_it(theme):
    assert contrast(Colour.FOCUS, Colour.SELECTED, theme) >= 3


@pytest.mark.parametrize("theme", [Theme.CONTRAST_LIGHT, Theme.CONTRAST_DARK])
def test_high_contrast_has_no_soft_grounds(theme):
    shades = SHADES[theme]
    soft = {shades[each] for each in Colour if each.endswith("_soft") and each is not Colour.INK_SOFT}

    assert soft | {shades[Colour.GROUND], shades[Colour.GROUND_DISABLED]} == {shades[Colour.PAPER]}
