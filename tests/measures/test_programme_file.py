"""The programme file: what a sound one becomes, and how a faulty one names its line."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask_babel import Babel, force_locale
from hypothesis import given
from hypothesis import strategies as st

import webapp.measures
from webapp.measures.forms import LARGEST_FILE, read_programme
from webapp.measures.rules import Entry, EntryKind, MalformedProgramme, Programme

FIFTH = Path(webapp.measures.__file__).parent / "programmes" / "5th.yaml"

# Lines: 1 slug, 2-3 title, 4-5 notice, 6 measures, 7 code, 8 ja.
SOUND = """\
slug: small
title:
  ja: 小さな計画
notice:
  ja: 試しの計画です。
measures:
  - code: 1
    ja: 歩道の除雪をします。
"""

NOT_YAML = "This is not valid YAML. Check the indentation, colons and quotation marks."
SIGN = "A text that begins with &, * or ! needs quotes."
CODE_FORM = "A code is small letters and digits with single hyphens, like 1-3-2."

Read = Callable[[str | bytes], Programme]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read a programme from what would stand in its file."""

    def read(content: str | bytes) -> Programme:
        path = tmp_path / "programme.yaml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_programme(path)

    return read


@pytest.fixture(scope="module")
def fifth() -> Programme:
    return read_programme(FIFTH)


def with_texts(ja: str) -> str:
    """The sound programme with this written as the Japanese text of its measure, on line 8."""
    return SOUND.replace("歩道の除雪をします。", ja)


def only_text(programme: Programme) -> str:
    return programme.entries[0].texts["ja"]


def by_code(programme: Programme) -> dict[str, Entry]:
    return {entry.code: entry for entry in programme.all_entries()}


# The 5th stage


def test_the_5th_stage_has_5_pillars_25_measures_and_50_actions(fifth: Programme) -> None:
    kinds = Counter(entry.kind for entry in fifth.all_entries())

    assert kinds == {EntryKind.PILLAR: 5, EntryKind.MEASURE: 25, EntryKind.ACTION: 50}


def test_the_codes_of_the_5th_stage_count_pillars_measures_and_actions(fifth: Programme) -> None:
    expected = []
    for pillar in range(1, 6):
        expected.append(f"{pillar}")
        for measure in range(1, 6):
            expected.append(f"{pillar}-{measure}")
            expected += [f"{pillar}-{measure}-{action}" for action in (1, 2)]

    assert [entry.code for entry in fifth.all_entries()] == expected


def test_every_code_of_the_5th_stage_stands_under_the_code_it_begins_with(
    fifth: Programme,
) -> None:
    for entry in fifth.all_entries():
        for child in entry.children:
            assert child.code.rpartition("-")[0] == entry.code


@pytest.mark.parametrize(
    ("code", "ja"),
    [
        ("1", "行革を進め、無駄のない効率的な都市機能をもつまち苫小牧 築きます!5th stage"),
        ("4", "自然を生かし、環境と調和のとれた美しいまち苫小牧 守ります! 5th stage"),
        ("1-1", "SDG s など時代の変化を捉え、持続可能な行財政運営を行います。"),
        (
            "1-3-2",
            "地域BWA(広帯域移動無線アクセス)を活用して市全域の高速通信化を図り、"
            "新たな形の行政サービスを提供します。",
        ),
        ("4-5-2", "抜本的な捕獲強化に向け、鳥獣被害対策を実施します。"),
        ("5", "心の通い合う、優しい音楽の流れる暖かなまち苫小牧 愛します!5th stage"),
        ("5-5-2", "時代の変化への市民理解を促し、他人を理解し合える優しい社会を作ります。"),
    ],
)
def test_the_japanese_of_the_5th_stage_is_verbatim(fifth: Programme, code: str, ja: str) -> None:
    assert by_code(fifth)[code].texts["ja"] == ja


def test_no_japanese_text_of_the_5th_stage_has_changed(fifth: Programme) -> None:
    joined = "\n".join(entry.texts["ja"] for entry in fifth.all_entries())

    assert (
        hashlib.sha256(joined.encode()).hexdigest()
        == "d5d3bcb6294b2ab4244b06d4ad0e908814ca339ece003f6be0c26c8285efdf90"
    )


def test_every_text_of_the_5th_stage_is_in_all_three_languages(
    fifth: Programme,
) -> None:
    texts = [fifth.title, fifth.notice, *(entry.texts for entry in fifth.all_entries())]

    assert all(set(text) == {"ja", "ja-easy", "en"} for text in texts)


def test_no_english_text_of_the_5th_stage_holds_japanese(fifth: Programme) -> None:
    english = " ".join(entry.texts["en"] for entry in fifth.all_entries())

    assert not [c for c in english if unicodedata.east_asian_width(c) in "WF"]


def test_no_two_english_texts_of_the_5th_stage_are_the_same(fifth: Programme) -> None:
    english = Counter(entry.texts["en"] for entry in fifth.all_entries())

    assert english.most_common(1)[0][1] == 1


def test_the_notice_of_the_5th_stage_says_that_it_is_dated(fifth: Programme) -> None:
    assert fifth.slug == "5th"
    for said in ("2022年6月19日", "2024年11月5日", "現在の政策ではありません", "苫小牧市の文書"):
        assert said in fifth.notice["ja"]
    for said in ("19 June 2022", "5 November 2024", "not the city's current policy", "document"):
        assert said in fifth.notice["en"]


# Other shapes


def test_a_stage_may_hold_measures_directly(read: Read) -> None:
    programme = read(SOUND + "    actions:\n      - {code: 1-1, ja: 車道も除雪します。}\n")

    assert programme == Programme(
        slug="small",
        title={"ja": "小さな計画"},
        notice={"ja": "試しの計画です。"},
        entries=(
            Entry(
                EntryKind.MEASURE,
                "1",
                {"ja": "歩道の除雪をします。"},
                (Entry(EntryKind.ACTION, "1-1", {"ja": "車道も除雪します。"}),),
            ),
        ),
    )


def test_pillars_and_actions_may_stand_under_their_own_kind(read: Read) -> None:
    programme = read("""\
slug: deep
title: {ja: 深い計画}
notice: {ja: 試しの計画です。}
pillars:
  - code: a
    ja: 部
    pillars:
      - code: a-b
        ja: 章
        measures:
          - code: a-b-1
            ja: 施策
            actions:
              - code: a-b-1-1
                ja: 取組
                actions:
                  - {code: a-b-1-1-x, ja: 取組の一つ}
""")

    assert [(entry.kind.value, entry.code) for entry in programme.all_entries()] == [
        ("pillar", "a"),
        ("pillar", "a-b"),
        ("measure", "a-b-1"),
        ("action", "a-b-1-1"),
        ("action", "a-b-1-1-x"),
    ]


def test_measures_beside_pillars_keep_the_order_of_the_file(read: Read) -> None:
    programme = read(
        SOUND
        + "pillars:\n"
        + "  - code: 2\n    ja: 柱\n"
        + "    measures: [{code: 2-1, ja: 施策}]\n"
        + "    pillars: [{code: 2-2, ja: 小さな柱}]\n"
    )

    assert [entry.code for entry in programme.all_entries()] == ["1", "2", "2-1", "2-2"]


def test_a_stage_may_be_thirty_levels_deep(read: Read) -> None:
    levels = "".join(
        f"{' ' * (4 * n)}actions:\n{' ' * (4 * n)}  - code: x{n}\n{' ' * (4 * n + 4)}ja: 取組\n"
        for n in range(1, 30)
    )

    assert len(list(read(SOUND + levels).all_entries())) == 30


def test_any_other_language_may_be_added(read: Read) -> None:
    programme = read(SOUND + "    ko: 눈을 치웁니다.\n    zh-hant: 清除積雪。\n    no: Snø.\n")

    assert programme.entries[0].texts == {
        "ja": "歩道の除雪をします。",
        "ko": "눈을 치웁니다.",
        "zh-hant": "清除積雪。",
        "no": "Snø.",
    }


# Texts and codes as they are written


@pytest.mark.parametrize("code", ["1", "007", "1-3-2", "2022-06-19", "no", "a" * 40])
def test_a_code_is_kept_as_it_is_written(read: Read, code: str) -> None:
    assert read(SOUND.replace("code: 1", f"code: {code}")).entries[0].code == code


@pytest.mark.parametrize("written", ["5", "no", "2022-06-19", "1_000"])
def test_a_text_that_looks_like_a_number_or_a_date_stays_a_text(read: Read, written: str) -> None:
    assert only_text(read(with_texts(written))) == written


def test_a_text_is_composed_and_stripped(read: Read) -> None:
    decomposed = unicodedata.normalize("NFD", "ごみを減らします。")

    assert only_text(read(with_texts(f'"　{decomposed} "'))) == "ごみを減らします。"


def test_a_text_may_go_on_in_the_next_line(read: Read) -> None:
    assert only_text(read(with_texts("Clear\n      the snow."))) == "Clear the snow."


def test_a_text_may_have_paragraphs(read: Read) -> None:
    assert only_text(read(with_texts("|\n      一。\n      二。"))) == "一。\n二。"


def test_a_text_of_exactly_2000_characters_loads_however_many_bytes_it_has(read: Read) -> None:
    family = "👨‍👩‍👧‍👦"

    assert only_text(read(with_texts(family * 2_000))) == family * 2_000


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_a_file_from_another_system_loads(read: Read, newline: str) -> None:
    content = b"\xef\xbb\xbf" + SOUND.replace("\n", newline).encode()

    assert read(content) == read(SOUND)


# Faults, each with its line


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        pytest.param("", 1, "The file is empty.", id="an empty file"),
        pytest.param("# 準備中\n", 1, "The file is empty.", id="a file of comments"),
        pytest.param(SOUND + "  - code: [2\n", 10, NOT_YAML, id="an unclosed bracket"),
        pytest.param(with_texts('"歩道') + "x: 1\n", 8, NOT_YAML, id="an unclosed quotation"),
        pytest.param(with_texts("歩道: 除雪"), 8, NOT_YAML, id="a colon without quotes"),
        pytest.param(with_texts("\t歩道"), 8, NOT_YAML, id="a tab before a text"),
        pytest.param(SOUND.replace("    ja:", "   ja:"), 8, NOT_YAML, id="a shifted line"),
        pytest.param(SOUND + "mayor\n", 9, NOT_YAML, id="a word without a colon"),
        pytest.param(with_texts('"\\UFFFFFFFF"'), 8, NOT_YAML, id="an escape beyond Unicode"),
        pytest.param(with_texts('"\\U00110000"'), 8, NOT_YAML, id="an escape just beyond it"),
        pytest.param(SOUND + "---\na: 1\n", 9, NOT_YAML, id="a second document"),
        pytest.param(
            SOUND.encode() + "# 市".encode("shift_jis"),
            9,
            "Save the file in the UTF-8 encoding.",
            id="Shift_JIS",
        ),
        pytest.param(
            SOUND.encode("utf-16"), 1, "Save the file in the UTF-8 encoding.", id="UTF-16"
        ),
        pytest.param(
            SOUND + "#" * LARGEST_FILE, 1, "The file is larger than 1 MB.", id="a file over 1 MB"
        ),
        pytest.param(with_texts("&a 歩道"), 8, SIGN, id="an anchor"),
        pytest.param(SOUND + "    en: *a\n", 9, SIGN, id="an alias"),
        pytest.param(with_texts("!Snow"), 8, SIGN, id="a tag"),
        pytest.param(with_texts("*重要*"), 8, NOT_YAML, id="a star before a text"),
        pytest.param(with_texts("!!python/name:os.system x"), 8, SIGN, id="a tag of Python"),
        pytest.param(SOUND + "measures: &a []\n", 9, SIGN, id="an anchor on a list"),
        pytest.param(
            SOUND + "pillars: " + "[" * 300_000,
            9,
            "The entries are nested too deeply.",
            id="three hundred thousand brackets",
        ),
    ],
)
def test_a_file_that_is_no_plain_yaml_is_refused(
    read: Read, content: str | bytes, line: int, reason: str
) -> None:
    with pytest.raises(MalformedProgramme) as refused:
        read(content)

    assert (refused.value.line, str(refused.value.reason)) == (line, reason)


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        pytest.param("- 1\n", 1, "Keys with values are expected here.", id="a list as stage"),
        pytest.param(
            SOUND.replace("\n  ja: 小さな計画", " 小さな計画"),
            2,
            "Keys with values are expected here.",
            id="a title without languages",
        ),
        pytest.param(
            SOUND + "  - 除雪\n", 9, "Keys with values are expected here.", id="a text as entry"
        ),
        pytest.param(
            SOUND + "    actions: 除雪\n", 9, "A list is expected here.", id="a text as list"
        ),
        pytest.param(SOUND + "    actions:\n", 9, "A list is expected here.", id="an empty list"),
        pytest.param(
            with_texts("[除雪]"), 8, "A single text is expected here.", id="a list as text"
        ),
        pytest.param(
            with_texts("\n      en: 除雪"), 9, "A single text is expected here.", id="keys as text"
        ),
        pytest.param(
            SOUND + "    [en]: x\n",
            9,
            "A single text is expected here.",
            id="a key of two",
        ),
        pytest.param(
            SOUND + "mayor: 市長\n", 9, "The key “mayor” is not known here.", id="an unknown key"
        ),
        pytest.param(
            SOUND + "en: Small\n", 9, "The key “en” is not known here.", id="a language of a stage"
        ),
        pytest.param(
            SOUND.replace("  ja: 小さな計画", "  ja: 小さな計画\n  code: 1"),
            4,
            "The key “code” is not known here.",
            id="a code of a title",
        ),
        pytest.param(
            SOUND + "    pillars: []\n",
            9,
            "The key “pillars” is not known here.",
            id="pillars under a measure",
        ),
        pytest.param(
            SOUND + "    EN: Snow\n",
            9,
            "The key “EN” is not known here.",
            id="a locale written EN",
        ),
        pytest.param(
            SOUND + f"    zh-{'x' * 10}: 雪\n",
            9,
            f"The key “zh-{'x' * 10}” is not known here.",
            id="a locale longer than its column",
        ),
        pytest.param(
            SOUND + f"{'k' * 100}: 1\n",
            9,
            f"The key “{'k' * 40}” is not known here.",
            id="a long key is cut short",
        ),
        pytest.param(
            SOUND + "    ja: 車道\n", 9, "The key “ja” stands here twice.", id="a repeated text"
        ),
        pytest.param(
            SOUND + "measures: []\n",
            9,
            "The key “measures” stands here twice.",
            id="a repeated list",
        ),
        pytest.param(
            SOUND.replace("slug: small\n", ""), 1, "The key “slug” is missing.", id="no slug"
        ),
        pytest.param(
            SOUND.replace("title:\n  ja: 小さな計画\n", ""),
            1,
            "The key “title” is missing.",
            id="no title",
        ),
        pytest.param(
            SOUND.replace("notice:\n  ja: 試しの計画です。\n", ""),
            1,
            "The key “notice” is missing.",
            id="no notice",
        ),
        pytest.param(
            SOUND.replace("  ja: 小さな計画", "  en: Small"),
            3,
            "The key “ja” is missing.",
            id="a title without Japanese",
        ),
        pytest.param(
            SOUND + "  - code: 2\n    en: Snow\n",
            9,
            "The key “ja” is missing.",
            id="an entry without Japanese",
        ),
        pytest.param(
            SOUND + "  - ja: 車道\n", 9, "The key “code” is missing.", id="an entry without a code"
        ),
        pytest.param(
            SOUND[: SOUND.index("measures:")],
            1,
            "The programme has no measures.",
            id="a stage of words only",
        ),
        pytest.param(
            SOUND.replace("measures:", "pillars:"),
            1,
            "The programme has no measures.",
            id="a stage of pillars only",
        ),
    ],
)
def test_a_file_of_another_form_is_refused(
    read: Read, content: str, line: int, reason: str
) -> None:
    with pytest.raises(MalformedProgramme) as refused:
        read(content)

    assert (refused.value.line, str(refused.value.reason)) == (line, reason)


@pytest.mark.parametrize(
    "code", ["1.3", "A", "１", "1--3", "-1", "1-", '" 1"', "''", "", "一", "1_3", '"1\\n"', "1/3"]
)
def test_an_ill_formed_code_is_refused(read: Read, code: str) -> None:
    with pytest.raises(MalformedProgramme) as refused:
        read(SOUND.replace("code: 1", f"code: {code}"))

    assert (refused.value.line, str(refused.value.reason)) == (7, CODE_FORM)


@pytest.mark.parametrize("key", ["code: 1", "slug: small"])
def test_a_code_or_slug_of_more_than_40_characters_is_refused(read: Read, key: str) -> None:
    with pytest.raises(MalformedProgramme, match=r"longer than 40 characters"):
        read(SOUND.replace(key, f"{key.split()[0]} {'a' * 41}"))


def test_a_code_used_twice_anywhere_names_both_lines(read: Read) -> None:
    with pytest.raises(MalformedProgramme) as refused:
        read(SOUND + "    actions:\n      - ja: 車道\n        code: 1\n")

    assert refused.value.line == 11
    assert str(refused.value.reason) == "The code “1” is already on line 7."


@pytest.mark.parametrize("written", ["", '""', '"　 "', "~", "null", "|\n\n"])
def test_an_empty_text_is_refused(read: Read, written: str) -> None:
    with pytest.raises(MalformedProgramme) as refused:
        read(with_texts(written))

    assert (refused.value.line, str(refused.value.reason)) == (8, "The text is empty.")


def test_a_text_of_more_than_2000_characters_is_refused(read: Read) -> None:
    with pytest.raises(MalformedProgramme) as refused:
        read(with_texts("雪" * 2_001))

    assert refused.value.line == 8
    assert str(refused.value.reason) == "The text is longer than 2000 characters."


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("歩\0道", "U+0000"),
        ("歩\x07道", "U+0007"),
        ("歩\x7f道", "U+007F"),
        ("歩\x85道", "U+0085"),
        ("歩\u2028道", "U+2028"),
        ("歩\u202e道", "U+202E"),
        ("歩\ufeff道", "U+FEFF"),
        ("歩\ufffe道", "U+FFFE"),
        (r'"歩\0道"', "U+0000"),
        (r'"\x1c歩道"', "U+001C"),
        (r'"歩\r道"', "U+000D"),
        (r'"歩\N道"', "U+0085"),
        (r'"歩\ud800道"', "U+D800"),
        (r'"歩\u2066道"', "U+2066"),
    ],
)
def test_a_character_that_cannot_be_seen_is_refused(read: Read, written: str, name: str) -> None:
    with pytest.raises(MalformedProgramme) as refused:
        read(with_texts(written))

    assert refused.value.line == 8
    assert str(refused.value.reason) == f"There is an invisible character, {name}."


def test_a_missing_file_is_left_to_the_caller(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_programme(tmp_path / "none.yaml")


@given(st.integers(0, len(SOUND)), st.integers(0, 9), st.text(max_size=9) | st.binary(max_size=9))
def test_a_damaged_file_loads_or_names_a_line_it_has(
    tmp_path_factory: pytest.TempPathFactory, at: int, cut: int, put: str | bytes
) -> None:
    put = put if isinstance(put, bytes) else put.encode()
    content = SOUND[:at].encode() + put + SOUND[at + cut :].encode()
    path = tmp_path_factory.getbasetemp() / "damaged.yaml"
    path.write_bytes(content)

    try:
        read_programme(path)
        line = 1
    except MalformedProgramme as refused:
        line = refused.line

    assert 1 <= line <= content.count(b"\n") + content.count(b"\r") + 1


# How a fault is told


def test_a_fault_is_its_reason() -> None:
    fault = MalformedProgramme(3, "The text is empty.")

    assert str(fault) == "The text is empty."
    assert fault.explanation % fault.facts == "Line 3 of the programme file: The text is empty."


def test_a_reason_is_told_in_the_language_of_whoever_reads_it(read: Read, tmp_path: Path) -> None:
    catalogue = Catalog(locale="ja")
    catalogue.add("The key “%(key)s” is missing.", "「%(key)s」がありません。")
    folder = tmp_path / "translations" / "ja" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    app = Flask(__name__)
    Babel(app, default_translation_directories=str(tmp_path / "translations"))

    with pytest.raises(MalformedProgramme) as refused:
        read(SOUND.replace("slug: small\n", ""))

    with app.test_request_context():
        assert str(refused.value.reason) == "The key “slug” is missing."
        with force_locale("ja"):
            assert str(refused.value.reason) == "「slug」がありません。"
