"""Questions to the record, in the domain's words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.contrib.auth.models import AbstractBaseUser
from django.db import models

from audit.exceptions import RecordIsAppendOnly
from users.states import State

if TYPE_CHECKING:
    from audit.models import UserStateAudit  # noqa: F401 - names the queryset's model

LOCKOUT = r"^[0-9]{1,9} failed logins?( from [0-9a-f.:, ]+)?$"
"""A description as the lockout writes it; the number fits into an integer, for people write descriptions too."""

IS_LOCKOUT = models.Q(end_state=State.LOCKED, description__regex=LOCKOUT)
"""A lock that failed logins led to, as `users.login.lockout` describes it."""


class UserStateAuditQuerySet(models.QuerySet["UserStateAudit"]):
    """Records of changes of state; they can be asked, but not written, changed or deleted."""

    def of(self, user: AbstractBaseUser) -> Self:
        """What happened to this user, in the order in which it happened."""
        return self.filter(user_id=user.pk).order_by("sequence")

    def by(self, actor: AbstractBaseUser | str) -> Self:
        """What this actor did: a user, or a text such as `"system"` or `"CLI"`."""
        if isinstance(actor, str):
            return self.filter(initiated_by=actor, actor_id=None)
        return self.filter(actor_id=actor.pk)

    def between(self, start: datetime, end: datetime) -> Self:
        """What happened from `start` on and before `end`."""
        return self.filter(datetime__gte=start, datetime__lt=end)

    def into(self, state: State) -> Self:
        """Changes that led into this state."""
        return self.filter(end_state=state)

    def lockouts(self) -> Self:
        """Locks that failed logins led to, as `users.login.lockout` describes them."""
        return self.filter(IS_LOCKOUT)

    def state_at(self, user: AbstractBaseUser, moment: datetime) -> State | None:
        """
        The state that the user was in at this moment.

        It is the end state of the last record until then; before the first record, the state in which that one found
        the account; without any record, the state that the account started in and still has. None before the user
        joined, where the user model says when that was (`date_joined`).
        """
        joined: datetime | None = getattr(user, "date_joined", None)
        if joined is not None and moment < joined:
            return None
        records = self.filter(user_id=user.pk)
        if last := records.filter(datetime__lte=moment).order_by("-sequence").first():
            return State(last.end_state)
        if following := records.order_by("sequence").first():
            return State(following.start_state)
        return State(user.fsm.current_state)  # type: ignore[attr-defined]

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
