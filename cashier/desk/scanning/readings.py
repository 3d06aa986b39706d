"""What a scan may mean: a scanner presses the keys of an American keyboard, whatever this machine takes them for.

Where the system tells which key it was, that is read. Where it does not, the characters are read backwards through
the layouts below. Caps Lock turns letters round. All readings are looked up; what two of them mean is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cashier.identifiers import redact

_AMERICAN = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./" + '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
_LAYOUTS = (
    # German, Spanish, Spanish of Latin America, French, Russian. “␣” is a key that gives nothing by itself.
    "␣1234567890ß␣qwertzuiopü+#asdfghjklöäyxcvbnm,.-" + "°!\"§$%&/()=?␣QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_",
    "º1234567890'¡qwertyuiop␣+çasdfghjklñ␣zxcvbnm,.-" + 'ª!"·$%&/()=?¿QWERTYUIOP␣*ÇASDFGHJKLÑ␣ZXCVBNM;:_',
    "|1234567890'¿qwertyuiop␣+}asdfghjklñ{zxcvbnm,.-" + '°!"#$%&/()=?¡QWERTYUIOP␣*]ASDFGHJKLÑ[ZXCVBNM;:_',
    "²&é\"'(-è_çà)=azertyuiop␣$*qsdfghjklmùwxcvbn,;:!" + "~1234567890°+AZERTYUIOP␣£µQSDFGHJKLM%WXCVBN?./§",
    "ё1234567890-=йцукенгшщзхъ\\фывапролджэячсмитьбю." + 'Ё!"№;%:?*()_+ЙЦУКЕНГШЩЗХЪ/ФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,',
)
_BACK = tuple(
    {here: there for here, there in zip(layout, _AMERICAN, strict=True) if here != "␣"} for layout in _LAYOUTS
)
_PLAUSIBLE = re.compile(r"[A-Za-z0-9 ./:+_-]+")
"""What numbers are made of."""
GROUP_SEPARATOR = "\x1d"
"""Stands between the parts of a GS1 code; scanners send it as Ctrl and ]."""
_AROUND = " " + GROUP_SEPARATOR
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
"""What kind of code it is, as ISO/IEC 15424 says it."""
_AIM_OF_GS1 = frozenset({"]C1", "]e0", "]d2", "]Q3", "]J1"})
_GS1_NUMBERS = ("8018", "8017", "8020")
"""GS1's identifiers before the number of somebody who is cared for, of somebody who gives care, of a payment slip."""
_STRIPE = re.compile(r"(?<!\d)(\d{13,19})[\^=]")
"""On the first or the second track; its other ends get lost where the keyboard is another."""
_PER_LEVEL = len(_AMERICAN) // 2
_CODES = (41, *range(2, 14), *range(16, 28), 43, *range(30, 41), *range(44, 54))
"""The scan code of each key of ``_AMERICAN``, as PC keyboards send it; X11 and Wayland add 8."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key of a scan: what it gave here, and which it was (0: not told)."""

    text: str
    scan_code: int = 0
    is_shifted: bool = False

    @property
    def american(self) -> str:
        """What it says on an American keyboard; what it gave here where it is no key of letters, digits or signs."""
        if self.scan_code not in _CODES:
            return self.text
        return _AMERICAN[_CODES.index(self.scan_code) + (_PER_LEVEL if self.is_shifted else 0)]


def readings_of(keys: Sequence[Key], *, prefix: str = "", suffix: str = "") -> tuple[str, ...]:
    """Return what ``keys`` may mean, the likeliest first, each once, without what the scanner adds around it.

    A scanner may put the kind of the code in front (AIM, ``]C1``), and a code may say what its number is for (GS1).
    """
    typed = "".join(key.text for key in keys)
    others = ["".join(key.american for key in keys)] if any(key.scan_code for key in keys) else []
    others += ["".join(back.get(letter, letter) for letter in typed) for back in _BACK]
    straight = [(typed, True), *((each, False) for each in others)]
    turned = [(candidate.swapcase(), is_typed) for candidate, is_typed in straight]
    found = [
        reading
        for candidate, is_typed in (*straight, *turned)
        for reading in _inner(candidate, prefix, suffix)
        # What another keyboard would have meant is only looked at where it could be a number.
        if reading and (is_typed or _PLAUSIBLE.fullmatch(reading))
    ]
    # No code says “INVß2026ß12”: then what it says on another keyboard is likelier.
    return tuple(dict.fromkeys(sorted(found, key=lambda reading: _PLAUSIBLE.fullmatch(reading) is None)))


def is_of_a_card(readings: Sequence[str]) -> bool:
    """Tell whether a reader of magnetic stripes typed this: a card's number, between the signs of ISO/IEC 7813."""
    numbers = (found[1] for reading in readings for found in _STRIPE.finditer(reading))
    return any(redact(number) != number for number in numbers)


def _inner(candidate: str, prefix: str, suffix: str) -> list[str]:
    """Return what is inside of what the scanner adds, the likeliest first."""
    bare = candidate.strip(_AROUND)
    if prefix or suffix:
        bare = bare.removeprefix(prefix).removesuffix(suffix).strip(_AROUND)
    kind = _AIM.match(bare)
    if kind is None:
        return [bare.replace(GROUP_SEPARATOR, " ")]
    inner = bare[kind.end() :].strip(_AROUND)
    first, _, _ = inner.partition(GROUP_SEPARATOR)
    of_gs1 = [first[len(each) :] for each in _GS1_NUMBERS if kind[0] in _AIM_OF_GS1 and first.startswith(each)]
    return [each.replace(GROUP_SEPARATOR, " ") for each in (*of_gs1, inner, bare)]
