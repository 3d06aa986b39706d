"""How names and numbers are spelled: one rule for what is stored and for what is typed.

Capitals, accents and apostrophes never count; hyphens, and blanks after particles, may be there or not; an umlaut may
be two letters; numbers may be cut anywhere. What is stored has every spelling, so that what is typed needs few. Where
words begin is all that counts: any beginning finds them.

Zeros in front of a number do not count as long as none are typed. Once they are, what is typed is either the
beginning of a number that has just these zeros, or a whole number, whose zeros do not count: “000002” may go on as
“0000021”, and is “2”, but never begins “2026”.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from itertools import groupby

WORD_LENGTH_MAX = 80
_TERMS_MAX = 12

_APOSTROPHES = "'’‘‛`´ʹʻʼʽʾʿˈ′＇׳״"
_PUNCTUATION = "/"
# Letters that Unicode does not take apart, or that are written in two ways, as most people type them.
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ħ": "h"}
    | dict(zip("ٱىیېۍکةۀہھךםןףץ", "اييييكهههه" + "כמנפצ", strict=True))
    | {"ـ": None}  # only stretches a word
)
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_PARTICLES_AS_WRITTEN = (
    "a al as ash at an ar ad ath abd abdul abu ap ben bin bint da das de dei del dela della den der des di do dos du "
    "d el fitz ibn il l la las le les li lo los m mac mc o saint san st santa te ten ter ul um und van vande vander "
    "vom von y zu zum zur ال عبد بن ابن ابو ام بنت בן בת אל"
)
_ARTICLE = "ال"
# The countries with one digit or two; all others have three: https://www.itu.int/pub/T-SP-E.164D
_COUNTRY = re.compile("1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[0-9]{3}")
_FROM_ABROAD = re.compile(r"\s*(?:[+＋]|00(?=\s?[1-9]))([\d\s()/.‐‑–-]{9,})")
_SYLLABLES = re.compile("[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]{1,8}")


@dataclass(frozen=True)
class Term:
    """What was typed as one: found where all words of one of the ``alternatives`` begin, or one of ``wholes`` is."""

    alternatives: tuple[tuple[str, ...], ...]
    wholes: tuple[str, ...] = ()


def words_of_patient(*, name: str, record_number: str, phone: str, born: date | None = None) -> set[str]:
    """Return the words by which a patient is found: of the name, the two numbers and the date of birth."""
    words = {word for text in _spellings(name) for group in _groups(text) for word in _stored(group)}
    words |= keys_of_number(record_number) | _words_of_phone(phone) | _words_of_birth(born)
    return {word[:WORD_LENGTH_MAX] for word in words if word}


def keys_of_number(number: str) -> set[str]:
    """Return the keys of a number: each part of digits, and from each part on, with its zeros and without them."""
    runs = _runs(number)
    ends = [runs[start:] for start in range(len(runs))]
    keys = {spell(end) for end in ends for spell in ("".join, _joined, _joined_short)}
    return {key[:WORD_LENGTH_MAX] for key in keys | {_without_zeros(run) for run in runs if run.isdigit()}}


def whole_keys(number: str) -> tuple[str, ...]:
    """Return the keys of a number as a whole, the closest to its writing first."""
    runs = _runs(number)
    return tuple(dict.fromkeys(key[:WORD_LENGTH_MAX] for key in (_joined(runs), _joined_short(runs)) if key))


def is_looked_for(number: str, text: str) -> bool:
    """Tell whether something with digits in ``text`` is ``number`` or a part of it, or begins one."""
    keys = keys_of_number(number)
    terms = [term for terms in readings(text) for term in terms]
    begun = (word for term in terms for words in term.alternatives for word in words if any(map(str.isdigit, word)))
    return any(whole in keys for term in terms for whole in term.wholes) or any(
        key.startswith(word) for word in begun for key in keys
    )


def compact(number: str) -> str:
    """Return a number without capitals and punctuation, its zeros kept."""
    return "".join(_runs(number))


def spaced(number: str) -> str:
    """Return the runs of digits and letters of a number, a blank between them, their zeros kept."""
    return " ".join(_runs(number))


def readings(text: str) -> tuple[tuple[Term, ...], ...]:
    """Return how typed ``text`` can be understood, the likeliest first; the next counts where one finds nothing.

    First neighbouring digits are one number, as on cards and papers; then each piece is one by itself; then they are
    a phone number with a country that is stored without.
    """
    text = text.replace("(0)", " ")
    pieces = list(zip(*(spelling.split() for spelling in _spellings(text)), strict=True))
    together: list[Term] = []
    apart: list[Term] = []
    for has_digits, some in groupby(pieces, lambda piece: any(each.isdigit() for each in piece[0])):
        if not has_digits:
            of_names = _name_terms(list(some))
            together += of_names
            apart += of_names
            continue
        numbers = [piece[0] for piece in some]
        together += map(_number_term, _neighbours(numbers))
        apart += map(_number_term, numbers)
    without_country = [Term((), (number,)) for number in {_at_home(text)} if number]
    found = (tuple(dict.fromkeys(terms))[:_TERMS_MAX] for terms in (together, apart, without_country))
    return tuple(dict.fromkeys(terms for terms in found if terms))


def is_same_name(one: str, other: str) -> bool:
    """Tell whether two names are one, spelled alike or not: each finds the other with whole words."""
    return _finds(one, other) and _finds(other, one)


def _finds(typed: str, name: str) -> bool:
    stored = words_of_patient(name=name, record_number="", phone="")
    return any(
        all(any(stored.issuperset(words) for words in term.alternatives) for term in terms)
        for terms in readings(typed)
    )


def end_of_range(prefix: str) -> str:
    """Return the first text that sorts after every word that begins with ``prefix``."""
    return prefix + "\U0010ffff"


def fold(text: str) -> str:
    """Write ``text`` with plain letters, digits, ``'``, ``-`` and single blanks; ``/`` is all other punctuation."""
    if text.isascii():
        return " ".join(text.lower().translate(_PLAIN_ASCII).split())
    text = "".join("'" if each in _APOSTROPHES else each for each in text)
    text = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN_LETTERS)).casefold()
    plain = "".join(each for each in text if not unicodedata.combining(each)).translate(_PLAIN_LETTERS)
    return " ".join("".join(map(_plain_character, plain)).split())


def _plain_character(character: str) -> str:
    if character == "'" or (character.isascii() and character.isalnum()):
        return character
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Cf":  # directions, soft hyphens, joiners
        return ""
    if category == "Pd" or character == "־":
        return "-"
    if character.isspace() or category == "Cc":
        return " "
    return character if character.isalnum() else _PUNCTUATION


def _spellings(text: str) -> tuple[str, ...]:
    """Return ``text`` folded with umlauts as one letter, and with umlauts as two."""
    composed = unicodedata.normalize("NFC", text.casefold())
    return tuple(dict.fromkeys((fold(text), fold(composed.translate(_TWO_LETTERS)))))


def _groups(folded: str) -> list[list[str]]:
    """Cut into words, those together that may be written as one: over hyphens, after particles, between syllables."""
    groups: list[list[str]] = []
    before = ""
    for piece in folded.replace(_PUNCTUATION, " ").split():
        for position, part in enumerate(filter(None, (part.strip("'") for part in piece.split("-")))):
            is_joined = position > 0 or before in _PARTICLES or (_is_syllables(before) and _is_syllables(part))
            if groups and is_joined:
                groups[-1].append(part)
            else:
                groups.append([part])
            before = part.replace("'", "")
    return groups


def _is_syllables(word: str) -> bool:
    return _SYLLABLES.fullmatch(unicodedata.normalize("NFC", word)) is not None


def _stored(group: list[str]) -> set[str]:
    """Return the words to store for words that may be written as one."""
    plain = _without_apostrophes(group)
    words = {"".join(plain[start:]) for start in range(len(plain))} | set(plain)
    words |= {part for word in group for part in word.split("'")}
    words |= {word.removeprefix(_ARTICLE) for word in plain if len(word) > len(_ARTICLE) + 2}
    for word in plain:
        syllables = unicodedata.normalize("NFC", word)
        if _SYLLABLES.fullmatch(syllables):
            # Family and given name stand together, and either may be typed.
            words |= {unicodedata.normalize("NFKD", syllables[start:]) for start in range(1, len(syllables))}
    return words


def _name_terms(pieces: list[tuple[str, ...]]) -> list[Term]:
    """Return a term for each group of words, in all spellings that the ``pieces`` have."""
    plain, *others = (
        [_without_apostrophes(group) for group in _groups(" ".join(some))] for some in zip(*pieces, strict=True)
    )
    others = [groups for groups in others if len(groups) == len(plain)]
    return [
        Term(tuple(dict.fromkeys(alternative for group in same for alternative in _alternatives(group))))
        for same in zip(plain, *others, strict=True)
    ]


def _without_apostrophes(group: list[str]) -> list[str]:
    return [word.replace("'", "") for word in group]


def _alternatives(group: list[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        dict.fromkeys((("".join(group)[:WORD_LENGTH_MAX],), tuple(word[:WORD_LENGTH_MAX] for word in group)))
    )


def _words_of_phone(phone: str) -> set[str]:
    """Return a phone number's words: it is told with its country or without, with its area or without."""
    digits = "".join(_runs(phone.replace("(0)", ""), only_digits=True))
    abroad = digits.lstrip("0")
    words = {digits, *(abroad[-length:] for length in (10, 9, 8, 7))}
    if at_home := _at_home(phone.replace("(0)", "")):
        words |= {"00" + abroad, "0" + at_home}
    return words | {word.lstrip("0") for word in words}


def _words_of_birth(born: date | None) -> set[str]:
    """Return a date's words, its parts in every order that people write, with zeros before them and without."""
    if born is None:
        return set()
    year = str(born.year)
    words = set()
    for month, day in ((str(born.month), str(born.day)), (f"{born.month:02}", f"{born.day:02}")):
        words |= {year + month + day, day + month + year, month + day + year}
    return words | {word.lstrip("0") for word in words}


def _at_home(phone: str) -> str:
    """Return a phone number without its country, which the digits after ``+`` or ``00`` tell; empty when none do."""
    number = _FROM_ABROAD.fullmatch(phone)
    return "" if number is None else _COUNTRY.sub("", "".join(_runs(number[1], only_digits=True)), count=1)


def _number_term(number: str) -> Term:
    runs = _runs(number)
    written, *others = dict.fromkeys(spell(runs)[:WORD_LENGTH_MAX] for spell in ("".join, _joined, _joined_short))
    return Term(((written,),), tuple(others))


def _neighbours(pieces: list[str]) -> list[str]:
    """Put pieces of digits that stand beside each other into one number."""
    numbers: list[str] = []
    for piece, before in zip(pieces, ["", *pieces], strict=False):
        is_continued = before and not any(each.isalpha() for each in piece + before)
        if is_continued:
            numbers[-1] += piece
        else:
            numbers.append(piece)
    return numbers


def _runs(text: str, *, only_digits: bool = False) -> list[str]:
    """Cut a number into its runs of digits and of letters."""
    return re.findall("[0-9]+" if only_digits else r"[0-9]+|[^\W0-9_]+", fold(text))


def _joined(runs: list[str]) -> str:
    """Write runs as one; neighbouring digits are one number, and only the zeros before it are left out."""
    return "".join(
        _without_zeros("".join(some)) if is_digits else "".join(some)
        for is_digits, some in groupby(runs, str.isdigit)
    )


def _joined_short(runs: list[str]) -> str:
    return "".join(map(_without_zeros, runs))


def _without_zeros(run: str) -> str:
    return (run.lstrip("0") or "0") if run.isdigit() else run


_PLAIN_ASCII = {code: _plain_character("'" if chr(code) in _APOSTROPHES else chr(code)) for code in range(128)}
_PARTICLES = frozenset(fold(_PARTICLES_AS_WRITTEN).split())
