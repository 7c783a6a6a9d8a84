"""The staff page of corrected readings, and the readings a page shows."""

from __future__ import annotations

from collections.abc import Mapping

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers.response import Response as AnyResponse

from webapp.access import staff
from webapp.accounts.rules import Role
from webapp.catalogues import has_furigana, read_words
from webapp.citytime import utc_now
from webapp.db import db
from webapp.edge import LARGEST_ID
from webapp.furigana import bare, marked, with_readings
from webapp.readings import queries, services
from webapp.readings.forms import CorrectionForm
from webapp.refusal import Refusal

views = Blueprint("readings", __name__)
MOST_SHOWN = 20


@views.route("/readings", methods=["GET", "POST"])
@staff(Role.TRANSLATOR, Role.ADMINISTRATOR)
def corrections() -> str | AnyResponse | tuple[str, int]:
    form = CorrectionForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            services.correct_reading(
                db.session(),
                word=form.word.data or "",
                reading=form.reading.data or "",
                by=current_user.actor,
                now=utc_now(),
            )
        except Refusal as refusal:
            form.form_errors.append(_(refusal.explanation, **refusal.facts))
        else:
            return redirect(url_for("readings.corrections"))
    page = _page(form)
    return (page, 400) if form.errors else page


@views.post(f"/readings/<int(max={LARGEST_ID}):correction_id>/take-back")
@staff(Role.TRANSLATOR, Role.ADMINISTRATOR)
def take_back(correction_id: int) -> AnyResponse:
    services.take_back(db.session(), correction_id, by=current_user.actor, now=utc_now())
    return redirect(url_for("readings.corrections"))


def _page(form: CorrectionForm) -> str:
    session = db.session()
    looked_up = request.args.get("word", "")
    texts = queries.texts_with(session, looked_up) if looked_up else {}
    return render_template(
        "readings/corrections.html",
        form=form,
        corrections=queries.corrections(session),
        looked_up=looked_up,
        found=list(texts.values())[:MOST_SHOWN],
    )


def init_readings(app: Flask) -> None:
    """Pages with furigana get their <ruby> last of all; nothing else keeps a mark."""
    app.after_request(_read_out)


def _read_out(response: Response) -> Response:
    if not has_furigana() or response.direct_passthrough or not response.mimetype:
        return response
    if response.mimetype == "text/html":
        page = response.get_data(as_text=True)
        response.set_data(with_readings(page, _known(), read_words()))
    elif response.mimetype.startswith("text/") or response.mimetype.endswith(("json", "xml")):
        response.set_data(bare(response.get_data(as_text=True)))
    return response


def _known() -> Mapping[str, str]:
    """The marked form of every text of the programme; read anew when the edition turned."""
    edition = current_app.extensions["edition"].number()
    kept_at: int | None
    known: Mapping[str, str]
    kept_at, known = current_app.extensions.get("readings", (None, {}))
    if edition is None or kept_at != edition:
        found = queries.readings_by_text(db.session())
        known = {text: marked(pieces) for text, pieces in found.items()}
        current_app.extensions["readings"] = (edition, known)
    return known
