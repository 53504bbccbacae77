"""The settings of this app, read from Django's settings on each use. All defaults are here."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings


def request_id_header() -> str:
    """`AUDIT_REQUEST_ID_HEADER`: the header that sets the `request_id` of records (`"X-Request-ID"`)."""
    return str(getattr(settings, "AUDIT_REQUEST_ID_HEADER", "X-Request-ID"))


def impersonator() -> str:
    """
    `AUDIT_IMPERSONATOR`: the path of a function that returns who impersonates the user of a request.

    It takes the request and returns a user or None. By default `"audit.impersonation.by_django_hijack"`.
    """
    return str(getattr(settings, "AUDIT_IMPERSONATOR", "audit.impersonation.by_django_hijack"))


def log_reads() -> str:
    """
    `AUDIT_LOG_READS`: which reads of the record are noted: `"exports"` (the default) or `"all"` pages too.

    Exports are noted always (PCI DSS 4.0.1, 10.2.1.3).
    """
    return str(getattr(settings, "AUDIT_LOG_READS", "exports"))


def refusals_per_hour() -> int:
    """`AUDIT_REFUSALS_PER_HOUR`: the number of refused transitions of one actor stored per hour (1000)."""
    return int(getattr(settings, "AUDIT_REFUSALS_PER_HOUR", 1000))


def signing_keys() -> tuple[str, ...]:
    """
    `AUDIT_SIGNING_KEYS`: the secrets that sign the record, newest first.

    If it is None or missing, Django's `SECRET_KEY` and `SECRET_KEY_FALLBACKS` are used.
    """
    keys = getattr(settings, "AUDIT_SIGNING_KEYS", None)
    return tuple((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS) if keys is None else keys)


def retention_minimum() -> timedelta:
    """`AUDIT_RETENTION_MINIMUM`: the minimum age of records to be archived (365 days: PCI DSS 4.0.1, 10.5.1)."""
    value: timedelta = getattr(settings, "AUDIT_RETENTION_MINIMUM", timedelta(days=365))
    return value


def records_deletable() -> bool:
    """
    `AUDIT_RECORDS_DELETABLE`: whether records can be deleted without declaring maintenance (False).

    Only for test suites, because `TransactionTestCase` empties all tables. Elsewhere `audit.W002` warns about it.
    """
    return bool(getattr(settings, "AUDIT_RECORDS_DELETABLE", False))


def replica() -> str | None:
    """
    `AUDIT_REPLICA`: the alias of a standby from which the audit trail is shown and verified; by default none.

    Pages that show it say how far the standby has got. The project sets this if `DATABASE_REPLICA_URL` is set.
    """
    return getattr(settings, "AUDIT_REPLICA", None) or None


def stream_webhook_secret() -> str:
    """`AUDIT_STREAM_WEBHOOK_SECRET`: the secret that signs events for an HTTPS receiver; by default none."""
    return str(getattr(settings, "AUDIT_STREAM_WEBHOOK_SECRET", ""))


def stream_authorization() -> str:
    """`AUDIT_STREAM_AUTHORIZATION`: the `Authorization` header for an HTTPS receiver; by default none."""
    return str(getattr(settings, "AUDIT_STREAM_AUTHORIZATION", ""))


def stream_ca_file() -> str | None:
    """`AUDIT_STREAM_CA_FILE`: the certificates that verify receivers; by default those of the system."""
    return getattr(settings, "AUDIT_STREAM_CA_FILE", None) or None
