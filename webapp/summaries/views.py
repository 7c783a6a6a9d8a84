"""Staff pages."""

from flask import Blueprint

views = Blueprint("summaries", __name__)
