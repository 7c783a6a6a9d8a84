"""Staff pages."""

from flask import Blueprint

views = Blueprint("moderation", __name__)
