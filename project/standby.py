"""The answers of the site while its database is a standby that cannot be written to."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import get_script_prefix

READ_ONLY = "25006"
"""PostgreSQL's code for a statement that writes in a database that cannot be written to."""

RETRY_AFTER = 30
"""In seconds."""


def notice(request: HttpRequest) -> dict[str, Callable[[], bool]]:
    """Context processor: let the login page say beforehand that nobody can log in."""
    return {"site_is_read_only": is_read_only}


def is_read_only() -> bool:
    """Whether the database is a standby. The server says so when a connection begins."""
    if connection.vendor != "postgresql":
        return False
    try:
        connection.ensure_connection()
    except DatabaseError:
        return False
    return bool(connection.connection.info.parameter_status("in_hot_standby") == "on")


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`: answer 503 if a standby refused to write, else 500. Only the log says what failed."""
    context = {"stylesheet": _stylesheet(), "start": get_script_prefix()}
    if _is_refusal_to_write(sys.exc_info()[1]):
        page = render_to_string("503.html", context)
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})
    return HttpResponse(render_to_string("500.html", context), status=500)


def _stylesheet() -> str:
    """Return the address of the site's style sheet, or nothing if it cannot be found."""
    try:
        return static("user_lifecycle/pages.css")
    except Exception:  # noqa: BLE001 - this page has to come whatever fails
        return ""


def _is_refusal_to_write(error: BaseException | None) -> bool:
    while error is not None:
        if getattr(error, "sqlstate", None) == READ_ONLY:
            return True
        error = error.__cause__ or error.__context__
    return False
