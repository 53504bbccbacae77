"""Questions to the record, in the domain's words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models.functions import Coalesce

from audit.exceptions import RecordIsAppendOnly, StateNotKnown
from audit.integrity.adoption import is_adoption
from audit.integrity.facts import facts_of, is_of_format_1
from users.actors import Standing
from users.causes import Cause
from users.states import State

if TYPE_CHECKING:
    from audit.models import UserStateAudit  # noqa: F401 - names the queryset's model

IS_LOCKOUT = models.Q(end_state=State.LOCKED, cause=Cause.FAILED_LOGINS)
"""A lock that failed logins led to."""


class UserStateAuditQuerySet(models.QuerySet["UserStateAudit"]):
    """Records of changes of state; they can be asked, but not written, changed or deleted."""

    def of(self, user: AbstractBaseUser) -> Self:
        """
        What happened to this user, in the order in which it happened.

        It starts with the last birth: what came before it happened to somebody else who had the same key.
        """
        records = self.filter(user_id=user.pk)
        births = records.filter(start_state="").order_by("-sequence").values("sequence")[:1]
        return records.filter(sequence__gte=Coalesce(models.Subquery(births), 0)).order_by("sequence")

    def by(self, actor: AbstractBaseUser | str) -> Self:
        """
        What this actor did: a user, a constant of `users.actors` such as `SYSTEM`, or a text given by code.

        A plain text finds whoever has that name and is no user.
        """
        if isinstance(actor, Standing):
            return self.filter(initiated_by=actor, actor_id=None, actor_kind__in=("", actor.kind))
        if isinstance(actor, str):
            return self.filter(initiated_by=actor, actor_id=None)
        return self.filter(actor_id=actor.pk)

    def between(self, start: datetime, end: datetime) -> Self:
        """What happened from `start` on and before `end`."""
        return self.filter(datetime__gte=start, datetime__lt=end)

    def into(self, state: State) -> Self:
        """Changes that led into this state."""
        return self.filter(end_state=state)

    def transitions(self) -> Self:
        """Transitions alone, without births and deaths."""
        return self.exclude(start_state="").exclude(end_state="")

    def lockouts(self) -> Self:
        """Locks that failed logins led to."""
        return self.filter(IS_LOCKOUT)

    def state_at(self, user: AbstractBaseUser, moment: datetime) -> State | None:
        """
        The state that the account with this user's key was in at this moment, by the audit trail alone.

        None before the birth and after the death. Raises `audit.exceptions.StateNotKnown` for a moment before the
        records that are kept, and where there are none.
        """
        records = self.filter(user_id=user.pk)
        if last := records.filter(datetime__lte=moment).order_by("-sequence").first():
            return State(last.end_state) if last.end_state else None
        first = records.order_by("sequence").first()
        if first is not None and first.sequence == 0 and not is_adoption(facts_of(first)):
            return None
        if first is not None and first.sequence == 1 and is_of_format_1(first.signature):
            return State(first.start_state)  # births were not recorded then
        raise StateNotKnown(user, moment)

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise `RecordIsAppendOnly`."""
        raise RecordIsAppendOnly

    def update(self, **kwargs: Any) -> NoReturn:
        """Raise `RecordIsAppendOnly`."""
        raise RecordIsAppendOnly

    def bulk_update(self, objs: Any, fields: Any, batch_size: int | None = None) -> NoReturn:
        """Raise `RecordIsAppendOnly`."""
        raise RecordIsAppendOnly

    def delete(self) -> NoReturn:
        """Raise `RecordIsAppendOnly`."""
        raise RecordIsAppendOnly
