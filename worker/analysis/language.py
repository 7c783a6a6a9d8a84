"""Guessing the language of a comment from its letters and its commonest words."""

from functools import lru_cache
from typing import NamedTuple

import regex

from worker.analysis.folding import normalised

UNCLEAR = "und"
"""ISO 639-2 for a language not determined: too short a text, or one without clear signs."""

ONE_HAN_IS_LETTERS = 3
"""A Chinese character carries about as much as three Latin letters; one kana is weighed alike."""

_LINK = regex.compile(r"(?:https?://|www\.)\S++|[\w.+-]{1,64}+@[\w.-]++")
_HIRAGANA = regex.compile(r"[\p{Hiragana}--[ゝゞ]]+", regex.V1)
_KATAKANA = regex.compile(r"[\p{Katakana}ー]+")
_HAN = regex.compile(r"\p{Han}+")
_LATIN = regex.compile(r"\p{Latin}+")
_WORD = regex.compile(r"\p{Latin}[\p{Latin}\p{Mn}]*+")

_SCRIPTS = {
    "ko": regex.compile(r"\p{Hangul}+"),
    "th": regex.compile(r"\p{Thai}+"),
    "my": regex.compile(r"\p{Myanmar}+"),
    "km": regex.compile(r"\p{Khmer}+"),
    "lo": regex.compile(r"\p{Lao}+"),
    "el": regex.compile(r"\p{Greek}+"),
    "he": regex.compile(r"\p{Hebrew}+"),
    "ru": regex.compile(r"\p{Cyrillic}+"),
    "ar": regex.compile(r"\p{Arabic}+"),
    "hi": regex.compile(r"\p{Devanagari}+"),
}
"""Scripts that name their likeliest language by themselves."""

_OTHERS_OF_A_SCRIPT = {
    "ru": (("uk", regex.compile("[іїєґ]")),),
    "ar": (("ur", regex.compile("[ٹڈڑے]")), ("fa", regex.compile("[پچژگ]"))),
    "hi": (("ne", regex.compile(r"छ|हरू")),),
}

_CHINESE_HELPERS = regex.compile(
    "[我是你她也的很什哪吧啊跟此之於]|不[是會想]|[為因]了|因為|可以|而且"
)
"""Words Chinese cannot do without, in characters that Japanese knows as well."""

ONE_HELPER = 0.5
"""What such a word weighs, in characters that only Chinese writes."""

_SPELLINGS = {
    "en": regex.compile(
        r".{2,}(?:ing|ed|ly|ness|tions?|ments?|able|ity|ies|ive|ng|ss|ght|ck|ow|er|ers|al|s|y|ce|dge)"
        r"|.*(?:th|wh|sh|ee|oo|ea|ou).*"
    ),
    "de": regex.compile(
        r".{2,}(?:ung|ungen|keit|heit|lich\w{0,2}|isch\w{0,2}|en|er|et|tz|kt)"
        r"|.*(?:[äöüß]|sch|ei|au|pf|ff|zu|ck).*"
    ),
    "fr": regex.compile(r".{2,}(?:tions?|ment|eux|aux|ique|é|ées?|és)"),
    "es": regex.compile(r".{2,}(?:ción|ciones|dad|mente|ando|iendo)|.*ñ.*"),
    "pt": regex.compile(r".{2,}(?:ção|ções|dade|mente|ando)|.*[ãõ].*"),
    "vi": regex.compile(r".*[đơưạảấầẩậắằẳặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ].*"),
}

_STOP_WORDS = {
    "en": "the of and to in is for that it with as be this are on at by not or have from they we "
    "you i a an our my your their its his her should would could will can must need needs more "
    "less no us only never then every between within per down off well free but if when what who "
    "how why which there here all any some was were has had do does did been than so about into "
    "out up over please should people just very also too other make get like "
    "keep stop too many much these those them he she me us city because",
    "de": "der die das und ist nicht zu den dem des ein eine einen einer eines mit von für auf im "
    "sich sind auch es an als bei aus nach wie wir ich sie er oder aber wenn nur noch mehr kein "
    "keine soll sollen sollte sollten muss müssen werden wird wurde kann können durch über zum zur "
    "statt alle haben hat um bis vor unter gegen ohne so dass man in am war weniger unsere",
    "fr": "le la les des et est un une du de en que qui dans pour pas sur avec ce cette au aux il "
    "elle nous vous je ne plus par mais ou sont être ont leur ses son sa",
    "es": "el la los las de y que en es un una por con para no se del al lo su más pero como este "
    "esta son hay ser está muy también",
    "pt": "o a os as de e que em é um uma por com para não se do da dos das no na ao mais mas como "
    "são ser está muito também",
    "it": "il lo la i gli le di e che è un una per con non si del della dei nel sono più ma come "
    "questo anche alla",
    "nl": "de het een en van is niet te dat op voor met zijn aan er ook maar om als bij naar wij "
    "ik je meer geen moet worden",
    "id": "yang dan di untuk dengan tidak ini itu dari pada ke saya kami akan adalah lebih bisa "
    "karena juga ada kota",
    "tl": "ang ng mga sa na ay hindi ako kami para po ito dahil namin lang din may siya",
    "vi": "và của là không có cho được các một những trong người với tôi chúng để này",
}
_LANGUAGES_OF_WORD: dict[str, frozenset[str]] = {
    word: frozenset(code for code, words in _STOP_WORDS.items() if word in words.split())
    for words in _STOP_WORDS.values()
    for word in words.split()
}
_SPELLING_WEIGHT = 0.4
_SURE = 0.5
"""How far the best language must stand before the next, in stop words."""

_ACCENTED = {
    "en": "",
    "de": "äöüß",
    "fr": "àâçéèêëîïôùûüœ",
    "es": "áéíóúñü",
    "pt": "áâãàçéêíóôõú",
    "it": "àèéìòù",
    "nl": "éëïóöü",
    "id": "",
    "tl": "ñ",
}
"""Letters beyond a to z. A word with another one speaks against the language, as one stop word."""

_FOREIGN = {
    code: regex.compile(rf"[[\p{{Latin}}\p{{Mn}}]--[a-z{own}]]", regex.V1)
    for code, own in _ACCENTED.items()
}


class _Letters(NamedTuple):
    hiragana: int
    katakana: int
    han: int
    latin: int


def guess_language(text: str) -> str:
    """An ISO 639-1 code such as "ja", "en" or "zh", or `UNCLEAR`; links are not read.

    Only the prevailing language of a mixed text is named.
    """
    prose = _LINK.sub(" ", text)
    letters = _Letters(*(_count(p, prose) for p in (_HIRAGANA, _KATAKANA, _HAN, _LATIN)))
    eastern = ONE_HAN_IS_LETTERS * (letters.hiragana + letters.katakana + letters.han)
    rivals = {code: _count(pattern, prose) for code, pattern in _SCRIPTS.items()}
    strongest = max(rivals, key=rivals.__getitem__)
    if rivals[strongest] > max(eastern, letters.latin):
        return _within_script(strongest, prose)
    if eastern >= letters.latin:
        return _japanese_or_chinese(prose, letters)
    return _latin_language(prose)


def _count(pattern: regex.Pattern[str], text: str) -> int:
    return sum(len(run) for run in pattern.findall(text))


def _within_script(likeliest: str, prose: str) -> str:
    """Tell apart languages that share a script by letters only one of them has."""
    for code, sign in _OTHERS_OF_A_SCRIPT.get(likeliest, ()):
        if sign.search(prose):
            return code
    return likeliest


def _japanese_or_chinese(prose: str, letters: _Letters) -> str:
    """Kana speak for Japanese, and so do kanji only Japan writes; the rest speak for Chinese.

    Hiragana are grammar. Katakana weigh less, for a Chinese text may name a product with them.
    """
    weight = 0.5 if letters.hiragana else 0.25
    signs = [_nation(han) for run in _HAN.findall(prose) for han in run]
    japanese = letters.hiragana + weight * letters.katakana + signs.count("ja")
    chinese = signs.count("zh") + ONE_HELPER * len(_CHINESE_HELPERS.findall(prose))
    if japanese > chinese:
        return "ja"
    return "zh" if chinese > max(japanese, ONE_HELPER) else UNCLEAR


@lru_cache(maxsize=32_768)
def _nation(han: str) -> str:
    """ "ja" or "zh" for a character that only one of the two writes every day, else "".

    Source: the everyday levels of the national sets. JIS X 0208 level 1 (Shift JIS 88–98), GB 2312
    level 1 (lead bytes B0–D7) and Big5 level 1 (lead bytes A4–C6).
    """
    is_japanese = _lead_byte(han, "shift_jis") in range(0x88, 0x99)
    is_chinese = _lead_byte(han, "gb2312") in range(0xB0, 0xD8) or (
        _lead_byte(han, "big5") in range(0xA4, 0xC7)
    )
    if is_japanese == is_chinese:
        return ""
    return "ja" if is_japanese else "zh"


def _lead_byte(han: str, charset: str) -> int:
    try:
        return han.encode(charset)[0]
    except UnicodeEncodeError:
        return 0


def _latin_language(prose: str) -> str:
    """The language with the most stop words; endings help where a short text has none."""
    scores = dict.fromkeys(_STOP_WORDS, 0.0)
    for word in _WORD.findall(normalised(prose.casefold())):
        for code in _LANGUAGES_OF_WORD.get(word, frozenset()):
            scores[code] += 1
        if not word.isascii():
            for code, letter in _FOREIGN.items():
                scores[code] -= letter.search(word) is not None
        if word not in _LANGUAGES_OF_WORD and len(word) <= 40:
            for code, spelling in _SPELLINGS.items():
                scores[code] += _SPELLING_WEIGHT * (spelling.fullmatch(word) is not None)
    best, second = sorted(scores, key=scores.__getitem__, reverse=True)[:2]
    return best if scores[best] >= scores[second] + _SURE else UNCLEAR
