"""In which order a line is read from left to right, when scripts of both directions stand in it.

Unicode's algorithm for one line without embeddings; paper has none, for controls of direction are left out before:
https://www.unicode.org/reports/tr9/ - the rules are named as they are there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby

_NEUTRAL = frozenset({"B", "S", "WS", "ON", "BN"})
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


def levels_of(text: str) -> list[int]:
    """Return the level of each character: odd ones are written from right to left."""
    classes = [unicodedata.bidirectional(character) or "L" for character in text]
    base = _base_level(classes)
    # P3: the paragraph reads as its first strong letter does.
    kinds = _weak(classes, "R" if base else "L")
    _pair_brackets(text, kinds, base)
    _neutral(kinds, base)
    levels = [_level_of(kind, base) for kind in kinds]
    # L1: blanks at the end stand where the line ends.
    for place in range(len(text) - 1, -1, -1):
        if classes[place] not in ("WS", "B", "S"):
            break
        levels[place] = base
    return levels


def visual_order(levels: Sequence[int]) -> list[int]:
    """Return the places of what has these levels, as they are read from left to right (L2)."""
    order = list(range(len(levels)))
    odd = [level for level in levels if level % 2]
    for lowest in range(max(levels, default=0), min(odd, default=1) - 1, -1):
        turned: list[int] = []
        for is_inside, places in groupby(order, key=lambda place: levels[place] >= lowest):
            run = list(places)
            turned += reversed(run) if is_inside else run
        order = turned
    return order


def _base_level(classes: Sequence[str]) -> int:
    strong = next((kind for kind in classes if kind in ("L", "R", "AL")), "L")
    return 0 if strong == "L" else 1


def _weak(classes: Sequence[str], start: str) -> list[str]:
    """Resolve numbers and marks (W1 to W7); ``start`` is the direction before the line."""
    kinds = list(classes)
    before = start
    for place, kind in enumerate(kinds):  # W1
        kinds[place] = before if kind == "NSM" else kind
        before = kinds[place]
    strong = start
    for place, kind in enumerate(kinds):  # W2, W3
        if kind in ("L", "R", "AL"):
            strong = kind
            kinds[place] = "R" if kind == "AL" else kind
        elif kind == "EN" and strong == "AL":
            kinds[place] = "AN"
    _signs_of_numbers(kinds)
    strong = start
    for place, kind in enumerate(kinds):  # W6, W7
        if kind in ("ES", "CS", "ET"):
            kinds[place] = "ON"
        elif kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[place] = "L"
    return kinds


def _signs_of_numbers(kinds: list[str]) -> None:
    """Let signs between and beside digits belong to their number (W4, W5)."""
    for place in range(1, len(kinds) - 1):  # W4
        around = kinds[place - 1], kinds[place + 1]
        if (kinds[place] in ("ES", "CS") and around == ("EN", "EN")) or (
            kinds[place] == "CS" and around == ("AN", "AN")
        ):
            kinds[place] = around[0]
    for start_at, end_at in _runs(kinds, "ET"):  # W5
        if "EN" in (kinds[start_at - 1] if start_at else "", kinds[end_at] if end_at < len(kinds) else ""):
            kinds[start_at:end_at] = ["EN"] * (end_at - start_at)


def _pair_brackets(text: str, kinds: list[str], base: int) -> None:
    """Let both brackets of a pair be read as what is in them, or as what stands before them (N0)."""
    own, other = ("R", "L") if base else ("L", "R")
    opened: list[int] = []
    pairs = []
    for place, character in enumerate(text):
        if kinds[place] not in _NEUTRAL:
            continue
        if character in _BRACKETS:
            opened.append(place)
            continue
        match = next((each for each in reversed(opened) if _BRACKETS[text[each]] == character), None)
        if match is not None:
            pairs.append((match, place))
            del opened[opened.index(match) :]
    for start, end in sorted(pairs):
        inside = {_direction_of(kind) for kind in kinds[start + 1 : end]}
        before = next((found for kind in reversed(kinds[:start]) if (found := _direction_of(kind))), own)
        if own in inside:
            kinds[start] = kinds[end] = own
        elif other in inside:
            kinds[start] = kinds[end] = other if before == other else own


def _neutral(kinds: list[str], base: int) -> None:
    """Read what has no direction as what is on both sides of it, or else as the line (N1, N2)."""
    own = "R" if base else "L"
    place = 0
    while place < len(kinds):
        end = place
        while end < len(kinds) and kinds[end] in _NEUTRAL:
            end += 1
        if end > place:
            before = _direction_of(kinds[place - 1]) if place else own
            after = _direction_of(kinds[end]) if end < len(kinds) else own
            kinds[place:end] = [before if before == after else own] * (end - place)
        place = end + 1


def _direction_of(kind: str) -> str:
    """Return the side from which it is read, numbers as from the right; empty where it has none."""
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(kind, "")


def _level_of(kind: str, base: int) -> int:
    """Resolve the level (I1, I2)."""
    if base % 2:
        return base if kind == "R" else base + 1
    return base + {"R": 1, "AN": 2, "EN": 2}.get(kind, 0)


def _runs(kinds: Sequence[str], wanted: str) -> Iterator[tuple[int, int]]:
    place = 0
    for kind, group in groupby(kinds):
        end = place + sum(1 for _ in group)
        if kind == wanted:
            yield place, end
        place = end
