"""Marks become <ruby> in running text and disappear everywhere else."""

from __future__ import annotations

from webapp.edge import clean
from webapp.furigana import END, READING, WORD, bare, marked, marked_date, with_readings

OPINION = marked([("意見", "いけん")])
RUBY = "<ruby>意見<rp>(</rp><rt>いけん</rt><rp>)</rp></ruby>"


def test_running_text_gets_ruby() -> None:
    assert with_readings(f"<p>{OPINION}を</p>", {}) == f"<p>{RUBY}を</p>"


def test_titles_attributes_and_boxes_stay_plain() -> None:
    page = (
        f'<title>{OPINION}</title><p aria-label="{OPINION}"></p><textarea>{OPINION}</textarea>'
        f"<select><option>{OPINION}</option></select>"
    )

    assert with_readings(page, {"意見": OPINION}) == bare(page)
    assert "意見" in bare(page)


def test_a_known_passage_is_read_after_its_code_too() -> None:
    known = {"意見": OPINION}

    assert with_readings("<p> 1-1-2 意見 </p>", known) == f"<p> 1-1-2 {RUBY} </p>"


def test_a_known_passage_is_matched_as_text_and_written_as_html() -> None:
    known = {"A&Bの<意見>": marked([("A&Bの<", ""), ("意見", "いけん"), (">", "")])}

    assert with_readings("<p>A&amp;Bの&lt;意見&gt;</p>", known) == f"<p>A&amp;Bの&lt;{RUBY}&gt;</p>"


def test_what_has_ruby_already_is_left_alone() -> None:
    page = f"<p>{RUBY}</p>"

    assert with_readings(page, {"意見": OPINION}) == page


def test_nobody_can_type_a_mark() -> None:
    assert clean(f"{WORD}意見{READING}うそ{END}") == "意見うそ"


def test_dates_are_read_but_for_the_days_that_are_read_with_their_number() -> None:
    assert bare(marked_date("2026年11月24日火曜日")) == "2026年11月24日火曜日"
    assert marked([("日", "にち")]) not in marked_date("2026年11月24日")
    assert marked([("日", "にち")]) in marked_date("2026年11月25日")
    assert marked([("火", "か"), ("曜日", "ようび")]) in marked_date("11月24日火曜日")
    assert marked([("火", "か")]) in marked_date("2026年11月24日(火) 9:00")
