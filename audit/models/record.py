"""`UserStateAudit`, the record of a change of state."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.context import NAME_LENGTH, REQUEST_ID_LENGTH, USER_AGENT_LENGTH
from audit.exceptions import RecordIsAppendOnly
from audit.integrity.signed.facts import SEAL_LENGTH
from audit.models.details import DetailsField
from audit.models.indexes import KindsIndex, PrefixIndex
from audit.models.querysets import UserStateAuditQuerySet
from users.actors import ActorKind
from users.causes import Cause
from users.database.legible import LegibleCharField, LegibleTextField
from users.database.moments import InRange, MomentField, OfType
from users.states import State

TEXTS = (
    "username",
    "transition",
    "cause",
    "start_state",
    "end_state",
    "actor_kind",
    "initiated_by",
    "impersonator_name",
    "description",
    "details",
    "ip_address",
    "user_agent",
    "request_id",
    "person_salt",
    "actor_salt",
    "signature",
)


class UserStateAudit(models.Model):
    """
    One change of the state of one account: whose account, who changed it, from which state to which, when, from where.

    It is written with the change and never changed afterwards. It holds names as text and keys without constraints, so
    that it outlives the people in it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # the constraint below is the index
        related_name="+",
        verbose_name=_("user"),
    )
    username = LegibleCharField(_("username"), max_length=NAME_LENGTH)
    sequence = models.PositiveIntegerField(_("sequence"), help_text=_("0 at the birth, then 1, 2, 3 … for each user"))
    transition = LegibleCharField(_("transition"), max_length=50)
    cause = LegibleCharField(_("cause"), max_length=30, choices=Cause, blank=True, default="")
    """Empty in records of format 1, which had no causes."""

    start_state = LegibleCharField(_("from"), max_length=50, choices=State, blank=True)
    """Empty at a birth."""

    end_state = LegibleCharField(_("to"), max_length=50, choices=State, blank=True)
    """Empty at a death."""

    datetime = MomentField(_("time"), default=timezone.now)
    locked_until = MomentField(_("locked until"), null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # userstateaudit_by_actor is
        null=True,
        related_name="+",
        verbose_name=_("actor"),
    )
    actor_kind = LegibleCharField(_("kind of actor"), max_length=10, choices=ActorKind, blank=True, default="")
    initiated_by = LegibleCharField(_("initiated by"), max_length=NAME_LENGTH)
    impersonator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("impersonator"),
    )
    """The impersonator of the actor, if there was one."""

    impersonator_name = LegibleCharField(_("name of the impersonator"), max_length=NAME_LENGTH, blank=True, default="")
    description = LegibleTextField(_("description"), blank=True)
    details = DetailsField(_("details"), blank=True, default=dict)
    """The figures of the cause; see `users.causes`."""

    ip_address = LegibleCharField(_("address"), max_length=64, blank=True)
    user_agent = LegibleCharField(_("user agent"), max_length=USER_AGENT_LENGTH, blank=True)
    request_id = LegibleCharField(_("request"), max_length=REQUEST_ID_LENGTH, blank=True)
    person_salt = LegibleCharField(max_length=SEAL_LENGTH, blank=True, default="", editable=False)
    """The salt of the digest over the owner's personal data, or the digest after an erasure; see `facts`."""

    actor_salt = LegibleCharField(max_length=SEAL_LENGTH, blank=True, default="", editable=False)
    signature = LegibleCharField(_("signature"), max_length=128, blank=True, editable=False)

    objects = UserStateAuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of state")
        verbose_name_plural = _("changes of state")
        default_permissions = ("view",)
        permissions = (("export_userstateaudit", _("Can export changes of state")),)
        get_latest_by = "sequence"
        # Every transition pays for each index; docs/records.md says which question needs which one.
        indexes = (
            models.Index(name="userstateaudit_by_time", fields=("datetime", "id")),
            models.Index(name="userstateaudit_by_state", fields=("end_state", "datetime", "id")),
            models.Index(name="userstateaudit_by_actor", fields=("actor", "datetime", "id")),
            KindsIndex(name="userstateaudit_kinds", fields=("cause", "actor_kind", "start_state")),
            models.Index(name="userstateaudit_by_request", fields=("request_id", "datetime", "id")),
            PrefixIndex(name="userstateaudit_username", fields=("username",)),
            PrefixIndex(name="userstateaudit_initiated_by", fields=("initiated_by",)),
            PrefixIndex(name="userstateaudit_ip_address", fields=("ip_address",)),
        )
        constraints = (
            models.UniqueConstraint(name="userstateaudit_one_per_sequence", fields=("user", "sequence")),
            models.CheckConstraint(name="userstateaudit_times_are_sane", condition=InRange("datetime", "locked_until")),
            models.CheckConstraint(name="userstateaudit_values_are_text", condition=OfType("text", *TEXTS)),
            models.CheckConstraint(name="userstateaudit_sequence_is_a_number", condition=OfType("integer", "sequence")),
            models.CheckConstraint(
                name="userstateaudit_states_are_known",
                condition=models.Q(start_state__in=["", *State.values])
                & models.Q(end_state__in=["", *State.values])
                & ~models.Q(start_state="", end_state=""),
            ),
        )

    def __str__(self) -> str:
        change = f"{self.get_start_state_display() or '∅'} → {self.get_end_state_display() or '∅'}"
        return f"{self.username} #{self.sequence}: {change} ({self.initiated_by})"

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise `RecordIsAppendOnly`."""
        raise RecordIsAppendOnly

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise `RecordIsAppendOnly`."""
        raise RecordIsAppendOnly
