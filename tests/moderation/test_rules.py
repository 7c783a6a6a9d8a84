from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.comments.rules import Publication, Treatment
from webapp.moderation.queue_rules import QueueKey
from webapp.moderation.rules import (
    Covered,
    FoundFlag,
    NoVerdict,
    Reason,
    ReasonMissing,
    Verdict,
    pieces,
)


def test_withholding_needs_a_reason() -> None:
    with pytest.raises(ReasonMissing):
        Verdict(Publication.WITHHELD)


def test_nobody_can_decide_to_wait() -> None:
    with pytest.raises(NoVerdict):
        Verdict(Publication.WAITING, reason=Reason.ABUSE)


def test_only_covering_has_spans() -> None:
    with pytest.raises(NoVerdict):
        Verdict(Publication.PUBLISHED, covered=(Covered(0, 1, Reason.ABUSE),))


def test_a_verdict_says_whether_the_comment_counts() -> None:
    with pytest.raises(NoVerdict):
        Verdict(Publication.PUBLISHED, Treatment.UNDECIDED)


def test_being_false_is_no_ground() -> None:
    assert not [reason for reason in Reason if "false" in reason or "misinfo" in reason]


def test_overlapping_flags_cut_the_text_at_every_edge() -> None:
    cut = pieces("abcdef", [FoundFlag("link", 0, 4), FoundFlag("email", 2, 6)])

    assert [(p.text, set(p.rules), p.ending) for p in cut] == [
        ("ab", {"link"}, ()),
        ("cd", {"link", "email"}, ("link",)),
        ("ef", {"email"}, ("email",)),
    ]


flags = st.builds(
    FoundFlag, st.sampled_from(["phone", "email", "link"]), st.integers(-3, 30), st.integers(-3, 30)
)


@given(st.text(max_size=20), st.lists(flags, max_size=6))
def test_the_pieces_joined_are_the_text_whatever_the_flags(
    text: str, found: list[FoundFlag]
) -> None:
    cut = pieces(text, found)

    assert "".join(piece.text for piece in cut) == text
    assert all(piece.text for piece in cut)
    assert all(set(piece.ending) <= set(piece.rules) for piece in cut)


@given(st.integers(0, 10**16 - 1), st.integers(1, 2**31 - 1))
def test_a_place_in_the_queue_survives_the_address_bar(microseconds: int, number: int) -> None:
    key = QueueKey(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds), number)

    assert QueueKey.parse(str(key)) == key


@pytest.mark.parametrize(
    "written", ["", "1", "-", "1-", "x-1", "１-１", "9" * 30 + "-1", "1-2-3", "1-2147483648"]
)
def test_what_is_no_place_in_the_queue_is_none(written: str) -> None:
    assert QueueKey.parse(written) is None
