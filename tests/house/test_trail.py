"""Every use case that changes the record leaves a trail, in words, and no words of anyone in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import build
from webapp.accounts.models import Staff
from webapp.audit.forms import ACTIONS, action_name
from webapp.audit.models import AuditEntry
from webapp.audit.queries import verify_chain
from webapp.audit.rules import Break
from webapp.audit.services import seal
from webapp.citytime import city_day, midnight
from webapp.comments.models import IdentityRow
from webapp.comments.rules import Identity, Publication
from webapp.identities.services import purge_due, read_identity
from webapp.measures.rules import IdentityRequest
from webapp.moderation.rules import Findings, FoundFlag, Reason, Verdict
from webapp.moderation.screening import begin_screening, record_screening
from webapp.moderation.services import decide
from webapp.receipts.services import erase_person

ROOT = Path(__file__).parents[2]
CANARY = "カナリア秘密の言葉"

STEP_OF_A_LETTER = "the row of the letter itself says how far it has come, and people settle doubts"
CLAIM = "advice that expires; what it leads to is on record, and so is taking one over"
WITHOUT_A_TRAIL = {
    "webapp.moderation.claiming.take_up": CLAIM,
    "webapp.moderation.claiming.take_next": CLAIM,
    "webapp.moderation.claiming.keep": CLAIM,
    "webapp.moderation.claiming.leave": CLAIM,
    "webapp.moderation.placing.place_comments": "made from the texts at any time again",
    "webapp.moderation.nudging.nudge_moderators": STEP_OF_A_LETTER,
    "webapp.reports.services.ask_for_test_letter": "a letter to oneself; its row says so",
    "webapp.reports.services.owe_letters": STEP_OF_A_LETTER,
    "webapp.reports.services.keep_figures": "numbers of a stored summary, counted once",
    "webapp.readings.services.keep_readings": "made from text and dictionary at any time again",
    "webapp.audit.services.seal": "it is the trail",
    "webapp.comments.addresses.forget_counts": "counters of yesterday, which say nothing of anyone",
    "webapp.letters.services.claim": STEP_OF_A_LETTER,
    "webapp.letters.services.hand_over": STEP_OF_A_LETTER,
    "webapp.letters.services.mark_sent": STEP_OF_A_LETTER,
    "webapp.letters.services.put_off": STEP_OF_A_LETTER,
    "webapp.letters.services.give_up": STEP_OF_A_LETTER,
    "webapp.letters.services.hold": STEP_OF_A_LETTER,
    "webapp.letters.services.doubt": STEP_OF_A_LETTER,
    "webapp.letters.services.settle_lapsed": STEP_OF_A_LETTER,
    "webapp.interpreting.books.open_books": "empty rows for a month and a provider",
    "webapp.interpreting.machine.begin": "an attempt and its price; the translation is recorded",
    "webapp.interpreting.machine.fail": "the attempt's row says so",
    "webapp.interpreting.machine.fail_provider": "the provider's row says so",
    "webapp.interpreting.services.forget_outdated": "what holds no more; the change is recorded",
    "webapp.summaries.drafting.fail_provider": "the provider's row says so",
    "webapp.tally.services.count_stage": "numbers that can be counted again at any time",
}
"""Use cases that commit and leave no entry, each with its reason."""


NO_ACTIONS = {"comments.id", "identities.held"}
"""A column and a page, which look like actions."""


class Module:
    """A file of the site: what its functions call, and where those names lead."""

    def __init__(self, path: Path) -> None:
        self.name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        self.tree = tree = ast.parse(path.read_text(encoding="utf-8"))
        self.functions = {
            node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
        }
        self.known: dict[str, str] = {name: f"{self.name}.{name}" for name in self.functions}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    self.known[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def called(self, function: str) -> Iterator[str]:
        """Dotted names of what a function calls; a method by its last name alone."""
        for node in ast.walk(self.functions[function]):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name):
                yield self.known.get(node.func.id, node.func.id)
            elif isinstance(node.func, ast.Attribute):
                yield f".{node.func.attr}"
                if isinstance(node.func.value, ast.Name):
                    yield f"{self.known.get(node.func.value.id, '?')}.{node.func.attr}"


def modules() -> dict[str, Module]:
    outside = {"views", "cli", "db", "errors", "demonstration"}
    return {
        (module := Module(path)).name: module
        for path in sorted((ROOT / "webapp").rglob("*.py"))
        if path.stem not in outside and not path.stem.endswith("_commands")
    }


def leads_to(wanted: str, name: str, found: dict[str, Module], within: str | None = None) -> bool:
    """Whether a function calls what is wanted, itself or through others (`within` one module)."""
    seen, ahead = set(), [name]
    while ahead:
        here = ahead.pop()
        module_name, _dot, function = here.rpartition(".")
        module = found.get(module_name)
        if here in seen or module is None or function not in module.functions:
            continue
        seen.add(here)
        calls = set(module.called(function))
        if wanted in calls:
            return True
        ahead += [call for call in calls if within is None or call.startswith(f"{within}.")]
    return False


def committing(found: dict[str, Module]) -> set[str]:
    """Every public function below the views that ends in a commit."""
    return {
        f"{module.name}.{name}"
        for module in found.values()
        for name in module.functions
        if not name.startswith("_")
        and leads_to(".commit", f"{module.name}.{name}", found, within=module.name)
    }


def test_every_use_case_that_commits_leaves_an_entry_or_has_a_reason_not_to() -> None:
    found = modules()
    use_cases = committing(found)
    silent = {
        name for name in use_cases if not leads_to("webapp.audit.services.record", name, found)
    }

    assert len(use_cases) > 25
    assert "webapp.comments.services.submit_comment" in use_cases - silent
    assert silent - set(WITHOUT_A_TRAIL) == set()
    assert set(WITHOUT_A_TRAIL) - silent == set()


def test_every_action_that_is_recorded_has_words_in_both_languages(app: Flask) -> None:
    kinds = {action.split(".")[0] for action in ACTIONS}
    sources = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "webapp").rglob("*.py"))
    recorded = set(re.findall(r'action="([a-z-]+\.[a-z-]+)"', sources))
    for module in modules().values():
        words = {str(n.value) for n in ast.walk(module.tree) if isinstance(n, ast.Constant)}
        named = {word for word in words if re.fullmatch(r"[a-z-]+\.[a-z-]+", word)}
        recorded |= {word for word in named if word.split(".")[0] in kinds} - NO_ACTIONS

    assert len(recorded) > 20
    assert recorded - set(ACTIONS) == set()
    for action in ACTIONS:
        with app.test_request_context("/ja/"), force_locale("ja"):
            assert re.search(r"[぀-ヿ一-鿿]", action_name(action)), action
        with app.test_request_context("/en/"), force_locale("en"):
            assert re.match(r"[A-Z]", action_name(action)), action


def test_the_trail_holds_no_words_of_anyone_so_purging_leaves_it_whole(
    session: Session, moderator: Staff, now: datetime
) -> None:
    purge_on = city_day(now + timedelta(days=60))
    asks = IdentityRequest({"ja": "目的", "en": "Purpose"}, purge_on)
    stage = build.stage(session, opens_at=now - timedelta(days=1), identity=asks)
    measure = build.measure(session, stage, "1-1")
    email = f"{CANARY}@example.jp".encode("idna").decode()
    one, two = (
        build.comment(
            session,
            measure,
            text=f"{CANARY}{n}",
            email=email,
            identity=Identity(CANARY, CANARY, CANARY),
            now=now,
        ).id
        for n in (1, 2)
    )
    read_identity(session, one, purpose=CANARY, staff_id=moderator.id, sealer=build.SEALER, now=now)
    begin_screening(session, one, now)
    flags = [FoundFlag("link", 0, 2, CANARY)]
    record_screening(session, one, Findings("ja", flags, "f" * 64, []), now)
    verdict = Verdict(Publication.WITHHELD, reason=Reason.ABUSE, note=CANARY)
    decide(session, one, version=1, verdict=verdict, moderator_id=moderator.id, now=now)
    while seal(session):
        pass
    erase_person(session, two, now=now)
    purge_due(session, now=midnight(purge_on) + timedelta(hours=1))
    while seal(session):
        pass
    entries = session.scalars(select(AuditEntry)).all()
    said = " ".join(str(value) for entry in entries for value in vars(entry).values())

    assert session.scalars(select(IdentityRow)).all() == []
    assert "identities.purged" in said
    assert CANARY not in said
    assert email not in said
    assert not [found for found in verify_chain(session) if isinstance(found, Break)]
