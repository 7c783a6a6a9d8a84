"""Finding what may be personal data in a comment: where to look, never what to do.

Each finder takes the text of a `folding.Levelled` and yields half-open spans in it. Patterns are
bounded, and those that need a left context look at a few characters before a match, so the work
grows with the length of the text whatever it holds.
"""

from collections.abc import Iterator

import regex
from phonenumbers import Leniency, PhoneNumberMatcher

Span = tuple[int, int]

REGION = "JP"

_PHONE_SHAPED = regex.compile(r"(?<![\d-])0\d{1,4}+[-( ]{1,2}+\d{1,4}+[-) ]{1,2}+\d{3,4}+(?![\d-])")
_LABELLED_PHONE = regex.compile(
    r"(?:電話|携帯|TEL|FAX|ファックス|☎)(?:番号)?[:. ]{0,3}+(\d{2,4}-\d{4}|\d{9,11})(?!\d)",
    regex.IGNORECASE,
)

_EMAIL = regex.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}+ ?(?:@|[\[(](?:at|アット)[\])]) ?"
    r"[a-z\d-]{1,63}+(?:\.[a-z\d-]{1,63}+){1,6}+",
    regex.IGNORECASE | regex.ASCII,
)

_POSTAL_CODE = regex.compile(
    r"(?:〒|郵便番号)[: ]{0,2}+\d{3}-?\d{4}(?!\d)"
    r"|(?<![\d-])0\d{2}-\d{4}(?![\d-])"
    r"|(?<![\d-])\d{3}-\d{4}(?=\s{1,2}(?:北海道|東京都|大阪府|京都府|\p{Han}{2,3}県))"
)

_TWELVE_DIGITS = regex.compile(r"(?<![\d.-])\d{4}([ -]?)\d{4}\1\d{4}(?![\d.-]?\d)")

_NUMBER = r"(?:\d{1,5}+|[一二三四五六七八九十百〇]{1,4}+)"
_COUNTED = (
    r"(?![\d年月日度か箇ヶヵカケ人名回件本台倍割%％時分歳号線番章節]|世帯|メートル|km|m|円|万)"
)
_PLOT = regex.compile(
    rf"(?P<block>(?<!\d){_NUMBER} ?丁目 ?{_NUMBER}(?: ?番地?)?(?:[-の ]?{_NUMBER}){{0,2}}号?{_COUNTED})"
    rf"|(?P<lot>(?<!\d){_NUMBER} ?(?:番地(?:[-の]?{_NUMBER})?|番 ?{_NUMBER}) ?号?{_COUNTED})"
    rf"|(?P<dashed>(?<![\d-])\d{{1,4}}+-\d{{1,4}}+(?:-\d{{1,4}}+){{0,2}}+{_COUNTED})"
)
_YEARS = regex.compile(r"(?:19|20)\d\d-(?:19|20)\d\d")
_LEFT_CONTEXT = 24

TOWNS_WITHOUT_CHO = [
    "沼ノ端中央",
    "沼ノ端",
    "ウトナイ北",
    "ウトナイ南",
    "勇払",
    "弁天",
    "真砂",
    "静川",
    "柏原",
    "植苗",
    "美沢",
    "高丘",
    "丸山",
    "樽前",
    "錦岡",
    "糸井",
    "字錦岡",
    "字糸井",
    "字沼ノ端",
    "字植苗",
    "字勇払",
    "字樽前",
]
"""Places of Tomakomai whose names do not end in 町."""

_CITY = r"(?:(?:北海道|東京都|\p{Han}{2,3}[府県])?\p{Han}{1,5}?[市区郡村])?"
_CHO = (
    r"(?:[\p{Han}々ヶノ]{1,6}|[\p{Katakana}ー]{2,8}|\p{Hiragana}{2,6}|\p{Han}{1,4}の\p{Han}{1,2})町"
)
_TOWN = regex.compile(rf"{_CITY}(?:{_CHO}|{'|'.join(TOWNS_WITHOUT_CHO)}) ?$")
_ANY_PLACE = regex.compile(
    rf"{_CITY}(?:{_CHO}|[\p{{Han}}々ヶノ]{{1,10}}|[\p{{Katakana}}ー]{{2,8}}) ?$"
)
_NO_PLACE = regex.compile(
    r"(?:第|約|計|全|各|図|表|式|号|章|節|項|条|頁|施策|取組|案|柱|番号|(?:^|\P{Han})[市両当他全各同]町) ?$"
)
_ENGLISH_ADDRESS = regex.compile(
    r"(?<![\d-])\d{1,4}-\d{1,4}(?:-\d{1,4})?,? (?:\d-chome,? )?[A-Z][a-z]{2,20}[- ]?"
    r"(?:cho|machi|chome|dori)\b"
)


def phones(text: str) -> Iterator[Span]:
    """Numbers valid in Japan or written with a country code, and what is shaped like one."""
    for match in PhoneNumberMatcher(text, REGION, leniency=Leniency.VALID):
        yield match.start, match.end
    for shaped in _PHONE_SHAPED.finditer(text):
        if sum(map(str.isdigit, shaped.group())) in (10, 11):
            yield shaped.span()
    for labelled in _LABELLED_PHONE.finditer(text):
        yield labelled.span(1)


def emails(text: str) -> Iterator[Span]:
    """Addresses with an @, or with [at] in its place."""
    return (match.span() for match in _EMAIL.finditer(text))


def postal_codes(text: str) -> Iterator[Span]:
    """Seven digits after 〒, or of the north (0…), or before the name of a prefecture."""
    return (match.span() for match in _POSTAL_CODE.finditer(text))


def my_numbers(text: str) -> Iterator[Span]:
    """Twelve digits, in one or in fours, of which the last checks the others."""
    for match in _TWELVE_DIGITS.finditer(text):
        digits = [int(figure) for figure in match.group() if figure.isdigit()]
        if len(set(digits)) > 1 and digits[-1] == check_digit(digits[:-1]):
            yield match.span()


def check_digit(eleven: list[int]) -> int:
    """The check digit of an individual number (個人番号).

    Source: article 5 of ordinance 85 of 2014 of the Ministry of Internal Affairs and Communications
    (平成26年総務省令第85号): 11 − (Σ Pn·Qn mod 11), or 0 when the remainder is 1 or less, with Pn
    the n-th digit from the lowest, and Qn = n + 1 up to n = 6, n − 5 from n = 7.
    """
    places = enumerate(reversed(eleven), start=1)
    remainder = sum(p * (n + 1 if n <= 6 else n - 5) for n, p in places) % 11
    return 0 if remainder <= 1 else 11 - remainder


def addresses(text: str) -> Iterator[Span]:
    """A town with a block and a number; a town alone is where a matter lies, not where one lives.

    Numbers joined by hyphens count only after a town's name, for measures are numbered alike.
    """
    for plot in _PLOT.finditer(text):
        start = _start_of_place(text, plot)
        if start is not None:
            yield start, plot.end()
    for english in _ENGLISH_ADDRESS.finditer(text):
        yield english.span()


def _start_of_place(text: str, plot: regex.Match[str]) -> int | None:
    """Where the place before a plot number begins, or None when no place stands there."""
    offset = max(0, plot.start() - _LEFT_CONTEXT)
    left = text[offset : plot.start()]
    if _NO_PLACE.search(left) or _YEARS.fullmatch(plot.group()):
        return None
    place = (_TOWN if plot.group("dashed") else _ANY_PLACE).search(left)
    return offset + place.start() if place else None
