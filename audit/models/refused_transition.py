"""Notes of refused transitions, for the investigation of attempts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.models.acting import OfTransition
from users.database.legible import LegibleCharField
from users.lifecycle import RefusalReason
from users.operations.wording import transition_label
from users.states import State


class RefusedTransition(OfTransition):
    """A refused transition of one account: who asked for it, from which state, why it was refused, from where."""

    state = LegibleCharField(_("state"), max_length=50, choices=State)
    reason = LegibleCharField(_("reason"), max_length=20, choices=RefusalReason)
    left_out = models.BooleanField(_("further ones are left out"), default=False)
    """Whether further refusals of this actor were not stored for an hour; see `AUDIT_REFUSALS_PER_HOUR`."""

    class Meta(OfTransition.Meta):
        verbose_name = _("refused transition")
        verbose_name_plural = _("refused transitions")

    def __str__(self) -> str:
        names = {"transition": transition_label(self.transition), "username": self.username}
        states = {"state": self.get_state_display(), "reason": self.get_reason_display()}
        return gettext("%(transition)s: %(username)s, %(state)s – %(reason)s") % (names | states)
