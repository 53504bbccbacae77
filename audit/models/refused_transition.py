"""Notes of refused transitions, for the investigation of attempts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.context import NAME_LENGTH
from audit.models.acting import ActedUpon
from users.lifecycle import RefusalReason
from users.states import State
from users.transitions import label_of


class RefusedTransition(ActedUpon):
    """A refused transition of one account: who asked for it, from which state, why it was refused, from where."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        verbose_name=_("user"),
    )
    username = models.CharField(_("username"), max_length=NAME_LENGTH, blank=True)
    transition = models.CharField(_("transition"), max_length=50)
    state = models.CharField(_("state"), max_length=50, choices=State)
    reason = models.CharField(_("reason"), max_length=20, choices=RefusalReason)
    description = models.TextField(_("description"), blank=True)
    left_out = models.BooleanField(_("further ones are left out"), default=False)
    """Whether further refusals of this actor were not stored for an hour; see `AUDIT_REFUSALS_PER_HOUR`."""

    class Meta(ActedUpon.Meta):
        verbose_name = _("refused transition")
        verbose_name_plural = _("refused transitions")
        default_permissions = ("view",)
        get_latest_by = "pk"
        indexes = (models.Index(name="refusedtransition_by_time", fields=("datetime", "id")),)

    def __str__(self) -> str:
        names = {"transition": label_of(self.transition), "username": self.username}
        states = {"state": self.get_state_display(), "reason": self.get_reason_display()}
        return gettext("%(transition)s: %(username)s, %(state)s – %(reason)s") % (names | states)
