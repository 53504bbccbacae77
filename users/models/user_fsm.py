"""`UserFSM`, the state machine of a user account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import Transition

from users.actors import By
from users.causes import Cause
from users.database.moments import InRange, refuse_unkeepable
from users.lifecycle import AccountState, transition, whole_milliseconds
from users.models.querysets import UserFSMQuerySet
from users.models.scheduled_change import ScheduledChange, ScheduledChangeQuerySet, scheduled
from users.rows.fields import UserKey
from users.states import State
from users.transitions import ABOUT

Details = Mapping[str, Any] | None


class UserFSM(AccountState):
    """
    The state of one user account. Only its transition methods change it.

    A transition method returns once everything is committed: the state, the rows that receivers hand over, and the
    user's `is_active`. It raises `users.exceptions.TransitionRefused` (a `TransitionNotAllowed`) if the state does not
    allow the transition. `users.lifecycle` explains how.
    """

    State = State

    user = UserKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="fsm", verbose_name=_("user"))
    failed_logins = models.PositiveIntegerField(_("failed logins"), default=0, editable=False)
    """The failed logins that count towards the limit, or led to the current lock; see `users.login.lockout`."""
    last_failed_login = models.DateTimeField(_("last failed login"), null=True, blank=True, editable=False)
    failed_login_addresses = models.CharField(
        _("addresses of failed logins"), max_length=1000, blank=True, editable=False
    )
    """Each address once, with a space on either side. Read `addresses_of_failed_logins` instead."""
    failed_logins_untold = models.PositiveIntegerField(_("failed logins not told yet"), default=0, editable=False)
    """The failed logins that the person will be told about after the next login."""
    automatic_locks = models.PositiveIntegerField(_("automatic locks"), default=0, editable=False)
    """The number of consecutive automatic locks, each within a day of the one before."""
    last_automatic_lock = models.DateTimeField(_("last automatic lock"), null=True, blank=True, editable=False)
    last_login_at = models.DateTimeField(_("last login at"), null=True, blank=True, editable=False)
    last_login_from = models.CharField(_("last login from"), max_length=64, blank=True, editable=False)
    invited_at = models.DateTimeField(_("invited at"), null=True, blank=True, editable=False)
    """When the currently valid invitation link was sent; null if none was. See `users.invitations`."""
    language = models.CharField(_("language"), max_length=20, blank=True, editable=False)
    """The language that the person used last; empty if it is not known."""
    dormancy_warned_at = models.DateTimeField(_("warned of dormancy at"), null=True, blank=True, editable=False)
    """When the person was warned that the account will be deactivated; see `users.schedule.dormancy`."""

    objects = UserFSMQuerySet.as_manager()

    protected_columns: ClassVar[frozenset[str]] = AccountState.protected_columns | frozenset(
        {
            "failed_logins",
            "last_login_at",
            "last_login_from",
            "invited_at",
            "language",
            "dormancy_warned_at",
            "last_failed_login",
            "failed_login_addresses",
            "failed_logins_untold",
            "automatic_locks",
            "last_automatic_lock",
        }
    )
    """The columns that `save()` does not write on an existing row. Other code, such as the lifecycle, writes them."""

    class Meta:
        verbose_name = _("account state")
        verbose_name_plural = _("account states")
        default_permissions = ("view",)
        permissions = (
            ("invite_userfsm", _("Can invite people")),
            *[(f"{name}_userfsm", about.permission) for name, about in ABOUT.items()],
        )
        constraints = (
            models.CheckConstraint(name="userfsm_state_is_known", condition=Q(current_state__in=State.values)),
            models.CheckConstraint(
                name="userfsm_times_are_sane",
                condition=InRange(
                    "locked_until",
                    "changed_at",
                    "last_failed_login",
                    "last_automatic_lock",
                    "last_login_at",
                    "invited_at",
                    "dormancy_warned_at",
                ),
            ),
            models.CheckConstraint(
                name="userfsm_only_locked_until", condition=Q(locked_until=None) | Q(current_state=State.LOCKED)
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.get_current_state_display()}"

    @transition(source=State.INVITED, target=State.ACTIVE)
    def activate(
        self, *, by: By = None, description: str | None = None, cause: Cause = Cause.REQUEST, details: Details = None
    ) -> None:
        """Let an invited person log in from now on."""

    @transition(source=State.ACTIVE, target=State.LOCKED)
    def lock(
        self,
        *,
        by: By = None,
        description: str | None = None,
        until: datetime | None = None,
        cause: Cause = Cause.REQUEST,
        details: Details = None,
    ) -> None:
        """
        Close the account until this time or, by default, until somebody unlocks it.

        Raises `TypeError` if `until` is not a datetime, and `ValueError` if the database could not keep it.
        """
        if until is not None:
            refuse_unkeepable(until)
        self.locked_until = until and whole_milliseconds(until)
        if cause != Cause.FAILED_LOGINS:  # which stay counted while they keep the account shut
            self._forget_failed_logins()

    @transition(source=State.LOCKED, target=State.ACTIVE)
    def unlock(
        self, *, by: By = None, description: str | None = None, cause: Cause = Cause.REQUEST, details: Details = None
    ) -> None:
        """Open a locked account again."""
        self.locked_until = None
        self._forget_failed_logins()

    @transition(source=(State.INVITED, State.ACTIVE, State.LOCKED), target=State.DEACTIVATED)
    def deactivate(
        self, *, by: By = None, description: str | None = None, cause: Cause = Cause.REQUEST, details: Details = None
    ) -> None:
        """Close the account until somebody reactivates it."""
        self.locked_until = None
        self._forget_failed_logins()

    @transition(source=State.DEACTIVATED, target=State.ACTIVE)
    def reactivate(
        self, *, by: By = None, description: str | None = None, cause: Cause = Cause.REQUEST, details: Details = None
    ) -> None:
        """Open a deactivated account again."""

    def schedule(
        self,
        transition: str,
        *,
        at: datetime,
        by: By = None,
        description: str = "",
        until: datetime | None = None,
        details: Details = None,
    ) -> ScheduledChange:
        """
        Let `manage.py run_due` make a transition of this account at a later time; return the scheduled change.

        Whether the transition is allowed is asked at that time, not now. `until` is the end of a lock. Raises
        `ValueError` for an unknown transition and for a time that has passed. `cancel()` of the result cancels it.
        """
        return scheduled(self, transition, at=at, by=by, description=description, until=until, details=details)

    schedule.alters_data = True  # type: ignore[attr-defined]

    @property
    def scheduled_changes(self) -> ScheduledChangeQuerySet:
        """The pending scheduled changes of this account, in order."""
        changes = ScheduledChange.objects.using(self.database).filter(user_id=self.user_id)
        return changes.pending().order_by("at", "pk")

    @classmethod
    @cache  # django-fsm searches the class for them each time
    def transitions(cls) -> tuple[Transition, ...]:
        """Return all transitions as django-fsm's `Transition` (name, source, target, permission), one per source."""
        return tuple(cls.current_state.field.get_all_transitions(cls))

    @classmethod
    def sources_of(cls, name: str) -> set[str]:
        """Return the states from which the transition `name` is possible; raise `KeyError` if there is none."""
        found = {str(each.source) for each in cls.transitions() if each.name == name}
        if not found:
            raise KeyError(name)
        return found

    @classmethod
    def target_of(cls, name: str) -> str:
        """Return the state to which the transition `name` leads; raise `KeyError` if there is no such transition."""
        return {each.name: str(each.target) for each in cls.transitions()}[name]

    @property
    def lock_has_expired(self) -> bool:
        """Whether the lock had an end that has passed."""
        return self.locked_until is not None and self.locked_until <= timezone.now()

    @property
    def locked_by_failed_logins(self) -> bool:
        """Whether failed logins locked this account. Their count is kept until the account is unlocked."""
        return self.current_state == State.LOCKED and self.failed_logins > 0

    @property
    def addresses_of_failed_logins(self) -> list[str]:
        """The addresses of the counted failed logins, in the order of their first attempt."""
        return self.failed_login_addresses.split()

    def _forget_failed_logins(self) -> None:
        self.failed_logins = 0
        self.last_failed_login = None
        self.failed_login_addresses = ""
