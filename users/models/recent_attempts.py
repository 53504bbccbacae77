"""Recent attempts under a key, for example failed logins from an address or reset emails for an account."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RecentAttempts(models.Model):
    """The attempts under one key that still count. Only `users.login.attempts` reads and writes them."""

    key = models.CharField(_("key"), max_length=150, unique=True, editable=False)
    moments = models.JSONField(_("moments"), default=list, editable=False)
    """The time of each attempt in seconds since 1970, oldest first. Never more than the limit."""
    last = models.DateTimeField(_("last attempt"), db_index=True, editable=False)

    class Meta:
        verbose_name = _("recent attempts")
        verbose_name_plural = _("recent attempts")
        default_permissions = ()

    def __str__(self) -> str:
        return self.key
