"""How often one address may do a thing. IPv6 addresses count by their /64, a household's share."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address, ip_network

from flask import Flask, current_app, g, request
from flask_limiter import Limiter

from webapp.accounts.rules import as_kept
from webapp.comments.rules import as_number
from webapp.edge import clean_line
from webapp.steps import is_sending

LONGEST_ADDRESS = 254
"""No account has a longer one."""


# How some proxies name a client: 203.0.113.5:4711, [2001:db8::1]:4711.
_WITH_PORT = re.compile(r"^(?:([\d.]+)|\[(.+)\]):\d+$")


def visitor_and_measure() -> str:
    """The address and the measure that is commented on, in whichever language of the page."""
    asked = request.view_args or {}
    return f"{visitor()} {asked.get('stage')} {asked.get('code')}"


def visitor_and_receipt() -> str:
    """The address and the receipt that is named, however its number is written."""
    return f"{visitor()} {as_number(clean_line(request.form.get('number', '')))}"


def visitor_and_account() -> str:
    """The address and the account that is tried, whether or not it exists."""
    return f"{visitor()} {as_kept(request.form.get('email', ''))[:LONGEST_ADDRESS]}"


def visitor() -> str:
    """The address that limits are counted by."""
    named = request.remote_addr or ""
    try:
        address = ip_address(_WITH_PORT.sub(r"\1\2", named))
    except ValueError:
        return "unknown"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:  # how a server that listens on both kinds names the older one
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False).network_address)


limiter = Limiter(visitor, headers_enabled=False)


def is_not_sending() -> bool:
    return not is_sending()


def is_waiting_instead() -> bool:
    return bool(request.form.get("patience")) and not request.form.get("effort")


def names_a_receipt() -> bool:
    return bool(request.form.get("number") or request.form.get("secret"))


submissions_limit = limiter.limit(
    lambda: current_app.config["SUBMISSIONS_PER_ADDRESS"],
    exempt_when=is_not_sending,
    methods=["POST"],
)
measure_limit = limiter.limit(
    lambda: current_app.config["SUBMISSIONS_PER_ADDRESS_AND_MEASURE"],
    key_func=visitor_and_measure,
    exempt_when=is_not_sending,
    methods=["POST"],
)
# The waiting itself costs a source nothing, so it gets a limit of its own: only forms that came
# through by waiting count, and whose browser did the work is not held up by them.
slow_way_limit = limiter.limit(
    lambda: current_app.config["SLOW_WAY_PER_ADDRESS"],
    exempt_when=lambda: is_not_sending() or not is_waiting_instead(),
    methods=["POST"],
    deduct_when=lambda _response: g.get("waited", False),
)
forms_limit = limiter.limit(
    lambda: current_app.config["FORMS_PER_ADDRESS"],
    exempt_when=is_sending,
)
# Only wrong guesses count, and they hold up nobody but who goes on with the same account or
# receipt: behind one address are a whole office, and with carrier NAT a whole neighbourhood.
passwords_limit = limiter.limit(
    lambda: current_app.config["WRONG_PASSWORDS_PER_ADDRESS_AND_ACCOUNT"],
    key_func=visitor_and_account,
    methods=["POST"],
    deduct_when=lambda _response: g.get("wrong_guess", False),
)
# Wide, and still too few to try the commonest password on every account.
all_passwords_limit = limiter.limit(
    lambda: current_app.config["WRONG_PASSWORDS_PER_ADDRESS"],
    methods=["POST"],
    deduct_when=lambda _response: g.get("wrong_guess", False),
)
# Wherever a pair of number and secret is tried. A form that names no receipt is none of this
# limit's business.
receipts_limit = limiter.shared_limit(
    lambda: current_app.config["WRONG_SECRETS_PER_ADDRESS_AND_RECEIPT"],
    scope="receipts",
    key_func=visitor_and_receipt,
    exempt_when=lambda: not names_a_receipt(),
    methods=["POST"],
    deduct_when=lambda _response: g.get("wrong_guess", False),
)
# Pages that only ask first do not count. Files and letters, made at one press, have an allowance
# of their own, so that they use up no revision.
steps_limit = limiter.shared_limit(
    lambda: current_app.config["STEPS_PER_ADDRESS_AND_RECEIPT"],
    scope="steps",
    key_func=visitor_and_receipt,
    exempt_when=is_not_sending,
    methods=["POST"],
)
handouts_limit = limiter.shared_limit(
    lambda: current_app.config["STEPS_PER_ADDRESS_AND_RECEIPT"],
    scope="handouts",
    key_func=visitor_and_receipt,
    methods=["POST"],
)
report_files_limit = limiter.limit(lambda: current_app.config["REPORT_FILES_PER_ADDRESS"])


def note_waiting() -> None:
    """This form is let through because its author waited."""
    g.waited = True


def note_wrong_guess() -> None:
    """The secret or password of this request is not the right one, or belongs to nothing."""
    g.wrong_guess = True


def free_again_at(now: datetime) -> datetime:
    """When the limit that this request ran into counts anew."""
    limit = limiter.current_limit
    return datetime.fromtimestamp(limit.reset_at, UTC) if limit else now


def init_limits(app: Flask) -> None:
    limiter.init_app(app)
