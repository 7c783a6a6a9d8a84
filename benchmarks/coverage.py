"""Of how many different things the quotes speak, where people have put the comments into groups.

The data are not of this house; without them there is nothing to measure, and a message says so.
"""

from __future__ import annotations

import csv
import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from worker.analysis.corpus import Corpus
from worker.analysis.points import Compiled, CountedComment, compile_points
from worker.analysis.quotes import telling_passages
from worker.analysis.wordings import fold

DATA = Path(__file__).parents[2] / "shared" / "data"
JAPANESE, ENGLISH = "ja_environment_plan_5.csv", "en_bowling_green.csv"
QUOTES = (10, 20, 40)


@dataclass(frozen=True)
class Covered:
    """Groups that `quotes` speak of; by chance, on average, and at best."""

    quotes: int
    ours: float
    chance: float
    best: int


def reply_groups() -> tuple[list[CountedComment], dict[int, str]] | None:
    """Opinions on an environment plan; those with the same reply of the ministry are a group."""
    rows = _rows(JAPANESE)
    if rows is None:
        return None
    comments = [CountedComment(int(row["id"]), row["comment"], "ja", True) for row in rows]
    return comments, {int(row["id"]): row["reply_group"] for row in rows}


def english() -> list[CountedComment] | None:
    """What people of an American town wrote; nobody has put it into groups."""
    rows = _rows(ENGLISH)
    if rows is None:
        return None
    kept = [row for row in rows if row["moderated"] == "1"]
    return [CountedComment(int(row["comment_id"]), row["text"], "en", True) for row in kept]


def _rows(name: str) -> list[dict[str, str]] | None:
    path = DATA / name
    if not path.exists():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def coverage(comments: Sequence[CountedComment], groups: Mapping[int, str]) -> list[Covered]:
    """For each of QUOTES, the groups behind the wordings that are quoted."""
    language = comments[0].language
    corpus = Corpus(fold(comments), language)
    count = len(corpus.wordings)
    sizes = Counter(groups[wording.speaker.id] for wording in corpus.wordings)
    found = []
    for quotes in (n for n in QUOTES if n <= count):
        chosen = telling_passages(corpus, range(count), quotes)
        mine = {groups[corpus.wordings[passage.place].speaker.id] for passage in chosen}
        chance = sum(
            1 - math.comb(count - n, quotes) / math.comb(count, quotes) for n in sizes.values()
        )
        found.append(Covered(quotes, len(mine), chance, min(quotes, len(sizes))))
    return found


def agreement(compiled: Compiled, groups: Mapping[int, str]) -> float:
    """The adjusted Rand index (Hubert and Arabie 1985) of the points and the groups: 1 when they
    are the same, 0 as by chance. Each of the other opinions is a point of its own."""
    points = [point.comments for point in compiled.points] + [(id,) for id in compiled.others]
    pairs = Counter((place, groups[id]) for place, ids in enumerate(points) for id in ids)
    both = sum(math.comb(n, 2) for n in pairs.values())
    ours = sum(math.comb(len(ids), 2) for ids in points)
    theirs = sum(math.comb(n, 2) for n in Counter(groups[id] for p in points for id in p).values())
    every = math.comb(sum(map(len, points)), 2)
    expected = ours * theirs / every
    most = (ours + theirs) / 2
    return (both - expected) / (most - expected) if most != expected else 1.0


def vocabulary(comments: Sequence[CountedComment], quotes: int) -> tuple[float, float]:
    """Share of the words that two or more comments use which the quotes say; by chance, too.

    Each word weighs as many comments as use it; chance is one draw, the same at each run.
    """
    corpus = Corpus(fold(comments), comments[0].language)
    weight = {t: len(users) for t, users in enumerate(corpus.users) if len(users) > 1}
    chosen = [p.place for p in telling_passages(corpus, range(len(corpus.wordings)), quotes)]
    shares = []
    draws = [random.Random(n).sample(range(len(corpus.wordings)), quotes) for n in range(20)]
    for places in (chosen, *draws):
        said = {t for place in places for t in corpus.terms[place]}
        shares.append(sum(weight.get(t, 0) for t in said) / sum(weight.values()))
    return shares[0], sum(shares[1:]) / len(draws)


def compiled(comments: Sequence[CountedComment]) -> Compiled:
    return compile_points(comments)
