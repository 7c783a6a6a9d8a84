"""Where on the site a comment can be read."""

from __future__ import annotations

from flask import url_for

from webapp.comments.models import Comment
from webapp.comments.rules import VISIBLE


def public_url(comment: Comment) -> str | None:
    """The page of the measure that begins with this comment, when anyone may read it."""
    if comment.publication not in VISIBLE:
        return None
    return url_for(
        "measures.measure",
        stage=comment.measure.stage.slug,
        code=comment.measure.code,
        before=comment.id + 1,
        _anchor=f"comment-{comment.id}",
    )
