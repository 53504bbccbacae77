"""The queryset of records."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models.functions import Coalesce

from audit.exceptions import RecordIsAppendOnly, StateNotKnown
from audit.integrity.signed.adoption import is_adoption
from audit.integrity.signed.facts import facts_of, is_of_format_1
from users.actors import ActorKind, ActorName
from users.causes import Cause
from users.states import State

if TYPE_CHECKING:
    from audit.models import UserStateAudit  # noqa: F401 - names the queryset's model

ONE_OF: dict[str, type[models.TextChoices]] = {"cause": Cause, "actor_kind": ActorKind, "start_state": State}
IS_LOCKOUT = models.Q(end_state=State.LOCKED, cause=Cause.FAILED_LOGINS)
"""A lock that failed logins led to."""


class UserStateAuditQuerySet(models.QuerySet["UserStateAudit"]):
    """Records of changes of state. They can be read, but not written, changed or deleted."""

    def of(self, user: AbstractBaseUser) -> Self:
        """
        Select everything that happened to this user, in order.

        It starts with the last birth, because earlier records are about somebody else who had the same key.
        """
        records = self.filter(user_id=user.pk)
        births = records.filter(start_state="").order_by("-sequence").values("sequence")[:1]
        return records.filter(sequence__gte=Coalesce(models.Subquery(births), 0)).order_by("sequence")

    def by(self, actor: AbstractBaseUser | str) -> Self:
        """
        Select everything that this actor did: a user, a constant of `users.actors` such as `SYSTEM`, or a name.

        A plain text finds actors with that name who are not users.
        """
        if isinstance(actor, ActorName):
            return self.filter(initiated_by=actor, actor_id=None, actor_kind__in=("", actor.kind))
        if isinstance(actor, str):
            return self.filter(initiated_by=actor, actor_id=None)
        return self.filter(actor_id=actor.pk)

    def newest_of_each(self) -> Self:
        """Select the last record of each account among these."""
        newest = self.filter(user=models.OuterRef("user")).order_by("-sequence").values("sequence")[:1]
        return self.filter(sequence=newest)

    def between(self, start: datetime, end: datetime) -> Self:
        """Select everything that happened from `start` on and before `end`."""
        return self.filter(datetime__gte=start, datetime__lt=end)

    def into(self, state: State | str) -> Self:
        """Select the changes that led to this state. Raises `ValueError` for a state that does not exist."""
        return self.filter(end_state=State(state))

    def of_kind(self, *, cause: str = "", actor_kind: str = "", start_state: str = "") -> Self:
        """
        Select by the given ones of these three. One index (`userstateaudit_kinds`) serves each of them.

        It finds a column only if those before it are known, so the query names every value that they can have. Raises
        `ValueError` for a value that none of them has.
        """
        given = {"cause": cause, "actor_kind": actor_kind, "start_state": start_state}
        conditions: dict[str, Any] = {}
        for name in reversed(given):
            if given[name]:
                conditions[name] = ONE_OF[name](given[name])
            elif conditions:
                conditions[f"{name}__in"] = ["", *ONE_OF[name].values]
        return self.filter(**conditions)

    def transitions(self) -> Self:
        """Transitions alone, without births and deaths."""
        return self.exclude(start_state="").exclude(end_state="")

    def lockouts(self) -> Self:
        """Select the locks that failed logins caused."""
        return self.filter(IS_LOCKOUT)

    def state_at(self, user: AbstractBaseUser, moment: datetime) -> State | None:
        """
        Return the state of the account with this user's key at this time, from the audit trail alone.

        It is None before the birth and after the death. Raises `audit.exceptions.StateNotKnown` without records, for a
        time before the first record that is kept, and if the record names an unknown state.
        """
        records = self.filter(user_id=user.pk)
        if last := records.filter(datetime__lte=moment).order_by("-sequence").first():
            return self._state(last.end_state, user, moment) if last.end_state else None
        first = records.order_by("sequence").first()
        if first is not None and first.sequence == 0 and not is_adoption(facts_of(first)):
            return None
        if first is not None and first.sequence == 1 and is_of_format_1(first.signature):
            return self._state(first.start_state, user, moment)  # births were not recorded then
        raise StateNotKnown(user, moment)

    @staticmethod
    def _state(name: str, user: AbstractBaseUser, moment: datetime) -> State:
        if name not in State:
            raise StateNotKnown(user, moment)
        return State(name)

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
