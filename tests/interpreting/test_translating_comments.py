"""Staff translate comments and check machines; readers see translations under their label."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests import build
from tests.interpreting.conftest import covering
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.citytime import Week
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.interpreting.models import CommentTranslation, TranslationProvider, TranslationTry
from webapp.interpreting.queries import Wanted, translations_of, work_in
from webapp.interpreting.rules import CommentMoved, source_digest
from webapp.interpreting.services import forget_outdated, publish_translation
from webapp.measures.models import Origin
from webapp.moderation.rules import Reason, Verdict
from webapp.refusal import NotThere
from webapp.summaries.services import compile_week
from webapp.translating.rules import TranslationChanged
from webapp.translating.services import put_term
from worker.analysis.points import compile_points

Publish = Callable[..., Comment]
JA = "歩道の除雪を早くしてほしい。"
PAGE = "/en/stages/5th/measures/1-1"


def by_machine(session: Session, comment: Comment, body: str, now: datetime) -> None:
    session.refresh(comment)
    session.add(
        CommentTranslation(
            comment_id=comment.id,
            lang="en",
            comment_version=comment.version,
            source_digest=source_digest(comment.published_text or ""),
            body=body,
            origin=Origin.MACHINE,
            provider="deepl",
            made_at=now,
        )
    )
    session.commit()


def test_a_translation_stands_under_its_label_with_the_original_one_step_away(
    client: FlaskClient, publish: Publish, translate: Callable[..., None]
) -> None:
    comment = publish(JA)
    client.get(PAGE)
    translate(comment, "Clear the pavements sooner.")
    page = client.get(PAGE).get_data(as_text=True)
    card = page[page.index(f'id="comment-{comment.id}"') :].split("</article>")[0]

    assert "Translated by staff" in card
    assert card.index("Clear the pavements sooner.") < card.index("<details>") < card.index(JA)
    assert '<p class="said" lang="ja">' in card
    assert '<p class="said" lang="en">' in card


def test_the_choice_of_originals_is_in_the_address_and_every_link_of_the_list_keeps_it(
    client: FlaskClient, publish: Publish, translate: Callable[..., None]
) -> None:
    comments = [publish(f"{number}番目の意見です。") for number in range(26)]
    translate(comments[-1], "The last one.")
    translated = client.get(PAGE).get_data(as_text=True)
    page = client.get(f"{PAGE}?original=1").get_data(as_text=True)
    card = page[page.index(f'id="comment-{comments[-1].id}"') :].split("</article>")[0]

    assert f"{PAGE}?original=1#comments" in translated
    assert card.index("25番目の意見です。") < card.index("<details>") < card.index("The last one.")
    for link in (
        f"{PAGE}?before={comments[1].id}&amp;original=1#comments",
        f"?before={comments[-1].id + 1}&amp;original=1#comment-{comments[-1].id}",
        "/en/stages/5th/measures/1-2?original=1",
        "/ja/stages/5th/measures/1-1?original=1",
        f"{PAGE}#comments",
    ):
        assert link in page, link


def test_who_reads_the_comments_language_meets_no_translation(
    client: FlaskClient, publish: Publish, translate: Callable[..., None]
) -> None:
    comment = publish(JA)
    translate(comment, "Clear the pavements sooner.")
    for lang in ("ja", "ja-furigana", "ja-easy"):
        page = client.get(PAGE.replace("/en/", f"/{lang}/")).get_data(as_text=True)

        assert "Clear the pavements sooner." not in page
        assert "original=1" not in page


def test_easy_japanese_readers_get_the_japanese_translation_of_an_english_comment(
    client: FlaskClient, publish: Publish, translate: Callable[..., None]
) -> None:
    comment = publish("Please clear the pavements.", language="en")
    translate(comment, "歩道の雪をのけてください。", "ja")

    assert "歩道の雪をのけてください。" in client.get(PAGE.replace("/en/", "/ja-easy/")).get_data(
        as_text=True
    )


def test_a_comment_without_a_translation_says_so_and_stands_in_its_language(
    client: FlaskClient, publish: Publish
) -> None:
    publish(JA)
    page = client.get(PAGE).get_data(as_text=True)

    assert "Some comments are not translated yet." in page
    assert f'<p class="said" lang="ja">{JA}</p>' in page
    japanese = client.get(PAGE.replace("/en/", "/ja/")).get_data(as_text=True)
    assert "まだ翻訳されていない" not in japanese


@pytest.mark.parametrize("change", ["covered", "withheld"])
def test_a_translation_of_words_nobody_may_read_any_more_is_gone_from_that_moment(
    client: FlaskClient,
    session: Session,
    publish: Publish,
    translate: Callable[..., None],
    decide_on: Callable[[Comment, Verdict], None],
    change: str,
) -> None:
    comment = publish(JA)
    translate(comment, "Canary sentence.")
    assert "Canary sentence." in client.get(PAGE).get_data(as_text=True)
    verdict = Verdict(Publication.WITHHELD, reason=Reason.ABUSE)
    decide_on(comment, covering(JA, "除雪") if change == "covered" else verdict)

    for address in (PAGE, f"{PAGE}?original=1"):
        assert "Canary sentence." not in client.get(address).get_data(as_text=True)
    assert translations_of(session, [comment.id], "en") == {}
    assert forget_outdated(session) == 1
    assert session.scalars(select(CommentTranslation)).all() == []


def test_markup_in_a_translation_is_shown_as_text(
    client: FlaskClient, session: Session, publish: Publish, now: datetime
) -> None:
    by_machine(session, publish(JA), "<script>alert(1)</script>", now)
    page = client.get(PAGE).get_data(as_text=True)

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Machine translation" in page


def test_a_person_who_checks_a_machine_is_named_and_the_label_says_so(
    client: FlaskClient,
    session: Session,
    publish: Publish,
    translate: Callable[..., None],
    translator: Staff,
    now: datetime,
) -> None:
    comment = publish(JA)
    by_machine(session, comment, "Made by a machine.", now)
    translate(comment, "Corrected by a person.")
    made = session.scalars(select(CommentTranslation)).one()

    assert (made.origin, made.provider, made.staff_id) == (
        Origin.CHECKED,
        "deepl",
        translator.id,
    )
    assert "checked by staff" in client.get(PAGE).get_data(as_text=True)


def test_two_translators_at_once_do_not_overwrite_each_other(
    session: Session, publish: Publish, translator: Staff, now: datetime
) -> None:
    comment = publish(JA)
    facts = {"lang": "en", "source": source_digest(JA), "staff_id": translator.id, "now": now}
    publish_translation(session, comment.id, "The first.", version=0, **facts)  # type: ignore[arg-type]

    with pytest.raises(TranslationChanged):
        publish_translation(session, comment.id, "The second.", version=0, **facts)  # type: ignore[arg-type]
    publish_translation(session, comment.id, "The second.", version=1, **facts)  # type: ignore[arg-type]
    assert session.scalars(select(CommentTranslation.body)).all() == ["The second."]


def test_a_translation_of_words_that_were_covered_meanwhile_is_refused(
    session: Session,
    publish: Publish,
    decide_on: Callable[[Comment, Verdict], None],
    translator: Staff,
    now: datetime,
) -> None:
    comment = publish(JA)
    decide_on(comment, covering(JA, "除雪"))
    facts = {"version": 0, "source": source_digest(JA), "staff_id": translator.id, "now": now}

    with pytest.raises(CommentMoved):
        publish_translation(session, comment.id, "Snow.", lang="en", **facts)  # type: ignore[arg-type]
    with pytest.raises(NotThere):
        publish_translation(session, comment.id, "雪。", lang="ja", **facts)  # type: ignore[arg-type]


def test_after_a_change_the_comment_is_back_in_the_list_and_can_be_translated_at_once(
    session: Session,
    publish: Publish,
    decide_on: Callable[[Comment, Verdict], None],
    translate: Callable[..., None],
) -> None:
    comment = publish(JA)
    translate(comment, "Clear the snow sooner.")

    assert work_in(session, "en", Wanted.MISSING).items == ()

    decide_on(comment, covering(JA, "除雪"))
    assert [w.comment_id for w in work_in(session, "en", Wanted.MISSING).items] == [comment.id]
    translate(comment, "■■■ sooner.")
    assert translations_of(session, [comment.id], "en")[comment.id].body == "■■■ sooner."


def test_the_list_goes_page_by_page_from_either_end(session: Session, publish: Publish) -> None:
    ids = [publish(f"{number}番目の意見です。").id for number in range(5)]
    for oldest, expected in ((False, ids[::-1]), (True, ids)):
        found: list[int] = []
        beyond = None
        while True:
            page = work_in(
                session, "en", Wanted.MISSING, beyond=beyond, oldest_first=oldest, size=2
            )
            found += [work.comment_id for work in page.items]
            beyond = page.following
            if beyond is None:
                break

        assert found == expected


def test_a_translator_works_through_the_pages(
    app: Flask,
    session: Session,
    publish: Publish,
    make_comment: Callable[..., Comment],
    translator: Staff,
    sign_in: Callable[..., None],
) -> None:
    client, waiting, comment = app.test_client(), make_comment("待つ意見です。"), publish(JA)
    sign_in(client, translator)
    listed = client.get("/en/translations/en/comments").get_data(as_text=True)
    address = f"/en/translations/en/comments/{comment.id}"

    assert address in listed
    assert "待つ意見です。" not in listed
    assert client.get(f"/en/translations/en/comments/{waiting.id}").status_code == 404
    assert client.get("/en/translations/ja-easy/comments").status_code == 404
    assert client.get("/en/translations/machine").status_code == 403
    form = {"version": 0, "source": source_digest(JA)}
    assert client.post(address, data=form).status_code == 400
    answer = client.post(address, data={**form, "body": "Clear the pavements."})
    assert answer.status_code == 302
    assert "The translation is published." in client.get(answer.location).get_data(as_text=True)
    again = client.post(address, data={**form, "body": "Too late."})
    assert again.status_code == 409
    assert "Too late." in again.get_data(as_text=True)
    assert (
        client.get("/en/translations/en/comments?wanted=x&beyond=%FF&order=oldest").status_code
        == 200
    )


def test_a_moderator_sees_translations_and_may_correct_them(
    app: Flask,
    session: Session,
    publish: Publish,
    moderator: Staff,
    sign_in: Callable[..., None],
    now: datetime,
) -> None:
    client, comment = app.test_client(), publish(JA)
    sign_in(client, moderator)
    desk = f"/en/moderation/comments/{comment.id}"

    assert "Not translated yet: English" in client.get(desk).get_data(as_text=True)

    by_machine(session, comment, "Made by a machine.", now)
    page = client.get(desk).get_data(as_text=True)
    assert "Made by a machine." in page
    assert "Correct the translation" in page
    assert client.get(f"/en/translations/en/comments/{comment.id}").status_code == 200


def test_an_administrator_sees_how_the_machine_does_and_lets_it_try_again(
    app: Flask,
    session: Session,
    publish: Publish,
    sign_in: Callable[..., None],
    now: datetime,
) -> None:
    client, comment = app.test_client(), publish(JA)
    sign_in(client, build.staff(session, Role.ADMINISTRATOR))
    address = "/en/translations/machine"

    assert "No machine is switched on" in client.get(address).get_data(as_text=True)

    app.config.update(TRANSLATION_PROVIDER="deepl", TRANSLATION_KEY="a-secret-key")
    session.add(
        TranslationProvider(
            name="deepl",
            failures=2,
            paused_until=now + timedelta(hours=1),
            last_error="HTTP 456",
            failed_at=now,
        )
    )
    session.add(
        TranslationTry(
            comment_id=comment.id,
            lang="en",
            comment_version=comment.version,
            attempts=5,
            due_at=now,
            month="2026-11",
            reserved=0,
            last_error="no answer in time",
            dead_at=now,
        )
    )
    session.commit()
    page = client.get(address).get_data(as_text=True)

    assert "DeepL" in page
    assert "HTTP 456" in page
    assert "no answer in time" in page
    assert "a-secret-key" not in page
    assert client.post(f"{address}/new-attempt").status_code == 302
    session.expire_all()
    assert session.scalars(select(TranslationTry.dead_at)).all() == [None]
    assert session.scalars(select(TranslationProvider.paused_until)).all() == [None]


def test_a_report_carries_quotations_in_both_languages(
    app: Flask,
    session: Session,
    publish: Publish,
    translate: Callable[..., None],
    now: datetime,
) -> None:
    comment = publish(JA)
    last_week = now - timedelta(days=7)
    session.execute(update(Comment).values(received_at=last_week))
    session.commit()
    compile_week(session, comment.measure.stage_id, Week.of(last_week), compile_points, now)
    translate(comment, "Clear the pavements sooner.")
    address = f"/en/stages/5th/reports/{Week.of(last_week)}"
    page = app.test_client().get(address).get_data(as_text=True)

    assert JA in page
    assert "Translated by staff" in page
    assert "Clear the pavements sooner." in page


def test_the_glossary_stands_beside_a_comment_in_both_directions(
    client: FlaskClient,
    session: Session,
    publish: Publish,
    translator: Staff,
    sign_in: Callable[[FlaskClient, Staff], None],
    now: datetime,
) -> None:
    words = {"lang": "en", "source": "除雪", "target": "snow clearing", "note": ""}
    put_term(session, **words, staff_id=translator.id, now=now)
    japanese, english = publish(JA), publish("Snow clearing is late.", language="en")
    sign_in(client, translator)
    to_english = client.get(f"/en/translations/en/comments/{japanese.id}").text
    to_japanese = client.get(f"/en/translations/ja/comments/{english.id}").text

    assert "歩道の<mark>除雪</mark>を" in to_english
    assert '<span lang="ja">除雪</span> → <span lang="en">snow clearing</span>' in to_english
    assert "<mark>Snow clearing</mark> is late." in to_japanese
    assert '<span lang="en">Snow clearing</span> → <span lang="ja">除雪</span>' in to_japanese
