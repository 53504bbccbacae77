"""Signed notes of who scheduled a change, and of its outcome."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.integrity.signed import scheduling
from audit.integrity.signed.facts import SEAL_LENGTH
from audit.models.acting import OfTransition
from audit.models.details import DetailsField
from audit.models.notes import Signed
from users.database.legible import LegibleCharField
from users.database.moments import MomentField
from users.operations.wording import transition_label


class Step(models.TextChoices):
    """A step in the life of a scheduled change; all but the first are the outcomes of `ScheduledChange`."""

    SCHEDULED = "scheduled", _("Scheduled")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")


class SchedulingNote(Signed, OfTransition):
    """
    One step of a scheduled change: the account, the transition and its time, and who made the step, when, from where.

    The description says why it was scheduled, refused or cancelled. A note is written with the step and never changed
    afterwards, except by an erasure. The change itself has its record.
    """

    change = models.BigIntegerField(_("scheduled change"))
    """The key of the `ScheduledChange`."""

    what = LegibleCharField(_("what"), max_length=10, choices=Step)
    at = MomentField(_("scheduled for"))
    until = MomentField(_("locked until"), null=True, blank=True)
    details = DetailsField(_("details"), blank=True, default=dict)
    person_salt = LegibleCharField(max_length=SEAL_LENGTH, blank=True, default="", editable=False)
    actor_salt = LegibleCharField(max_length=SEAL_LENGTH, blank=True, default="", editable=False)

    class Meta(OfTransition.Meta):
        verbose_name = _("step of a scheduled change")
        verbose_name_plural = _("steps of scheduled changes")
        constraints = (  # type: ignore[assignment]  # of more kinds than the base's
            *OfTransition.Meta.constraints,
            models.UniqueConstraint(name="schedulingnote_one_per_step", fields=("change", "what")),
        )

    def __str__(self) -> str:
        said = {"transition": transition_label(self.transition), "username": self.username}
        said |= {"what": self.get_what_display(), "actor": self.initiated_by}
        return gettext("%(transition)s: %(username)s – %(what)s, by %(actor)s") % said

    def message(self) -> bytes:
        return scheduling.message(self.change, self.at, scheduling.facts_of(self))
