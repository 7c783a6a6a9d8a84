"""create_app(config): the table of contents of the site."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app
from flask_login import current_user
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Config
from webapp.access import guard, is_staff_page
from webapp.accounts.views import init_accounts
from webapp.accounts.views import views as accounts
from webapp.audit.views import views as audit
from webapp.audit_commands import init_audit_commands
from webapp.bodies import init_bodies
from webapp.cli import init_cli
from webapp.comments.views import views as comments
from webapp.db import db, init_db
from webapp.errors import init_errors
from webapp.feed.views import views as feed
from webapp.headers import init_headers
from webapp.i18n import init_i18n
from webapp.identities.views import views as identities
from webapp.identity_commands import init_identity_commands
from webapp.interpreting.views import views as interpreting
from webapp.letters.views import views as letters
from webapp.limits import init_limits
from webapp.measures.views import views as measures
from webapp.moderation.campaign_desk import views as campaigns
from webapp.moderation.desk import views as desk
from webapp.moderation.settings_desk import views as desk_settings
from webapp.moderation.views import views as moderation
from webapp.pages import EditionReader, FinishedPages
from webapp.readings.views import init_readings
from webapp.readings.views import views as readings
from webapp.receipts.views import views as receipts
from webapp.reports.archive import views as archive
from webapp.reports.views import views as reports
from webapp.responses.views import views as responses
from webapp.sharing.views import views as sharing
from webapp.site.views import init_front_door
from webapp.site.views import views as site
from webapp.staff_pages import staff_pages
from webapp.summaries.views import views as summaries
from webapp.tally.views import views as tally
from webapp.translating.views import views as translating
from webapp.word_list.views import views as word_list

BLUEPRINTS = (
    site,
    measures,
    comments,
    receipts,
    accounts,
    moderation,
    campaigns,
    desk,
    desk_settings,
    identities,
    letters,
    readings,
    summaries,
    tally,
    word_list,
    audit,
    reports,
    archive,
    responses,
    translating,
    interpreting,
    feed,
    sharing,
)


def create_app(config: Config | None = None) -> Flask:
    """The whole site. Raises config.MissingSetting and access.UndeclaredView."""
    config = config or Config.from_environment()
    app = Flask("webapp", instance_path=str(config.INSTANCE))
    app.config.from_object(config)
    config.INSTANCE.mkdir(parents=True, exist_ok=True)
    init_bodies(app)
    init_db(app)
    init_i18n(app)
    init_accounts(app)
    init_limits(app)
    init_errors(app)
    init_headers(app)
    init_readings(app)
    init_cli(app)
    init_identity_commands(app)
    init_audit_commands(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix="/<lang:lang>")
    init_front_door(app)
    app.context_processor(_what_every_page_knows)
    guard(app)
    _stand_in_front(app)
    return app


def _what_every_page_knows() -> dict[str, Any]:
    signed_in = current_user if is_staff_page() and current_user.is_authenticated else None
    return {
        "demonstration": current_app.config["DEMONSTRATION"],
        "signed_in": signed_in,
        "staff_pages": staff_pages(signed_in.role) if signed_in else (),
    }


def _stand_in_front(app: Flask) -> None:
    with app.app_context():
        edition = app.extensions["edition"] = EditionReader(db.engine)
    app.wsgi_app = FinishedPages(app.wsgi_app, edition.number)  # type: ignore[method-assign]
    hops = app.config["TRUSTED_PROXIES"]
    if hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
