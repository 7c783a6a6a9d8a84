"""What a correction of a reading must be."""

from __future__ import annotations

import re

from webapp.refusal import N_, Refusal

LONGEST_WORD = 40
LONGEST_READING = 80

Pieces = list[tuple[str, str]]
"""A text in order, each piece with its reading in hiragana or "" for none."""

_KANJI = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]")
_HIRAGANA = re.compile(r"[ぁ-ゖー・]+")


class WordHasNoKanji(Refusal):
    explanation = N_("A correction is about a word with kanji and without digits.")


class ReadingIsNotHiragana(Refusal):
    explanation = N_("Please write the reading in hiragana.")


class AlreadyCorrected(Refusal):
    status = 409
    explanation = N_("There is already a correction for %(word)s. Take it back first.")


def check_correction(word: str, reading: str) -> None:
    """Raises WordHasNoKanji and ReadingIsNotHiragana."""
    if not _KANJI.search(word) or re.search(r"[\d\s]", word) or len(word) > LONGEST_WORD:
        raise WordHasNoKanji
    if not _HIRAGANA.fullmatch(reading) or len(reading) > LONGEST_READING:
        raise ReadingIsNotHiragana
