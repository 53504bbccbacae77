"""The same account once for each peer, with the history that this peer keeps of it."""

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django_fsm import FSMField, transition
from django_fsm_log.decorators import fsm_log_by, fsm_log_description
from simple_history.models import HistoricalRecords


class Account(models.Model):
    name = models.CharField(max_length=150)
    state = FSMField(default="active", db_index=True)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @transition(field=state, source="active", target="locked")
    def lock(self) -> None:
        """Shut the account."""

    @transition(field=state, source="locked", target="active")
    def unlock(self) -> None:
        """Open it again."""


class Plain(Account):
    """No history; for SQL by hand."""


class WithFsmLog(models.Model):
    """django-fsm-log: `by` and `description` by its decorators."""

    name = models.CharField(max_length=150)
    state = FSMField(default="active", db_index=True)
    locked_until = models.DateTimeField(null=True)

    @fsm_log_by
    @fsm_log_description
    @transition(field=state, source="active", target="locked")
    def lock(self, by: models.Model | None = None, description: str | None = None) -> None:
        """Shut the account."""

    @fsm_log_by
    @fsm_log_description
    @transition(field=state, source="locked", target="active")
    def unlock(self, by: models.Model | None = None, description: str | None = None) -> None:
        """Open it again."""


class WithSimpleHistory(Account):
    history = HistoricalRecords()


class WithAuditlog(Account):
    pass


auditlog.register(WithAuditlog)


if settings.POSTGRESQL:
    import pghistory

    @pghistory.track()
    class WithPghistory(Account):
        pass
