"""The settings of this app, read from Django's each time one is used; defaults stand here and nowhere else."""

from __future__ import annotations

from django.conf import settings


def request_id_header() -> str:
    """`AUDIT_REQUEST_ID_HEADER`: the header whose value becomes a record's `request_id` (`"X-Request-ID"`)."""
    return str(getattr(settings, "AUDIT_REQUEST_ID_HEADER", "X-Request-ID"))
