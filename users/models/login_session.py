"""The row of a login session."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

USER_AGENT_LENGTH = 500


class LoginSession(models.Model):
    """
    A session in which a person is logged in; see `users.sessions`.

    A session without its row is not logged in. So deleting the row ends even a session that is stored in a cookie.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="login_sessions", verbose_name=_("user")
    )
    version = models.PositiveIntegerField(_("version"), editable=False)
    """The account's version at login. If the account has another version now, it has left `active` since."""
    digest = models.CharField(_("digest"), max_length=64, unique=True, editable=False)
    """The digest of the session's token. Nobody who reads this table can make a session from it."""
    auth_hash = models.CharField(_("authentication hash"), max_length=128, editable=False)
    """The user's `get_session_auth_hash` at login. Another one means that the password was changed elsewhere."""
    started = models.DateTimeField(_("started"), default=timezone.now, editable=False)
    last_seen = models.DateTimeField(_("last seen"), default=timezone.now, editable=False)
    expires = models.DateTimeField(_("expires"), null=True, editable=False)
    """
    When its cookie expires, as known at the last use. Null in rows from earlier versions, which have the default age.
    """
    ip_address = models.CharField(_("address"), max_length=64, blank=True, editable=False)
    user_agent = models.CharField(_("user agent"), max_length=USER_AGENT_LENGTH, blank=True, editable=False)

    class Meta:
        verbose_name = _("login session")
        verbose_name_plural = _("login sessions")
        default_permissions = ("view", "delete")

    def __str__(self) -> str:
        return f"{self.user}: {self.started:%Y-%m-%d %H:%M} {self.ip_address}"
