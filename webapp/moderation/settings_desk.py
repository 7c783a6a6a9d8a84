"""The page on which an administrator settles how the desk works."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers.response import Response
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from webapp.access import staff
from webapp.accounts.rules import Role
from webapp.citytime import utc_now
from webapp.db import db
from webapp.form import HouseForm
from webapp.moderation.appeals import active_deciders
from webapp.moderation.settings import (
    second_person_setting,
    set_second_person,
    takes_second_person,
)

views = Blueprint("desk_settings", __name__)
ON, OFF = "on", "off"


class SettingsForm(HouseForm):
    second_person = RadioField(
        _l("Withholding, and “not an opinion”"),
        [InputRequired(_l("Please say whether they take a second person."))],
        choices=[
            SelectChoice(ON, _l("Take a second person")),
            SelectChoice(OFF, _l("One person decides")),
        ],
    )


@views.get("/moderation/settings")
@staff(Role.ADMINISTRATOR)
def settings() -> str:
    is_on = takes_second_person(db.session())
    return _page(SettingsForm(data={"second_person": ON if is_on else OFF}))


@views.post("/moderation/settings")
@staff(Role.ADMINISTRATOR)
def change() -> Response | tuple[str, int]:
    form = SettingsForm(request.form)
    if not form.validate():
        return _page(form), 400
    is_on = form.second_person.data == ON
    set_second_person(db.session(), is_on, staff_id=current_user.staff_id, now=utc_now())
    return redirect(url_for("desk_settings.settings"))


def _page(form: SettingsForm) -> str:
    session = db.session()
    return render_template(
        "moderation/settings.html",
        form=form,
        setting=second_person_setting(session),
        deciders=len(active_deciders(session)),
    )
