"""A transition that is to be made at a later time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models, router, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.actors import CLI, SYSTEM, ActorKind, By, kind_of_name, kind_of_user
from users.database.moments import refuse_unkeepable
from users.exceptions import NotPending
from users.input.text import storable
from users.lifecycle import AccountState, whole_milliseconds
from users.signals import actor_wanted, scheduling_changed
from users.transitions import ABOUT

NAME_LENGTH = 255
GONE = "the account is gone"


class Outcome(models.TextChoices):
    """The outcome of a scheduled change."""

    PENDING = "pending", _("Pending")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    """It was due, but the state or a protection did not allow it then; `note` says why."""

    CANCELLED = "cancelled", _("Cancelled")


class ScheduledChangeQuerySet(models.QuerySet["ScheduledChange"]):
    """Scheduled changes, by outcome."""

    def pending(self) -> Self:
        """Select those that are neither made, refused nor cancelled."""
        return self.filter(outcome=Outcome.PENDING)

    def due(self, now: datetime) -> Self:
        """Select the pending ones whose time has come, in order."""
        return self.pending().filter(at__lte=now).order_by("at", "pk")


class ScheduledChange(models.Model):
    """
    A transition of one account that `manage.py run_due` makes at a later time.

    The row also says who scheduled it, when and why, and who cancelled it or why it was refused. It is never deleted,
    and outlives the person. `scheduling_changed` tells the app that keeps the record of each step. The change itself
    is in the audit trail, with the cause `scheduled`.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        verbose_name=_("user"),
    )
    username = models.CharField(_("username"), max_length=NAME_LENGTH)
    transition = models.CharField(_("transition"), max_length=50)
    at = models.DateTimeField(_("scheduled for"))
    until = models.DateTimeField(_("locked until"), null=True, blank=True)
    description = models.TextField(_("description"), blank=True)
    scheduled_at = models.DateTimeField(_("scheduled at"), default=timezone.now)
    scheduled_by = models.CharField(_("scheduled by"), max_length=NAME_LENGTH)
    scheduled_by_kind = models.CharField(_("kind of actor"), max_length=10, choices=ActorKind)
    scheduled_by_key = models.CharField(max_length=NAME_LENGTH, blank=True, editable=False)
    """The key of the user who scheduled it, as text; empty for others."""

    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, default=Outcome.PENDING)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.CharField(_("settled by"), max_length=NAME_LENGTH, blank=True)
    settled_by_key = models.CharField(max_length=NAME_LENGTH, blank=True, default="", editable=False)
    note = models.TextField(_("note"), blank=True)
    """Why it was refused or cancelled."""

    objects = ScheduledChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("scheduled change")
        verbose_name_plural = _("scheduled changes")
        default_permissions = ("view",)
        indexes = (
            models.Index(name="scheduledchange_due", fields=("at", "id"), condition=models.Q(outcome=Outcome.PENDING)),
        )

    def __str__(self) -> str:
        return f"{self.transition} {self.username} at {self.at:%Y-%m-%d %H:%M}"

    def cancel(self, *, by: By = None, description: str = "", details: Mapping[str, Any] | None = None) -> None:
        """Cancel this change; raise `NotPending` if it was made, refused or cancelled before."""
        with transaction.atomic(using=router.db_for_write(type(self), instance=self)):
            if not self.claim():
                raise NotPending(self)
            self.settle(Outcome.CANCELLED, by=by, note=description, details=details)

    def claim(self) -> bool:
        """Lock the row until the end of the transaction; return whether the change is still pending."""
        using = router.db_for_write(type(self), instance=self)
        locked = type(self).objects.using(using).select_for_update().filter(pk=self.pk).first()
        self.outcome = locked.outcome if locked else Outcome.CANCELLED
        return self.outcome == Outcome.PENDING

    def settle(self, outcome: Outcome, *, by: By, note: str = "", details: Mapping[str, Any] | None = None) -> None:
        """Write down the outcome. The caller has claimed the change, in a transaction."""
        who = actor(by)
        self.outcome, self.settled_by, self.note = outcome, who.name, storable(note)
        self.settled_by_key = "" if who.user_id is None else str(who.user_id)
        self.settled_at = whole_milliseconds(timezone.now())
        self.save(update_fields=["outcome", "settled_at", "settled_by", "settled_by_key", "note"])
        scheduling_changed.send(ScheduledChange, change=self, by=by, details=details)


def scheduled(
    fsm: AccountState,
    transition: str,
    *,
    at: datetime,
    by: By,
    description: str,
    until: datetime | None,
    details: Mapping[str, Any] | None,
) -> ScheduledChange:
    """Schedule a transition of this account; see `UserFSM.schedule`."""
    now = timezone.now()
    _validate(fsm, transition, at, until, now)
    who = actor(by)
    with transaction.atomic(using=fsm.database):
        # Locked, because a change that outlived the account would be made to a later user with the same key.
        type(fsm)._base_manager.using(fsm.database).select_for_update().only("pk").get(pk=fsm.pk)
        change = ScheduledChange.objects.using(fsm.database).create(
            user_id=fsm.user_id,
            username=storable(fsm.user.get_username(), NAME_LENGTH),
            transition=transition,
            at=whole_milliseconds(at),
            until=until and whole_milliseconds(until),
            description=storable(description),
            scheduled_at=whole_milliseconds(now),
            scheduled_by=who.name,
            scheduled_by_kind=who.kind,
            scheduled_by_key="" if who.user_id is None else str(who.user_id),
        )
        scheduling_changed.send(ScheduledChange, change=change, by=by, details=details)
    return change


def _validate(fsm: AccountState, transition: str, at: datetime, until: datetime | None, now: datetime) -> None:
    """Raise `ValueError` for a change that cannot be scheduled."""
    if transition not in ABOUT:
        raise ValueError(f"{transition!r} is not a transition of {fsm._meta.label}")
    if until is not None and transition != "lock":
        raise ValueError("only a lock has an end")
    for moment in (at, until) if until is not None else (at,):
        refuse_unkeepable(moment)
        if settings.USE_TZ and timezone.is_naive(moment):
            raise ValueError(f"{moment} has no time zone")
    if at <= now:
        raise ValueError(f"{at} has passed")
    if until is not None and until <= at:
        raise ValueError(f"the lock would end at {until}, before it begins")


def refuse_pending(fsm: AccountState, *, using: str) -> None:
    """Settle the pending changes of an account that ends."""
    for change in ScheduledChange.objects.using(using).select_for_update().pending().filter(user_id=fsm.user_id):
        change.settle(Outcome.REFUSED, by=SYSTEM, note=GONE)


class Scheduler:
    """The actor who schedules or cancels: a name, the kind and, for a user, the key."""

    def __init__(self, name: str, kind: ActorKind, user_id: Any = None) -> None:
        self.name = storable(name, NAME_LENGTH)
        self.kind = kind
        self.user_id = user_id


def actor(by: By) -> Any:
    """Ask the app that knows the context (`actor_wanted`) who acts; by default `by` or `CLI`."""
    for _receiver, answer in actor_wanted.send(ScheduledChange, by=by):
        return answer
    if isinstance(by, AbstractBaseUser):
        return Scheduler(by.get_username(), kind_of_user(by), by.pk)
    if not by or isinstance(by, AnonymousUser):
        return Scheduler(CLI, ActorKind.CLI)
    return Scheduler(by, kind_of_name(by))
