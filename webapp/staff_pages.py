"""The staff menu: the pages each role works on."""

from __future__ import annotations

from flask import current_app, request, url_for
from flask_babel import gettext as _

from webapp.access import roles_of
from webapp.accounts.rules import Role
from webapp.refusal import N_

MENU = (
    ("moderation.queue", N_("Moderation")),
    ("translating.overview", N_("Translations")),
    ("reports.desk", N_("Weekly reports")),
    ("responses.desk", N_("Answers")),
    ("identities.held", N_("Names and addresses")),
    ("readings.corrections", N_("Furigana")),
    ("letters.deliveries", N_("Letters")),
    ("letters.kept", N_("Mailbox")),
    ("word_list.words", N_("Word list")),
    ("desk_settings.settings", N_("Settings of the desk")),
    ("audit.trail", N_("Audit")),
)


def staff_pages(role: Role) -> list[tuple[str, str, bool]]:
    """Label, address and whether it is this page, for each page this role may open."""
    return [
        (_(label), url_for(endpoint), request.endpoint == endpoint)
        for endpoint, label in MENU
        if role in (roles_of(current_app.view_functions[endpoint]) or ())
    ]
