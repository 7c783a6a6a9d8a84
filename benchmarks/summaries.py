"""Compiling the points of one measure, at many sizes, and beside plain topic models.

The other models run in a Python of their own, named by REFERENCE_PYTHON (scikit-learn, and BERTopic
if it is there); nothing of them belongs to the house.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

SIZES = ((0, 0), (10, 10), (100, 100), (1_000, 1_000), (10_000, 10_000), (100_000, 100_000))
FLOOD = (200_000, 8_277)
"""Comments and wordings of the soil consultation of 2025."""
BESIDE = 1_000
"""Comments on which the models are compared."""
PATIENCE = 240
"""Seconds after which a step is given up, and called so."""
TOPICS = 12

_PLACES = [
    "歩道",
    "公園",
    "図書館",
    "港",
    "橋",
    "学校",
    "病院",
    "駅前",
    "市場",
    "海岸",
    "体育館",
    "保育園",
    "団地",
    "商店街",
    "河川敷",
    "墓地",
]
_THINGS = [
    "除雪",
    "照明",
    "柵",
    "ベンチ",
    "案内板",
    "屋根",
    "駐車場",
    "花壇",
    "遊具",
    "信号",
    "バス停",
    "段差",
    "樹木",
    "排水",
    "看板",
    "トイレ",
]
_WISHES = [
    "増やして",
    "直して",
    "見直して",
    "公開して",
    "広げて",
    "残して",
    "早めて",
    "無料にして",
    "移して",
    "調べて",
]
_WHOS = [
    "高齢者",
    "子ども",
    "観光客",
    "通学の生徒",
    "車いすの人",
    "漁師",
    "店主",
    "夜勤の人",
    "親子",
    "町内会",
]
_WHYS = [
    "転びそうで危ない",
    "遠くて不便だ",
    "暗くて怖い",
    "古くて困る",
    "費用が心配だ",
    "人手が足りない",
    "音が気になる",
]


@dataclass(frozen=True)
class Measured:
    """One compile: seconds, peak memory in MB, points made, and those of them with a quote."""

    seconds: float
    megabytes: float
    points: int
    quoted: int


def texts(comments: int, wordings: int) -> list[str]:
    """Made-up opinions, the same at each run; copies are spread as in a campaign."""
    chance = random.Random(7)

    def one() -> str:
        pick = chance.choice
        return (
            f"{pick(_PLACES)}の{pick(_THINGS)}を{pick(_WISHES)}ほしい。"
            f"{pick(_WHOS)}には{pick(_PLACES)}が{pick(_WHYS)}と聞きます。"
            f"{chance.randint(2, 99)}年前から{pick(_THINGS)}と{pick(_PLACES)}の{pick(_THINGS)}も"
            f"{pick(_WISHES)}ください。"
        )

    distinct = [one() for _ in range(wordings)]
    return distinct + [distinct[chance.randrange(wordings)] for _ in range(comments - wordings)]


def ours(comments: int, wordings: int) -> Measured | None:
    """In a process of its own, so that its peak of memory is its own; None when it takes long."""
    words = [sys.executable, "-m", "benchmarks.summaries", str(comments), str(wordings)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return None
    return Measured(**json.loads(done.stdout))


def theirs(model: str) -> Measured | str:
    """Another model on the same texts; a sentence when it is not there."""
    python = os.environ.get("REFERENCE_PYTHON")
    if not python:
        return "not installed (name a Python that has it in REFERENCE_PYTHON)"
    script = Path(__file__).with_name("plain_topics.py")
    done = subprocess.run(
        [python, str(script), model, str(TOPICS)],
        input=json.dumps(texts(BESIDE, BESIDE)),
        capture_output=True,
        text=True,
        check=False,
    )
    return Measured(**json.loads(done.stdout)) if done.returncode == 0 else "not installed"


def _measure(comments: int, wordings: int) -> Measured:
    from worker.analysis.points import CountedComment, compile_points

    said = texts(comments, wordings)
    given = [CountedComment(n, text, "ja", True) for n, text in enumerate(said, start=1)]
    compile_points(given[:2])  # the dictionary is loaded once, by the first comment of a worker
    start = time.perf_counter()
    made = compile_points(given)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(seconds, peak, len(made.points), sum(1 for p in made.points if p.quotes))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(_measure(int(sys.argv[1]), int(sys.argv[2])))))
