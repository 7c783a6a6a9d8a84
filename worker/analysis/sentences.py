"""Where the sentences of a text begin and end, and which of them can be read alone."""

import re
from typing import NamedTuple

# A quotation longer than this is probably a bracket that was never closed.
_QUOTED = re.compile(
    r"「[^「」]{0,300}」|『[^『』]{0,300}』|“[^“”]{0,300}”|[（(][^（）()\n]{0,200}[）)]"
)
_CLOSING = r"[」』）)\]”’\"']*"
_END = re.compile(rf"[。！？｡]+{_CLOSING}|．{_CLOSING}(?!\d)|[.!?]+{_CLOSING}(?=\s)|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|St|Ave|Rd|Blvd|No|vs|etc|approx|Inc|e\.g|i\.e|a\.m|p\.m))\.$"
)
# A line that was wrapped rather than ended: it stops at a particle or comma, or goes on in lower case.
_WRAPPED_JA = re.compile(r"[はがをにでとのもへや、，,・（「]\s*$")
_WRAPPED_EN = re.compile(r"[A-Za-z,;]\s*$")

# Sentences that mean something else, or nothing, without the sentence before.
_LEANS_BACK = re.compile(
    r"""[\s・○●◯◎■□▪▶→⇒＊*\-–—]*(?:
    しかし|しかも|ただし|ただ[、,]|だが|ですが|でも[、,]|けれど|けど|とはいえ|一方|もっとも|なぜなら|なのに|それ|これ
    |この|その|そこ|そう|こう|また[、,]|さらに|よって|従って|したがって|だから|ゆえに|つまり|すなわち|例えば|たとえば
    |同(?:様|じ)|本(?:記述|記載|項|文)|当該|上記|前述|理由[はも:：]|（?理由）?|以上の|むしろ|なお[、,]|そのため
    |(?:but|however|although|though|yet|also|instead|otherwise|therefore|thus|hence|so|this|that|these|those
    |it|they|them|he|she|if[ ]so|if[ ]not|for[ ]example|in[ ]addition|on[ ]the[ ]other[ ]hand|because
    |which|then|and|or|nor|same|such|not)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_LEADS_ON = re.compile(r"[:：→⇒]\s*$|(?:以下|次|下記)の(?:とおり|通り|よう).{0,20}[。？]?\s*$")
_ONLY_QUOTED = re.compile(r"[\s・○●>＞]*(?:[「『“].*[」』”]|[>＞].*)[。.]?\s*", re.DOTALL)


class Sentence(NamedTuple):
    """`text[start:end]`, without the spaces around it; `bound` when it needs the sentence before."""

    start: int
    end: int
    bound: bool


def sentences(text: str) -> list[Sentence]:
    """The sentences of `text` in order; together they hold all of it but the spaces between."""
    found: list[Sentence] = []
    start = 0
    for end in [*_ends(text), len(text)]:
        piece = text[start:end]
        if piece.strip():
            left = start + len(piece) - len(piece.lstrip())
            right = start + len(piece.rstrip())
            found.append(Sentence(left, right, bool(found) and _bound(text, found[-1], left)))
        start = end
    return found


def _bound(text: str, before: Sentence, start: int) -> bool:
    """Whether the sentence at `start` leans on the one before, or that one only leads up to it.

    A passage that a comment quotes from the plan must not be taken for the opinion itself.
    """
    previous = text[before.start : before.end]
    return bool(
        _LEANS_BACK.match(text, start)
        or _LEADS_ON.search(previous)
        or _ONLY_QUOTED.fullmatch(previous)
    )


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
    if match.group().startswith("."):
        tail = text[max(0, match.start() - 8) : match.start() + 1]
        return match.group() == "." and bool(_ABBREVIATION.search(tail))
    if match.group() == "\n":
        line = text[max(0, match.start() - 4) : match.start()]
        following = text[match.end() : match.end() + 1]
        return bool(_WRAPPED_JA.search(line) or (_WRAPPED_EN.search(line) and following.islower()))
    return False
