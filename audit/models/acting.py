"""The columns for actor and origin, for notes other than records of changes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import context
from audit.context import NAME_LENGTH, REQUEST_ID_LENGTH, USER_AGENT_LENGTH
from users.actors import ActorKind, By
from users.database.legible import LegibleCharField, LegibleTextField
from users.database.moments import InRange, MomentField


class ActedUpon(models.Model):
    """A note of something that somebody did. Its keys have no constraints, so that it outlives people."""

    datetime = MomentField(_("time"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name=_("actor"),
    )
    actor_kind = LegibleCharField(_("kind of actor"), max_length=10, choices=ActorKind)
    initiated_by = LegibleCharField(_("initiated by"), max_length=NAME_LENGTH, blank=True)
    impersonator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
        verbose_name=_("impersonator"),
    )
    impersonator_name = LegibleCharField(_("name of the impersonator"), max_length=NAME_LENGTH, blank=True)
    ip_address = LegibleCharField(_("address"), max_length=64, blank=True)
    user_agent = LegibleCharField(_("user agent"), max_length=USER_AGENT_LENGTH, blank=True)
    request_id = LegibleCharField(_("request"), max_length=REQUEST_ID_LENGTH, blank=True)

    class Meta:
        abstract = True
        default_permissions = ("view",)
        indexes = (models.Index(name="%(class)s_by_time", fields=("datetime", "id")),)
        constraints = (models.CheckConstraint(name="%(class)s_time_is_sane", condition=InRange("datetime")),)

    @staticmethod
    def acting(by: By = None) -> dict[str, Any]:
        """Return the values of these columns for the current actor."""
        actor, origin = context.actor(by), context.origin()
        return {
            "actor_id": actor.user_id,
            "actor_kind": actor.kind,
            "initiated_by": actor.name,
            "impersonator_id": actor.impersonator_id,
            "impersonator_name": actor.impersonator_name,
            "ip_address": origin.ip_address,
            "user_agent": origin.user_agent,
            "request_id": origin.request_id,
        }


class OfTransition(ActedUpon):
    """A note about a refused or scheduled transition of one account."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        verbose_name=_("user"),
    )
    username = LegibleCharField(_("username"), max_length=NAME_LENGTH, blank=True)
    transition = LegibleCharField(_("transition"), max_length=50)
    description = LegibleTextField(_("description"), blank=True)

    class Meta(ActedUpon.Meta):
        abstract = True
        get_latest_by = "pk"
