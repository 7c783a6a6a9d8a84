"""Copies are found by what was written, whatever its order, width or punctuation."""

import itertools
import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.analysis.duplicates import (
    BANDS,
    NEAR,
    bands,
    containment,
    near_copies,
    partial_copies,
    shingles,
    similarity,
)

LIBRARY = "図書館の開館時間を夜九時まで延ばしてください。仕事の帰りに寄れず困っています。"
LIBRARY_AGAIN = "図書館の開館時間を夜９時まで延ばして下さい！仕事の帰りに寄れず、困っています"
SNOW = "除雪の順番を町内会に知らせてください。通学路が後回しになり危険です。"
BUS = "最終のバスが早すぎて、病院の面会に間に合いません。せめて一本増やしてください。"


def test_a_shingle_is_a_pair_of_neighbours_and_of_latin_letters_five() -> None:
    assert shingles("除雪を") == {"除雪", "雪を"}
    assert "libra" in shingles("library")
    assert shingles("雪") == {"雪"}
    assert shingles("！？") == frozenset()


def test_long_english_texts_are_not_near_for_having_the_same_pairs_of_letters() -> None:
    one = "The library should stay open until nine, since people who work late cannot visit it now."
    other = (
        "Several streets near the old harbour flood after heavy rain; the drains need to be wider."
    )

    assert similarity(one * 5, other * 5) < 0.2


def test_similarity_is_the_shared_part_of_all_pairs() -> None:
    assert similarity("あいう", "あいえ") == pytest.approx(1 / 3)
    assert similarity("同じ", "同じ。") == 1.0
    assert similarity("！", "？") == 0.0


def test_containment_asks_how_much_of_the_shorter_lies_in_the_longer() -> None:
    assert containment(SNOW, SNOW + LIBRARY) == 1.0
    assert containment(SNOW, "") == 0.0


def test_bands_fit_a_signed_64_bit_column() -> None:
    values = bands(LIBRARY)

    assert len(set(values)) == BANDS
    assert all(-(2**63) <= value < 2**63 for value in values)
    assert min(values) < 0 < max(values)


def test_a_text_without_letters_has_no_bands() -> None:
    assert bands("👍！") == ()


def test_bands_are_the_same_in_every_process() -> None:
    code = f"from worker.analysis.duplicates import bands; print(bands({LIBRARY!r}))"
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
            text=True,
            encoding="utf-8",
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert answers == {str(bands(LIBRARY))}


def test_bands_stay_what_they_were_because_they_are_stored() -> None:
    assert bands("除雪")[:2] == (-6752069084871620235, 2754919617873811495)


def test_nearly_every_pair_at_the_threshold_shares_a_band() -> None:
    chance = random.Random(5)
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 2000)]
    pairs = shared = 0
    while pairs < 200:
        text = chance.choices(letters, k=120)
        copy = text.copy()
        for place in chance.sample(range(120), 11):
            copy[place] = chance.choice(letters)
        one, other = "".join(text), "".join(copy)
        if NEAR <= similarity(one, other) <= NEAR + 0.05:
            pairs += 1
            shared += not set(bands(one)).isdisjoint(bands(other))

    assert shared / pairs >= 0.97


def test_near_copies_stand_together_and_others_alone() -> None:
    assert near_copies([LIBRARY, SNOW, LIBRARY_AGAIN, BUS, SNOW]) == [[0, 2], [1, 4]]


def test_the_order_of_the_comments_changes_no_group() -> None:
    texts = [LIBRARY, SNOW, LIBRARY_AGAIN, BUS, SNOW + "よろしく", LIBRARY + "お願いします", SNOW]
    wanted = _as_texts(texts, near_copies(texts))
    shuffled = texts.copy()
    for seed in range(5):
        random.Random(seed).shuffle(shuffled)

        assert _as_texts(shuffled, near_copies(shuffled)) == wanted


def test_links_join_into_one_group(monkeypatch: pytest.MonkeyPatch) -> None:
    base = "".join(chr(0x4E00 + i) for i in range(60))
    middle = base[:52] + "山川海空森林田畑"
    end = "春夏秋冬朝昼夕夜" + middle[8:]

    assert similarity(base, end) < NEAR
    assert near_copies([base, end]) == []
    monkeypatch.setattr("worker.analysis.duplicates._band_values", lambda _: [7])
    for chain in itertools.permutations([base, middle, end]):
        assert near_copies(chain) == [[0, 1, 2]]


def test_a_pair_that_only_shares_a_band_is_not_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.analysis.duplicates._band_values", lambda _: [7])

    assert near_copies([LIBRARY, SNOW, BUS, LIBRARY_AGAIN]) == [[0, 3]]


def test_a_flood_of_slightly_changed_copies_is_one_group() -> None:
    flood = [f"{LIBRARY}{number}番目の投稿" for number in range(150)]

    assert near_copies([*flood, SNOW]) == [list(range(150))]


def test_emoji_are_copies_only_of_themselves() -> None:
    assert near_copies(["👍", "👎", "👍"]) == [[0, 2]]


def test_one_bullet_of_a_campaign_is_a_partial_copy() -> None:
    whole = LIBRARY + SNOW + BUS

    assert partial_copies(
        whole, [BUS, "ください", SNOW[:25], "公園の遊具が古い。直してほしい。"]
    ) == [0, 2]


def test_a_text_that_holds_the_campaign_and_adds_to_it_is_a_partial_copy() -> None:
    assert partial_copies(SNOW, [BUS, BUS + SNOW + LIBRARY]) == [1]


@given(st.text(), st.text())
def test_likeness_is_a_share_and_has_no_direction(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) <= containment(one, other) <= 1
    assert similarity(one, other) == similarity(other, one)


@given(st.lists(st.sampled_from([LIBRARY, LIBRARY_AGAIN, SNOW, BUS, "", "👍", "雪"]), max_size=8))
def test_no_comment_stands_in_two_groups(texts: list[str]) -> None:
    places = [place for group in near_copies(texts) for place in group]

    assert len(places) == len(set(places))
    assert all(len(group) > 1 for group in near_copies(texts))


def _as_texts(texts: list[str], groups: list[list[int]]) -> list[list[str]]:
    return sorted(sorted(texts[place] for place in group) for group in groups)
