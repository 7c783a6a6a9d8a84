"""The contract of a summary, on comments of every kind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worker.analysis.opinions import ENGLISH, JAPANESE
from worker.analysis.points import CountedComment, compile_points

# Words that no published comment uses, in both languages.
SECRET = ["山田建設", "ヒグマ牧場", "zebraquux", "Wolframite"]

texts = st.one_of(
    st.sampled_from([*JAPANESE, *ENGLISH]),
    st.lists(st.sampled_from([*JAPANESE, *ENGLISH]), min_size=2, max_size=8).map("\n".join),
    st.text(max_size=60),
)


@st.composite
def received(draw: st.DrawFn) -> list[CountedComment]:
    """Comments of every kind; the withheld ones say words that no other says."""
    comments = []
    for id in draw(st.lists(st.integers(1, 10_000), unique=True, max_size=40)):
        quotable = draw(st.integers(0, 3)) > 0
        text = draw(texts)
        if not quotable:
            text += draw(st.sampled_from(SECRET)) * draw(st.integers(1, 3))
        comments.append(CountedComment(id, text, draw(st.sampled_from(["ja", "en"])), quotable))
    return comments


@settings(max_examples=60, deadline=None)
@given(received(), st.randoms(use_true_random=False))
def test_the_contract_of_a_summary_holds(comments: list[CountedComment], random: object) -> None:
    compiled = compile_points(comments, ["冬の道を守ります", "Safe roads in winter"])
    by_id = {comment.id: comment for comment in comments}
    placed = [*chain.from_iterable(p.comments for p in compiled.points), *compiled.others]

    assert sorted(placed) == sorted(by_id)
    for point in compiled.points:
        assert point.heading.strip()
        assert list(point.comments) == sorted(point.comments)
        assert 1 <= point.wordings <= len(point.comments)
        assert 1 <= len(point.quotes) <= 3
        for quote in point.quotes:
            assert quote.comment in point.comments
            assert by_id[quote.comment].quotable
            assert quote.text.strip()
            assert quote.text in by_id[quote.comment].text
            assert quote.language == by_id[quote.comment].language
    published = "".join(comment.text for comment in comments if comment.quotable).casefold()
    shown = "".join(p.heading + "".join(q.text for q in p.quotes) for p in compiled.points)
    for word in SECRET:
        assert word.casefold() in published or word.casefold() not in shown.casefold()
    for point in compiled.points:
        for word in re.split(r"[\s・、,，]+", point.heading.rstrip("…").casefold()):
            assert word in published


@settings(max_examples=40, deadline=None)
@given(received(), st.randoms(use_true_random=False))
def test_the_order_comments_arrive_in_changes_nothing(
    comments: list[CountedComment], random: object
) -> None:
    shuffled = list(comments)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert compile_points(shuffled) == compile_points(comments)


def test_the_result_does_not_depend_on_how_python_hashes() -> None:
    program = (
        "from tests.worker.analysis.opinions import JAPANESE, counted\n"
        "from worker.analysis.points import compile_points\n"
        "print(compile_points(counted(JAPANESE), ['冬の道']))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(printed) == 1
