"""Saved views of lists in the admin, and who gets one by email."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

QUERY_LENGTH = 2000
"""The longest query of a view, in characters."""


class SavedView(models.Model):
    """A name for a list in the admin with its search, filters and order: the query of its permanent link."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views", verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=100)
    page = models.CharField(max_length=200, editable=False)
    """The model whose list it is, as `app_label.model_name`."""

    query = models.CharField(max_length=QUERY_LENGTH, blank=True, editable=False)
    shared = models.BooleanField(_("shared"), default=False)
    """Whether all administrators see it. Their own permissions decide what it shows them."""

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("owner", "page", "name"), name="savedview_once"),)

    def __str__(self) -> str:
        return self.name


class Every(models.TextChoices):
    """How often a view is sent."""

    DAY = "day", _("every day")
    WEEK = "week", _("every week")

    @property
    def pause(self) -> timedelta:
        return timedelta(days=1 if self is Every.DAY else 7)


SLACK = timedelta(minutes=30)
"""
How much earlier than a whole day after the last one an email may be sent, because cron is not exact to the second.
"""


class SavedViewMailQuerySet(models.QuerySet["SavedViewMail"]):
    """Emails of saved views."""

    def due(self) -> SavedViewMailQuerySet:
        """Select the emails that are due."""
        now = timezone.now() + SLACK
        late = (Q(every=each, sent_at__lte=now - each.pause) for each in Every)
        return self.filter(Q(*late, _connector=Q.OR) | Q(sent_at=None))


class SavedViewMail(models.Model):
    """An administrator gets a saved view by email, every day or every week."""

    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="mails")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    every = models.CharField(max_length=10, choices=Every)
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SavedViewMailQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("view", "user"), name="savedviewmail_once"),)

    def __str__(self) -> str:
        return f"{self.view}: {self.every}"
