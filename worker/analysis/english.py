"""One key for the forms of an English word, so that "libraries" meets "library"."""

import re

from worker.analysis import stopwords
from worker.analysis.stopwords import listed

# Singular words that end like a plural, and things that end like an activity.
_SINGULAR = ("ss", "us", "is")
_THINGS = listed(
    """
    parking building housing meeting funding spending crossing lighting training morning evening
    string spring king ring wing bring sing wedding ceiling clothing pudding feeling painting
    setting swing
    """
)
_IRREGULAR = {"buses": "bus", "children": "child", "men": "man", "women": "woman", "feet": "foot"}


def is_stop_word(word: str) -> bool:
    """Whether the word, in small letters, says nothing about a subject."""
    return not stopwords.ENGLISH.isdisjoint({word, word.removesuffix("'s")})


def heads_nothing(word: str) -> bool:
    """Whether the word can hold comments together, but not stand in a heading."""
    return word.endswith("ly") or not stopwords.NO_ENGLISH_HEADING.isdisjoint({word, key(word)})


def key(word: str) -> str:
    """The key of a word in small letters: without its plural, possessive or -ing ending."""
    word = word.removesuffix("'s").removesuffix("'")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    if word.endswith("s") and len(word) > 3 and not word.endswith(_SINGULAR):
        return word[:-1]
    return _base(word)


def _base(word: str) -> str:
    """From "plowing", "planning", "driving" to "plow", "plan", "drive"; "parking" is no park."""
    stem = word.removesuffix("ing")
    if stem == word or word in _THINGS or len(stem) < 3 or not re.search("[aeiou]", stem):
        return word
    if stem[-1] == stem[-2] and stem[-1] not in "lsz":
        return stem[:-1]
    if stem[-1] in "vcu" or re.fullmatch("[^aeiou]*[aeiou][^aeiouwxy]", stem):
        return stem + "e"
    return stem
