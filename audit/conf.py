"""The settings of this app, read from Django's each time one is used; defaults stand here and nowhere else."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings


def request_id_header() -> str:
    """`AUDIT_REQUEST_ID_HEADER`: the header whose value becomes a record's `request_id` (`"X-Request-ID"`)."""
    return str(getattr(settings, "AUDIT_REQUEST_ID_HEADER", "X-Request-ID"))


def impersonator() -> str:
    """
    `AUDIT_IMPERSONATOR`: the path of a function that says who acts in the name of a request's user.

    It takes the request and returns a user or None. By default `"audit.impersonation.by_django_hijack"`.
    """
    return str(getattr(settings, "AUDIT_IMPERSONATOR", "audit.impersonation.by_django_hijack"))


def signing_keys() -> tuple[str, ...]:
    """
    `AUDIT_SIGNING_KEYS`: the secrets that sign the record, newest first.

    By default, and where it is None, Django's `SECRET_KEY` and `SECRET_KEY_FALLBACKS`.
    """
    keys = getattr(settings, "AUDIT_SIGNING_KEYS", None)
    return tuple((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS) if keys is None else keys)


def retention_minimum() -> timedelta:
    """`AUDIT_RETENTION_MINIMUM`: how old a record is before it may be archived (365 days: PCI DSS 4.0.1, 10.5.1)."""
    value: timedelta = getattr(settings, "AUDIT_RETENTION_MINIMUM", timedelta(days=365))
    return value


def records_deletable() -> bool:
    """
    `AUDIT_RECORDS_DELETABLE`: whether records can be deleted without declaring maintenance (False).

    For test suites, whose `TransactionTestCase`s empty all tables; `audit.W002` complains anywhere else.
    """
    return bool(getattr(settings, "AUDIT_RECORDS_DELETABLE", False))
