"""The settings of this app: `conf.replica`, for example. All defaults are here."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

from django.conf import settings

from users.conf import AppSettings


class AuditSettings(AppSettings):
    """The settings that begin with `AUDIT_`."""

    prefix = "AUDIT"

    @cached_property
    def request_id_header(self) -> str:
        """`AUDIT_REQUEST_ID_HEADER`: the header that sets the `request_id` of records (`"X-Request-ID"`)."""
        return str(self._read("REQUEST_ID_HEADER", "X-Request-ID"))

    @cached_property
    def impersonator(self) -> str:
        """
        `AUDIT_IMPERSONATOR`: the path of a function that returns who impersonates the user of a request.

        It takes the request and returns a user or None. By default
        `"audit.impersonation.by_known_packages"`: django-hijack, django-impersonate, django-loginas and django-su.
        """
        return str(self._read("IMPERSONATOR", "audit.impersonation.by_known_packages"))

    @cached_property
    def log_reads(self) -> str:
        """
        `AUDIT_LOG_READS`: which reads of the record are noted: `"exports"` (the default) or `"all"` pages too.

        Exports are noted always (PCI DSS 4.0.1, 10.2.1.3).
        """
        return str(self._read("LOG_READS", "exports"))

    @cached_property
    def refusals_per_hour(self) -> int:
        """`AUDIT_REFUSALS_PER_HOUR`: the number of refused transitions of one actor stored per hour (1000)."""
        return int(self._read("REFUSALS_PER_HOUR", 1000))

    @cached_property
    def signing_keys(self) -> tuple[str, ...]:
        """
        `AUDIT_SIGNING_KEYS`: the secrets that sign the record, newest first.

        If it is None or missing, Django's `SECRET_KEY` and `SECRET_KEY_FALLBACKS` are used.
        """
        keys: list[str] | None = self._read("SIGNING_KEYS", None)
        return tuple((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS) if keys is None else keys)

    @cached_property
    def retention_minimum(self) -> timedelta:
        """`AUDIT_RETENTION_MINIMUM`: the minimum age of records to be archived (365 days: PCI DSS 4.0.1, 10.5.1)."""
        return self._read("RETENTION_MINIMUM", timedelta(days=365))

    @cached_property
    def records_deletable(self) -> bool:
        """
        `AUDIT_RECORDS_DELETABLE`: whether records can be deleted without declaring maintenance (False).

        Only for test suites, because `TransactionTestCase` empties all tables. Elsewhere `audit.W002` warns about it.
        """
        return bool(self._read("RECORDS_DELETABLE", default=False))

    @cached_property
    def replica(self) -> str | None:
        """
        `AUDIT_REPLICA`: the alias of a standby from which the audit trail is shown and verified; by default none.

        Pages that show it say how far the standby has got. The project sets this if `DATABASE_REPLICA_URL` is set.
        """
        return self._read("REPLICA", "") or None

    @cached_property
    def stream_webhook_secret(self) -> str:
        """`AUDIT_STREAM_WEBHOOK_SECRET`: the secrets that sign events for an HTTPS receiver, separated by spaces."""
        return str(self._read("STREAM_WEBHOOK_SECRET", ""))

    @cached_property
    def stream_authorization(self) -> str:
        """`AUDIT_STREAM_AUTHORIZATION`: the `Authorization` header for an HTTPS receiver; by default none."""
        return str(self._read("STREAM_AUTHORIZATION", ""))

    @cached_property
    def stream_ca_file(self) -> str | None:
        """`AUDIT_STREAM_CA_FILE`: the certificates that verify receivers; by default those of the system."""
        return self._read("STREAM_CA_FILE", "") or None


conf = AuditSettings()
