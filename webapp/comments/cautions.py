"""What in a text looks like a way to find a person: a gentle notice, never a reason to refuse."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class Caution(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"


# Every repetition has an end, so each pattern takes linear time whatever the text.
_N = r"[\d〇一二三四五六七八九十]{1,5}"
_EMAIL = re.compile(r"[a-zA-Z0-9._%+-]{1,64}@[a-zA-Z0-9-]{1,63}(?:\.[a-zA-Z0-9-]{1,63}){1,8}")
_PHONE = re.compile(r"(?<![\d.-])(?:\(?0|\+\d)(?:[ ()-]{0,2}\d){7,13}(?![\d-])")
_ADDRESS = re.compile(
    rf"〒 ?\d{{3}}-?\d{{4}}"
    rf"|(?<![\d-])\d{{3}}-\d{{4}}(?! ?[\d人円件台年月台万千億個%-])"
    rf"|{_N}丁目 ?{_N} ?(?:番|の|-) ?{_N}"
    rf"|{_N}番地"
    rf"|[一-龠々ヶケ]{{0,5}}[町条字区] ?\d{{1,4}}-\d{{1,4}}(?:-\d{{1,4}})?(?![\d-])"
    r"|(?<!\d)\d{1,4}(?:-\d{1,4}){0,2},? [A-Z][a-z]{1,20}-?(?:cho|machi)\b"
    r"|(?<!\d)\d{1,5} [A-Z][a-z]{1,20} (?:Street|St|Avenue|Ave|Road|Rd|Lane|Drive)\b"
)
# Dashes as people type them in numbers; ー and 一 only between digits, where they are no letters.
_DASHES = re.compile(r"(?<=\d)[‐‑‒–—―−ー](?=\d)")


def cautions(text: str) -> dict[Caution, str]:
    """The first thing in the text that looks like each of these, as the text has it in NFKC."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    found = {
        Caution.PHONE: next((m[0] for m in _PHONE.finditer(plain) if _is_phone(m[0])), None),
        Caution.EMAIL: _first(_EMAIL, plain),
        Caution.ADDRESS: _first(_ADDRESS, plain),
    }
    return {caution: words for caution, words in found.items() if words}


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return match[0] if match else None


def _is_phone(found: str) -> bool:
    """Ten or eleven digits from 0 in Japan; abroad, up to the fifteen of ITU-T E.164."""
    digits = sum(letter.isdigit() for letter in found)
    if found.startswith("+"):
        return 9 <= digits <= 15
    return 10 <= digits <= 11
