"""How often something was tried lately, under a key: failed logins from an address, reset emails of an account."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RecentAttempts(models.Model):
    """The attempts under one key that still count; see `users.login.attempts`, which alone reads and writes them."""

    key = models.CharField(_("key"), max_length=150, unique=True, editable=False)
    moments = models.JSONField(_("moments"), default=list, editable=False)
    """When each attempt was made, in seconds since 1970, the oldest first; never more than the limit."""
    last = models.DateTimeField(_("last attempt"), db_index=True, editable=False)

    class Meta:
        verbose_name = _("recent attempts")
        verbose_name_plural = _("recent attempts")
        default_permissions = ()

    def __str__(self) -> str:
        return self.key
