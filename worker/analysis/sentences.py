"""Where the sentences of a text begin and end, and which of them can be read alone."""

import re
from typing import NamedTuple

# A quotation longer than this is probably a bracket that was never closed.
_QUOTED = re.compile(
    r"「[^「」]{0,300}」|『[^『』]{0,300}』|“[^“”]{0,300}”|[（(][^（）()\n]{0,200}[）)]"
)
_CLOSING = r"[」』）)\]”’\"']*+"
_END = re.compile(rf"[。！？｡]+{_CLOSING}|．{_CLOSING}(?!\d)|(?<![.!?])[.!?]++{_CLOSING}(?=\s)|\n+")
_ABBREVIATION = re.compile(
    r"\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|St|Ave|Rd|Blvd|No|vs|etc|approx|Inc|e\.g|i\.e|a\.m|p\.m)\.$"
)

# A line that was wrapped, not ended: it stops at a particle or comma, or goes on in lower case.
_WRAPPED_JAPANESE = re.compile(r"[はがをにでとのもへや、，,・（「]\s*$")
_WRAPPED_ENGLISH = re.compile(r"[A-Za-z,;]\s*$")

_BULLET = r"[\s・○●◯◎■□▪▶＊*\-–—]*"

# Without the sentence that begins so, the one before may be read as its opposite.
_TURNS = re.compile(
    _BULLET + r"(?:しかし|ただし|ただ[、,]|だが|ですが|でも[、,]|けれど|けど|とはいえ|一方|もっとも"
    r"|なのに|それでも"
    r"|(?:but|however|although|though|yet|nevertheless|on the other hand|that said|except)\b)",
    re.IGNORECASE,
)

# A sentence that begins so means little without the one before.
_LEANS = re.compile(
    _BULLET + r"(?:しかも|なぜなら|それ|これ|この|その|そこ|そう|そし|こう|また[、,]|さらに|よって"
    r"|従って|したがって|だから|ゆえに|つまり|すなわち|例えば|たとえば|特に|とりわけ|加えて|同(?:様|じ)"
    r"|本(?:記述|記載|項|文)|当該|上記|前述|（?理由[はも：:）]|以上の|むしろ|なお[、,]|→|⇒"
    r"|(?:also|instead|otherwise|therefore|thus|hence|so|this|that|these|those|it|it's|they|them"
    r"|he|she|if (?:so|not)|for example|in addition|because|which|then|and|or|nor|same|such)\b)",
    re.IGNORECASE,
)

# A sentence that only leads up to the next, or only quotes the plan, is no opinion by itself.
_LEADS_ON = re.compile(r"[:：→⇒]$|(?:以下|次|下記)の(?:とおり|通り|よう).{0,20}$")
_ONLY_QUOTED = re.compile(r"[\s・○●]*(?:[「『“].*[」』”]|[>＞].*)[。.]?", re.DOTALL)


class Sentence(NamedTuple):
    """`text[start:end]`, without the spaces around it."""

    start: int
    end: int
    leans: bool  # needs the sentence before
    needed: bool  # the sentence before must not be read without this one


def sentences(text: str) -> list[Sentence]:
    """The sentences of `text` in order; together they hold all of it but the spaces between."""
    found: list[Sentence] = []
    start = 0
    for end in [*_ends(text), len(text)]:
        piece = text[start:end]
        left = start + len(piece) - len(piece.lstrip())
        right = start + len(piece.rstrip())
        if left < right:
            before = text[found[-1].start : found[-1].end] if found else None
            found.append(_sentence(text, left, right, before))
        start = end
    return found


def _sentence(text: str, start: int, end: int, before: str | None) -> Sentence:
    if before is None:
        return Sentence(start, end, leans=False, needed=False)
    needed = bool(
        _TURNS.match(text, start) or _LEADS_ON.search(before) or _ONLY_QUOTED.fullmatch(before)
    )
    return Sentence(start, end, needed or bool(_LEANS.match(text, start)), needed)


def _ends(text: str) -> list[int]:
    """The places just after a sentence: never inside a quotation, never at a wrapped line."""
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    ends: list[int] = []
    place = 0
    for match in _END.finditer(text):
        while place < len(quoted) and quoted[place][1] < match.end():
            place += 1
        inside = place < len(quoted) and quoted[place][0] < match.start()
        if not inside and not _goes_on(text, match):
            ends.append(match.end())
    return ends


def _goes_on(text: str, match: re.Match[str]) -> bool:
    """Whether the sentence goes on after what looked like its end."""
    line = text[max(0, match.start() - 8) : match.start()]
    if match.group() == ".":
        return bool(_ABBREVIATION.search(line + "."))
    if match.group() == "\n":
        following = text[match.end() : match.end() + 1]
        wrapped = _WRAPPED_ENGLISH.search(line) and following.islower()
        return bool(_WRAPPED_JAPANESE.search(line) or wrapped)
    return False
