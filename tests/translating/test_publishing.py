from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import build
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.measures.models import Measure, Origin, Stage
from webapp.measures.rules import Programme
from webapp.measures.services import load_programme
from webapp.refusal import NotThere
from webapp.translating.queries import glossary, states_of, versions_of, work_on
from webapp.translating.rules import (
    Pair,
    SourceMoved,
    State,
    TermKnown,
    TranslationChanged,
    TranslationEmpty,
    Wording,
    marked,
    terms_left_out,
)
from webapp.translating.services import (
    import_translations,
    publish_translation,
    put_term,
    remove_term,
)

PAGE = "/en/stages/5th/measures/1-1"


@pytest.fixture
def translator(session: Session) -> Staff:
    return build.staff(session, Role.TRANSLATOR)


@pytest.fixture
def publish(
    session: Session, measure: Measure, translator: Staff, now: datetime
) -> Callable[..., None]:
    """Publish an English text for measure 1-1."""

    def publish(body: str, *, version: int, source_version: int = 1, lang: str = "en") -> None:
        publish_translation(
            session,
            Wording(measure.text_id, source_version, body),
            lang=lang,
            version=version,
            staff_id=translator.id,
            now=now,
        )

    return publish


def reloaded(ja: str, en: str = "We make the roads safe in winter.") -> Programme:
    """The small programme with another text for measure 1-1."""
    programme = build.programme()
    pillar = programme.entries[0]
    measure = replace(pillar.children[0], texts={"ja": ja, "en": en})
    pillar = replace(pillar, children=(measure, *pillar.children[1:]))
    return replace(programme, entries=(pillar, *programme.entries[1:]))


def test_what_a_translator_publishes_is_read_at_once(
    client: FlaskClient, publish: Callable[..., None]
) -> None:
    before = client.get(PAGE).get_data(as_text=True)
    publish("Safe roads in winter.", version=1)
    after = client.get(PAGE).get_data(as_text=True)

    assert "We make the roads safe in winter." in before
    assert "Safe roads in winter." in after


def test_a_changed_source_is_stale_for_readers_and_translators_until_published_anew(
    client: FlaskClient,
    session: Session,
    stage: Stage,
    measure: Measure,
    publish: Callable[..., None],
    now: datetime,
) -> None:
    load_programme(session, reloaded("冬の道をもっと安全にします。"), by="test", now=now)
    stale = client.get(PAGE).get_data(as_text=True)
    states = states_of(session, stage, "en")
    with pytest.raises(SourceMoved):
        publish("We make the roads safe in winter.", version=1, source_version=1)
    session.rollback()
    publish("We make the roads safe in winter.", version=1, source_version=2)
    fresh = client.get(PAGE).get_data(as_text=True)

    assert "may not show the change yet" in stale
    assert 'href="/ja/stages/5th/measures/1-1" hreflang="ja">Read the Japanese' in stale
    assert states[State.STALE] == 1
    assert "may not show the change yet" not in fresh
    assert states_of(session, stage, "en")[State.STALE] == 0
    assert [v.version for v in versions_of(session, measure.text_id, "en")] == [2, 1]


def test_of_two_translators_the_second_is_told(publish: Callable[..., None]) -> None:
    publish("Safe roads.", version=1)

    with pytest.raises(TranslationChanged):
        publish("Roads, safe.", version=1)


def test_publishing_the_same_words_again_changes_nothing(
    session: Session, measure: Measure, publish: Callable[..., None]
) -> None:
    publish("Safe roads.", version=1)
    publish("Safe roads.", version=2)

    assert len(versions_of(session, measure.text_id, "en")) == 2


def test_the_japanese_and_empty_words_are_not_published_here(
    publish: Callable[..., None],
) -> None:
    with pytest.raises(NotThere):
        publish("冬の道", version=1, lang="ja")
    with pytest.raises(TranslationEmpty):
        publish("", version=1)


def test_a_programme_file_that_says_nothing_new_leaves_the_translators_words(
    client: FlaskClient, session: Session, publish: Callable[..., None], now: datetime
) -> None:
    publish("Safe roads in winter.", version=1)
    load_programme(session, build.programme(), by="test", now=now + timedelta(days=1))
    same_file = client.get(PAGE).get_data(as_text=True)
    news = reloaded("冬の道路を安全にします。", "The file speaks anew.")
    load_programme(session, news, by="test", now=now + timedelta(days=2))
    new_file = client.get(PAGE).get_data(as_text=True)

    assert "Safe roads in winter." in same_file
    assert "The file speaks anew." in new_file


def test_a_machines_translation_is_said_to_be_one_until_a_person_checks_it(
    client: FlaskClient,
    session: Session,
    stage: Stage,
    measure: Measure,
    translator: Staff,
    publish: Callable[..., None],
    now: datetime,
) -> None:
    brought = [Wording(measure.text_id, 1, "Machine roads.")]
    changed = import_translations(
        session, brought, lang="en", origin=Origin.MACHINE, staff_id=translator.id, now=now
    )
    unchecked = client.get(PAGE).get_data(as_text=True)
    waiting = states_of(session, stage, "en")[State.MACHINE]
    publish("Machine roads.", version=2)
    checked = client.get(PAGE).get_data(as_text=True)

    assert changed == 1
    assert "A machine translated this." in unchecked
    assert waiting == 1
    assert "A machine translated this." not in checked
    assert versions_of(session, measure.text_id, "en")[0].origin is Origin.CHECKED


def test_a_file_is_taken_whole_or_not_at_all(
    session: Session, stage: Stage, measure: Measure, translator: Staff, now: datetime
) -> None:
    brought = [Wording(measure.text_id, 1, "New words."), Wording(measure.text_id + 1, 9, "Old.")]
    with pytest.raises(SourceMoved):
        import_translations(
            session, brought, lang="en", origin=Origin.PERSON, staff_id=translator.id, now=now
        )
    session.rollback()

    assert len(versions_of(session, measure.text_id, "en")) == 1


def test_every_text_of_the_stage_is_listed_in_the_order_of_the_programme(
    session: Session, stage: Stage
) -> None:
    places = [one.place for one in work_on(session, stage, "en")]

    assert places == [
        "title", "notice", "1", "1-1", "1-1-1", "1-1-2", "1-2", "2", "2-1", "2-1-1",
    ]  # fmt: skip
    assert states_of(session, stage, "en")[State.DONE] == len(places)
    assert states_of(session, stage, "vi")[State.MISSING] == len(places)


def test_the_glossary_holds_a_term_once_and_removes_it_for_good(
    session: Session, translator: Staff, now: datetime
) -> None:
    who = {"staff_id": translator.id, "now": now}
    put_term(session, lang="en", source="除雪", target="snow removal", note="", **who)
    with pytest.raises(TermKnown):
        put_term(session, lang="en", source="除雪", target="clearing", note="", **who)
    (term,) = glossary(session, "en")
    remove_term(session, term.id, **who)
    remove_term(session, term.id, **who)

    assert glossary(session, "en") == []


class Called:
    def __init__(self, source: str, target: str) -> None:
        self.source, self.target = source, target


TERMS = [Called("除雪", "snow removal"), Called("除雪車", "snowplough"), Called("市", "city")]


def test_the_longest_term_is_marked_and_the_text_stays_whole() -> None:
    pieces = marked("市の除雪車と除雪", TERMS)

    assert [(p.text, p.target) for p in pieces] == [
        ("市", "city"), ("の", ""), ("除雪車", "snowplough"), ("と", ""), ("除雪", "snow removal"),
    ]  # fmt: skip
    assert marked("", TERMS) == []
    assert marked("abc", TERMS)[0].text == "abc"


def test_a_term_in_latin_letters_is_a_whole_word_in_any_case() -> None:
    pieces = marked("Deer and reindeer (deer)", [Pair("deer", "エゾシカ")])

    assert [piece.text for piece in pieces if piece.target] == ["Deer", "deer"]
    assert "".join(piece.text for piece in pieces) == "Deer and reindeer (deer)"


def test_terms_that_a_translation_calls_otherwise_are_named_once() -> None:
    left_out = terms_left_out("除雪と除雪車", "Snow removal and a snow machine", TERMS)

    assert [piece.text for piece in left_out] == ["除雪車"]


def test_the_desk_previews_warns_publishes_and_goes_to_the_next(
    client: FlaskClient,
    session: Session,
    stage: Stage,
    measure: Measure,
    translator: Staff,
    sign_in: Callable[[FlaskClient, Staff], None],
    now: datetime,
) -> None:
    load_programme(session, reloaded("冬の道をもっと安全にします。"), by="test", now=now)
    put_term(
        session, lang="en", source="冬", target="winter", note="", staff_id=translator.id, now=now
    )
    sign_in(client, translator)
    desk = f"/en/stages/5th/translations/en/{measure.text_id}"
    opened = client.get(desk).get_data(as_text=True)
    fields = {"version": "1", "source_version": "2", "body": "Safer roads."}
    preview = client.post(desk, data={**fields, "step": "preview"}).get_data(as_text=True)
    late = client.post(desk, data={**fields, "version": "0", "step": "publish"})
    published = client.post(desk, data={**fields, "step": "publish"})

    assert "<mark>冬</mark>" in opened
    assert "<del>道路を</del><ins>道をもっと</ins>" in opened
    assert "The glossary calls these otherwise" in preview
    assert "As readers will see it" in preview
    assert late.status_code == 409
    assert "Safer roads." in late.get_data(as_text=True)
    assert published.status_code == 302
    assert "Safer roads." in client.get(PAGE).get_data(as_text=True)
